"""Paper ballots: the secretary types one in, somebody else types it again, then it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.council_ballots import (
    Answer,
    clear,
    entries_of,
    mark_sent,
    put,
    seen_now,
    votable,
)
from models.council_changes import Ask, Deed, refuse_repetition, write
from models.council_reading import is_secretary, session_row, sitting_of, votes_in
from models.tables import CouncilSeat, CouncilSession
from models.words import BallotLayer
from workflow.councils.ballots import Entry, faults, in_order
from workflow.councils.sitting import Item, Seat, Sitting
from workflow.ports import NotFound
from workflow.verdicts import Refusal
from workflow.vocabulary import SessionState
from workflow.words import say
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class PaperBallot:
    """One member's paper ballot as typed, and as typed again by somebody else."""

    sitting: Sitting
    seat: Seat
    typed: tuple[Entry, ...]
    checked: tuple[Entry, ...]
    typed_by: int | None
    checked_by: int | None

    @property
    def differing(self) -> tuple[Item, ...]:
        """Dossiers on which the two differ, once both were typed."""
        if self.checked_by is None:
            return ()
        return differences(self.sitting, self.typed, self.checked)


def differences(
    sitting: Sitting, typed: Iterable[Entry], checked: Iterable[Entry]
) -> tuple[Item, ...]:
    """Dossiers with another vote or another place in the two typings; reasons are typed once."""
    first = {entry.item_id: (entry.vote, entry.rank) for entry in typed}
    second = {entry.item_id: (entry.vote, entry.rank) for entry in checked}
    return tuple(item for item in sitting.items if first.get(item.id) != second.get(item.id))


def paper_of(
    session: Session, code: str, seat_id: int, person_id: int, now: datetime
) -> PaperBallot:
    """A paper ballot for the secretary or another member. Raises `NotFound` for anybody else."""
    row = session_row(session, code, person_id, office_day(now))
    sitting = sitting_of(session, row)
    return _paper(session, sitting, _seat(sitting, code, seat_id), row, person_id, now)


def type_in(
    session: Session, ask: Ask, seat_id: int, entries: Iterable[Entry], now: datetime
) -> Answer:
    """The secretary types a paper ballot in; what was checked before must be checked again."""
    row, sitting, seat, refused = _held(session, ask, seat_id, now)
    if not is_secretary(session, row.unit_id, ask.person_id, office_day(now)):
        raise NotFound(ask.code)
    listed = list(entries)
    wrong = faults(sitting, seat, listed)
    if refused or wrong:
        return Answer(refused, wrong)
    put(session, sitting, seat, BallotLayer.TYPED, listed, now)
    clear(session, seat.id, BallotLayer.CHECKED)
    session.execute(
        update(CouncilSeat)
        .where(CouncilSeat.id == seat.id)
        .values(typed_by=ask.person_id, checked_by=None)
    )
    write(session, row, ask, Deed("type_paper_ballot", {"seat": seat.id}), now)
    return Answer()


def check(
    session: Session, ask: Ask, seat_id: int, entries: Iterable[Entry], now: datetime
) -> tuple[Answer, tuple[Item, ...]]:
    """A second person types the same paper; it counts when both agree, else they see where not."""
    row, sitting, seat, refused = _held(session, ask, seat_id, now)
    kept = session.get_one(CouncilSeat, seat.id)
    refused = (*refused, *_against_checking(kept, ask.person_id))
    if refused:
        return Answer(refused), ()
    typed = entries_of(sitting, seat, votes_in(session, row.id, BallotLayer.TYPED, seat.id))
    given = {entry.item_id: entry for entry in entries}
    again = in_order(given.get(item.id, Entry(item.id)) for item in votable(sitting, seat))
    apart = differences(sitting, typed, again)
    if apart:
        put(session, sitting, seat, BallotLayer.CHECKED, again, now)
        session.execute(
            update(CouncilSeat).where(CouncilSeat.id == seat.id).values(checked_by=ask.person_id)
        )
    else:
        put(session, sitting, seat, BallotLayer.CAST, seen_now(sitting, typed), now)
        clear(session, seat.id, BallotLayer.DRAFT, BallotLayer.CHECKED)
        mark_sent(session, seat, now, typed_by=kept.typed_by, checked_by=ask.person_id)
    told = {"seat": seat.id, "agreed": not apart}
    write(session, row, ask, Deed("check_paper_ballot", told), now)
    return Answer(), apart


def _paper(
    session: Session,
    sitting: Sitting,
    seat: Seat,
    row: CouncilSession,
    person_id: int,
    now: datetime,
) -> PaperBallot:
    secretary = is_secretary(session, row.unit_id, person_id, office_day(now))
    if not secretary and sitting.seat_of(person_id) is None:
        raise NotFound(row.code)
    kept = session.get_one(CouncilSeat, seat.id)
    typed = votes_in(session, row.id, BallotLayer.TYPED, seat.id)
    checked = votes_in(session, row.id, BallotLayer.CHECKED, seat.id)
    return PaperBallot(
        sitting,
        seat,
        entries_of(sitting, seat, typed),
        entries_of(sitting, seat, checked),
        kept.typed_by,
        kept.checked_by,
    )


def _held(
    session: Session, ask: Ask, seat_id: int, now: datetime
) -> tuple[CouncilSession, Sitting, Seat, tuple[Refusal, ...]]:
    row = session_row(session, ask.code, ask.person_id, office_day(now), hold=True)
    refuse_repetition(session, ask.person_id, ask.key, ask.code)
    sitting = sitting_of(session, row)
    seat = _seat(sitting, ask.code, seat_id)
    found: list[Refusal] = []
    if sitting.state is not SessionState.OPEN:
        found.append(
            Refusal(
                "NOT_OPEN",
                say("Phiên không ở giai đoạn bỏ phiếu."),
                say("Phiếu giấy nhập từ lúc mở phiên đến lúc Thư ký đóng bỏ phiếu."),
            )
        )
    if seat.sent and session.get_one(CouncilSeat, seat.id).typed_by is None:
        found.append(
            Refusal(
                "SENT_ALREADY",
                say("{name} đã gửi phiếu điện tử.", name=seat.name),
                say("Không nhập phiếu giấy; ủy viên tự sửa phiếu đã gửi đến hạn."),
            )
        )
    return row, sitting, seat, tuple(found)


def _against_checking(kept: CouncilSeat, person_id: int) -> tuple[Refusal, ...]:
    if kept.typed_by is None:
        text = say("Chưa ai nhập phiếu giấy của {name}.", name=kept.name)
        return (Refusal("NOT_TYPED", text, say("Thư ký nhập phiếu trước.")),)
    if kept.typed_by == person_id:
        text = say("Bạn đã nhập phiếu này nên không tự kiểm được.")
        return (Refusal("SAME_PERSON", text, say("Ủy viên khác hoặc Chủ tịch Hội đồng kiểm.")),)
    return ()


def _seat(sitting: Sitting, code: str, seat_id: int) -> Seat:
    found = next((seat for seat in sitting.members if seat.id == seat_id), None)
    if found is None:
        raise NotFound(code)
    return found


def waiting_papers(session: Session, session_id: int) -> int:
    """How many paper ballots are typed and not yet agreed upon."""
    return len(
        session.scalars(
            select(CouncilSeat.id).where(
                CouncilSeat.session_id == session_id,
                CouncilSeat.typed_by.is_not(None),
                CouncilSeat.sent_at.is_(None),
            )
        ).all()
    )
