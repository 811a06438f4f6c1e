"""One deadline object per dossier and step: page, letter, guard and log show the same instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.vocabulary import PROGRESS, State
from workflow.working_days import closing_instant

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.facts import DossierFacts
    from workflow.programme import Programme


@dataclass(frozen=True, slots=True)
class Deadline:
    """`instant` (UTC, inclusive) by which `state` should be reached.

    `original` is the cycle's own instant where an extension moved it; `source` is the clause of
    the cycle.
    """

    state: State
    instant: datetime
    source: str
    original: datetime | None = None


def deadline_of(programme: Programme, facts: DossierFacts, state: State) -> Deadline | None:
    """The deadline for `facts` to reach `state`, with the extension granted to this dossier."""
    return milestone_deadline(programme, facts.cycle_id, state, extended=facts.extended_until)


def milestone_deadline(
    programme: Programme, cycle_id: str, state: State, *, extended: datetime | None = None
) -> Deadline | None:
    """The cycle's deadline for `state`; an extension moves only the handing-in."""
    cycle = programme.cycle_by_id[cycle_id]
    day = cycle.milestones.of(state)
    if day is None:
        return None
    instant = closing_instant(day, programme.closing_time, programme.zone)
    if state is State.SUBMITTED and extended is not None and extended > instant:
        return Deadline(state, extended, cycle.clause, original=instant)
    return Deadline(state, instant, cycle.clause)


def next_state(state: State) -> State | None:
    """The state of progress that comes next; None at an end."""
    if state not in PROGRESS or state is State.DECIDED:
        return None
    return PROGRESS[PROGRESS.index(state) + 1]
