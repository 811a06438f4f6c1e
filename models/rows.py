"""Rows as they lie in the tables, for what is read at every step and never changed there.

Reading an entity keeps it, watches it for changes and looks whether it is known already: three
times the time of reading its columns. A statement given here may be written with entities all the
same; each row then has their columns by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.orm import Session

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of columns, by name."""
Parameters: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def rows(
    session: Session, statement: Executable, parameters: Parameters | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """The rows, read in the transaction of `session` after what it has not written yet.

    Two entities in one statement may not have columns of one name: name the columns then.
    """
    if session.new or session.dirty or session.deleted:
        session.flush()
    return session.connection().execute(statement, parameters)


def scalar(session: Session, statement: Executable, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - whatever the column holds
    """The first column of the first row; None when there is no row."""
    return rows(session, statement, parameters).scalar()
