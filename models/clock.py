"""The demonstration's clock: it runs like the real one, from an instant somebody chose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import tables
from models.database import Database
from models.inserting import insert_once

LEFT_ALONE: Final = timedelta(hours=12)
"""A demonstration nobody touched for longer than this was left, not used."""
AFTER_THE_LAST: Final = timedelta(minutes=1)


_SET = select(tables.DemonstrationClock.base, tables.DemonstrationClock.set_at)


class DemonstrationClock:
    """Tells the demonstration's time to every process that reads the same database."""

    def __init__(self, database: Database, real_now: Callable[[], datetime]) -> None:
        """Take the machine's clock as `real_now`; the record has none of its own."""
        self._database = database
        self._real_now = real_now

    def __call__(self) -> datetime:
        """Tell the time (aware, UTC): the real one until the clock is first set."""
        with self._database.reading() as session:
            return shown(session, self._real_now())


def shown(session: Session, real_now: datetime) -> datetime:
    """What the demonstration's clock shows at the real instant `real_now`."""
    row = session.execute(_SET).first()
    return real_now if row is None else row.base + (real_now - row.set_at)


def move(session: Session, to: datetime, real_now: datetime) -> None:
    """Set the demonstration's clock to `to`, forward or back."""
    if not insert_once(session, tables.DemonstrationClock, id=1, base=to, set_at=real_now):
        session.execute(update(tables.DemonstrationClock).values(base=to, set_at=real_now))


def resume(session: Session, real_now: datetime) -> datetime:
    """Take the clock up where people left it, when it ran on alone for long; what it shows then.

    A demonstration that lay still for a week should open on the day it was closed, not a week
    later; but never before something that is already written down.
    """
    shows = shown(session, real_now)
    chosen: datetime | None = session.scalar(select(tables.DemonstrationClock.base))
    if chosen is None:
        return shows
    last: datetime | None = session.scalar(
        select(func.max(tables.HistoryLine.at)).where(tables.HistoryLine.at <= shows)
    )
    left_at = max(chosen, last + AFTER_THE_LAST) if last is not None else chosen
    if shows - left_at <= LEFT_ALONE:
        return shows
    move(session, left_at, real_now)
    return left_at
