"""What is odd about a programme's reminders: never firing, firing too late, all on one day.

Warnings, not errors: a programme may mean it so. Days are office days of each cycle.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Final

from workflow.deadlines import WholeCycle, deadline_of
from workflow.reminders import Calendar, LiveDossier, marks, registration_marks, score_marks
from workflow.report_reminders import report_marks
from workflow.terms import Terms
from workflow.vocabulary import ENDS, PROGRESS, ReminderKind, State
from workflow.working_days import closing_instant, office_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date, datetime

    from workflow.programme import Cycle, Programme, ReportTable
    from workflow.reminder_tables import ReminderTable
    from workflow.reminders import Mark
    from workflow.vocabulary import Role

CROWD: Final = 3
"""So many rules reminding the same role on one day are worth a word."""


@dataclass(frozen=True, slots=True)
class Warned:
    """One oddity; `rule` is empty when it is about several."""

    rule: str
    text: str


def lint(
    programme: Programme,
    calendar: Calendar | None = None,
    terms: Mapping[str, Terms] | None = None,
) -> tuple[Warned, ...]:
    """Every oddity, each once, in the order of the file; without a calendar, weekends only.

    `terms` are the dates set anew, by cycle; without them the file's own dates are looked at.
    """
    known = calendar or Calendar()
    set_anew = terms or {}
    found: dict[Warned, None] = {}
    fired: set[str] = set()
    for cycle in programme.cycles:
        there = WholeCycle(cycle.id, terms=set_anew.get(cycle.id, Terms()))
        here = _marks_of_cycle(programme, cycle, known, there)
        fired |= {mark.rule for mark in here}
        found |= dict.fromkeys(_too_late(programme, cycle, here, there))
        found |= dict.fromkeys(_crowded(cycle, here))
    for report in programme.reports:
        fired |= {mark.rule for mark in report_marks(programme, report, known)}
    never = [*_ends(programme), *_passed(programme), *_silent(programme, fired)]
    return (*dict.fromkeys(never), *found)


def unannounced(
    programme: Programme,
    here: WholeCycle,
    states: Collection[State],
    calendar: Calendar,
    now: datetime,
) -> tuple[Warned, ...]:
    """Rules about one of these milestones that have no day left between `now` and its end."""
    found = _marks_of_cycle(programme, programme.cycle_by_id[here.cycle_id], calendar, here)
    rules = {rule.id: rule.milestone for rule in programme.reminders if rule.milestone in states}
    if State.REGISTERED in states:
        rules |= {rule.id: State.REGISTERED for rule in programme.registration_reminders}
    ahead = {mark.rule for mark in found if now < mark.sends_at <= mark.deadline}
    return tuple(
        Warned(rule, "không bao giờ gửi trước hạn: không còn ngày nhắc nào từ nay đến mốc mới")
        for rule in rules
        if rule not in ahead
    )


def report_oddities(
    programme: Programme,
    report: ReportTable,
    others: Collection[ReportTable],
    calendar: Calendar,
    now: datetime,
    terms: Mapping[str, Terms],
) -> tuple[Warned, ...]:
    """What a new due day of a report does to its reminders; `others` are the other reports."""
    mine = report_marks(programme, report, calendar)
    ahead = {mark.rule for mark in mine if now < mark.sends_at <= mark.deadline}
    found = [
        Warned(rule.id, "không bao giờ gửi trước hạn: không còn ngày nhắc nào từ nay đến hạn mới")
        for rule in programme.reminders
        if rule.about is ReminderKind.REPORT and rule.id not in ahead
    ]
    found += [
        Warned(
            mark.rule,
            f"gửi ngày {mark.day:%d/%m/%Y}, sau khi chương trình kết thúc "
            f"({programme.ends:%d/%m/%Y})",
        )
        for mark in mine
        if mark.day > programme.ends
    ]
    rivals: list[Mark] = []
    for cycle in programme.cycles:
        here = WholeCycle(cycle.id, terms=terms.get(cycle.id, Terms()))
        rivals += _marks_of_cycle(programme, cycle, calendar, here)
    told = [(one.title, report_marks(programme, one, calendar)) for one in others]
    for mark in (one for one in mine if one.sends_at > now):
        same = {one.rule for one in rivals if _meet(one, mark)}
        same |= {title for title, marks in told if any(_meet(one, mark) for one in marks)}
        if len(same) + 1 >= CROWD:
            listed = ", ".join(sorted(same))
            found.append(Warned(mark.rule, f"ngày {mark.day:%d/%m/%Y} dồn cùng {listed}"))
    return tuple(dict.fromkeys(found))


def _meet(one: Mark, other: Mark) -> bool:
    """Do two marks reach one role on one day?"""
    return one.day == other.day and not set(one.to).isdisjoint(other.to)


def _marks_of_cycle(
    programme: Programme, cycle: Cycle, calendar: Calendar, here: WholeCycle
) -> list[Mark]:
    """Marks of a dossier that reaches each state on the last day for it."""
    found: list[Mark] = []
    opened = closing_instant(cycle.registration_opens, time(0), programme.zone)
    for state in PROGRESS:
        last = deadline_of(programme, here, state) if state is not State.REGISTERED else None
        entered = last.instant if last else opened
        # Marks before a state's own milestone count as well: a dossier may be early.
        since = entered if state in ENDS else opened
        live = LiveDossier(
            0, "", cycle.id, state, entered, None, here.award_form, here.terms, since
        )
        found += [
            mark
            for mark in marks(programme, live, calendar)
            if mark.kind in {ReminderKind.MILESTONE, ReminderKind.NOTICE}
        ]
    found += score_marks(programme, cycle, here.terms)
    closing = deadline_of(programme, here, State.REGISTERED)
    if closing is not None:
        for rule in programme.registration_reminders:
            found += registration_marks(programme, cycle, rule, closing.instant)
    return found


def _ends(programme: Programme) -> Iterator[Warned]:
    for rule in programme.reminders:
        if rule.state in ENDS and rule.about is not ReminderKind.NOTICE:
            yield Warned(rule.id, "không bao giờ gửi: hồ sơ ở trạng thái này đã kết thúc")


def _passed(programme: Programme) -> Iterator[Warned]:
    for rule in programme.reminders:
        if rule.about is not ReminderKind.MILESTONE or rule.state is None:
            continue
        if rule.state in ENDS or rule.milestone not in PROGRESS or rule.milestone is None:
            continue
        if PROGRESS.index(rule.milestone) <= PROGRESS.index(rule.state):
            yield Warned(rule.id, "không bao giờ đúng lúc: hồ sơ đã qua mốc được nhắc")


def _silent(programme: Programme, fired: set[str]) -> Iterator[Warned]:
    moved = {ReminderKind.STUCK, ReminderKind.SUPPLEMENT}
    for rule in (*programme.reminders, *programme.registration_reminders):
        about = getattr(rule, "about", ReminderKind.REGISTRATION)
        if about in moved:
            if not _says_when(rule):
                yield Warned(rule.id, "không bao giờ gửi: không ghi ngày nhắc nào")
        elif rule.id not in fired:
            yield Warned(
                rule.id, "không bao giờ gửi: không ngày nhắc nào rơi vào thời gian của đợt"
            )


def _says_when(rule: ReminderTable | object) -> bool:
    names = ("percents", "days_before", "working_days_before", "days_after", "on")
    return any(getattr(rule, name, ()) for name in names)


def _too_late(
    programme: Programme, cycle: Cycle, found: list[Mark], here: WholeCycle
) -> Iterator[Warned]:
    end = deadline_of(programme, here, State.DECIDED)
    closes = office_day(end.instant, programme.zone) if end else cycle.milestones.decided
    for mark in found:
        own = office_day(mark.deadline, programme.zone)
        if mark.kind is ReminderKind.MILESTONE and own < closes < mark.day:
            yield Warned(
                mark.rule,
                f"gửi ngày {mark.day:%d/%m/%Y}, sau khi {cycle.label} kết thúc ({closes:%d/%m/%Y})",
            )


def _crowded(cycle: Cycle, found: list[Mark]) -> Iterator[Warned]:
    rules: defaultdict[tuple[date, Role], set[str]] = defaultdict(set)
    for mark in found:
        for role in mark.to:
            rules[mark.day, role].add(mark.rule)
    for (day, role), named in sorted(rules.items()):
        if len(named) >= CROWD:
            listed = ", ".join(sorted(named))
            yield Warned(
                "",
                f"ngày {day:%d/%m/%Y} ({cycle.label}) dồn {listed} vào một vai trò: {role.value}",
            )
