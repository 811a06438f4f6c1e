"""Putting the rows of a copy into an empty database: all of them, or none."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, inspect, literal, select, text
from sqlalchemy import table as named

from models import capture, migrating
from models.backup.coding import decoders
from models.backup.manifest import Manifest, TableCopy
from models.backup.reading import BrokenCopy, rows_of
from models.backup.snapshot import AT_ONCE, Progress
from models.backup.tables_found import REVISION, go_on_counting, tables_of
from models.database import Database

_KEYS: Final = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""


def is_empty(database: Database) -> bool:
    """Is there no table in this database yet, or none with a row?"""
    with database.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {REVISION}
        asked = (select(literal(1)).select_from(named(name)).limit(1) for name in sorted(names))
        empty = all(connection.execute(one).first() is None for one in asked)
        connection.rollback()
    return empty


def load(connection: Connection, folder: Path, manifest: Manifest, progress: Progress) -> None:
    """Make the schema of the copy, put its rows in, and bring the schema up to date.

    Raises `BrokenCopy` for what cannot be a copy of this service.
    """
    if not migrating.knows(manifest.revision):
        raise BrokenCopy(
            f"Bản sao lưu ở lược đồ {manifest.revision}, mới hơn phần mềm này; "
            "khôi phục bằng bản phần mềm đã tạo ra nó"
        )
    # Of a database that was prepared and never used, whose tables are of another revision maybe.
    migrating.take_down_within(connection)
    migrating.upgrade_within(connection, manifest.revision)
    # The copy has its own record of how its rows came about.
    capture.remove(connection)
    keys = _without_keys(connection)
    tables = {table.name: table for table in tables_of(connection)}
    copies = {copy.name: copy for copy in manifest.tables}
    if tables.keys() != copies.keys():
        raise BrokenCopy(f"Các bảng không khớp lược đồ {manifest.revision}")
    for number, name in enumerate(sorted(copies), start=1):
        _fill(connection, tables[name], folder, copies[name])
        progress("nạp bảng", number, len(copies))
    _put_keys_back(connection, keys)
    migrating.upgrade_within(connection, "head")


def _fill(connection: Connection, table: Table, folder: Path, copy: TableCopy) -> None:
    if set(copy.columns) != {column.name for column in table.columns}:
        raise BrokenCopy(f"Bảng {table.name}: các cột không khớp lược đồ")
    columns = [table.c[name] for name in copy.columns]
    # A migration may have put rows of its own there; the copy has them as they were.
    if _has_rows(connection, table):
        connection.execute(table.delete())
    read = decoders(columns, connection.dialect.name)
    names = list(copy.columns)
    lines = rows_of(folder, copy, read)
    while some := list(islice(lines, AT_ONCE)):
        rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in some]
        connection.execute(insert(table), rows)
    go_on_counting(connection, table, copy.counter)


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(table.select().limit(1)).first() is not None


def _without_keys(connection: Connection) -> list[tuple[str, str, str]]:
    """Take PostgreSQL's foreign keys away, and tell how they are made again."""
    if connection.dialect.name != "postgresql":
        return []
    keys = [(str(a), str(b), str(c)) for a, b, c in connection.execute(text(_KEYS))]
    for table, name, _ in keys:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    return keys


def _put_keys_back(connection: Connection, keys: list[tuple[str, str, str]]) -> None:
    for table, name, made in keys:
        connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}"))
