"""Ballots: a member's draft and the votes that count, until the session takes no more.

A ballot raises no version of its session: members do not wait for one another. The session is
held against closing meanwhile, the seat against the same member in a second window. What is
written down is that a ballot was handed in, never what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.council_changes import Ask, Deed, refuse_repetition, write
from models.council_reading import session_row, sitting_of, votes_in
from models.tables import BallotVote, CouncilSeat, CouncilSession
from models.words import BallotLayer
from workflow.councils.ballots import BallotFault, Entry, faults, in_order
from workflow.councils.conflicts import conflict
from workflow.councils.holding import against_voting
from workflow.councils.sitting import CastVote, Item, Seat, Sitting
from workflow.ports import NotFound
from workflow.verdicts import Refusal
from workflow.vocabulary import Attendance
from workflow.words import say
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one member has before them: the working copy, and what counts already."""

    sitting: Sitting
    seat: Seat
    entries: tuple[Entry, ...]
    """The working copy, in the order of the agenda; own cases are left out."""
    cast: tuple[CastVote, ...]
    drafted_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a ballot was not taken; both empty when it was."""

    refusals: tuple[Refusal, ...] = ()
    faults: tuple[BallotFault, ...] = ()

    @property
    def taken(self) -> bool:
        """Was it taken?"""
        return not self.refusals and not self.faults


def ballot_of(session: Session, code: str, person_id: int, now: datetime) -> Ballot:
    """The member's own ballot. Raises `NotFound` for anybody who does not vote in the session."""
    row = session_row(session, code, person_id, office_day(now))
    sitting = sitting_of(session, row)
    seat = sitting.seat_of(person_id)
    if seat is None or not seat.votes:
        raise NotFound(code)
    return _ballot(session, sitting, seat)


def save_draft(session: Session, ask: Ask, entries: Iterable[Entry], now: datetime) -> Answer:
    """Keep what the member has so far; nothing of it counts, and nothing has to be complete."""
    sitting, seat, refused = _held(session, ask, now)
    if refused or seat is None:
        return Answer(refused)
    _put(session, seat.id, BallotLayer.DRAFT, _votable(sitting, seat, entries), now)
    session.execute(update(CouncilSeat).where(CouncilSeat.id == seat.id).values(drafted_at=now))
    return Answer()


def send(session: Session, ask: Ask, entries: Iterable[Entry], now: datetime) -> Answer:
    """Hand the ballot in: these votes count, on the papers as they are now.

    Undecided dossiers may be added later. Votes on papers that were replaced since the member
    looked are refused, so that an old yes never passes silently. Raises `Repeated`.
    """
    sitting, seat, refused = _held(session, ask, now)
    if refused or seat is None:
        return Answer(refused)
    row = session.get_one(CouncilSession, sitting.id)
    refuse_repetition(session, ask.person_id, ask.key, ask.code)
    listed = list(entries)
    wrong = (*faults(sitting, seat, listed), *_changed(sitting, listed))
    if wrong:
        return Answer(faults=wrong)
    _put(session, seat.id, BallotLayer.CAST, _votable(sitting, seat, listed), now)
    clear(session, seat.id, BallotLayer.DRAFT, BallotLayer.TYPED, BallotLayer.CHECKED)
    mark_sent(session, seat, now)
    write(session, row, ask, Deed("send_ballot", {"seat": seat.id}), now)
    return Answer()


def mark_sent(
    session: Session,
    seat: Seat,
    now: datetime,
    *,
    typed_by: int | None = None,
    checked_by: int | None = None,
) -> None:
    """The seat has a ballot that counts; who was noted absent is now heard in writing."""
    absent = seat.attendance is Attendance.ABSENT
    session.execute(
        update(CouncilSeat)
        .where(CouncilSeat.id == seat.id)
        .values(
            sent_at=now,
            drafted_at=None,
            typed_by=typed_by,
            checked_by=checked_by,
            **({"attendance": Attendance.WRITTEN} if absent else {}),
        )
    )


def clear(session: Session, seat_id: int, *layers: BallotLayer) -> None:
    """Take these layers of one seat away."""
    session.execute(
        delete(BallotVote).where(BallotVote.seat_id == seat_id, BallotVote.layer.in_(layers))
    )


def put(
    session: Session,
    sitting: Sitting,
    seat: Seat,
    layer: BallotLayer,
    entries: Iterable[Entry],
    now: datetime,
) -> None:
    """Set one layer of one seat to these votes, leaving out what the seat may not vote on."""
    _put(session, seat.id, layer, _votable(sitting, seat, entries), now)


def entries_of(sitting: Sitting, seat: Seat, votes: Iterable[CastVote]) -> tuple[Entry, ...]:
    """Stored votes as a ballot: one line for every dossier the seat may vote on."""
    known = {vote.item_id: vote for vote in votes}
    made = [
        Entry(item.id, vote.vote, vote.reason, vote.rank, vote.papers)
        if (vote := known.get(item.id))
        else Entry(item.id, papers=item.papers)
        for item in votable(sitting, seat)
    ]
    return in_order(made)


def votable(sitting: Sitting, seat: Seat) -> tuple[Item, ...]:
    """The dossiers this member votes on, in the order of the agenda."""
    return tuple(item for item in sitting.items if conflict(sitting.kind, seat, item) is None)


def _ballot(session: Session, sitting: Sitting, seat: Seat) -> Ballot:
    row = session.get_one(CouncilSeat, seat.id)
    layer = BallotLayer.DRAFT if row.drafted_at is not None else BallotLayer.CAST
    cast = votes_in(session, sitting.id, BallotLayer.CAST, seat.id)
    working = cast if layer is BallotLayer.CAST else votes_in(session, sitting.id, layer, seat.id)
    return Ballot(
        sitting, seat, entries_of(sitting, seat, working), cast, row.drafted_at, row.sent_at
    )


def _held(
    session: Session, ask: Ask, now: datetime
) -> tuple[Sitting, Seat | None, tuple[Refusal, ...]]:
    """The session, held against closing, and the seat, held for this member alone."""
    row = session_row(session, ask.code, ask.person_id, office_day(now))
    session.scalar(
        select(CouncilSession)
        .where(CouncilSession.id == row.id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    session.scalar(
        select(CouncilSeat.id)
        .where(CouncilSeat.session_id == row.id, CouncilSeat.person_id == ask.person_id)
        .with_for_update()
    )
    sitting = sitting_of(session, row)
    seat = sitting.seat_of(ask.person_id)
    if seat is None:
        raise NotFound(ask.code)
    return sitting, seat, against_voting(sitting, seat, now)


def _votable(sitting: Sitting, seat: Seat, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The ballot line by line in the order of the agenda, places without gaps, own cases out."""
    given = {entry.item_id: entry for entry in entries}
    return in_order(
        given.get(item.id, Entry(item.id, papers=item.papers)) for item in votable(sitting, seat)
    )


def _changed(sitting: Sitting, entries: Sequence[Entry]) -> tuple[BallotFault, ...]:
    items = {item.id: item for item in sitting.items}
    return tuple(
        BallotFault(
            entry.item_id,
            "PAPERS_CHANGED",
            say("{name}: tài liệu vừa được thay.", name=items[entry.item_id].subject_name),
            say("Xem bản mới của tài liệu rồi gửi lại phiếu."),
        )
        for entry in entries
        if entry.vote is not None and entry.papers != items[entry.item_id].papers
    )


def _put(
    session: Session,
    seat_id: int,
    layer: BallotLayer,
    entries: Iterable[Entry],
    now: datetime,
) -> None:
    clear(session, seat_id, layer)
    rows = [
        {
            "item_id": entry.item_id,
            "seat_id": seat_id,
            "layer": layer,
            "vote": entry.vote,
            "reason": entry.reason.strip(),
            "rank": entry.rank,
            "papers": sorted(entry.papers),
            "at": now,
        }
        for entry in entries
        if entry.vote is not None
    ]
    if rows:
        session.execute(insert(BallotVote), rows)


def seen_now(sitting: Sitting, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same ballot, given on the papers as they are now (a paper ballot has no screen)."""
    papers = {item.id: item.papers for item in sitting.items}
    return tuple(replace(entry, papers=papers[entry.item_id]) for entry in entries)
