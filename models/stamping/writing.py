"""Writing many rows at once, by the shortest way each engine has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, text

from models import capture
from models.base import Base
from models.database import Database


@contextmanager
def writing_at_length(database: Database) -> Iterator[Connection]:
    """One transaction for rows by the thousand, seen by no trigger that records changes.

    The triggers are away inside the transaction only; on PostgreSQL that needs the record to
    itself. Rows are put in an order in which nothing refers to what is not there yet; SQLite
    still looks up every reference, so it is told not to.
    """
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            for setting in ("foreign_keys=OFF", "cache_spill=ON", "cache_size=-200000"):
                raw.execute(f"PRAGMA {setting}").close()
        try:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                capture.remove(connection)
                yield connection
                capture.install(connection)
        finally:
            # It has settings of its own: nobody else gets it.
            connection.invalidate()


def write_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Put rows into a table, their values as the drivers take them."""
    named = ", ".join(f'"{one}"' for one in columns)
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        holes = ", ".join("?" * len(columns))
        raw.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({holes})', rows).close()  # noqa: S608 - our own names
        return
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("neither SQLite nor PostgreSQL")
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def count_on(connection: Connection, keys: dict[str, int]) -> None:
    """Let PostgreSQL go on counting after the keys given out; SQLite looks at the table itself."""
    if connection.dialect.name != "postgresql":
        return
    for table, last in keys.items():
        named = text("SELECT pg_get_serial_sequence(:table, 'id')")
        sequence = connection.scalar(named, {"table": table})
        if sequence is not None and last:
            connection.execute(
                text("SELECT setval(:name, :last)"), {"name": sequence, "last": last}
            )


def look_for_lost_references(database: Database) -> str:
    """The table of a row that refers to nothing; empty when there is none (SQLite)."""
    if database.engine.dialect.name != "sqlite":
        return ""
    with database.reading(at_length=True) as session:
        broken = session.connection().exec_driver_sql("PRAGMA foreign_key_check").first()
    return "" if broken is None else str(broken[0])


def in_order(tables: set[str]) -> list[str]:
    """These tables, each after those it refers to."""
    return [one.name for one in Base.metadata.sorted_tables if one.name in tables]
