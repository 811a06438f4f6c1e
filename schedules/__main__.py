"""The scheduler's process: `python -m schedules`. One is enough; several do no harm.

Ends within five seconds of SIGTERM, SIGINT or SIGHUP. With `--once` it plans and posts what is
due now and ends by itself (`flask reminders run`).

Exit codes: 0 stopped on request, or all that was due has left; 1 some letters did not leave;
2 the settings cannot be used.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from config import logging
from config.clock import real_now
from config.collecting import collect_seldom
from config.deployment import secrets_in
from config.settings import Settings, SettingsError
from config.starting import read_settings, tell_settings
from models.clock import DemonstrationClock
from models.database import Database, WrongSettings, open_database, verify_when_there
from models.failpoints import arm
from models.file_places_s3 import Bucket, place_at
from models.files import FileStore
from models.roles import RISK, verify_log_at_start
from models.schedulers import name_of, sign_off, sign_on
from schedules.checkpoint_post import Outside
from schedules.jobs import Means, run_due
from schedules.postman import Postman, Round
from schedules.timetable import TIMETABLE, Ticker

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
PATIENCE_SECONDS = 3.5
SIGNING_OFF_SECONDS = 0.5
LETTERS_LEFT, WRONG_SETTINGS = 1, 2

log = structlog.get_logger()


def main() -> int:
    """Read the settings, then run the timetable, or one round of it."""
    arguments = argparse.ArgumentParser(prog="python -m schedules", description=__doc__)
    arguments.add_argument("--once", action="store_true", help="chạy một lượt rồi dừng")
    once = arguments.parse_args().once
    try:
        settings = read_settings(os.environ, serving=True)
        way = Round.from_settings(settings)
        outside = Outside.from_settings(settings.checkpoints)
        arm(settings.failpoints)
    except (SettingsError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETTINGS
    logging.set_up(human=settings.demonstration, secrets=secrets_in(settings))
    tell_settings(settings, os.environ)
    collect_seldom()
    database = open_database(settings.database_url)
    try:
        verify_when_there(database)
        verify_log_at_start(
            database,
            production=not (settings.demonstration or settings.test_build),
            accepted=RISK in settings.operation.accepted,
        )
    except WrongSettings as error:
        sys.stderr.write(f"DATABASE_URL: {error}\n")
        return WRONG_SETTINGS
    clock = DemonstrationClock(database, real_now) if settings.demonstration else real_now
    if once:
        return one_round(database, clock, settings)
    stopping = threading.Event()
    means = Means(
        database,
        clock,
        Postman(database, clock, way, stopping.is_set),
        files=_files(settings),
        outside=outside,
        copies=settings.copies,
    )
    return tick(means, stopping)


def _files(settings: Settings) -> FileStore:
    """The store the service keeps its papers in."""
    wanted = settings.files
    bucket = Bucket(
        wanted.s3_url, wanted.s3_endpoint, wanted.s3_region, wanted.s3_key, wanted.s3_secret
    )
    return FileStore(settings.storage_dir, place_at(settings.storage_dir, bucket))


def one_round(database: Database, clock: Callable[[], datetime], settings: Settings) -> int:
    """Plan and post what is due, and say how many letters that made."""
    done = run_due(database, clock, settings)
    database.close()
    planned = done.queued + done.laid_in_inbox
    sys.stdout.write(
        f"Xếp {planned} lượt nhắc, gửi {done.sent} thư, gửi lại sau {done.postponed}, "
        f"hỏng {done.failed}, không gửi {done.suppressed}.\n"
    )
    return LETTERS_LEFT if done.postponed or done.failed else 0


def tick(means: Means, stopping: threading.Event) -> int:
    """Run the timetable until a signal asks for the end; then `stopping` is set."""
    # Blocked here, before any thread starts, so that only `sigwait` below receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    database = means.database
    name = _signed_on(database)
    ticker = Ticker(replace(means, scheduler=name))
    ticker.start()
    log.info("scheduler started", scheduler=name, jobs=list(TIMETABLE))
    received = signal.sigwait(STOP_SIGNALS)
    stopping.set()
    ended = ticker.stop(PATIENCE_SECONDS)
    _sign_off(database, name)
    log.info("scheduler stopped", signal=signal.Signals(received).name, unfinished=not ended)
    if not ended:
        # A thread waits for a mail server. Its letter stays claimed until the lease runs out.
        sys.stderr.flush()
        os._exit(0)
    database.close()
    return 0


def _sign_off(database: Database, name: str) -> None:
    """Take the marks away; a busy database does not keep the end waiting."""

    def away() -> None:
        with contextlib.suppress(SQLAlchemyError), database.writing() as session:
            sign_off(session, name)

    going = threading.Thread(target=away, daemon=True)
    going.start()
    going.join(SIGNING_OFF_SECONDS)


def _signed_on(database: Database) -> str:
    """Take a name; a database that does not answer yet is no reason not to begin."""
    host, pid = socket.gethostname(), os.getpid()
    try:
        with database.writing() as session:
            return sign_on(session, host, pid, real_now(), _is_gone)
    except SQLAlchemyError:
        log.exception("scheduler not signed on")
        return name_of(host, pid)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


if __name__ == "__main__":
    sys.exit(main())
