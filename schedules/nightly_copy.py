"""The copy of every night: which night is due, and making it once, whoever runs schedulers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from config.backup_settings import BackupSettings
from config.clock import real_now
from config.version import version
from models.backup import book, rounds
from models.backup.collection import Busy
from models.database import Database
from models.files import FileStore
from schedules.summary import Summary
from workflow.working_days import OFFICE_ZONE

log = structlog.get_logger()


class FailedCopy(Exception):
    """The copy is not good; the message is its first fault."""


def night_of(wanted: BackupSettings, now: datetime) -> date:
    """The office day whose copy is due at `now` (aware): today's from `at` on, else yesterday's."""
    local = now.astimezone(ZoneInfo(OFFICE_ZONE))
    return local.date() if local.time() >= wanted.at else local.date() - timedelta(days=1)


def copy_if_due(
    database: Database, store: FileStore, wanted: BackupSettings, now: datetime
) -> Summary:
    """Make the copy of the night unless it is there; one that failed is tried again in an hour.

    `now` is real time. Raises `FailedCopy` for one that was made and is not good, and what making
    it raises: health tells of a job that failed.
    """
    if wanted.folder is None:
        return Summary()
    slot = night_of(wanted, now).isoformat()
    with database.reading() as session:
        if not book.is_open(session, slot, now):
            return Summary()
    plan = rounds.Wanted(wanted.folder, version(), wanted.keep)
    try:
        done = rounds.run(database, store, plan, slot, real_now, _say)
    except Busy:
        return Summary()
    if done is None:
        return Summary()
    if done.faults:
        raise FailedCopy(done.faults[0])
    return Summary(copied=1)


def _say(what: str, done: int, total: int) -> None:
    if done == total:
        log.info("job progress", job="make_copy", what=what, done=done, total=total)
