"""On which days a unit is reminded of a report it owes: pure, from programme and calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from workflow.forecast import DEADLINE_MOVED, Stretch, joined
from workflow.reminders import Mark, sending_instant
from workflow.vocabulary import ReminderKind, ReportAction
from workflow.words import phrase
from workflow.working_days import closing_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from workflow.programme import Programme, ReportTable
    from workflow.reminder_tables import ReminderTable
    from workflow.reminders import Calendar

FILED: Final = phrase("đơn vị đã gửi báo cáo")


@dataclass(frozen=True, slots=True)
class DateSet:
    """A due day (office zone) set anew at `at` (aware UTC), by whom, why, under which clause."""

    day: date
    at: datetime
    by: str = ""
    reason: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The marks that hold from `since` on; of the first plan from the beginning (None)."""

    marks: tuple[Mark, ...]
    since: datetime | None = None


def as_set(report: ReportTable, dates: Sequence[DateSet]) -> ReportTable:
    """The report with the due day in force: the last one set, or the file's."""
    if not dates:
        return report
    last = dates[-1]
    return report.model_copy(update={"due": last.day, "clause": last.clause or report.clause})


def due_instant(programme: Programme, report: ReportTable) -> datetime:
    """The last instant of a report, inclusive."""
    return closing_instant(report.due, programme.closing_time, programme.zone)


def plans_of(
    programme: Programme, report: ReportTable, dates: Sequence[DateSet], calendar: Calendar
) -> tuple[Plan, ...]:
    """The marks of the file, and those after each new due day; oldest first."""
    found = [Plan(report_marks(programme, report, calendar))]
    for count, one in enumerate(dates, start=1):
        moved = as_set(report, dates[:count])
        found.append(Plan(report_marks(programme, moved, calendar), one.at))
    return tuple(found)


def report_marks(programme: Programme, report: ReportTable, calendar: Calendar) -> tuple[Mark, ...]:
    """All marks of one report, in order of time; none before it opens."""
    found = [
        mark
        for rule in programme.reminders
        if rule.about is ReminderKind.REPORT
        for mark in _marks_of(programme, report, rule, calendar)
        if mark.day >= report.opens
    ]
    return tuple(sorted(found, key=lambda mark: (mark.sends_at, mark.rule)))


def report_stretches(
    plans: Sequence[Plan], start: datetime, steps: Sequence[tuple[ReportAction, datetime]]
) -> tuple[Stretch, ...]:
    """When the report was the unit's to file: until it was, and again from each return on.

    `steps` are the filings and returns, oldest first. A return begins a series of its own; a new
    due day ends what was planned for the old one.
    """
    found: list[Stretch] = []
    since: datetime | None = start
    for action, at in steps:
        if action is ReportAction.FILE and since is not None:
            found += _cut(plans, since, at, FILED)
            since = None
        elif action is ReportAction.RETURN:
            since = at
    if since is not None:
        found += _cut(plans, since, None, "")
    return joined(found)


def _cut(
    plans: Sequence[Plan], start: datetime, end: datetime | None, because: str
) -> Iterator[Stretch]:
    """One stretch for each plan that held between `start` and `end`."""
    ends = [*(one.since for one in plans[1:]), None]
    for one, over in zip(plans, ends, strict=True):
        begins = start if one.since is None else max(start, one.since)
        if over is not None and (end is None or over < end):
            if begins < over:
                yield Stretch(one.marks, start, begins, over, DEADLINE_MOVED)
        else:
            yield Stretch(one.marks, start, begins, end, because)
            return


def _marks_of(
    programme: Programme, report: ReportTable, rule: ReminderTable, calendar: Calendar
) -> Iterator[Mark]:
    found = {day: _mark(programme, report, rule, day) for day in _days(report, rule, calendar)}
    if rule.escalate is not None:
        roles = tuple(dict.fromkeys((*rule.to, *rule.escalate.to)))
        for count in rule.escalate.days_after:
            told = _mark(programme, report, rule, report.due + timedelta(count))
            found[told.day] = replace(told, to=roles, escalates_to=rule.escalate.to)
    yield from found.values()


def _mark(programme: Programme, report: ReportTable, rule: ReminderTable, day: date) -> Mark:
    return Mark(
        rule=rule.id,
        title=rule.title,
        letter=rule.letter,
        to=rule.to,
        day=day,
        sends_at=sending_instant(day, programme.zone),
        deadline=due_instant(programme, report),
        clause=report.clause,
        kind=ReminderKind.REPORT,
        legal=rule.legal,
    )


def _days(report: ReportTable, rule: ReminderTable, calendar: Calendar) -> Iterable[date]:
    yield from (report.due - timedelta(count) for count in rule.days_before)
    yield from (calendar.working_day(report.due, -count) for count in rule.working_days_before)
    yield from (report.due + timedelta(count) for count in rule.days_after)
    for written in rule.on:
        month, day = written.split("-")
        named = date(report.year, int(month), int(day))
        if named <= report.due:
            yield named
