"""The last look before a letter leaves: does it still make sense, and what is due now?

A batch is looked at as a whole, after it was claimed, in a number of statements that does not
grow with it. What was seen is good for a few seconds, and only while nothing it rests on has
changed; so each letter is judged by how things stand when it is its turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models.database import Database
from models.digests import Parcel, parcels_of
from models.freshness import Freshness, changed_since, freshness_of
from models.matters import Due, due
from models.news import outdated
from models.outbox import DIGEST, still_claimed
from models.reminding import Standing, may_receive, standing_dossiers
from models.rulebooks import rulebook_of
from models.staffing import Staff, staff
from models.tables import OutgoingMessage
from schedules.planner import LEFT, reason_of, scope_of
from workflow.deadlines import Deadline, deadline_of, next_state
from workflow.forecast import CATCHING_UP, DEADLINE_MOVED, MOVED_ON, NOT_THEIRS, Stretch
from workflow.working_days import office_day

NO_LONGER_DUE: Final = "việc được nhắc không còn"
GOOD_FOR_SECONDS: Final = 5.0
"""Real seconds after which a look is taken anew in any case."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at many letters saw; judged by the instant it is asked for."""

    people: Staff
    wanted: Mapping[str, Due]
    stretches: Mapping[str, Stretch]
    reachable: Collection[int]
    aheads: Mapping[int, Deadline]
    parcels: Mapping[int, Parcel]
    outdated: Mapping[int, str]
    rests_on: Freshness
    taken: float

    def because(self, message: OutgoingMessage, now: datetime) -> str:
        """Why a letter is not to be sent at `now`; empty when it is.

        A reminder must still be one the planner would write; news must still be news. A letter of
        its own about a step that happened always goes, unless the person has left.
        """
        if message.recipient_id is not None and message.recipient_id not in self.reachable:
            return LEFT
        if "rule" not in message.values:
            return self.outdated.get(message.id, "")
        # The key, not the values: letters written by an older release have fewer of them.
        key = message.dedupe_key.rpartition(":")[0]
        if key in self.wanted:
            return reason_of(self.wanted[key], self.people, now)
        stretch = self.stretches.get(key.rpartition(":")[0])
        if stretch is not None and (stretch.end is None or stretch.end > now):
            return NOT_THEIRS
        return DEADLINE_MOVED if message.dossier_id is not None else NO_LONGER_DUE

    def ahead(self, message: OutgoingMessage) -> Deadline | None:
        """The next deadline of the dossier a letter is about, if there is one."""
        return self.aheads.get(message.dossier_id or 0)

    def parcel(self, digest: OutgoingMessage) -> Parcel:
        """What a digest carries, and what is overdue besides."""
        return self.parcels[digest.id]

    def contents(self, message: OutgoingMessage) -> tuple[OutgoingMessage, ...]:
        """The letter, or everything that is in it."""
        parcel = self.parcels.get(message.id)
        return (message,) if parcel is None else (*parcel.waiting, *parcel.overdue)


class Steady:
    """A clock for one batch: what was due when it was claimed stays due if the clock is set back.

    Without it, a letter claimed a moment before would be judged on a day on which nothing is due
    yet, and never leave (promise P13).
    """

    def __init__(self, clock: Callable[[], datetime], at_least: datetime) -> None:
        """`at_least` is the latest instant a letter of the batch was due."""
        self.clock = clock
        self.latest = at_least

    def __call__(self) -> datetime:
        """Tell the time, never an earlier one than before."""
        self.latest = max(self.latest, self.clock())
        return self.latest


class Watch:
    """The looks at one batch: a first one at everything, and another whenever it has gone stale."""

    def __init__(
        self,
        database: Database,
        batch: Sequence[OutgoingMessage],
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing is read yet."""
        self.database = database
        self.left = list(batch)
        self.clock = clock
        self._sight: Sight | None = None

    def turn_of(self, message: OutgoingMessage) -> Sight | None:
        """How things stand for the letter whose turn it is; letters come in the batch's order.

        None when somebody else has claimed it since: it is theirs to send.
        """
        while self.left and self.left[0].id != message.id:
            self.left.pop(0)
        with self.database.reading() as session:
            if not still_claimed(session, message.id, message.fence):
                return None
            if self._sight is None or _is_stale(session, self._sight, message):
                self._sight = look_at(session, self.left or [message], self.clock())
            return self._sight


def look_at(session: Session, messages: Sequence[OutgoingMessage], now: datetime) -> Sight:
    """Look at many letters at once, as they stand at `now`."""
    digests = [one for one in messages if one.letter == DIGEST]
    parcels = parcels_of(session, digests, now - CATCHING_UP)
    inside = [one for each in parcels.values() for one in (*each.waiting, *each.overdue)]
    everything = [*(one for one in messages if one.letter != DIGEST), *inside]
    about = {one.dossier_id for one in everything if one.dossier_id is not None}
    # First: what changes while the rest is read makes the look stale, and not wrong.
    rests_on = freshness_of(session, about)
    people = staff(session)
    wanted, stretches = _reminders(session, everything, people, now)
    recipients = {one.recipient_id for one in (*messages, *inside) if one.recipient_id is not None}
    steps = [one for one in everything if "rule" not in one.values]
    told = {one.dossier_id for one in steps if one.dossier_id is not None}
    return Sight(
        people=people,
        wanted=wanted,
        stretches=stretches,
        reachable=may_receive(session, recipients),
        aheads=_aheads(session, standing_dossiers(session, told) if told else ()),
        parcels=parcels,
        outdated=outdated(session, everything, people, office_day(now)),
        rests_on=rests_on,
        taken=time.monotonic(),
    )


def look_again(session: Session, message: OutgoingMessage, now: datetime) -> str:
    """Why one letter is not to be sent at `now`; empty when it is."""
    return look_at(session, [message], now).because(message, now)


def _is_stale(session: Session, sight: Sight, message: OutgoingMessage) -> bool:
    if time.monotonic() - sight.taken > GOOD_FOR_SECONDS:
        return True
    contents = sight.contents(message)
    about = {one.dossier_id for one in contents if one.dossier_id is not None}
    others = any(one.dossier_id is None for one in contents)
    return changed_since(session, sight.rests_on, about, others=others)


def _reminders(
    session: Session, messages: Sequence[OutgoingMessage], people: Staff, now: datetime
) -> tuple[dict[str, Due], dict[str, Stretch]]:
    """Everything due about what these letters remind of, and the stretch of every mark."""
    told = [one for one in messages if "rule" in one.values]
    if not told:
        return {}, {}
    scope = replace(
        scope_of(session, now),
        dossiers={one.dossier_id for one in told if one.dossier_id is not None},
        others=any(one.dossier_id is None for one in told),
    )
    found = list(due(session, scope, people))
    return (
        {one.intent.key: one for one in found},
        {one.intent.mark_key: one.intent.stretch for one in found},
    )


def _aheads(session: Session, standing: Sequence[Standing]) -> dict[int, Deadline]:
    found = {one.live.dossier_id: _ahead(session, one) for one in standing}
    return {dossier: deadline for dossier, deadline in found.items() if deadline is not None}


def _ahead(session: Session, standing: Standing) -> Deadline | None:
    following = next_state(standing.live.state)
    if following is None:
        return None
    programme = rulebook_of(session, standing.programme_hash).programme
    return deadline_of(programme, standing.live, following)


__all__ = [
    "DEADLINE_MOVED",
    "LEFT",
    "MOVED_ON",
    "NOT_THEIRS",
    "Sight",
    "Watch",
    "look_again",
    "look_at",
]
