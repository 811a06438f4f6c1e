"""A session as plain facts: its seats, its agenda, its votes.

Days are office days, instants aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workflow.programme import CouncilTable
from workflow.vocabulary import (
    Attendance,
    Post,
    SessionKind,
    SessionState,
    State,
    SubjectKind,
    Vote,
    VoteMethod,
)


@dataclass(frozen=True, slots=True)
class Seat:
    """One member as the session found them on its day.

    `unit_ids` are the units the person belongs to, with the bodies those are part of. `attendance`
    is None until the secretary notes it; `sent` says that a ballot was handed in.
    """

    id: int
    person_id: int
    name: str
    position: str
    role: Post
    votes: bool = True
    unit_ids: frozenset[int] = frozenset()
    attendance: Attendance | None = None
    absence_reason: str = ""
    opinion: str = ""
    sent: bool = False

    @property
    def takes_part(self) -> bool:
        """Counted among those present: there, or heard in writing, or having sent a ballot."""
        if self.attendance is None:
            return self.sent
        return self.attendance is not Attendance.ABSENT


@dataclass(frozen=True, slots=True)
class Item:
    """One dossier on the agenda; `papers` are the current document ids a vote belongs to."""

    id: int
    place: int
    code: str
    dossier_id: int
    version: int
    state: State
    subject_kind: SubjectKind
    subject_name: str
    unit_id: int
    unit_name: str
    person_id: int | None = None
    papers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CastVote:
    """One member's vote on one dossier, with the document ids it was given on."""

    item_id: int
    seat_id: int
    vote: Vote
    reason: str = ""
    rank: int | None = None
    papers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session at one version, with the settings that hold on its day."""

    id: int
    code: str
    kind: SessionKind
    state: SessionState
    version: int
    unit_id: int
    unit_name: str
    held_at: datetime
    held_on: date
    closes_at: datetime
    method: VoteMethod
    settings: CouncilTable
    seats: tuple[Seat, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def members(self) -> tuple[Seat, ...]:
        """Those who vote: the denominator of quorum and approval."""
        return tuple(seat for seat in self.seats if seat.votes)

    @property
    def present(self) -> int:
        """How many of them take part."""
        return sum(seat.takes_part for seat in self.members)

    def seat_of(self, person_id: int) -> Seat | None:
        """The seat of this person, if there is one."""
        return next((seat for seat in self.seats if seat.person_id == person_id), None)
