"""Deciders in several processes, all begun at the same instant; and the naive way to count.

Kept apart from the tests: what a process runs must be importable by its name.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from threading import Barrier as ThreadBarrier
from typing import Self

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.engine import Engine

from models.database import open_database
from models.stepping import take_step
from tests import builders as build
from workflow.decisions import Accepted
from workflow.facts import Command
from workflow.ports import Stale

PROCESSES = 3
_SHARED: list[Barrier] = []


@dataclass(frozen=True, slots=True)
class Asking:
    """One decider asking for one thing; `command` None is the naive counter."""

    url: str
    command: Command | None = None
    cap: int = 0


class Deciders:
    """A few processes that stay; each round they begin together."""

    def __init__(self) -> None:
        """Start the processes."""
        context = multiprocessing.get_context("spawn")
        barrier = context.Barrier(PROCESSES)
        self._pool = ProcessPoolExecutor(
            PROCESSES, mp_context=context, initializer=_join, initargs=(barrier,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def all_at_once(self, askings: Sequence[Asking]) -> list[str]:
        """What became of each: "granted", "refused" or "stale"; anything else is a fault."""
        shares = [list(askings[number::PROCESSES]) for number in range(PROCESSES)]
        futures = [self._pool.submit(_ask_all, share) for share in shares]
        return [told for future in futures for told in future.result(120)]


def _join(barrier: Barrier) -> None:
    _SHARED.append(barrier)


def _together() -> None:
    _SHARED[0].wait(60)


def _ask_all(askings: list[Asking]) -> list[str]:
    """One process's share: a thread for each, begun when every process is ready."""
    if not askings:
        _SHARED[0].wait(60)
        return []
    ready = ThreadBarrier(len(askings), action=_together)
    url = askings[0].url
    if askings[0].command is None:
        engine = naive_engine(url)
        try:
            return _in_threads(askings, lambda one: ask_naively(engine, one.cap, ready.wait))
        finally:
            engine.dispose()
    database = open_database(url)

    def decide(one: Asking) -> str:
        assert one.command is not None
        ready.wait(60)
        try:
            verdict = take_step(database, one.command, build.NOW)
        except Stale:
            return "stale"
        return "granted" if isinstance(verdict, Accepted) else "refused"

    try:
        return _in_threads(askings, decide)
    finally:
        database.close()


def _in_threads(askings: list[Asking], work: Callable[[Asking], str]) -> list[str]:
    with ThreadPoolExecutor(len(askings)) as pool:
        return list(pool.map(work, askings))


def naive_engine(url: str) -> Engine:
    """An engine as SQLAlchemy gives it: on SQLite no transaction begins before the first write."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_size=40)
    return create_engine(parsed, connect_args={"timeout": 30}, pool_size=40)


def ask_naively(engine: Engine, cap: int, ready: Callable[[], object]) -> str:
    """Count the awards, judge, then write one more: what the service must never do."""
    with engine.begin() as connection:
        ready()
        given = connection.execute(text("SELECT COUNT(*) FROM naive_award")).scalar_one()
        time.sleep(JUDGING)
        if given >= cap:
            return "refused"
        connection.execute(text("INSERT INTO naive_award (worker) VALUES (:w)"), {"w": os.getpid()})
    return "granted"


JUDGING = 0.01
"""Seconds between looking and writing; a real decision takes longer."""
