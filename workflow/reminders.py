"""On which days which rule reminds of what: a pure reading of the programme and the calendar.

A mark is a day on which a rule reminds about one subject; it counts from the sending hour of that
day (office time) on. Who is told, and what becomes of a mark, is `workflow.forecast`'s matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from workflow.deadlines import deadline_of, next_state
from workflow.terms import Terms
from workflow.vocabulary import Action, ReminderKind, State
from workflow.working_days import add_working_days, closing_instant, is_working_day, office_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from workflow.programme import Cycle, Programme
    from workflow.reminder_tables import RegistrationReminderTable, ReminderTable
    from workflow.vocabulary import Role

PREPARING: Final = {
    Action.SUBMIT: (Action.EDIT, Action.PRESENT),
    Action.CONFIRM_CHECK: (Action.MARK_CHECK,),
    Action.DECIDE: (Action.RECORD_RANKING,),
}
"""Steps that lead up to another and are reminded of with it."""

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
    """What reminders need to know of a dossier, as it stood during one phase.

    `since` is when it began to wait for whoever has it now (its entry, unless it came back from
    a supplement or a hold); `supplement_due` is set while a request for supplement is open;
    `notified` when the decision was passed on.
    """

    dossier_id: int
    code: str
    cycle_id: str
    state: State
    entered_state_at: datetime
    extended_until: datetime | None = None
    award_form: str = ""
    terms: Terms = field(default_factory=Terms)
    since: datetime | None = None
    supplement_due: datetime | None = None
    supplement_asked_at: datetime | None = None
    held: bool = False
    notified: bool = False

    @property
    def series(self) -> datetime:
        """What makes one series of reminders: the request for supplement, or the entry."""
        return self.supplement_asked_at or self.entered_state_at


@dataclass(frozen=True, slots=True)
class Mark:
    """One day on which one rule reminds about one deadline.

    `escalates_to` are the roles told besides those the task belongs to; `to` holds them too.
    """

    rule: str
    title: str
    letter: str
    to: tuple[Role, ...]
    day: date
    sends_at: datetime
    deadline: datetime
    clause: str
    kind: ReminderKind = ReminderKind.MILESTONE
    legal: bool = True
    escalates_to: tuple[Role, ...] = ()
    asks: frozenset[Action] = frozenset()
    """The steps it asks for: who was lent others only is not reminded."""

    @property
    def overdue(self) -> bool:
        """Has the deadline passed by then? Such a letter cannot wait for the digest."""
        return self.sends_at > self.deadline

    def key(self, subject: str, entered: datetime) -> str:
        """Identity of the reminder, but for recipient and channel.

        Rule, subject, deadline, round (since when the subject stands where it stands) and day.
        """
        return (
            f"{self.rule}:{subject}:{self.deadline.isoformat()}:{entered.isoformat()}:"
            f"{self.day.isoformat()}"
        )


def marks(programme: Programme, live: LiveDossier, calendar: Calendar) -> tuple[Mark, ...]:
    """All marks of all rules for this dossier as it stands, in order of time.

    Marks before the dossier came to stand so are left out: nobody is reminded of what was not
    yet theirs to do. While a supplement is open the unit alone is reminded; while the dossier is
    held, nobody.
    """
    found = [
        mark
        for rule in programme.reminders
        if _concerns(rule, live)
        for mark in _marks_of(programme, rule, live, calendar)
    ]
    since = live.since or live.series
    kept = (mark for mark in found if mark.sends_at > since)
    return tuple(sorted(kept, key=lambda mark: (mark.sends_at, mark.rule)))


def coming(
    programme: Programme, live: LiveDossier, calendar: Calendar, now: datetime
) -> tuple[Mark, ...]:
    """Marks still ahead, soonest first, with escalations: shown before they happen."""
    return tuple(mark for mark in marks(programme, live, calendar) if mark.sends_at > now)


def registration_marks(
    programme: Programme, cycle: Cycle, rule: RegistrationReminderTable, deadline: datetime
) -> tuple[Mark, ...]:
    """Marks for units that have not registered for `cycle`, while the window is open (IV.1.a).

    `deadline` (UTC, inclusive) is one of those the cycle had.
    """
    closes = office_day(deadline, programme.zone)
    days = (closes - timedelta(count) for count in rule.days_before)
    found = (
        Mark(
            rule=rule.id,
            title=rule.title,
            letter=rule.letter,
            to=rule.to,
            day=day,
            sends_at=sending_instant(day, programme.zone),
            deadline=deadline,
            clause=rule.clause,
            kind=ReminderKind.REGISTRATION,
            asks=frozenset({Action.REGISTER}),
        )
        for day in days
        if day >= cycle.registration_opens
    )
    return tuple(sorted(found, key=lambda mark: mark.sends_at))


def score_marks(programme: Programme, cycle: Cycle, terms: Terms) -> tuple[Mark, ...]:
    """Marks for the year's published scores, weekly until the review's last milestone (IV.1.b)."""
    found: list[Mark] = []
    for rule in programme.reminders:
        if rule.about is not ReminderKind.SCORES or rule.milestone is None:
            continue
        whole = LiveDossier(0, "", cycle.id, State.REGISTERED, _midnight(programme), terms=terms)
        deadline = deadline_of(programme, whole, rule.milestone)
        if deadline is None:
            continue
        last = office_day(deadline.instant, programme.zone)
        for written in rule.on:
            day = _named_day(written, cycle)
            while day <= last:
                found.append(_mark(programme, rule, day, deadline.instant))
                day += timedelta(days=rule.every_days or (last - day).days + 1)
    return tuple(sorted(found, key=lambda mark: mark.sends_at))


def sending_instant(day: date, zone: str) -> datetime:
    """The sending hour of an office day, as aware UTC."""
    return closing_instant(day, SENDING_HOUR, zone)


def _concerns(rule: ReminderTable, live: LiveDossier) -> bool:
    if live.held:
        return False
    if live.supplement_due is not None:
        return rule.about is ReminderKind.SUPPLEMENT
    if rule.about is ReminderKind.NOTICE:
        return live.state is State.DECIDED and not live.notified
    return rule.about in {ReminderKind.MILESTONE, ReminderKind.STUCK} and rule.state is live.state


def _marks_of(
    programme: Programme, rule: ReminderTable, live: LiveDossier, calendar: Calendar
) -> Iterator[Mark]:
    deadline = _deadline(programme, rule, live, calendar)
    if deadline is None:
        return
    last = office_day(deadline, programme.zone)
    begun = office_day(live.since or live.entered_state_at, programme.zone)
    cycle = programme.cycle_by_id[live.cycle_id]
    days = {*_days(rule, cycle, last, calendar)}
    days |= {calendar.working_day(begun, _used(rule, percent)) for percent in rule.percents}
    found = {day: _mark(programme, rule, day, deadline) for day in days}
    if rule.escalate is not None:
        roles = tuple(dict.fromkeys((*rule.to, *rule.escalate.to)))
        for count in rule.escalate.days_after:
            told = _mark(programme, rule, last + timedelta(count), deadline)
            found[told.day] = replace(told, to=roles, escalates_to=rule.escalate.to)
    yield from found.values()


def _used(rule: ReminderTable, percent: int) -> int:
    """So many of the rule's working days, rounded up."""
    return -(-(rule.working_days or 0) * percent // 100)


def _deadline(
    programme: Programme, rule: ReminderTable, live: LiveDossier, calendar: Calendar
) -> datetime | None:
    if rule.about is ReminderKind.SUPPLEMENT:
        return live.supplement_due
    if rule.milestone is not None:
        found = deadline_of(programme, live, rule.milestone)
        return found.instant if found else None
    if rule.working_days is None:
        return None
    begun = office_day(live.since or live.entered_state_at, programme.zone)
    last = calendar.working_day(begun, rule.working_days)
    return closing_instant(last, programme.closing_time, programme.zone)


def _days(rule: ReminderTable, cycle: Cycle, last: date, calendar: Calendar) -> Iterable[date]:
    yield from (last - timedelta(count) for count in rule.days_before)
    yield from (calendar.working_day(last, -count) for count in rule.working_days_before)
    yield from (last + timedelta(count) for count in rule.days_after)
    for written in rule.on:
        named = _named_day(written, cycle)
        if named <= last:
            yield named


def _named_day(written: str, cycle: Cycle) -> date:
    month, day = written.split("-")
    return date(cycle.year, int(month), int(day))


def _midnight(programme: Programme) -> datetime:
    return closing_instant(programme.starts, time(0), programme.zone)


def _mark(programme: Programme, rule: ReminderTable, day: date, deadline: datetime) -> Mark:
    return Mark(
        rule=rule.id,
        title=rule.title,
        letter=rule.letter,
        to=rule.to,
        day=day,
        sends_at=sending_instant(day, programme.zone),
        deadline=deadline,
        clause=rule.clause,
        kind=rule.about,
        legal=rule.legal,
        asks=_asks(programme, rule),
    )


def _asks(programme: Programme, rule: ReminderTable) -> frozenset[Action]:
    """The steps a rule reminds of; none where there is nothing one step alone would do."""
    if rule.about is ReminderKind.SUPPLEMENT:
        return frozenset({Action.SEND_SUPPLEMENT, Action.EDIT})
    if rule.about not in {ReminderKind.MILESTONE, ReminderKind.STUCK} or rule.state is None:
        return frozenset()
    target = next_state(rule.state)
    forward = {
        step.action
        for step in programme.steps
        if step.source is rule.state and step.target is target
    }
    return frozenset(forward.union(*(PREPARING.get(one, ()) for one in forward)))
