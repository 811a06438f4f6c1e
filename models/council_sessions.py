"""Preparing and leading a session: members, attendance, opening, closing of the ballot.

Every change is the secretary's, raises the session's version by one and writes a line into the
session's own stream. The agenda is in `models.council_agenda`, ballots are in
`models.council_ballots`, results in `models.council_closing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.codes import next_code
from models.council_changes import Ask, Deed, change, let_go, refuse_repetition, too_late, write
from models.council_reading import is_secretary, kind_at, sitting_of
from models.council_seating import seat_members
from models.rulebooks import programme_with_cycle
from models.tables import CouncilSeat, CouncilSession, Unit
from workflow.councils.holding import against_counting, against_opening
from workflow.councils.sitting import Sitting
from workflow.ports import NotFound
from workflow.verdicts import Refusal
from workflow.vocabulary import Attendance, SessionState, VoteMethod
from workflow.words import say
from workflow.working_days import office_day

PREFIX = "PH"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where and when a session meets, until when ballots are taken, and how it votes."""

    place: str
    held_at: datetime
    closes_at: datetime
    method: VoteMethod


@dataclass(frozen=True, slots=True)
class Presence:
    """What the secretary notes of one member."""

    seat_id: int
    attendance: Attendance | None
    reason: str = ""
    opinion: str = ""


def convene(  # noqa: PLR0913 - which council, which cycle of which programme, by whom, when
    session: Session,
    unit_id: int,
    cycle_id: str,
    wanted: Arrangement,
    ask: Ask,
    now: datetime,
    *,
    programme_id: str | None = None,
) -> str:
    """Prepare a session of the unit's council for one cycle of a programme; returns its code.

    Members are those appointed on the session's day, with their posts. Raises `NotFound` when
    the person is not the council's secretary, `LookupError` for an unknown cycle.
    """
    if not is_secretary(session, unit_id, ask.person_id, office_day(now)):
        raise NotFound(str(unit_id))
    refuse_repetition(session, ask.person_id, ask.key)
    unit = session.get_one(Unit, unit_id)
    programme = programme_with_cycle(session, cycle_id, programme_id)
    if programme is None:
        raise LookupError(f"no cycle {cycle_id}")
    row = CouncilSession(
        code=next_code(session, PREFIX, programme.cycle_by_id[cycle_id].year),
        kind=kind_at(unit),
        unit_id=unit_id,
        programme_id=programme.id,
        cycle_id=cycle_id,
        place=wanted.place,
        held_at=wanted.held_at,
        closes_at=wanted.closes_at,
        method=wanted.method,
        created_by=ask.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    seat_members(session, row)
    told = {**_arrangement(wanted), "cycle": cycle_id, "kind": row.kind.value}
    write(session, row, ask, Deed("convene_session", told), now)
    return row.code


def rearrange(
    session: Session, ask: Ask, wanted: Arrangement, now: datetime
) -> tuple[Refusal, ...]:
    """Set place, time, closing instant and method anew; members follow the new day.

    Once voting has begun only the closing instant can change.
    """

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        del sitting
        if row.state is SessionState.OPEN:
            if wanted.closes_at <= now:
                return (_past(wanted.closes_at),)
            row.closes_at = wanted.closes_at
            return ()
        if row.state is not SessionState.PREPARING:
            return (too_late(),)
        row.place, row.held_at = wanted.place, wanted.held_at
        row.closes_at, row.method = wanted.closes_at, wanted.method
        seat_members(session, row)
        return ()

    return change(session, ask, Deed("arrange_session", _arrangement(wanted)), now, work)


def note_presence(
    session: Session, ask: Ask, noted: Sequence[Presence], now: datetime
) -> tuple[Refusal, ...]:
    """Note who is there, absent (with reason) or heard in writing, until results are written."""

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        del row
        seats = {seat.id: seat for seat in sitting.members}
        found: list[Refusal] = []
        for one in noted:
            seat = seats.get(one.seat_id)
            if seat is None:
                raise NotFound(str(one.seat_id))
            absent = one.attendance is Attendance.ABSENT
            if absent and not one.reason.strip():
                text = say("{name}: chưa ghi lý do vắng.", name=seat.name)
                found.append(Refusal("REASON_MISSING", text, say("Ghi lý do vắng bằng một câu.")))
            elif absent and seat.sent:
                text = say("{name} đã gửi phiếu nên không ghi vắng được.", name=seat.name)
                remedy = say("Chọn “Gửi ý kiến bằng văn bản” cho người vắng mặt có gửi phiếu.")
                found.append(Refusal("ABSENT_YET_VOTED", text, remedy))
        if not found and noted:
            session.execute(
                update(CouncilSeat),
                [
                    {
                        "id": one.seat_id,
                        "attendance": one.attendance,
                        "absence_reason": one.reason.strip(),
                        "opinion": one.opinion.strip(),
                    }
                    for one in noted
                ],
            )
        return tuple(found)

    told = {"noted": [[one.seat_id, one.attendance and one.attendance.value] for one in noted]}
    return change(session, ask, Deed("note_presence", told), now, work)


def open_ballot(session: Session, ask: Ask, now: datetime) -> tuple[Refusal, ...]:
    """Let members vote."""

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        if row.state is SessionState.PREPARING:
            seat_members(session, row)
            sitting = sitting_of(session, row)
        refused = against_opening(sitting, now)
        if not refused:
            row.state, row.opened_at = SessionState.OPEN, now
        return refused

    return change(session, ask, Deed("open_ballot", {}), now, work)


def close_ballot(session: Session, ask: Ask, now: datetime) -> tuple[Refusal, ...]:
    """Take no more votes, for good; from now on the figures may be seen."""

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        refused = against_counting(sitting, now)
        if not refused:
            row.state, row.counted_at = SessionState.COUNTING, now
        return refused

    return change(session, ask, Deed("close_ballot", {}), now, work)


def cancel(session: Session, ask: Ask, reason: str, now: datetime) -> tuple[Refusal, ...]:
    """Give a session up, with a reason; its dossiers are free for another one."""

    def work(row: CouncilSession, sitting: Sitting) -> tuple[Refusal, ...]:
        del sitting
        if not reason.strip():
            text = say("Chưa ghi lý do hủy phiên.")
            return (Refusal("REASON_MISSING", text, say("Ghi lý do bằng một câu.")),)
        row.state, row.reason = SessionState.CANCELLED, reason.strip()
        row.ended_at, row.ended_by = now, ask.person_id
        let_go(session, row.id)
        return ()

    return change(session, ask, Deed("cancel_session", {"reason": reason.strip()}), now, work)


def _arrangement(wanted: Arrangement) -> dict[str, Any]:
    return {
        "place": wanted.place,
        "held_at": wanted.held_at.isoformat(),
        "closes_at": wanted.closes_at.isoformat(),
        "method": wanted.method.value,
    }


def _past(at: datetime) -> Refusal:
    return Refusal(
        "CLOSING_PAST",
        say("Hạn bỏ phiếu {at} đã qua.", at=at),
        say("Đặt hạn sau lúc này."),
    )
