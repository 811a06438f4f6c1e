"""What people see and end of their own sessions, and an administrator of somebody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.account_log import When, note
from models.sessions import end_sessions
from models.tables import Account, HistoryLine, KnownDevice, UserSession
from workflow.sign_in_policy import SessionLimits

RECENT: Final = 20


def sessions_of(
    session: Session, person_id: int, now: datetime, limits: SessionLimits
) -> Sequence[UserSession]:
    """The sessions that still open something, or wait for a second factor; the latest first."""
    return session.scalars(
        select(UserSession)
        .join(Account, Account.person_id == UserSession.person_id)
        .where(
            UserSession.person_id == person_id,
            UserSession.ended_at.is_(None),
            UserSession.last_seen_at >= now - limits.idle,
            UserSession.created_at >= now - limits.absolute,
            UserSession.role_version == Account.role_version,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    ).all()


def end_one(session: Session, person_id: int, session_id: int, when: When) -> bool:
    """End one of the person's own sessions; False when it is not theirs or has ended."""
    ended = session.execute(
        update(UserSession)
        .where(
            UserSession.id == session_id,
            UserSession.person_id == person_id,
            UserSession.ended_at.is_(None),
        )
        .values(ended_at=when.now)
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    if ended.first() is None:
        return False
    note(session, "end_session", person_id, when, {"session": session_id})
    return True


def end_all(
    session: Session, person_id: int, when: When, *, but: int | None = None, by: int | None = None
) -> int:
    """End all sessions of a person, `but` the one told; `by` somebody else. Returns how many.

    Browsers they were known by are forgotten when somebody else ends their sessions.
    """
    ended = end_sessions(session, person_id, when.now, but=but)
    if by is not None:
        forgotten = datetime.fromtimestamp(0, when.now.tzinfo)
        session.execute(
            update(KnownDevice).where(KnownDevice.person_id == person_id).values(used_at=forgotten)
        )
    note(session, "end_sessions", person_id, when, {"ended": ended}, by)
    return ended


def recent_acts(session: Session, person_id: int) -> Sequence[HistoryLine]:
    """The last lines of the account's stream, the newest first."""
    return session.scalars(
        select(HistoryLine)
        .where(HistoryLine.stream == f"account:{person_id}")
        .order_by(HistoryLine.seq.desc())
        .limit(RECENT)
    ).all()
