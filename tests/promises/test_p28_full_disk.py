"""P28: a full disk corrupts nothing. Writes are refused in words, reads go on, and room is enough.

SQLite is held at its size (`max_page_count`), or the process may write no longer file
(`RLIMIT_FSIZE`), or a trigger answers as PostgreSQL does when its disk is full. People send forms
until one is refused; they read, health is degraded, and once there is room the same form is taken
by the same process. What was acknowledged is there, what was refused is not.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text

from config.settings import Settings
from models import room
from models.database import Database, open_database
from models.doctor import examine
from models.file_checks import FileRefused
from models.room import is_no_room
from models.sessions import Visit, open_session
from tests import builders as build
from tests.evidence import PDF, a_store
from tests.tiers import count
from tests.views.conftest import Browser, Hands
from views import create_app, errors

pytestmark = [pytest.mark.promise("P28"), pytest.mark.usefixtures("quiet")]

EPISODES = count(3, 100, 500)
MOST = 400
"""Forms until the disk is full, at the latest."""
UNBOUNDED = 1_073_741_823


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database_url="",
        secret_key="k" * 40,
        storage_dir=tmp_path / "files",
        smtp_url="smtp://localhost:2525",
        mail_from="khong-tra-loi@example.vn",
        base_url="http://localhost",
    )


class Office:
    """A service, somebody who sends forms, and what they were told."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.database, self.clock = database, Hands()
        self.app: Flask = create_app(settings, database, self.clock)
        with database.writing() as session:
            person = build.person_id(session, "clerk@H029")
            token = open_session(session, person, Visit(), self.clock())
        client = self.app.test_client()
        with client.session_transaction() as kept:
            kept["sid"] = token
        self.browser = Browser(client)
        self.person = person
        self.acknowledged = 0

    def send(self) -> int:
        """Change the own wishes: rows, and the record of their change."""
        odd = self.acknowledged % 2
        answer = self.browser.post("/cai-dat/nhac-viec", {"thu-scores": "1"} if odd else {})
        self.acknowledged += answer.status_code == 303
        self.wait = answer.headers.get("Retry-After")
        return answer.status_code

    def written(self) -> int:
        """How often the record says so."""
        with self.database.reading() as session:
            said = text("SELECT COUNT(*) FROM change_set WHERE content LIKE '%reminder_wish%'")
            return int(session.execute(said).scalar_one())

    def health(self) -> tuple[str, str]:
        told = self.browser.get("/healthz").get_json()
        return told["status"], told["room"]


def episode(office: Office, full: Callable[[], None], free: Callable[[], None]) -> None:
    """From enough room to none and back, without a restart."""
    written, acknowledged = office.written(), office.acknowledged
    assert office.send() == 303
    full()
    answers = until_refused(office)
    assert answers[-1] == 507
    assert "Máy chủ hết chỗ lưu" in office.browser.last
    assert office.wait == "60"
    office.clock.now += timedelta(minutes=2)  # Long enough that reading would note the visit.
    assert office.browser.get("/ho-so").status_code == 200
    assert office.browser.get("/cai-dat/nhac-viec").status_code == 200
    assert office.health() == ("degraded", "full")
    free()
    assert office.send() == 303
    office.database.room._failed_at -= room.HOLD  # Half a minute later.
    assert office.health() == ("ok", "ok")
    assert office.written() - written == office.acknowledged - acknowledged


def until_refused(office: Office) -> list[int]:
    answers = []
    for _ in range(MOST):
        answers.append(office.send())
        if answers[-1] != 303:
            return answers
    raise AssertionError("the disk was never full")


@pytest.mark.slow
def test_a_full_database_refuses_writes_and_loses_none(
    settings: Settings, sqlite_database: Database, tally: Callable[[str, int], None]
) -> None:
    most = [UNBOUNDED]

    @event.listens_for(sqlite_database.engine, "checkout")
    def _bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most[0]}").close()

    office = Office(settings, sqlite_database)

    def full() -> None:
        # A smaller number than there are pages means: as many as there are.
        most[0] = 1

    def free() -> None:
        most[0] = UNBOUNDED

    for _ in range(EPISODES):
        episode(office, full, free)
    whole(sqlite_database)
    tally("full disks", EPISODES)
    tally("forms taken", office.acknowledged)


def whole(database: Database) -> None:
    with database.reading() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    assert examine(database) == []


@contextmanager
def no_longer_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def served_without_room(url: str, settings: Settings, told: Path) -> None:
    """In a process of its own, because the limit holds for the whole process."""
    with closing(open_database(url)) as database:
        office = Office(settings, database)
        path = Path(url.removeprefix("sqlite:///"))
        limit = ExitStack()

        def full() -> None:
            limit.enter_context(no_longer_file(path.stat().st_size))

        def free() -> None:
            limit.close()

        for _ in range(EPISODES):
            episode(office, full, free)
        store = a_store(settings.storage_dir)
        with no_longer_file(10), pytest.raises(FileRefused, match="hết chỗ"):
            store.put(io.BytesIO(PDF), "báo cáo.pdf")
        assert not list(store.folder.glob(".new-*"))
        whole(database)
        told.write_text(str(office.acknowledged))
    os._exit(0)


@pytest.mark.slow
def test_a_process_that_may_write_no_more_goes_on_reading(
    settings: Settings, sqlite_url: str, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    told = tmp_path / "told"
    child = multiprocessing.get_context("fork").Process(
        target=served_without_room, args=(sqlite_url, settings, told)
    )
    child.start()
    child.join(60 + 5 * EPISODES)
    assert child.exitcode == 0
    assert int(told.read_text()) >= 2 * EPISODES
    tally("limits on files", EPISODES)


@pytest.mark.postgres
@pytest.mark.slow
def test_what_postgresql_says_of_its_full_disk_is_understood(
    settings: Settings, postgres_opened: Database, tally: Callable[[str, int], None]
) -> None:
    """Its own words (53100), from a trigger: a disk of its own to fill is not at hand."""
    office = Office(replace(settings), postgres_opened)
    with postgres_opened.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
        )

    def full() -> None:
        with postgres_opened.engine.begin() as connection:
            for table in ("change_set", "user_session"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER full_{table} BEFORE INSERT OR UPDATE ON {table}"
                        " EXECUTE FUNCTION full_disk()"
                    )
                )

    def free() -> None:
        with postgres_opened.engine.begin() as connection:
            for table in ("change_set", "user_session"):
                connection.execute(text(f"DROP TRIGGER full_{table} ON {table}"))

    for _ in range(EPISODES):
        episode(office, full, free)
    assert examine(postgres_opened) == []
    tally("full disks", EPISODES)


@pytest.mark.planted
def test_a_door_that_takes_a_full_disk_for_any_error_is_found(
    settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the error is swallowed, and the form is said to be taken."""
    monkeypatch.setattr(errors, "is_no_room", lambda _: False)
    most = [UNBOUNDED]

    @event.listens_for(sqlite_database.engine, "checkout")
    def _bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most[0]}").close()

    office = Office(settings, sqlite_database)
    with pytest.raises(AssertionError):
        episode(office, lambda: most.__setitem__(0, 1), lambda: most.__setitem__(0, UNBOUNDED))


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(28, "full"), True), (OSError(13, "denied"), False), (ValueError("x"), False)],
)
def test_only_want_of_room_is_taken_for_it(error: Exception, told: bool) -> None:
    assert is_no_room(error) is told
