"""The tables of a record as they are found, whatever its revision: order, keys and counters."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, MetaData, Select, String, Table, collate, func, select, text

REVISION: Final = "alembic_version"
"""Not carried: a restored schema is made by the migrations themselves."""


def tables_of(connection: Connection) -> list[Table]:
    """Every table but the one that names the revision, by name."""
    found = MetaData(info={"engine": connection.dialect.name})
    found.reflect(connection, resolve_fks=False)
    return [table for name, table in sorted(found.tables.items()) if name != REVISION]


def revision_of(connection: Connection) -> str:
    """The revision of the schema. Raises what the database raises when there is none."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def ordered(table: Table) -> Select[Any]:
    """All rows in an order that is the same on both engines: by the key, letters by their code."""
    key = list(table.primary_key.columns) or list(table.columns)
    collation = "BINARY" if table.metadata.info.get("engine") == "sqlite" else "C"
    return select(table).order_by(
        *(collate(one, collation) if isinstance(one.type, String) else one for one in key)
    )


def counter_of(connection: Connection, table: Table) -> int | None:
    """The last number given out as the key of a row; None where the database keeps none."""
    if connection.dialect.name == "sqlite":
        if not _keeps_numbers(connection):
            return None
        given = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        found = connection.execute(given, {"name": table.name}).scalar()
        return None if found is None else int(found)
    sequence = _sequence(connection, table)
    if sequence is None:
        return None
    # The name is the database's own answer, quoted where it must be.
    given = text(f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")  # noqa: S608 - our own
    found = connection.execute(given).scalar()
    return None if found is None else int(found)


def go_on_counting(connection: Connection, table: Table, counter: int | None) -> None:
    """Let the next key be one that no row has, or ever had as far as the copy knows."""
    key = [one.name for one in table.primary_key]
    if len(key) != 1:
        return
    if connection.dialect.name == "sqlite":
        if counter is not None and _keeps_numbers(connection):
            given = {"name": table.name, "seq": max(counter, counter_of(connection, table) or 0)}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :seq)"), given)
        return
    sequence = _sequence(connection, table)
    if sequence is not None:
        highest = connection.execute(select(func.max(table.c[key[0]]))).scalar()
        if last := max(highest or 0, counter or 0):
            connection.execute(select(func.setval(sequence, last)))


def _keeps_numbers(connection: Connection) -> bool:
    there = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
    return connection.execute(there).scalar() is not None


def _sequence(connection: Connection, table: Table) -> str | None:
    key = [one.name for one in table.primary_key]
    if len(key) != 1:
        return None
    name = func.pg_get_serial_sequence(f'"{table.name}"', key[0])
    found = connection.execute(select(name)).scalar()
    return None if found is None else str(found)
