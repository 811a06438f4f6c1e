"""Senders in processes of their own, that can be killed; among them some with planted faults."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from models.database import Database, open_database
from models.failpoints import arm
from models.outbox import mark_sent
from models.tables import OutgoingMessage
from schedules.digest_post import Load
from schedules.envelope import Letterhead
from schedules.postman import Postman, Round
from schedules.relay import FinallyRefused, Relay, TemporarilyRefused
from schedules.summary import Summary

ROOT = Path(__file__).resolve().parents[2]
HEAD = Letterhead("Hồ sơ thi đua <khong-tra-loi@example.vn>", "https://thidua.example.vn")
LONGEST_LIFE = 10.0
"""Seconds after which a sender is killed in any case."""


@dataclass(frozen=True)
class Order:
    """What a sender is told: everything it needs, in a form that goes to another process."""

    url: str
    smtp_url: str
    now: datetime
    trusted: str = ""
    failpoints: str = ""
    planted: str = ""
    hasty: bool = False
    journal: str = ""
    """A file that gets a line for each answer that did not come in time."""
    seconds: float = 10.0
    """For each answer of the mail server."""
    lease: timedelta = timedelta(minutes=5)
    owner: str = "sender"


class MarksFirst(Postman):
    """The planted fault of P11: what is written down as sent may never have been handed over."""

    def _send(
        self, message: OutgoingMessage, hand_over: Callable[[], None], load: Load | None = None
    ) -> Summary:
        with self.database.writing() as session:
            mark_sent(session, message.id, message.fence, self.clock())
        with contextlib.suppress(TemporarilyRefused, FinallyRefused):
            hand_over()
        return Summary(sent=1)


class ForgetsItself(Postman):
    """Another: every attempt is a letter of its own, so that nobody sees a repetition."""

    def _send(
        self, message: OutgoingMessage, hand_over: Callable[[], None], load: Load | None = None
    ) -> Summary:
        message.message_id = f"<{random.getrandbits(128):x}@award-dossiers.invalid>"
        return super()._send(message, hand_over, load)


class TakesNothingForAnAnswer(Postman):
    """Another: a letter that timed out or was cut off counts as sent."""

    def _send(
        self, message: OutgoingMessage, hand_over: Callable[[], None], load: Load | None = None
    ) -> Summary:
        def optimistic() -> None:
            try:
                hand_over()
            except TemporarilyRefused as refusal:
                if str(refusal)[0].isdigit():
                    raise

        return super()._send(message, optimistic, load)


POSTMEN: dict[str, type[Postman]] = {
    "": Postman,
    "marks first": MarksFirst,
    "forgets itself": ForgetsItself,
    "takes nothing for an answer": TakesNothingForAnAnswer,
}


def postman_of(order: Order) -> Postman:
    """The postman of an order."""
    way = Round(
        Relay.from_url(order.smtp_url), HEAD, order.owner, lease=order.lease, seconds=order.seconds
    )
    database = open_database(order.url)
    if order.hasty:
        hasten(database)
    return POSTMEN[order.planted](database, lambda: order.now, way)


def hasten(database: Database) -> None:
    """Write nothing through at once: for tests in which nobody is killed."""
    on_sqlite = database.engine.dialect.name == "sqlite"
    setting = "PRAGMA synchronous=OFF" if on_sqlite else "SET synchronous_commit = off"

    @event.listens_for(database.engine, "connect")
    def _set(connection: DBAPIConnection, _entry: object) -> None:
        connection.cursor().execute(setting)
        connection.commit()

    database.engine.dispose()


def work(order: Order) -> None:
    """Post, once, as a process that may end at any moment."""
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, sys.stdout.fileno())
    os.dup2(silent, sys.stderr.fileno())
    if order.trusted:
        os.environ["SSL_CERT_FILE"] = order.trusted
    arm(order.failpoints)
    postman = postman_of(order)
    if order.journal:
        _keep_journal(postman, Path(order.journal))
    postman.post_all()


def _keep_journal(postman: Postman, journal: Path) -> None:
    postponed = postman._postponed

    def told(message: OutgoingMessage, error: str, load: Load | None) -> Summary:
        if "timed out" in error:
            with journal.open("a") as file:
                file.write(f"{message.message_id}\n")
        return postponed(message, error, load)

    postman._postponed = told  # type: ignore[method-assign]


def context() -> ForkServerContext:
    """Processes that start in a moment: everything is imported once, before."""
    # The server of forks does not take our path along, and would import nothing beforehand.
    here, given = str(ROOT), os.environ.get("PYTHONPATH", "")
    if here not in given.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (here, given)))
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.promises.senders"])
    return found


def started(order: Order) -> ForkServerProcess:
    """Start a sender."""
    process = context().Process(target=work, args=(order,), daemon=True)
    process.start()
    return process


@dataclass
class Fates:
    """How senders ended."""

    killed: int = 0
    finished: int = 0


def send_and_be_killed(
    orders: Sequence[Order], chance: random.Random, seen: Callable[[], int], most: int, fates: Fates
) -> None:
    """Let senders work at the same time, and kill one after the other as letters pass.

    `seen` counts what the mail server was offered; one who is done by itself is not killed.
    """
    senders = [started(order) for order in orders]
    for sender in senders:
        enough = seen() + chance.randint(1, most)
        late = time.monotonic() + LONGEST_LIFE
        while sender.is_alive() and seen() < enough and time.monotonic() < late:
            time.sleep(chance.uniform(0.001, 0.02))
        if sender.exitcode is None and sender.pid is not None:
            os.kill(sender.pid, signal.SIGKILL)
        sender.join(30)
        if sender.exitcode == -signal.SIGKILL:
            fates.killed += 1
        else:
            assert sender.exitcode == 0, f"a sender failed: {sender.exitcode}"
            fates.finished += 1


def send_to_the_end(order: Order, seconds: float = 120.0) -> None:
    """Let one sender finish."""
    sender = started(order)
    sender.join(seconds)
    assert sender.exitcode == 0, f"a sender did not finish: {sender.exitcode}"
