"""Days off of the demonstration's years, filled in from a holiday library; the table decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import holidays
from sqlalchemy import insert

from models.tables import CalendarDay
from models.words import DayKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

SOURCE = "Thư viện holidays, điền sẵn; sửa theo thông báo của cơ quan có thẩm quyền"


def store_calendar(session: Session, years: Iterable[int]) -> None:
    """Fill the calendar table for `years`; days already there are expected to be absent."""
    known = holidays.country_holidays("VN", years=list(years), language="vi")
    session.execute(
        insert(CalendarDay),
        [
            {"date": day, "kind": DayKind.HOLIDAY, "name": name[:200], "source": SOURCE}
            for day, name in sorted(known.items())
        ],
    )
