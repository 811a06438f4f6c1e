"""The jobs: each takes its means, makes one call and tells in numbers what it did."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from config.backup_settings import BackupSettings
from config.clock import real_now
from config.settings import ACCOUNTS, Settings
from models import forgetting
from models.account_log import When
from models.change_sets import adopt_outside
from models.database import Database
from models.files import FileStore
from models.one_time_codes import answer_requests
from models.paper_readings import read_waiting
from models.receiving import forget_expired
from models.reminding import record_run
from models.schedulers import begin, end, forget_old
from models.sealing import seal_new_lines
from models.sessions import Visit
from models.signing_in import Door
from models.stuck import note_stuck, stuck_dossiers, tell_administrators
from models.throttling import forget_guesses
from schedules.checkpoint_post import Outside, keep_checkpoints
from schedules.nightly_copy import copy_if_due
from schedules.planner import plan
from schedules.postman import Postman, Round
from schedules.summary import Summary
from workflow.sign_in_policy import policy_on
from workflow.working_days import office_day

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Means:
    """What jobs work with. `clock` tells aware UTC instants, real ones or a demonstration's.

    `scheduler` is the name under which runs are marked; empty where nothing runs by itself.
    """

    database: Database
    clock: Callable[[], datetime]
    postman: Postman
    scheduler: str = ""
    files: FileStore | None = None
    """Where papers lie; None where nobody reads them."""
    outside: Outside | None = None
    """Where the log's checkpoints go; None where none are signed."""
    copies: BackupSettings | None = None
    """Where copies of the record go; None where none are made."""


Job: TypeAlias = Callable[[Means], Summary]


def plan_reminders(means: Means) -> Summary:
    """Write down the reminders that have come."""
    return plan(means.database, means.clock())


def post_letters(means: Means) -> Summary:
    """Send the letters that are due."""
    return means.postman.post_all()


def send_codes(means: Means) -> Summary:
    """Answer requests for a one-time code; the letters leave with the next post."""
    now, sealer = real_now(), means.postman.way.head.sealer
    if sealer is None:
        return Summary()
    policy = policy_on(ACCOUNTS.read_text("utf-8"), office_day(now))
    door = Door(Visit(), policy, When(now, means.clock()), sealer)
    return Summary(queued=answer_requests(means.database, door))


def seal_history(means: Means) -> Summary:
    """Seal the history lines written since the last time; first record what came from outside."""
    with means.database.writing() as session:
        adopted = adopt_outside(session, means.clock())
    if adopted:
        log.error("changed past the service", rows=adopted)
    with means.database.writing() as session:
        return Summary(sealed=seal_new_lines(session, means.clock()))


def sign_checkpoints(means: Means) -> Summary:
    """Sign the end of the log when that is due, and bring it to the places outside."""
    if means.outside is None:
        return Summary()
    return keep_checkpoints(means.database, means.outside, real_now(), means.clock())


def make_copy(means: Means) -> Summary:
    """Make the copy of the night, once, where a folder for copies is set."""
    if means.files is None or means.copies is None:
        return Summary()
    return copy_if_due(means.database, means.files, means.copies, real_now())


def watch_turns(means: Means) -> Summary:
    """Look for dossiers nobody could act on; tell health, and administrators once a morning."""
    now = means.clock()
    with means.database.reading() as session:
        found = stuck_dossiers(session, now)
    with means.database.writing() as session:
        note_stuck(session, len(found), real_now())
        return Summary(queued=tell_administrators(session, found, now))


def read_papers(means: Means) -> Summary:
    """Read the text of papers that came in, so that they can be held against each other."""
    if means.files is None:
        return Summary()
    return Summary(read=read_waiting(means.database, means.files, real_now))


def heartbeat(means: Means) -> Summary:
    """Forget schedulers long gone and uploads nobody finished; health wants to know this ran."""
    with means.database.writing() as session:
        forget_old(session, real_now())
        forget_guesses(session, real_now())
        forget_expired(session, means.clock())
    return Summary()


def forget_spent(means: Means) -> Summary:
    """Forget sessions, codes, browsers and keys of forms that are over for long.

    By the earlier of two clocks: one that runs ahead must not end what is in use.
    """
    now = min(real_now(), means.clock())
    policy = policy_on(ACCOUNTS.read_text("utf-8"), office_day(now))
    with means.database.writing() as session:
        return Summary(forgotten=forgetting.forget_spent(session, policy, now, means.clock()).total)


def run_job(name: str, job: Job, means: Means) -> None:
    """Run one job; keep in the record and in the log how it went. Never raises.

    Health is told in real time, whatever the demonstration's clock shows.
    """
    started, began = real_now(), time.monotonic()
    _mark_begin(name, means, started)
    try:
        done = job(means)
    except Exception as error:
        log.exception("job failed", job=name, seconds=_seconds_since(began))
        outcome = f"{type(error).__name__}: {error}".partition("\n")[0]
    else:
        tell = log.info if done.told() else log.debug
        tell("job done", job=name, seconds=_seconds_since(began), **done.told())
        outcome = "ok"
    try:
        with means.database.writing() as session:
            record_run(session, name, started, real_now(), outcome)
            if means.scheduler:
                end(session, means.scheduler, name, outcome, real_now())
    except SQLAlchemyError:
        log.exception("run not recorded", job=name)


def _mark_begin(name: str, means: Means, now: datetime) -> None:
    if not means.scheduler:
        return
    try:
        with means.database.writing() as session:
            begin(session, means.scheduler, name, now)
    except SQLAlchemyError:
        log.exception("begin not recorded", job=name)


def run_due(database: Database, clock: Callable[[], datetime], settings: Settings) -> Summary:
    """Plan and post everything that is due at the moment, once, in this thread.

    What the scheduler does by itself, for `flask reminders run` and for tests. Stops early when
    the mail server is out of reach: the rest stays in the book. Raises `ValueError` for an
    SMTP_URL that says nothing.
    """
    postman = Postman(database, clock, Round.from_settings(settings))
    means = Means(database, clock, postman)
    return plan_reminders(means) + post_letters(means)


def _seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 3)
