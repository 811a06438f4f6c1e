"""Which reminders are due: a pure reading of the calendar.

A mark is a day on which a rule reminds about one dossier; its letter goes out at the sending
hour of that day (office time). After an outage only the newest mark of a rule is sent; the older
ones are named as superseded, so that nothing is skipped in silence and nobody is flooded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from workflow.deadlines import deadline_of
from workflow.terms import Terms
from workflow.working_days import add_working_days, closing_instant, is_working_day, office_day

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from workflow.programme import (
        Cycle,
        Programme,
        RegistrationReminderTable,
        ReminderTable,
    )
    from workflow.vocabulary import Role, State

SENDING_HOUR = time(8, 0)
"""When letters of a day go out, office time (design guide, section 10.9)."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and days worked in exchange, from the calendar table."""

    days_off: frozenset[date] = field(default_factory=frozenset)
    working_swaps: frozenset[date] = field(default_factory=frozenset)

    def working_day(self, start: date, count: int) -> date:
        """The `count`-th working day after (or before) `start`."""
        return add_working_days(start, count, self.days_off, self.working_swaps)

    def is_working_day(self, day: date) -> bool:
        """Does the office work on this day?"""
        return is_working_day(day, self.days_off, self.working_swaps)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 when `end` is not later."""
        span = (end - start).days
        return sum(self.is_working_day(start + timedelta(n)) for n in range(1, span + 1))


@dataclass(frozen=True, slots=True)
class LiveDossier:
    """What the planner needs to know of a dossier that is still on its way."""

    dossier_id: int
    code: str
    cycle_id: str
    state: State
    entered_state_at: datetime
    extended_until: datetime | None = None
    award_form: str = ""
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Mark:
    """One day on which one rule reminds about one deadline."""

    rule: str
    title: str
    letter: str
    to: tuple[Role, ...]
    day: date
    sends_at: datetime
    deadline: datetime
    clause: str

    def key(self, subject: str, entered: datetime) -> str:
        """Identity of the reminder, but for recipient and channel.

        Rule, subject, deadline, round (since when the subject stands where it stands) and day.
        """
        return (
            f"{self.rule}:{subject}:{self.deadline.isoformat()}:{entered.isoformat()}:"
            f"{self.day.isoformat()}"
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A mark that has come; `superseded` when a newer one of the same rule has come as well."""

    mark: Mark
    superseded: bool


def marks(programme: Programme, live: LiveDossier, calendar: Calendar) -> tuple[Mark, ...]:
    """All marks of all rules for this dossier in its present state, in order of time.

    Marks before the dossier entered its state are left out: nobody is reminded of what was
    not yet theirs to do.
    """
    found: list[Mark] = []
    for rule in programme.reminders:
        if rule.state is not live.state:
            continue
        deadline = deadline_of(programme, live, rule.milestone)
        if deadline is None:
            continue
        cycle = programme.cycle_by_id[live.cycle_id]
        last = office_day(deadline.instant, programme.zone)
        found += [
            _mark(programme, rule, day, deadline.instant)
            for day in _days(rule, cycle, last, calendar)
        ]
    entered = live.entered_state_at
    return tuple(
        sorted((mark for mark in found if mark.sends_at > entered), key=lambda mark: mark.sends_at)
    )


def due(
    programme: Programme, live: LiveDossier, calendar: Calendar, now: datetime
) -> tuple[Due, ...]:
    """Marks whose sending hour has come; of each rule only the newest is to be sent."""
    come = [mark for mark in marks(programme, live, calendar) if mark.sends_at <= now]
    return _newest_first(come)


def coming(
    programme: Programme, live: LiveDossier, calendar: Calendar, now: datetime
) -> tuple[Mark, ...]:
    """Marks still ahead, soonest first: shown to the person before they happen."""
    return tuple(mark for mark in marks(programme, live, calendar) if mark.sends_at > now)


def registration_marks(
    programme: Programme, cycle: Cycle, rule: RegistrationReminderTable
) -> tuple[Mark, ...]:
    """Marks for units that have not registered for `cycle`, while the window is open."""
    deadline = closing_instant(cycle.registration_closes, programme.closing_time, programme.zone)
    days = (cycle.registration_closes - timedelta(count) for count in rule.days_before)
    return tuple(
        sorted(
            (
                _mark(programme, rule, day, deadline)
                for day in days
                if day >= cycle.registration_opens
            ),
            key=lambda mark: mark.sends_at,
        )
    )


def registration_due(
    programme: Programme, cycle: Cycle, rule: RegistrationReminderTable, now: datetime
) -> tuple[Due, ...]:
    """Registration marks that have come; none any more once the window has closed."""
    found = registration_marks(programme, cycle, rule)
    return _newest_first([mark for mark in found if mark.sends_at <= now <= mark.deadline])


def _newest_first(come: Iterable[Mark]) -> tuple[Due, ...]:
    newest: dict[str, Mark] = {}
    ordered = sorted(come, key=lambda mark: mark.sends_at)
    for mark in ordered:
        newest[mark.rule] = mark
    return tuple(Due(mark, superseded=newest[mark.rule] is not mark) for mark in ordered)


def _days(rule: ReminderTable, cycle: Cycle, last: date, calendar: Calendar) -> Iterable[date]:
    yield from (last - timedelta(count) for count in rule.days_before)
    yield from (calendar.working_day(last, -count) for count in rule.working_days_before)
    yield from (last + timedelta(count) for count in rule.days_after)
    for written in rule.on:
        month, day = written.split("-")
        named = date(cycle.milestones.decided.year, int(month), int(day))
        if named <= last:
            yield named


def _mark(
    programme: Programme,
    rule: ReminderTable | RegistrationReminderTable,
    day: date,
    deadline: datetime,
) -> Mark:
    return Mark(
        rule=rule.id,
        title=rule.title,
        letter=rule.letter,
        to=rule.to,
        day=day,
        sends_at=closing_instant(day, SENDING_HOUR, programme.zone),
        deadline=deadline,
        clause=rule.clause,
    )
