"""One whole round: a copy is made, looked at, noted in the book, and old ones go."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models import migrating
from models.backup import book
from models.backup.collection import Verified, alone, note_verified, prune
from models.backup.making import Made, back_up
from models.backup.snapshot import Progress
from models.backup.verifying import faults_of
from models.database import Database
from models.files import FileStore
from models.office import write_down

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where copies lie, how many stay (0: all), and whether a new one is tried at once."""

    into: Path
    version: str
    """Of the application."""
    keep: int = 0
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did."""

    made: Made
    faults: tuple[str, ...]
    gone: tuple[str, ...]
    """Names of the copies that were removed."""


def run(
    database: Database,
    store: FileStore,
    wanted: Wanted,
    slot: str,
    real_now: Clock,
    progress: Progress,
) -> Round | None:
    """Make a copy under this slot of the book; None when the slot is taken.

    A record at an older revision, or by a role that only reads, is copied too, without a note in
    the book. Raises `Busy`, `OSError` and what the database raises; the book tells of that.
    """
    kept = _is_kept(database)
    with alone(wanted.into):
        started = real_now()
        if kept:
            with database.writing() as session:
                here = f"{socket.gethostname()}:{wanted.into}"
                if not book.begin(session, slot, here, started):
                    return None
        try:
            made = back_up(database, store, wanted.into, started, wanted.version, progress)
            faults = _look(made, wanted, real_now, progress)
            gone = prune(wanted.into, wanted.keep)
        except BaseException as error:
            if kept:
                _note_failure(database, slot, real_now(), error)
            raise
        if kept:
            verified_at = real_now() if wanted.verify else None
            with database.writing() as session:
                book.end(session, slot, real_now(), made, faults, verified_at)
                told = {"copy": made.manifest.id, "checkpoint": made.manifest.checkpoint}
                write_down(session, "make_copy", told, None, real_now())
    return Round(made, tuple(faults), tuple(gone))


def _is_kept(database: Database) -> bool:
    """Is there a book, and may this role write into it?"""
    if migrating.revision_of(database) != migrating.current_head():
        return False
    with database.reading() as session:
        return book.may_write(session)


def _look(made: Made, wanted: Wanted, real_now: Clock, progress: Progress) -> list[str]:
    if not wanted.verify:
        return []
    faults = faults_of(made.folder, progress)
    note_verified(made.folder, Verified(real_now(), tuple(faults)))
    return faults


def _note_failure(database: Database, slot: str, now: datetime, error: BaseException) -> None:
    told = f"{type(error).__name__}: {error}".partition("\n")[0]
    with database.writing() as session:
        book.fail(session, slot, now, told)
