"""A web worker in a process of its own that may die, and clients that hang up before the answer.

Kept apart from the tests: what a process runs must be importable by its name.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_double
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from threading import Timer
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.orm import Session
from urllib3.filepost import encode_multipart_formdata
from werkzeug.serving import WSGIRequestHandler, make_server

from config.operation_settings import OperationSettings
from config.settings import Settings
from models import change_sets, database, failpoints, ledger
from models.database import Database, open_database
from models.files import FileStore
from tests.promises.rivals import log_as_served
from tests.small_files import A_PDF
from views import create_app, file_desk, once, repeating

HOST = "127.0.0.1"
NO_MAIL = "smtp://127.0.0.1:9"
STARTS_WITHIN, ANSWERS_WITHIN = 60.0, 60.0


def an_app(
    url: str, storage: str, now: Synchronized[float], smtp_url: str = NO_MAIL, permits: int = 0
) -> Flask:
    """The service in front of a record; its clock stands at the instant shared with the test."""
    settings = Settings(
        database_url="given",
        secret_key="s" * 40,
        storage_dir=Path(storage),
        smtp_url=smtp_url,
        mail_from="x@example.vn",
        base_url="http://localhost",
        factor_required=False,
        operation=OperationSettings(permits=permits),
    )
    app = create_app(settings, open_database(url), lambda: datetime.fromtimestamp(now.value, UTC))
    # Forgery has tests of its own; here it would only cost every client a page.
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def _key_is_ignored() -> None:
    """Plant the fault: no one-time key is ever looked up."""
    ledger.refuse_repetition = lambda *_: None


def _words_are_ignored() -> None:
    """Plant the fault: a key is a key, whatever the form says."""
    repeating.is_other = lambda: False


def _answer_comes_early() -> None:
    """Plant the fault: what a transaction did is committed a moment after it is over."""

    @contextmanager
    def writing(self: Database) -> Iterator[Session]:
        session = self.sessions()
        try:
            yield session
            change_sets.finish(session)
        except BaseException:
            session.rollback()
            session.close()
            raise

        def commit() -> None:
            session.commit()
            session.close()

        Timer(EARLY, commit).start()

    Database.writing = writing  # type: ignore[method-assign]


def _commits_are_not_forced() -> None:
    """Plant the fault: commits are left to the operating system."""
    database.sqlite_journal = lambda: ("DELETE", "OFF")


def _forms_are_not_claimed() -> None:
    """Plant the fault: what leaves no command in the history is done as often as it is asked."""
    once.claim = lambda *_: None  # type: ignore[attr-defined]


def _neighbours_are_waited_for() -> None:
    """Plant the fault: whoever calls the database waits until it answers."""
    database.PATIENCE_SECONDS = 3600


EARLY = 0.3
"""Seconds."""
FAULTS = {
    "unclaimed": _forms_are_not_claimed,
    "patient": _neighbours_are_waited_for,
    "key": _key_is_ignored,
    "words": _words_are_ignored,
    "early": _answer_comes_early,
    "unsynced": _commits_are_not_forced,
    "": lambda: None,
}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing: what a client sees is what counts."""


def serve(  # noqa: PLR0917 - arguments of a process
    url: str,
    storage: str,
    port: int,
    now: Synchronized[float],
    point: str,
    fault: str,
    smtp_url: str = NO_MAIL,
    permits: int = 0,
) -> None:
    """Be a web worker until killed."""
    FAULTS[fault]()
    log_as_served()
    # What parsers say of a file has tests of its own; here each look would cost a process.
    file_desk.FileStore = partial(_unguarded)  # type: ignore[assignment,attr-defined]
    app = an_app(url, storage, now, smtp_url, permits)
    server = make_server(HOST, port, app, threaded=True, request_handler=_Quiet)
    failpoints.arm(point)
    server.serve_forever()


def _unguarded(folder: Path, place: Any = None, **_: object) -> FileStore:
    return FileStore(folder, place, gates=())


@dataclass
class Worker:
    """The worker of one record: begun again on the same port whenever it died."""

    context: ForkServerContext
    url: str
    storage: str
    fault: str = ""
    port: int = 0
    deaths: int = 0
    process: ForkServerProcess | None = None
    smtp_url: str = NO_MAIL
    permits: int = 0
    now: Synchronized[float] = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.context.Value(c_double, 0.0)
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]

    def begin(self, point: str = "") -> None:
        """Start; with a failpoint it ends itself there."""
        where = (self.url, self.storage, self.port, self.now)
        told = (*where, point, self.fault, self.smtp_url, self.permits)
        self.process = self.context.Process(target=serve, args=told, daemon=True)
        self.process.start()
        until = time.monotonic() + STARTS_WITHIN
        while True:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
                return
            assert time.monotonic() < until, "the worker did not start"
            time.sleep(0.01)

    def end(self) -> None:
        """Kill it, if it has not died yet."""
        if self.process is not None:
            if self.process.is_alive():
                os.kill(self.process.pid or 0, signal.SIGKILL)
            self.process.join(10)
            self.deaths += self.process.exitcode == -signal.SIGKILL
            self.process = None


@dataclass(frozen=True, slots=True)
class Form:
    """What one client sends."""

    path: str
    cookie: str
    fields: Mapping[str, str]
    files: tuple[str, ...] = ()
    """Names of fields that carry a small PDF."""
    uploads: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)
    """Other files: name, content and type by their fields."""

    def sent(self) -> tuple[bytes, dict[str, str]]:
        """Body and headers."""
        fields: dict[str, Any] = dict(self.fields)
        fields |= dict.fromkeys(self.files, ("tep.pdf", A_PDF, "application/pdf"))
        fields |= self.uploads
        body, kind = encode_multipart_formdata(fields)
        return body, {"Content-Type": kind, "Cookie": f"sid={self.cookie}"}


@dataclass(frozen=True, slots=True)
class Told:
    """A complete answer."""

    status: int
    location: str
    body: str


def send(port: int, form: Form) -> Told | None:
    """Send a form and read the answer; None when the connection broke before its end."""
    connection = HTTPConnection(HOST, port, timeout=ANSWERS_WITHIN)
    try:
        body, headers = form.sent()
        connection.request("POST", form.path, body, headers)
        answer = connection.getresponse()
        return Told(
            answer.status,
            answer.headers.get("Location", ""),
            answer.read().decode("utf-8", "replace"),
        )
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def send_and_hang_up(port: int, form: Form, after: float) -> None:
    """Send a form and cut the connection so many seconds later, whatever has become of it."""
    connection = HTTPConnection(HOST, port, timeout=ANSWERS_WITHIN)
    body, headers = form.sent()
    with contextlib.suppress(OSError, HTTPException):
        connection.request("POST", form.path, body, headers)
        time.sleep(after)
    connection.close()


def cookie_of(app: Flask, token: str) -> str:
    """The cookie of a session, as the service signs it."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps({"sid": token}))
