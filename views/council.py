"""What the council resolved: the secretary enters the figures of the minutes, with the minutes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from views import citing, desk, form_pages, formats, labels, steps, uploads
from views.formats import Words, _
from views.forms import Answers, day_text
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import Command, CouncilInput, CouncilResult
from workflow.guards.councils import approvals_needed, quorum_needed
from workflow.ports import Opened
from workflow.programme import CouncilTable, Programme
from workflow.vocabulary import Action, DocumentKind, VoteMethod
from workflow.words import phrase

pages = Blueprint("council", __name__)

POLICY_GUARDS = frozenset({"council_quorum", "council_approval"})
TITLE = phrase("Kết quả xét của Hội đồng")
FIGURES = ("members", "present", "recused", "votes_for", "votes_against", "votes_blank")
NEEDED = Words(
    {
        "members": "Ghi tổng số thành viên Hội đồng.",
        "present": "Ghi số thành viên dự họp.",
        "votes_for": "Ghi số phiếu đồng ý.",
    }
)


@pages.get("/ho-so/<code>/hoi-dong")
def result(code: str) -> ResponseReturnValue:
    """The form, with what is recorded already."""
    seen = form_pages.opened(code)
    judgement = _judged(seen)
    closed = form_pages.closed(seen, TITLE, judgement)
    if closed is not None:
        return closed
    return _show(seen, judgement, form_pages.dossier_page(seen, TITLE, _stored(seen)))


@pages.post("/ho-so/<code>/hoi-dong")
def record(code: str) -> ResponseReturnValue:
    """Store the minutes, try the figures, or record the result."""
    doing = request.form.get("do", "record")
    if doing == "minutes" or (doing == "record" and uploads.chosen("file")):
        kept = uploads.keep(code, DocumentKind.BIEN_BAN)
        if kept.problems:
            return _again(code, kept.problems)
        if doing == "minutes":
            return _again(code, (), note=_("Đã lưu biên bản."))
    answers = Answers(request.form, desk.today())
    council = read_council(answers)
    if council is None:
        return _again(code, answers.faults)
    inputs = CouncilInput(council)
    command = steps.command_from_form(code, Action.RECORD_COUNCIL_RESULT, inputs)
    if doing == "preview":
        seen = form_pages.opened(code)
        return _show(seen, _judged(seen, command), form_pages.dossier_page(seen, TITLE), council)
    verdict = steps.carry_out(uploads.after_keeping(command))
    if isinstance(verdict, Accepted):
        steps.say_done(verdict)
        return steps.to_dossier(code)
    seen = form_pages.opened(code)
    page = form_pages.dossier_page(seen, TITLE, problems=form_pages.problems(verdict))
    return _show(seen, verdict, page, council)


def read_council(answers: Answers) -> CouncilResult | None:
    """The figures as typed; None when one of them has no shape."""
    held_on = answers.day("held_on", _("Ghi ngày họp."), future=_("Ngày họp"))
    counts = {name: answers.whole(name, NEEDED.get(name, "")) for name in FIGURES}
    method = answers.choice("method", VoteMethod, _("Chọn cách biểu quyết."))
    if answers.faults or held_on is None or method is None:
        return None
    return CouncilResult(held_on=held_on, method=method, **counts)


def figures(council: CouncilTable, result: CouncilResult | None) -> list[tuple[str, str]]:
    """What the figures give against what the policy asks."""
    if result is None or not result.members:
        return []
    quorum = quorum_needed(result.members, council.quorum)
    approval = approvals_needed(result.members, council.approval_percent)
    cast = result.votes_for + result.votes_against + result.votes_blank
    here, yes, whole = result.present, result.votes_for, result.members
    voting = here - result.recused
    return [
        (
            _("Dự họp"),
            _(
                "{here}/{whole}, cần {quorum}: {more}",
                here=here,
                whole=whole,
                quorum=quorum,
                more=_("đủ") if here >= quorum else _("chưa đủ"),
            ),
        ),
        (
            _("Đồng ý"),
            _(
                "{yes}/{whole}, cần {approval}: {more}",
                yes=yes,
                whole=whole,
                approval=approval,
                more=_("đủ") if yes >= approval else _("chưa đủ"),
            ),
        ),
        (
            _("Tổng số phiếu"),
            _("{count} phiếu của {voting} người bỏ phiếu", count=cast, voting=voting),
        ),
    ]


def _policy_readings(programme: Programme) -> list[str]:
    """The readings behind quorum and approval share, as the programme's own rules name them."""
    rules = (rule for rule in programme.rules if rule.guard in POLICY_GUARDS)
    return list(dict.fromkeys(reading for rule in rules for reading in rule.readings))


def _again(code: str, problems: Any, note: str = "") -> ResponseReturnValue:  # noqa: ANN401
    seen = form_pages.opened(code)
    page = form_pages.dossier_page(seen, TITLE, problems=problems)
    return _show(seen, _judged(seen), page, note=note)


def _judged(seen: Opened, command: Command | None = None) -> Judgement:
    action = Action.RECORD_COUNCIL_RESULT
    return judge(seen.rulebook, action, seen.facts, seen.actor, desk.now(), command)


def _show(
    seen: Opened,
    judgement: Judgement,
    page: form_pages.FormPage,
    council: CouncilResult | None = None,
    note: str = "",
) -> ResponseReturnValue:
    programme = seen.rulebook.programme
    known = council or seen.facts.council
    table = programme.council_on(known.held_on if known else desk.today())
    share, whole = table.quorum
    percent = formats.decimal(Decimal(table.approval_percent)).removesuffix(",00")
    return form_pages.show(
        "council/result.html",
        page,
        note=note,
        council={
            "quorum_text": _(
                "ít nhất {share}/{count} thành viên, làm tròn lên", share=share, count=whole
            ),
            "approval_text": _(
                "ít nhất {percent}% tổng số thành viên, làm tròn lên", percent=percent
            ),
            "policy_note": table.note,
            "readings": [
                {"id": one, "url": f"/van-ban#{one}"} for one in _policy_readings(programme)
            ],
            "computed": figures(table, known),
        },
        minutes=uploads.slot(seen, DocumentKind.BIEN_BAN),
        methods=labels.options(labels.VOTE, VoteMethod),
        cited=citing.rule(programme, *POLICY_GUARDS),
        results=form_pages.conditions(seen, judgement),
        guard_title=labels.CONDITIONS_FOR[Action.RECORD_COUNCIL_RESULT],
        checked_at_text=formats.recently(desk.now(), desk.today()),
    )


def _stored(seen: Opened) -> dict[str, str]:
    """What the form opens with: the result on record, and the particulars of the minutes."""
    result, paper = seen.facts.council, seen.facts.document(DocumentKind.BIEN_BAN)
    stored = {} if paper is None else {"dated": day_text(paper.dated), "signer": paper.signer}
    if result is None:
        return stored
    counts = {name: str(getattr(result, name)) for name in FIGURES}
    return {"held_on": day_text(result.held_on), "method": result.method.value, **counts, **stored}
