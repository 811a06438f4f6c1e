"""How a session is changed: under a lock, at the version seen, by its secretary, written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.council_reading import is_secretary, session_row, sitting_of
from models.history import Happening, append_to_stream
from models.tables import AgendaItem, CouncilSession, HistoryLine, Person
from workflow.councils.sitting import Sitting
from workflow.ports import NotFound, Repeated, Stale
from workflow.verdicts import Refusal
from workflow.vocabulary import SessionState
from workflow.words import say
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks for a change of a session they have seen at `version`."""

    code: str
    person_id: int
    version: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is written down of a change."""

    action: str
    told: Mapping[str, Any] = field(default_factory=dict)


def stream_of(session_id: int) -> str:
    """The stream of a session."""
    return f"council:{session_id}"


def held_for(session: Session, ask: Ask, now: datetime) -> CouncilSession:
    """The session under a lock, for its secretary, at the version seen.

    Raises `NotFound`, `Repeated` and `Stale`.
    """
    day = office_day(now)
    row = session_row(session, ask.code, ask.person_id, day, hold=True)
    if not is_secretary(session, row.unit_id, ask.person_id, day):
        raise NotFound(ask.code)
    refuse_repetition(session, ask.person_id, ask.key, ask.code)
    if row.version != ask.version:
        raise stale(session, row, ask.version)
    return row


def change(
    session: Session,
    ask: Ask,
    deed: Deed,
    now: datetime,
    work: Callable[[CouncilSession, Sitting], tuple[Refusal, ...]],
) -> tuple[Refusal, ...]:
    """Do `work` on a live session and write it down; refused, everything is left as it was."""
    row = held_for(session, ask, now)
    if row.state in {SessionState.CLOSED, SessionState.CANCELLED}:
        return (too_late(),)
    with session.begin_nested() as inner:
        refused = work(row, sitting_of(session, row))
        if refused:
            inner.rollback()
            return refused
        row.version += 1
        session.flush()
        write(session, row, ask, deed, now)
    return ()


def write(session: Session, row: CouncilSession, ask: Ask, deed: Deed, now: datetime) -> None:
    """Add a line to the session's stream. Votes and figures are never told before the end."""
    name = session.scalar(select(Person.full_name).where(Person.id == ask.person_id)) or ""
    append_to_stream(
        session,
        Happening(
            stream=stream_of(row.id),
            at=now,
            actor_id=ask.person_id,
            actor_name=name,
            action=deed.action,
            payload={"session": row.code, **deed.told},
            command_key=ask.key or None,
        ),
    )


def refuse_repetition(session: Session, person_id: int, key: str, code: str = "") -> None:
    """Raise `Repeated` when this person's form with this key was carried out before."""
    if not key:
        return
    done = session.scalar(
        select(HistoryLine.id).where(
            HistoryLine.actor_id == person_id, HistoryLine.command_key == key
        )
    )
    if done is not None:
        raise Repeated(code)


def stale(session: Session, row: CouncilSession, expected: int) -> Stale:
    """Say who was faster: the last line of the session's stream."""
    last = session.scalar(
        select(HistoryLine)
        .where(HistoryLine.stream == stream_of(row.id))
        .order_by(HistoryLine.seq.desc())
        .limit(1)
    )
    return Stale(
        code=row.code,
        expected_version=expected,
        current_version=row.version,
        by=last.actor_name if last else "",
        role="",
        action=None,
        at=last.at if last else None,
    )


def let_go(session: Session, session_id: int) -> None:
    """The dossiers of a session that has ended are on no live agenda any more."""
    session.execute(
        update(AgendaItem).where(AgendaItem.session_id == session_id).values(live=False)
    )


def too_late() -> Refusal:
    """Why a session that has gone on cannot be changed so any more."""
    return Refusal(
        "TOO_LATE",
        say("Phiên đã qua giai đoạn cho phép thay đổi này."),
        say("Tải lại trang của phiên để xem việc còn làm được."),
    )
