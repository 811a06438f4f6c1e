"""Making a copy: rows of one instant, the files they name, a manifest, and a look at it all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from models.backup import collection
from models.backup.manifest import (
    FILES,
    FORMAT,
    LISTED,
    PARTIAL,
    FileCopies,
    Manifest,
    durable,
    file_place,
    name_of,
    sync_folder,
    write_manifest,
)
from models.backup.snapshot import Progress, save_rows, snapshot
from models.backup.tables_found import revision_of, tables_of
from models.chain import FIRST
from models.database import Database
from models.files import FileStore
from models.storage import NAMING

STEPS: Final = 50
"""Files between two words about progress."""
CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that was made: where it lies, what it says of itself, how many files were new."""

    folder: Path
    manifest: Manifest
    fresh_files: int


def back_up(
    database: Database,
    store: FileStore,
    into: Path,
    now: datetime,
    version: str,
    progress: Progress,
) -> Made:
    """Copy everything into a new folder below `into`, while people go on working.

    The folder has its name only when it is whole; until then the name ends in `.partial`. Files
    the newest earlier copy has are linked to, not copied again. Raises `OSError` when there is no
    room or the store of files does not answer, and what the database raises; then nothing stays.
    """
    into.mkdir(parents=True, exist_ok=True)
    folder = into / name_of(now)
    partial = folder.with_name(folder.name + PARTIAL)
    partial.mkdir(mode=0o700)
    try:
        made = _fill(database, store, partial, now, version, progress)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(into)
    return Made(folder, *made)


def _fill(
    database: Database,
    store: FileStore,
    partial: Path,
    now: datetime,
    version: str,
    progress: Progress,
) -> tuple[Manifest, int]:
    earlier = collection.copies_in(partial.parent)
    with snapshot(database, partial / ".pages") as connection:
        tables = tables_of(connection)
        revision, sealed = revision_of(connection), _end_of_seals(connection)
        rows = save_rows(connection, tables, partial, progress)
        named = _named(connection, {table.name for table in tables})
    files, fresh = _save_files(
        sorted(named), store, partial, earlier[-1] if earlier else None, progress
    )
    manifest = Manifest(
        format=FORMAT,
        id=secrets.token_hex(16),
        version=version,
        made_at=now,
        engine=database.engine.dialect.name,
        revision=revision,
        sealed_lines=sealed[0],
        seal=sealed[1],
        tables=rows,
        files=files,
    )
    write_manifest(partial, manifest)
    sync_folder(partial)
    return manifest, fresh


def _end_of_seals(connection: Connection) -> tuple[int, str]:
    last = connection.execute(text("SELECT seq, hash FROM sealed_line ORDER BY seq DESC LIMIT 1"))
    row = last.first()
    return (int(row[0]), str(row[1])) if row else (0, FIRST)


def _named(connection: Connection, there: set[str]) -> set[str]:
    """Every hash a row names, in the tables this revision has."""
    found: set[str] = set()
    for name in NAMING & there:
        asked = text(f"SELECT DISTINCT sha256 FROM {name} WHERE sha256 IS NOT NULL")  # noqa: S608 - our own table
        found.update(connection.execute(asked).scalars())
    return found


def _save_files(
    named: list[str], store: FileStore, folder: Path, earlier: Path | None, progress: Progress
) -> tuple[FileCopies, int]:
    (folder / FILES).mkdir()
    listed, missing, fresh, size = [], [], 0, 0
    for number, sha256 in enumerate(named, start=1):
        place = file_place(folder, sha256)
        place.parent.mkdir(exist_ok=True)
        if earlier is None or not _linked(file_place(earlier, sha256), place, sha256):
            if not _copied(store, sha256, place):
                missing.append(sha256)
                continue
            fresh += 1
        here = place.stat().st_size
        listed.append(f"{sha256} {here}\n")
        size += here
        if number % STEPS == 0 or number == len(named):
            progress("tệp", number, len(named))
    content = "".join(listed).encode()
    durable(folder / LISTED, content)
    for sub in (folder / FILES).iterdir():
        sync_folder(sub)
    sync_folder(folder / FILES)
    told = FileCopies(
        count=len(listed),
        size=size,
        sha256=hashlib.sha256(content).hexdigest(),
        missing=tuple(missing),
    )
    return told, fresh


def _linked(before: Path, place: Path, sha256: str) -> bool:
    """Give the file of an earlier copy a second name, if it is still what its name says."""
    if not before.is_file() or hash_of(before) != sha256:
        return False
    with contextlib.suppress(OSError):  # Not every file system knows links.
        os.link(before, place)
        return True
    return False


def _copied(store: FileStore, sha256: str, place: Path) -> bool:
    """Copy a stored file, and compare what was read with its hash; was it there and whole?"""
    digest = hashlib.sha256()
    try:
        with store.path_of(sha256).open("rb") as source, place.open("xb") as file:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except (LookupError, FileNotFoundError):
        place.unlink(missing_ok=True)
        return False
    if digest.hexdigest() != sha256:
        place.unlink()
        return False
    place.chmod(0o440)
    return True


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
