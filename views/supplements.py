"""Side moves of the check: everything a dossier lacks asked for at once, and a later day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from models.form_queries import calendar
from models.last_looks import looked
from views import citing, desk, disagreeing, form_pages, formats, steps
from views.formats import _
from views.forms import Answers, day_text
from workflow.deadlines import deadline_of
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import ExtensionInput, SupplementInput
from workflow.marks import AGREED, ATTESTED
from workflow.ports import Opened
from workflow.programme import Programme
from workflow.rule_tables import INITIATIVES, RuleTable
from workflow.verdicts import Result
from workflow.vocabulary import PROGRESS, Action, DocumentKind, Outcome, Role, State
from workflow.words import phrase
from workflow.working_days import closing_instant

TITLE = phrase("Yêu cầu bổ sung")
EXTENSION_TITLE = phrase("Gia hạn nộp hồ sơ")
MOST_ITEMS = 24
SPARE = 2
AGAIN_MISSING = phrase("Ghi vì sao các mục này chưa được nêu ở lần trước.")
NOT_THE_UNIT = (Role.APPRAISER, Role.DECIDER)
"""Who mends what no supplement can: nobody of the unit's side."""
NEEDS_ACTION = (Action.CONFIRM_CHECK, Action.RECORD_COUNCIL_RESULT, Action.DECIDE)


def supplement(code: str) -> ResponseReturnValue:
    """The list, filled in with every condition that is not met yet."""
    seen = form_pages.opened(code)
    closed = form_pages.closed(seen, TITLE, _judged(seen, Action.REQUEST_SUPPLEMENT))
    return closed or _show_supplement(seen, form_pages.dossier_page(seen, TITLE, _prefilled(seen)))


def ask(code: str) -> ResponseReturnValue:
    """Ask the unit for everything on the list."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    inputs = _read_supplement(seen, answers)
    if inputs is None:
        page = form_pages.dossier_page(seen, TITLE, problems=answers.faults)
        return _show_supplement(seen, page)
    command = steps.command_from_form(code, Action.REQUEST_SUPPLEMENT, inputs)
    verdict = steps.carry_out(command)
    if isinstance(verdict, Accepted):
        with desk.writing() as db:
            version = verdict.before.version + 1
            looked(db, seen.facts.id, desk.me().person_id, version, desk.now())
        steps.say_done(verdict)
        return steps.to_dossier(code)
    seen = form_pages.opened(code)
    page = form_pages.dossier_page(seen, TITLE, problems=form_pages.problems(verdict))
    return _show_supplement(seen, page)


def extension(code: str) -> ResponseReturnValue:
    """A later day for handing in."""
    seen = form_pages.opened(code)
    closed = form_pages.closed(seen, EXTENSION_TITLE, _judged(seen, Action.GRANT_EXTENSION))
    return closed or _show_extension(seen, form_pages.dossier_page(seen, EXTENSION_TITLE, {}))


def extend(code: str) -> ResponseReturnValue:
    """Grant the later day."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    until = answers.day("until", _("Ghi ngày được nộp đến."))
    answers.text("comment", _("Ghi lý do gia hạn bằng một câu."), most=2000)
    if until is not None and until <= max(desk.today(), _last_day(seen)):
        answers.blame("until", _("Ngày gia hạn phải sau hôm nay và sau hạn đang có."))
    if until is None or answers.faults:
        page = form_pages.dossier_page(seen, EXTENSION_TITLE, problems=answers.faults)
        return _show_extension(seen, page)
    inputs = ExtensionInput(_closing(seen.rulebook.programme, until))
    verdict = steps.carry_out(steps.command_from_form(code, Action.GRANT_EXTENSION, inputs))
    if isinstance(verdict, Accepted):
        steps.say_done(verdict)
        return steps.to_dossier(code)
    seen = form_pages.opened(code)
    page = form_pages.dossier_page(seen, EXTENSION_TITLE, problems=form_pages.problems(verdict))
    return _show_extension(seen, page)


def _read_supplement(seen: Opened, answers: Answers) -> SupplementInput | None:
    typed = (answers.text(f"item-{number}", most=600) for number in range(1, MOST_ITEMS + 1))
    items = tuple(item for item in typed if item)
    kinds = tuple(kind for kind in _kinds(seen) if answers.ticked(f"kind-{kind.value}"))
    initiatives = answers.ticked(f"kind-{INITIATIVES}")
    due = answers.day("due", _("Ghi hạn bổ sung."))
    missing = AGAIN_MISSING if _again(seen) else ""
    again = answers.text("again", missing, most=1000)
    answers.text("comment", _("Ghi lời gửi đơn vị bằng một câu."), most=2000)
    if not items:
        answers.blame("item-1", _("Ghi ít nhất một mục cần bổ sung."))
    if not kinds and not initiatives:
        answers.blame("kinds", _("Đánh dấu ít nhất một phần đơn vị được sửa."))
    if due is not None and due < desk.today():
        answers.blame("due", _("Hạn bổ sung không thể trước hôm nay."))
    if answers.faults or due is None:
        return None
    closing = _closing(seen.rulebook.programme, due)
    return SupplementInput(items, kinds, closing, initiatives, again)


def _again(seen: Opened) -> bool:
    """Was this dossier asked as often as needs no reason?"""
    return seen.facts.supplement_rounds >= seen.rulebook.programme.supplement_limit


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing to mend, in the words of the unit, and the parts to unlock for it."""

    text: str
    parts: tuple[str, ...] = ()


def defects(seen: Opened) -> list[Defect]:
    """Every condition of the next move the unit can mend: in the officer's words, or the rule's."""
    programme = seen.rulebook.programme
    action = next(
        (one for one in NEEDS_ACTION if programme.steps_from(seen.facts.state, one)), None
    )
    if action is None:
        return []
    found = []
    for result in _judged(seen, action).results:
        rule = programme.rule_by_id[result.rule]
        of_another = result.finding.who in NOT_THE_UNIT and rule.guard != AGREED
        if result.outcome is not Outcome.NOT_MET or of_another:
            continue
        mark = next((one for one in seen.facts.marks if one.code == rule.params.get("code")), None)
        if rule.guard == ATTESTED and mark is not None:
            lines = filter(None, (line.strip() for line in mark.note.splitlines()))
            found += [_noted(line, rule, programme) for line in lines]
        elif rule.guard == AGREED:
            found += _disagreeing(seen, result, mark.note if mark else "")
        elif rule.guard != "no_open_supplement":
            remedy = result.finding.remedy
            words = formats.lower_first(formats.sentence(remedy)) if remedy else ""
            text = _(
                "{title}: {words} (Mục {clause})",
                title=result.title,
                words=words,
                clause=result.clause,
            )
            found.append(Defect(text, _parts(rule)))
    return found


def _disagreeing(seen: Opened, result: Result, note: str) -> list[Defect]:
    """What the officer wrote of papers that do not agree; else each disagreement itself."""
    programme = seen.rulebook.programme
    rule = programme.rule_by_id[result.rule]
    if any(one.whose for one in result.finding.evidence):
        lines = filter(None, (line.strip() for line in note.splitlines()))
        return [_noted(line, rule, programme) for line in lines]
    kinds = {paper.id: paper.kind.value for paper in seen.facts.documents}
    return [
        Defect(
            _(
                "{rstrip}: sửa cho khớp (Mục {clause})",
                rstrip=formats.sentence(one.text).rstrip("."),
                clause=result.clause,
            ),
            tuple(kinds[paper] for paper in disagreeing.documents_in(one) if paper in kinds),
        )
        for one in result.finding.evidence
        if disagreeing.is_one(one)
    ]


def _noted(line: str, rule: RuleTable, programme: Programme) -> Defect:
    """A line an officer wrote: a ready sentence knows what it unlocks, free words name papers."""
    text = _("{line} (Mục {clause})", line=line, clause=rule.clause)
    ready = next((one for one in rule.ready if one.text == line), None)
    if ready is not None:
        return Defect(text, ready.unlocks)
    about = tuple(str(part) for part in rule.params.get("about", ()))
    said = line.casefold()
    names = {one.kind.value: one.short.casefold() for one in programme.documents}
    names[INITIATIVES] = _("sáng kiến")
    named = tuple(part for part in about if names.get(part, "") in said)
    return Defect(text, named or (about if len(about) == 1 else ()))


def _parts(rule: RuleTable) -> tuple[str, ...]:
    if rule.guard == "initiative_recognised":
        return (INITIATIVES,)
    kind = rule.params.get("kind")
    return (str(kind),) if kind in set(DocumentKind) else ()


def _prefilled(seen: Opened) -> dict[str, str]:
    found = defects(seen)[: MOST_ITEMS - SPARE]
    typed = {f"item-{number}": one.text for number, one in enumerate(found, 1)}
    typed |= {f"kind-{part}": "1" for one in found for part in one.parts}
    with desk.reading() as db:
        days = calendar(db)
    count = seen.rulebook.programme.supplement_working_days
    return {**typed, "due": day_text(days.working_day(desk.today(), count))}


def _show_supplement(seen: Opened, page: form_pages.FormPage) -> ResponseReturnValue:
    programme = seen.rulebook.programme
    filled = [n for n in range(1, MOST_ITEMS + 1) if page.value(f"item-{n}")]
    count = min(MOST_ITEMS, max([*filled, 1]) + SPARE)
    rounds, most = seen.facts.supplement_rounds, programme.supplement_most
    return form_pages.show(
        "check/supplement.html",
        page,
        items=[{"field": f"item-{n}", "label": _("Mục {n}", n=n)} for n in range(1, count + 1)],
        prefilled=bool(filled),
        kinds=_kind_choices(seen),
        due_hint=_(
            "Mặc định {count} ngày làm việc, đến {closing_time}. Ví dụ 12/12/2023.",
            count=programme.supplement_working_days,
            closing_time=f"{programme.closing_time:%H:%M}",
        ),
        again_note=(
            _(
                "Hồ sơ đã được yêu cầu bổ sung {count} lần{more}. Mỗi lần đều được đếm; "
                "ghi rõ vì sao chưa nêu ở lần trước.",
                count=rounds,
                more=_(", tối đa {count} lần", count=most) if most else "",
            )
            if _again(seen)
            else ""
        ),
    )


def _kinds(seen: Opened) -> list[DocumentKind]:
    return [paper.kind for paper in seen.rulebook.programme.documents]


def _kind_choices(seen: Opened) -> list[dict[str, Any]]:
    fell = {
        kind
        for approval in seen.facts.approvals
        for kind in (paper.kind for paper in seen.facts.documents if paper.id in approval.covered)
    }
    hint = _("Thay bản mới thì chấp thuận đã có trên tài liệu này phải làm lại.")
    initiatives = {
        "field": f"kind-{INITIATIVES}",
        "label": _("Sáng kiến đã khai"),
        "hint": _("Đơn vị sửa được tên, số, ngày, cơ quan công nhận."),
    }
    papers = [
        {
            "field": f"kind-{paper.kind.value}",
            "label": paper.title,
            "hint": hint if paper.kind in fell else "",
        }
        for paper in seen.rulebook.programme.documents
    ]
    return [*papers, initiatives]


def _show_extension(seen: Opened, page: form_pages.FormPage) -> ResponseReturnValue:
    deadline = deadline_of(seen.rulebook.programme, seen.facts, State.SUBMITTED)
    text = (
        _("Hạn nộp đang có: {instant}.", instant=formats.moment(deadline.instant))
        if deadline
        else ""
    )
    cycle = seen.rulebook.programme.cycle_by_id[seen.facts.cycle_id]
    return form_pages.show(
        "check/extension.html",
        page,
        cited=citing.Cited(cycle.clause),
        deadline_text=text,
        until_hint=_(
            "Đến {count} ngày này. Ví dụ 05/12/2023.",
            count=f"{seen.rulebook.programme.closing_time:%H:%M}",
        ),
    )


def _last_day(seen: Opened) -> date:
    deadline = deadline_of(seen.rulebook.programme, seen.facts, PROGRESS[1])
    return formats.local(deadline.instant).date() if deadline else desk.today()


def _closing(programme: Programme, day: date) -> datetime:
    return closing_instant(day, programme.closing_time, programme.zone)


def _judged(seen: Opened, action: Action) -> Judgement:
    return judge(seen.rulebook, action, seen.facts, seen.actor, desk.now())
