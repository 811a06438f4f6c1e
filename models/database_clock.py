"""What the database's own clock shows: the one that everybody who holds a lease shares."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def database_now(session: Session) -> datetime:
    """The present instant (aware, UTC), whatever the machine of the asker or a demonstration says.

    On SQLite all processes share one machine, and so its clock.
    """
    if session.get_bind().dialect.name == "postgresql":
        instant: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return instant.astimezone(UTC)
    text: str = session.execute(select(func.strftime("%Y-%m-%d %H:%M:%f", "now"))).scalar_one()
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
