"""`INSERT … ON CONFLICT DO NOTHING` on both engines, telling truly whether a row was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.base import Base


def insert_once(session: Session, table: type[Base], **values: Any) -> bool:  # noqa: ANN401
    """Insert a row unless one with the same key is there; was it inserted?

    Asks with RETURNING: the row count of an INSERT is not to be trusted on psycopg 3.
    """
    key = next(iter(table.__table__.primary_key))
    if session.get_bind().dialect.name == "postgresql":
        on_postgresql = postgresql.insert(table).values(**values).on_conflict_do_nothing()
        return session.execute(on_postgresql.returning(key)).first() is not None
    on_sqlite = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    return session.execute(on_sqlite.returning(key)).first() is not None
