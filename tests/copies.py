"""What tests of copies share: silence, and what differs between two records."""

from __future__ import annotations

from pathlib import Path

from models.backup.snapshot import save_rows, snapshot
from models.backup.tables_found import tables_of
from models.database import Database


def silent(_what: str, _done: int, _total: int) -> None:
    """Say nothing about progress."""


def hashes_of(database: Database, folder: Path) -> dict[str, str]:
    """The hash of the rows of every table, the same on both engines for the same rows."""
    folder.mkdir()
    with snapshot(database, folder / "pages") as connection:
        copies = save_rows(connection, tables_of(connection), folder, silent)
    return {one.name: one.sha256 for one in copies}


def differences(one: Database, other: Database, scratch: Path) -> set[str]:
    """The tables whose rows are not the same."""
    first = hashes_of(one, scratch / f"one-{id(one)}")
    second = hashes_of(other, scratch / f"other-{id(other)}")
    assert first.keys() == second.keys()
    return {name for name, told in first.items() if second[name] != told}
