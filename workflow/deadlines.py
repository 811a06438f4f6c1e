"""One deadline object per cycle, step and tier: page, letter, guard, feed and log ask here.

Nobody else turns a milestone into an instant. The tier of a dossier is the deciding level of its
award form: a milestone may be set for one form of award or for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from workflow.terms import Terms
from workflow.vocabulary import PROGRESS, DayRule, State
from workflow.working_days import OFFICE_ZONE, closing_instant, next_working_day, office_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow.programme import Programme
    from workflow.terms import MilestoneSet, Stop


class MoveKind(StrEnum):
    """Why a deadline is not where the programme's file put it."""

    MILESTONE = "milestone"
    SUSPENSION = "suspension"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Move:
    """The deadline went from `was` to `now_at`: by whom, when, why, and under which clause."""

    kind: MoveKind
    was: datetime
    now_at: datetime
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`instant` (UTC, inclusive) by which `state` should be reached.

    `source` is the clause of the cycle, or of the decision that set it anew; `set_by` and
    `set_at` tell who set it, if it is not the programme's own. `moves` tell how it came to stand
    here, oldest first. `version` grows with everything that may move it for this dossier;
    `sequence` also never falls when the dossier changes its award form.
    """

    state: State
    instant: datetime
    source: str
    original: datetime | None = None
    version: int = 1
    sequence: int = 0
    zone: str = OFFICE_ZONE
    rule: DayRule = DayRule.AS_SET
    set_by: str = ""
    set_at: datetime | None = None
    reason: str = ""
    moves: tuple[Move, ...] = ()


class Timed(Protocol):
    """Whatever has deadlines: a dossier's facts, or a cycle as a whole (`WholeCycle`)."""

    @property
    def cycle_id(self) -> str:
        """The cycle."""
        ...

    @property
    def award_form(self) -> str:
        """The form of award; empty while it is not chosen."""
        ...

    @property
    def extended_until(self) -> datetime | None:
        """The later instant for handing in, if one was granted."""
        ...

    @property
    def terms(self) -> Terms:
        """What the office decided about time."""
        ...


@dataclass(frozen=True, slots=True)
class WholeCycle:
    """A cycle without a dossier: what the calendar of the programme shows."""

    cycle_id: str
    award_form: str = ""
    extended_until: datetime | None = None
    terms: Terms = field(default_factory=Terms)


def deadline_of(programme: Programme, facts: Timed, state: State) -> Deadline | None:
    """The deadline for `facts` to reach `state`; None when the cycle sets none for it.

    In this order: the programme's milestone, the milestone set anew, the days the clock stood
    still, and for handing in the extension, if that is later. The end of registration is the
    milestone of the first state; no clock of a dossier runs before it, so none is stopped.
    """
    cycle = programme.cycle_by_id[facts.cycle_id]
    day = cycle.closes(state)
    if day is None:
        return None
    terms = facts.terms
    first = closing_instant(day, programme.closing_time, programme.zone)
    here = [one for one in terms.milestones if one.state is state]
    mine = sorted(_of_tier(here, facts.award_form), key=lambda one: one.version)
    moves = list(_set_anew(first, mine))
    stops = terms.stops if state is not State.REGISTERED else ()
    moves += _stopped(_end(moves, first), stops, terms, programme.zone)
    extensions = 0
    if state is State.SUBMITTED and facts.extended_until is not None:
        extensions = max(1, len(terms.grants))
        moves += _extended(_end(moves, first), facts.extended_until, terms, programme.zone)
    last = mine[-1] if mine else None
    more = len(stops) + extensions
    return Deadline(
        state=state,
        instant=_end(moves, first),
        source=(last.clause if last else "") or cycle.clause,
        original=first if moves else None,
        version=(last.version if last else 1) + more,
        sequence=max((one.version for one in here), default=1) - 1 + more,
        zone=programme.zone,
        rule=last.rule if last else DayRule.AS_SET,
        set_by=last.by if last else "",
        set_at=last.at if last else None,
        reason=last.reason if last else "",
        moves=tuple(moves),
    )


def deadlines_of(programme: Programme, facts: Timed) -> tuple[Deadline, ...]:
    """Every deadline of the cycle for `facts`, in the order of the states."""
    found = (deadline_of(programme, facts, state) for state in PROGRESS)
    return tuple(one for one in found if one is not None)


def milestone_deadline(
    programme: Programme, cycle_id: str, state: State, *, extended: datetime | None = None
) -> Deadline | None:
    """The deadline as the programme's file alone would have it; an extension moves handing in."""
    return deadline_of(programme, WholeCycle(cycle_id, extended_until=extended), state)


def registered_at(registered_on: date, sent_at: datetime | None, zone: str) -> datetime:
    """The instant (UTC) a registration counts from: its sending, or the start of an earlier day.

    `registered_on` is the day its paper bears; one signed earlier and sent later keeps that day.
    """
    if sent_at is not None and office_day(sent_at, zone) == registered_on:
        return sent_at
    return closing_instant(registered_on, time(0), zone)


def next_state(state: State) -> State | None:
    """The state of progress that comes next; None at an end."""
    if state not in PROGRESS or state is State.DECIDED:
        return None
    return PROGRESS[PROGRESS.index(state) + 1]


def _of_tier(found: Iterable[MilestoneSet], award_form: str) -> list[MilestoneSet]:
    """Those set for all tiers, or for this one."""
    return [one for one in found if one.award_form in {"", award_form}]


def _end(moves: list[Move], first: datetime) -> datetime:
    return moves[-1].now_at if moves else first


def _set_anew(first: datetime, mine: Iterable[MilestoneSet]) -> Iterable[Move]:
    was = first
    for one in mine:
        yield Move(MoveKind.MILESTONE, was, one.instant, one.by, one.at, one.reason, one.clause)
        was = one.instant


def _stopped(instant: datetime, stops: Iterable[Stop], terms: Terms, zone: str) -> Iterable[Move]:
    """Add the days the clock stood still before the deadline; each day counts once.

    The new end rolls on to a working day (Bộ luật Dân sự 2015, điều 148).
    """
    counted = None
    for stop in sorted(stops, key=lambda one: (one.since, one.until)):
        since = stop.since if counted is None else max(stop.since, counted + timedelta(days=1))
        day = office_day(instant, zone)
        if since > day or since > stop.until:
            continue
        counted = stop.until
        later = day + timedelta(days=(stop.until - since).days + 1)
        rolled = next_working_day(later, terms.days_off, terms.working_swaps)
        moved = instant + timedelta(days=(rolled - day).days)
        yield Move(MoveKind.SUSPENSION, instant, moved, stop.by, stop.at, stop.reason, stop.clause)
        instant = moved


def _extended(instant: datetime, until: datetime, terms: Terms, zone: str) -> Iterable[Move]:
    """The extension if it is later, with the days the clock stood still after it was granted."""
    grant = terms.grants[-1] if terms.grants else None
    since = [stop for stop in terms.stops if grant is not None and stop.at > grant.at]
    moved = [until, *(one.now_at for one in _stopped(until, since, terms, zone))][-1]
    if moved > instant:
        by, at = (grant.by, grant.at) if grant else ("", None)
        yield Move(MoveKind.EXTENSION, instant, moved, by, at)
