"""Issuing a decision, and revoking one: a page that asks to compare before it acts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from views import desk, form_pages, formats, labels, quota_card, steps
from views.deciding_words import WHEN, capacities
from views.formats import Words, _
from views.forms import Answers, day_text
from views.proving import freshly
from workflow.decisions import Accepted, Judgement, judge, quota_of
from workflow.facts import Command, Decision, DecisionInput, RevocationInput
from workflow.ports import Opened
from workflow.vocabulary import Action, RevocationGround, SigningCapacity, SubjectKind, UnitKind
from workflow.words import phrase

pages = Blueprint("decision", __name__)

TITLE = phrase("Ban hành quyết định")
REVOKING = phrase("Hủy bỏ quyết định")
COUNTED = Words({SubjectKind.COLLECTIVE: "1 tập thể", SubjectKind.INDIVIDUAL: "1 cá nhân"})
NOT_COMPARED = phrase("Đánh dấu ô xác nhận sau khi đã đối chiếu tên.")


@pages.get("/ho-so/<code>/quyet-dinh")
def decide(code: str) -> ResponseReturnValue:
    """Everything the signer must have compared."""
    seen = form_pages.opened(code)
    judgement = _judged(seen, Action.DECIDE)
    closed = form_pages.closed(seen, TITLE, judgement)
    return closed or _show(seen, judgement, form_pages.dossier_page(seen, TITLE, _first()))


@pages.post("/ho-so/<code>/quyet-dinh")
@freshly
def issue(code: str) -> ResponseReturnValue:
    """Issue the decision."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    decision = read_decision(answers)
    answers.ticked("compared", NOT_COMPARED)
    if decision is None or answers.faults:
        page = form_pages.dossier_page(seen, TITLE, problems=answers.faults)
        return _show(seen, _judged(seen, Action.DECIDE), page)
    inputs = DecisionInput(decision, publish=request.form.get("when") != "sau")
    command = steps.command_from_form(code, Action.DECIDE, inputs)
    verdict = steps.carry_out(command)
    if isinstance(verdict, Accepted):
        steps.say_done(verdict)
        return steps.to_dossier(code)
    seen = form_pages.opened(code)
    page = form_pages.dossier_page(seen, TITLE, problems=form_pages.problems(verdict))
    return _show(seen, verdict, page)


@pages.get("/ho-so/<code>/huy-bo")
def revoke(code: str) -> ResponseReturnValue:
    """The four grounds, and the revoking decision."""
    seen = form_pages.opened(code)
    judgement = _judged(seen, Action.REVOKE)
    closed = form_pages.closed(seen, REVOKING, judgement)
    return closed or _show_revoking(
        seen, judgement, form_pages.dossier_page(seen, REVOKING, _first())
    )


@pages.post("/ho-so/<code>/huy-bo")
@freshly
def withdraw_award(code: str) -> ResponseReturnValue:
    """Revoke the award."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    ground = answers.choice("ground", RevocationGround, _("Chọn căn cứ hủy bỏ."))
    decision = read_decision(answers)
    answers.text("comment", _("Ghi lý do bằng một câu."), most=4000)
    answers.ticked("compared", NOT_COMPARED)
    if decision is None or ground is None or answers.faults:
        page = form_pages.dossier_page(seen, REVOKING, problems=answers.faults)
        return _show_revoking(seen, _judged(seen, Action.REVOKE), page)
    inputs = RevocationInput(ground, decision)
    command = steps.command_from_form(code, Action.REVOKE, inputs)
    verdict = steps.carry_out(command)
    if isinstance(verdict, Accepted):
        steps.say_done(verdict)
        return steps.to_dossier(code)
    seen = form_pages.opened(code)
    page = form_pages.dossier_page(seen, REVOKING, problems=form_pages.problems(verdict))
    return _show_revoking(seen, _judged(seen, Action.REVOKE), page)


def read_decision(answers: Answers) -> Decision | None:
    """The decision as written on paper; None when a part of it has no shape."""
    number = answers.text("number", _("Ghi số, ký hiệu quyết định."), most=60)
    dated = answers.day("dated", _("Ghi ngày ký."), future=_("Ngày ký"))
    signer = answers.text("signer", _("Ghi họ và tên người ký."), most=120)
    capacity = answers.choice("capacity", SigningCapacity, _("Chọn tư cách ký."))
    if answers.faults or dated is None or capacity is None:
        return None
    return Decision(number=number, dated=dated, signer=signer, capacity=capacity)


def _judged(seen: Opened, action: Action, command: Command | None = None) -> Judgement:
    return judge(seen.rulebook, action, seen.facts, seen.actor, desk.now(), command)


def _first() -> dict[str, str]:
    """What a new form opens with: today, signed in person."""
    return {
        "dated": day_text(desk.today()),
        "capacity": SigningCapacity.SELF.value,
        "when": "ngay",
    }


def _show(seen: Opened, judgement: Judgement, page: form_pages.FormPage) -> ResponseReturnValue:
    facts = seen.facts
    award = seen.rulebook.programme.award_by_id.get(facts.award_form)
    cycle = seen.rulebook.programme.cycle_by_id[facts.cycle_id]
    return form_pages.show(
        "decision/decide.html",
        page,
        subject={
            "counted": COUNTED[facts.subject.kind],
            "name": facts.subject.name,
            "position": facts.subject.position,
            "facts": [
                (_("Hình thức"), award.title, *_clause(award.clause))
                if award
                else (_("Hình thức"), "–"),
                (_("Người quyết định"), facts.deciding_unit.name if facts.deciding_unit else "–"),
                (_("Đợt"), cycle.label),
                (_("Đơn vị trình"), facts.proposing_unit.name),
            ],
        },
        quota=_quota(seen),
        capacities=capacities(),
        when=WHEN,
        number_hint=_number_hint(seen),
        results=form_pages.conditions(seen, judgement),
        checked_at_text=formats.recently(desk.now(), desk.today()),
    )


def _show_revoking(
    seen: Opened, judgement: Judgement, page: form_pages.FormPage
) -> ResponseReturnValue:
    decision = seen.facts.decision
    award = seen.rulebook.programme.award_by_id.get(seen.facts.award_form)
    told = [
        (_("Đối tượng"), seen.facts.subject.name),
        (_("Hình thức"), award.title if award else "–"),
    ]
    if decision is not None:
        told += [
            (_("Số, ký hiệu"), decision.number),
            (_("Ngày ký"), formats.day(decision.dated)),
            (
                _("Người ký"),
                _(
                    "{value} {signer}", value=decision.capacity.value, signer=decision.signer
                ).strip(),
            ),
        ]
    return form_pages.show(
        "decision/revoke.html",
        page,
        subject={"facts": told},
        grounds=labels.options(labels.GROUND, RevocationGround),
        capacities=capacities(),
        number_hint=_number_hint(seen),
        results=form_pages.conditions(seen, judgement),
        checked_at_text=formats.recently(desk.now(), desk.today()),
    )


def _quota(seen: Opened) -> dict[str, Any] | None:
    """The arithmetic of the places, before this decision and after it."""
    quota = seen.facts.quota
    award = seen.rulebook.programme.award_by_id.get(seen.facts.award_form)
    table = quota_of(award, seen.facts, seen.rulebook)
    if quota is None or table is None:
        return None
    before, after = quota_card.before_and_after(quota)
    card = quota_card.card(quota, table)
    return {"card": card, "before": before, "after": after, "full": card.full}


def _clause(ref: str) -> tuple[str, str]:
    return labels.clause_text(ref), labels.clause_url(ref)


def _number_hint(seen: Opened) -> str:
    unit = seen.facts.deciding_unit
    committee = unit is None or unit.kind not in {UnitKind.DEPARTMENT, UnitKind.DIVISION}
    return _("Ví dụ 2417/QĐ-UBND") if committee else _("Ví dụ 58/QĐ-SNV")
