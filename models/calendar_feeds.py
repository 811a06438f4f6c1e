"""Secret addresses of calendars: one live address a person, of which only the hash is stored.

Renewing revokes the address before; a revoked address is worthless from then on.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.office import write_down
from models.queries_people import Reader, reader_of
from models.sessions import TOKEN_BYTES, token_hash
from models.tables import CalendarFeed


def open_feed(session: Session, person_id: int, now: datetime) -> str:
    """Give a person a new address and revoke the old one; the token is stored nowhere."""
    _revoke(session, person_id, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(
        insert(CalendarFeed).values(
            person_id=person_id, token_hash=token_hash(token), created_at=now
        )
    )
    write_down(session, "open_calendar_feed", {}, person_id, now)
    return token


def revoke_feed(session: Session, person_id: int, now: datetime) -> bool:
    """Make the person's address worthless; False when there is none."""
    if not _revoke(session, person_id, now):
        return False
    write_down(session, "revoke_calendar_feed", {}, person_id, now)
    return True


def feed_since(session: Session, person_id: int) -> datetime | None:
    """Since when the person has a live address; None without one."""
    return session.scalar(
        select(CalendarFeed.created_at).where(
            CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None)
        )
    )


def reader_behind(session: Session, token: str, day: date) -> Reader | None:
    """Whose address this is; None when it is revoked, unknown, or the person may not act."""
    person_id = session.scalar(
        select(CalendarFeed.person_id).where(
            CalendarFeed.token_hash == token_hash(token), CalendarFeed.revoked_at.is_(None)
        )
    )
    return reader_of(session, person_id, day) if person_id is not None else None


def _revoke(session: Session, person_id: int, now: datetime) -> bool:
    ended = session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(CalendarFeed.id)
        .execution_options(synchronize_session=False)
    )
    return ended.first() is not None
