"""Many dossiers at once: copies of those there are, with their registrations, history and attempts.

For counting and timing lists and reports; a copy has not gone through the law again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models.base import Base
from models.database import Database
from models.tables import Dossier, Evaluation, HistoryLine, Registration

BATCH = 500


def multiply(database: Database, times: int) -> int:
    """Copy every dossier `times` times; how many dossiers there are then."""
    with database.writing() as session:
        rows = {table: _rows(session, table) for table in _TABLES}
        first = {table: _last_id(session, table) for table in _TABLES}
        made: dict[type[Base], list[dict[str, Any]]] = {table: [] for table in _TABLES}
        for number in range(1, times + 1):
            _copy(rows, first, made, number)
        for table in _TABLES:
            for start in range(0, len(made[table]), BATCH):
                session.execute(insert(table), made[table][start : start + BATCH])
        return session.scalar(select(func.count()).select_from(Dossier)) or 0


_TABLES: tuple[type[Base], ...] = (Registration, Dossier, Evaluation, HistoryLine)


def _rows(session: Session, table: type[Base]) -> list[dict[str, Any]]:
    columns = {column.key: column for column in table.__mapper__.columns}
    query = select(*(getattr(table, name) for name in columns)).order_by(table.__mapper__.c.id)
    found = [dict(zip(columns, row, strict=True)) for row in session.execute(query)]
    if table is Registration:
        used = set(session.scalars(select(Dossier.registration_id)))
        return [row for row in found if row["id"] in used]
    return [row for row in found if table is Dossier or row["dossier_id"] is not None]


def _last_id(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.max(table.__mapper__.c.id))) or 0


def _copy(
    rows: dict[type[Base], list[dict[str, Any]]],
    first: dict[type[Base], int],
    made: dict[type[Base], list[dict[str, Any]]],
    number: int,
) -> None:
    """One copy of everything, each row under an id of its own."""
    mark = f"{first[Dossier]}.{number}"
    ids: dict[type[Base], dict[int, int]] = {}
    for table in _TABLES:
        shift = first[table] * number
        ids[table] = {row["id"]: row["id"] + shift for row in rows[table]}
    for table in _TABLES:
        for row in rows[table]:
            new = row | {"id": ids[table][row["id"]]}
            if "subject_key" in new:
                new |= {"code": f"{row['code']}-{mark}"}
                new |= {"subject_key": f"{row['subject_key']}-{mark}"}
            if "registration_id" in new and table is Dossier:
                new["registration_id"] = ids[Registration][row["registration_id"]]
            if "dossier_id" in new:
                new["dossier_id"] = ids[Dossier][row["dossier_id"]]
            if table is HistoryLine:
                new |= {"stream": f"{row['stream']}-{mark}", "command_key": None}
                kept = row["evaluation_id"]
                new["evaluation_id"] = ids[Evaluation].get(kept, kept)
            made[table].append(new)
