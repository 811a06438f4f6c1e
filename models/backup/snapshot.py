"""The whole record as it stood at one instant, while people go on working."""

from __future__ import annotations

import gzip
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, Table, create_engine, text

from models.backup.coding import encoders, line_of
from models.backup.manifest import RECORD, TableCopy, table_file
from models.backup.tables_found import counter_of, ordered
from models.database import Database

AT_ONCE: Final = 500
Progress = Callable[[str, int, int], None]
"""What is being done, how many are done, how many there are."""


@contextmanager
def snapshot(database: Database, scratch: Path) -> Iterator[Connection]:
    """A connection that sees the record as it stands now, however long it is read.

    PostgreSQL keeps it for one transaction. SQLite would make writers wait for a reader, so its
    pages are first copied to the file `scratch` by its own backup, which takes seconds.
    """
    if database.engine.dialect.name == "sqlite":
        with _copied(database, scratch) as connection:
            yield connection
        return
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with database.engine.connect().execution_options(**options) as connection:
        for patience in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {patience} = 0"))
        yield connection
        connection.rollback()


@contextmanager
def _copied(database: Database, scratch: Path) -> Iterator[Connection]:
    # For writing, so that what a crash left in the journal is first taken back.
    place = Path(database.engine.url.database or "").resolve()
    source = sqlite3.connect(f"{place.as_uri()}?mode=rw", uri=True)
    with closing(source), closing(sqlite3.connect(scratch)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").close()
    engine = create_engine(f"sqlite:///{scratch}")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        scratch.unlink()


def save_rows(
    connection: Connection, tables: list[Table], folder: Path, progress: Progress
) -> tuple[TableCopy, ...]:
    """Write the rows of every table below `folder`."""
    (folder / RECORD).mkdir()
    found = []
    for number, table in enumerate(tables, start=1):
        found.append(_save(connection, table, table_file(folder, table.name)))
        progress("bảng", number, len(tables))
    return tuple(found)


def _save(connection: Connection, table: Table, path: Path) -> TableCopy:
    write = encoders(list(table.columns))
    count = 0
    with path.open("wb") as file:
        digest = _Hashed(file)
        # Neither name nor time in the head of the file: the same rows are the same bytes.
        with gzip.GzipFile(filename="", fileobj=digest, mode="wb", compresslevel=4, mtime=0) as out:
            rows = connection.execution_options(yield_per=AT_ONCE).execute(ordered(table))
            for row in rows:
                out.write(line_of(row, write))
                count += 1
        digest.finish()
    return TableCopy(
        name=table.name,
        columns=tuple(column.name for column in table.columns),
        rows=count,
        sha256=digest.sha256,
        counter=counter_of(connection, table),
    )


class _Hashed:
    """A file that knows the hash of what was written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, content: Any) -> int:  # noqa: ANN401 - whatever gzip hands over.
        self._digest.update(content)
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()

    def finish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
