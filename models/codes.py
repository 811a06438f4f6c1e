"""Codes people quote: a prefix, the year of the review, and a number that is never reused."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.tables import CodeCounter


def next_code(session: Session, prefix: str, year: int) -> str:
    """Take the next code, such as `HS-2023-0027`; given back if the transaction fails."""
    if insert_once(session, CodeCounter, prefix=prefix, year=year, last=1):
        return f"{prefix}-{year}-0001"
    taken = session.execute(
        update(CodeCounter)
        .where(CodeCounter.prefix == prefix, CodeCounter.year == year)
        .values(last=CodeCounter.last + 1)
        .returning(CodeCounter.last)
    ).scalar_one()
    return f"{prefix}-{year}-{taken:04d}"
