"""`INSERT … ON CONFLICT DO NOTHING` on both engines, telling truly whether a row was made."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.dialects import postgresql, sqlite

from models.rows import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Executable, Table
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from models.base import Base


def insert_once(session: Session, table: type[Base], **values: Any) -> bool:  # noqa: ANN401
    """Insert a row unless one with the same key is there; was it inserted?

    Asks with RETURNING: the row count of an INSERT is not to be trusted on psycopg 3.
    """
    key = next(iter(table.__table__.primary_key))
    return bool(insert_each_once(session, table, [values], key))


def insert_each_once(
    session: Session,
    table: type[Base],
    found: Sequence[Mapping[str, Any]],
    told: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> list[Any]:
    """Insert those of `found` whose keys are not there, in as few statements as the engine takes.

    Every row names the same columns. Returns the column `told` of each row that was made.
    """
    into = cast("Table", table.__table__)
    statement = _inserting(into, session.get_bind().dialect.name, told)
    return list(rows(session, statement, found).scalars())


@lru_cache
def _inserting(into: Table, engine: str, told: Any) -> Executable:  # noqa: ANN401
    insert = postgresql.insert if engine == "postgresql" else sqlite.insert
    return insert(into).on_conflict_do_nothing().returning(told)
