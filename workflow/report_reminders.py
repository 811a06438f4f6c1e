"""On which days a unit is reminded of a report it owes: pure, from programme and calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from workflow.forecast import Stretch
from workflow.reminders import Mark, sending_instant
from workflow.vocabulary import ReminderKind, ReportAction
from workflow.working_days import closing_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from workflow.programme import Programme, ReportTable
    from workflow.reminder_tables import ReminderTable
    from workflow.reminders import Calendar

FILED: Final = "đơn vị đã gửi báo cáo"


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
    marks: tuple[Mark, ...], start: datetime, steps: Sequence[tuple[ReportAction, datetime]]
) -> tuple[Stretch, ...]:
    """When the report was the unit's to file: until it was, and again from each return on.

    `steps` are the filings and returns, oldest first. A return begins a series of its own.
    """
    found: list[Stretch] = []
    since: datetime | None = start
    for action, at in steps:
        if action is ReportAction.FILE and since is not None:
            found.append(Stretch(marks, since, since, at, FILED))
            since = None
        elif action is ReportAction.RETURN:
            since = at
    if since is not None:
        found.append(Stretch(marks, since, since))
    return tuple(found)


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
        deadline=closing_instant(report.due, programme.closing_time, programme.zone),
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
