"""Days off of the demonstration's years, filled in from a holiday library; the table decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from models.office_calendar import propose
from models.tables import CalendarDay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


def store_calendar(session: Session, years: Iterable[int]) -> None:
    """Fill the calendar table for `years`; days already there are expected to be absent."""
    session.execute(
        insert(CalendarDay),
        [
            {"date": row.date, "kind": row.kind, "name": row.name, "source": row.source}
            for row in propose(years)
        ],
    )
