"""Reading while reading: one connection, and nobody waits for anybody in a circle."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import func, make_url, select, text, update
from sqlalchemy.pool import QueuePool

from models.database import Database
from models.tables import Person
from tests import builders as build

SOON = 5.0
"""Seconds: far less than who waits in a circle would wait (`BUSY_MILLISECONDS`)."""


def test_who_reads_while_reading_shares_the_connection(database: Database) -> None:
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    with database.reading() as outer:
        first = outer.scalars(select(Person).order_by(Person.id)).first()
        with database.reading() as inner:
            second = inner.scalars(select(Person).order_by(Person.id)).first()
            assert pool.checkedout() == 1
        assert outer.scalar(select(func.count()).select_from(Person)), "it goes on reading"
    assert pool.checkedout() == 0
    assert first is not None
    assert second is not None
    assert first is not second, "each has rows of its own"
    assert (first.code, second.code) == (first.code, first.code), "both stay readable"


def test_an_error_inside_leaves_the_next_reading_alone(database: Database) -> None:
    with pytest.raises(LookupError), database.reading(), database.reading():
        raise LookupError
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person))


def test_a_commit_waits_for_a_reader_that_reads_on(sqlite_database: Database) -> None:
    """The writer has locked new readers out and waits for this one, which opens another."""
    begun, path = Event(), str(make_url(str(sqlite_database.engine.url)).database)

    def write() -> None:
        with sqlite_database.writing() as session:
            session.execute(update(Person).values(position="Trưởng phòng"))
            begun.set()

    with ThreadPoolExecutor(1) as pool, sqlite_database.reading() as session:
        session.execute(text("SELECT COUNT(*) FROM person"))
        writing = pool.submit(write)
        begun.wait(SOON)
        until_locked_out(path)
        start = time.monotonic()
        with sqlite_database.reading() as inner:
            assert build.person_id(inner, "clerk@H029")
        assert time.monotonic() - start < SOON
        session.rollback()
        writing.result(SOON)


def until_locked_out(path: str) -> None:
    """Until the writer lets no new reader in."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        stranger = sqlite3.connect(path, timeout=0)
        try:
            stranger.execute("SELECT COUNT(*) FROM person").fetchone()
        except sqlite3.OperationalError:
            return
        finally:
            stranger.close()
    pytest.fail("the writer never came to its commit")
