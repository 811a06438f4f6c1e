"""Clients in several processes, all begun at the same instant on one dossier, through the door.

Kept apart from the tests: what a process runs must be importable by its name. Every process is a
web worker of its own: application, connections, clock.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import re
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import unescape
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from multiprocessing.util import get_temp_dir
from pathlib import Path
from threading import Barrier as ThreadBarrier
from typing import Any, Self, TypeVar

from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import logging
from config.settings import Settings
from models.conflicts import conflict_of
from models.database import Database, open_database
from models.file_places import Place
from models.files import FileStore
from models.history import Head
from models.ledger import SqlLedger, look
from models.stepping import take_step
from models.tables import Dossier
from tests import builders as build
from tests.small_files import A_PDF
from views import create_app, file_desk, form_pages
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command
from workflow.ports import Opened, Stale

T = TypeVar("T")
A = TypeVar("A")
Ready = Callable[[], object]
"""Waits until everybody is ready."""
PDF = A_PDF
WAIT = 300.0
"""Seconds after which a round is given up; a busy machine takes its time."""
TURNS = 20
"""How often a client comes again, with the same key, who is told that the service is busy: a crowd
on a busy machine waits longer for a row of PostgreSQL than `lock_timeout` allows."""
_SHARED: list[Barrier] = []


@dataclass(frozen=True, slots=True)
class Attempt:
    """One client's request; with a `command` it is asked of the record itself, for want of a page.

    `files` names fields that carry a small PDF.
    """

    url: str
    storage: str
    now: datetime
    token: str = ""
    path: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    accept: str = "text/html"
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client was told."""

    status: int
    mimetype: str
    body: str


def text_of(page: str) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(page)).split())


class Rivals:
    """A few processes that stay; each round they begin together."""

    def __init__(self, processes: int, *, naive: bool = False) -> None:
        """Start the processes; `naive` ones write without looking at the version."""
        context = forking()
        barrier = context.Barrier(processes)
        self.processes = processes
        self._pool = ProcessPoolExecutor(
            processes, mp_context=context, initializer=_join, initargs=(barrier, naive)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def all_at_once(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """The answers, in the order of the attempts."""
        return self.each(ask, attempts)

    def each(self, ask: Callable[[T, Ready], A], attempts: Sequence[T]) -> list[A]:
        """What each attempt comes to; `ask`, a module's own function, waits until all are ready."""
        shares = [list(attempts[number :: self.processes]) for number in range(self.processes)]
        futures = [self._pool.submit(_race, ask, share) for share in shares]
        told = [iter(future.result(WAIT)) for future in futures]
        return [next(told[number % self.processes]) for number in range(len(attempts))]


def forking() -> ForkServerContext:
    """Processes are forked from one that has everything in it already (`tests.promises.warm`)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.promises.warm"])
    # Its socket outlives the folder of the tests (`tests.conftest`): keep it elsewhere.
    chosen, kept = tempfile.tempdir, os.environ.pop("TMPDIR", None)
    tempfile.tempdir = None
    try:
        get_temp_dir()
    finally:
        tempfile.tempdir = chosen
        if kept is not None:
            os.environ["TMPDIR"] = kept
    return context


def _join(barrier: Barrier, naive: bool) -> None:
    _SHARED.append(barrier)
    log_as_served()
    # What parsers say of a file has tests of its own; here each look would cost a process.
    file_desk.FileStore = _unguarded  # type: ignore[assignment,attr-defined]
    if naive:
        forget_versions(SqlLedger)


def log_as_served() -> None:
    """Log as the service does, to nobody.

    By itself structlog draws each trace with all its values: seconds of work for one refusal, for
    which everybody else then waits.
    """
    logging.set_up(human=False, out=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


def _unguarded(folder: Path, place: Place | None = None, **_: object) -> FileStore:
    return FileStore(folder, place, gates=())


def _together() -> None:
    _SHARED[0].wait(WAIT)


def _race(ask: Callable[[T, Ready], A], attempts: list[T]) -> list[A]:
    """One process's share: a thread for each, begun when every process is ready."""
    if not attempts:
        _together()
        return []
    ready = ThreadBarrier(len(attempts), action=_together)
    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(lambda one: ask(one, lambda: ready.wait(WAIT)), attempts))


class _Clock(threading.local):
    """What time it is for the client of this thread."""

    now = build.NOW


@dataclass
class _Worker:
    app: Flask
    database: Database
    clock: _Clock


_MAKING = threading.Lock()


def _worker(url: str, storage: str) -> _Worker:
    """The application of this process: made once, by the first of its threads that asks."""
    with _MAKING:
        return _made(url, storage)


@cache
def _made(url: str, storage: str) -> _Worker:
    database = open_database(url)
    # A page's turn is up in two seconds (`views.admission` lets few in); here all are let in.
    database.engine.pool._timeout = WAIT  # type: ignore[attr-defined]
    settings = Settings(
        database_url="given",
        secret_key="s" * 40,
        storage_dir=Path(storage),
        smtp_url="smtp://127.0.0.1:9",
        mail_from="x@example.vn",
        base_url="http://localhost",
        factor_required=False,
    )
    clock = _Clock()
    app = create_app(settings, database, lambda: clock.now)
    # Forgery has tests of its own; here it would only cost every client a page.
    app.config["WTF_CSRF_ENABLED"] = False
    return _Worker(app, database, clock)


def ask(attempt: Attempt, ready: Ready) -> Answer:
    """Send the form, or ask the record, when everybody is ready."""
    worker = _worker(attempt.url, attempt.storage)
    worker.clock.now = attempt.now
    if attempt.command is not None:
        ready()
        return _ask_the_record(worker.database, attempt.command, attempt.now)
    client = worker.app.test_client()
    with client.session_transaction() as kept:
        kept["sid"] = attempt.token
    ready()
    for _ in range(TURNS):
        files = {name: (io.BytesIO(PDF), "tep.pdf") for name in attempt.files}
        answer = client.post(
            attempt.path, data={**attempt.form, **files}, headers={"Accept": attempt.accept}
        )
        if answer.status_code != 503:
            break
    return Answer(answer.status_code, answer.mimetype or "", answer.get_data(as_text=True))


def _step(database: Database, command: Command, now: datetime) -> Accepted | Judgement:
    for _ in range(TURNS - 1):
        try:
            return take_step(database, command, now)
        except OperationalError:  # What a page answers with 503.
            continue
    return take_step(database, command, now)


def _ask_the_record(database: Database, command: Command, now: datetime) -> Answer:
    try:
        verdict = _step(database, command, now)
    except Stale as stale:
        with database.reading() as session:
            found = conflict_of(
                session, stale.code, command.person_id, command.expected_version, now
            )
        assert found.last is not None
        told = {
            "current_state": found.state.value,
            "current_version": found.version,
            "your_version": found.yours,
            "changed_at": found.last.at.isoformat(),
            "role": found.last.role,
            "changed_fields": list(found.fields),
        }
        return Answer(409, "application/json", json.dumps(told))
    return Answer(303 if isinstance(verdict, Accepted) else 422, "text/plain", "")


def forget_versions(ledger: Any) -> None:
    """Plant the fault: look without holding or comparing anything, decide, write regardless."""

    def open_anyway(self: SqlLedger, command: Command, *, now: datetime) -> Opened:
        return look(self.session, command.code, command.person_id, now)

    def next_version(self: SqlLedger, dossier: Dossier, version: int, now: datetime) -> Head:
        self.session.execute(
            update(Dossier).where(Dossier.id == dossier.id).values(version=version + 1)
        )
        self.session.refresh(dossier)
        return Head(dossier.history_count, dossier.head_hash)

    def look_anyway(session: Session, command: Command, now: datetime) -> Opened:
        return look(session, command.code, command.person_id, now)

    ledger.open, ledger._next_version = open_anyway, next_version
    form_pages.look_to_write = look_anyway  # type: ignore[attr-defined]
