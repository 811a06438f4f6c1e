"""P26: a backup taken while people write can be restored, and a bad one is noticed.

A drill: writers in several processes, letters leaving, a copy made in the midst of it. Then
everything is killed and brought back into an empty place, and nothing differs: what was
acknowledged before the copy began is there, chain and checkpoint agree, files are what their
names say, people sign in, a dossier goes its whole way, and no letter leaves twice.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, select, text
from sqlalchemy.orm import Session

from config.clock import real_now
from config.settings import Settings
from models import restorations, storage
from models.backup import making
from models.backup.making import back_up
from models.backup.manifest import MANIFEST, SEAL
from models.backup.restoring import restore
from models.backup.verifying import faults_of
from models.database import Database, open_database
from models.doctor import examine
from models.editing import AddDocument, edit
from models.restorations import Answer
from models.sealing import checkpoint, seal_new_lines
from models.stepping import in_transaction
from models.tables import Document, OutgoingMessage
from models.words import MessageStatus
from schedules.jobs import run_due
from schedules.planner import plan
from schedules.postman import Postman, Round
from schedules.summary import Summary
from tests import builders as build
from tests.copies import hashes_of, silent
from tests.evidence import PDF, a_store, stored_papers
from tests.schedules.cases import StoppedClock, at, remind_of_no_reports
from tests.schedules.mailbox import Mailbox
from tests.tiers import SEED, count
from tests.views.conftest import Browser
from views import create_app
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command
from workflow.vocabulary import Action, DocumentKind

pytestmark = pytest.mark.promise("P26")

DRILLS = count(1, 3, 20)
DAMAGED = 50
WRITERS = ("H030", "H031", "H032")
PATIENCE = 120.0
WRITTEN_TO = {
    "restoration",
    "history_line",
    "history_stream",
    "change_set",
    "change_set_line",
    "kept_value",
    "user_session",
    "outgoing_message",
}
"""Where a restore writes: that it was, that nobody is signed in, that nobody holds a letter."""


# --- Writers --------------------------------------------------------------------------------------


def write_on(url: str, folder: Path, unit: str, told: Path, seed: int) -> None:
    """Hand in one paper after the other, and say of each when it is acknowledged; never ends."""
    database, store, chance = open_database(url), a_store(folder), random.Random(seed)
    code = build.a_registered(database, unit)
    clerk = build.who(database, f"clerk@{unit}")
    while True:
        content = PDF.replace(b"trailer", f"% {chance.random()}\ntrailer".encode())
        put = store.put(io.BytesIO(content), "báo cáo.pdf")
        kind = DocumentKind.BAO_CAO_THANH_TICH
        paper = AddDocument(kind, put.file_name, put.content_type, put.size, put.sha256)
        version = build.the_dossier(database, code).version
        command = Command(code, clerk, Action.EDIT, version)
        build.taken(in_transaction(database, partial(hand_in, command=command, paper=paper)))
        with told.open("a") as journal:
            journal.write(f"{put.sha256}\n")


def handed_in(session: Session, command: Command, paper: AddDocument) -> Accepted | Judgement:
    return edit(session, command, paper, build.AUTUMN)


def hand_in(session: Session, command: Command, paper: AddDocument) -> Accepted | Judgement:
    return edit(session, command, paper, build.AUTUMN)


@contextmanager
def writing(url: str, folder: Path, told: Path, seed: int) -> Iterator[Callable[[], set[str]]]:
    """Writers at work, killed at the end; what they have acknowledged so far."""
    fork = multiprocessing.get_context("fork")
    journals = {unit: told.with_name(f"{told.name}-{unit}") for unit in WRITERS}
    children = [
        fork.Process(target=write_on, args=(url, folder, unit, journal, seed + number))
        for number, (unit, journal) in enumerate(journals.items())
    ]
    for child in children:
        child.start()

    def acknowledged() -> set[str]:
        there = [journal.read_text() for journal in journals.values() if journal.exists()]
        return {line for content in there for line in content.splitlines()}

    try:
        yield acknowledged
    finally:
        for child in children:
            assert child.is_alive(), "a writer ended by itself"
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()


def until(holds: Callable[[], bool]) -> None:
    patience = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.05)


# --- The drill ------------------------------------------------------------------------------------


Places = Callable[[], tuple[str, str]]
"""A staffed database and an empty one, on one engine."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    number = iter(range(1000))

    def on_sqlite() -> tuple[str, str]:
        folder = tmp_path / f"drill-{next(number)}"
        folder.mkdir()
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "there.sqlite")
        return f"sqlite:///{folder / 'there.sqlite'}", f"sqlite:///{folder / 'empty.sqlite'}"

    def on_postgres() -> tuple[str, str]:
        server: str = request.getfixturevalue("postgres_server")
        template: str = request.getfixturevalue("postgres_template")
        these = f"drill_{os.getpid()}_{next(number)}"
        _on(server, f"DROP DATABASE IF EXISTS {these} WITH (FORCE)")
        _on(server, f"DROP DATABASE IF EXISTS {these}_empty WITH (FORCE)")
        _on(server, f"CREATE DATABASE {these} TEMPLATE {template}")
        _on(server, f"CREATE DATABASE {these}_empty")
        named = make_url(server)
        return tuple(
            named.set(database=one).render_as_string(hide_password=False)
            for one in (these, f"{these}_empty")
        )  # type: ignore[return-value]

    return on_sqlite if request.param == "sqlite" else on_postgres


def _on(server: str, statement: str) -> None:
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.slow
@pytest.mark.usefixtures("quiet")
def test_a_drill_ends_without_a_difference(
    places: Places,
    tmp_path: Path,
    settings: Settings,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    tally: Callable[[str, int], None],
) -> None:
    saved = 0
    for number in range(DRILLS):
        folder = tmp_path / f"round-{number}"
        folder.mkdir()
        url, empty = places()
        with closing(open_database(url)) as database, closing(open_database(empty)) as there:
            drill = Drill(database, there, folder, replace(settings, database_url=url), mailbox)
            saved += drill.run(SEED + number, monkeypatch)
        mailbox.letters.clear()
    tally("drills", DRILLS)
    tally("papers written and kept", saved)


class Drill:
    """One service, its copy, its end, and the service that takes its place."""

    def __init__(
        self,
        database: Database,
        there: Database,
        folder: Path,
        settings: Settings,
        mailbox: Mailbox,
    ) -> None:
        self.database, self.there = database, there
        self.folder, self.settings, self.mailbox = folder, settings, mailbox
        self.clock = StoppedClock(at(11, 1, 8, 1))
        self.store = a_store(folder / "files")
        self.restored = a_store(folder / "restored")

    def run(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
        """Everything in turn; how many papers came through."""
        monkeypatch.setattr(build, "a_paper", stored_papers(self.store))
        remind_of_no_reports(self.database)
        build.a_registered(self.database, "H029")
        self.post(self.database)
        with self.database.writing() as session:
            seal_new_lines(session, self.clock())
            outside = checkpoint(session)
        url, told = self.settings.database_url, self.folder / "told"
        with writing(url, self.store.folder, told, seed) as acknowledged:
            until(lambda: len(acknowledged()) >= len(WRITERS) * 2)
            before = acknowledged()
            made = back_up(
                self.database, self.store, self.folder / "copies", real_now(), "1", silent
            )
            # The old service goes on for a while: papers come, and letters leave.
            until(lambda: len(acknowledged()) > len(before) + 2)
        self.clock.now = at(12, 1, 8, 1)
        assert self.post(self.database).sent > 0
        assert faults_of(made.folder, silent, outside=outside) == []

        self.clock.now = at(12, 1, 9)
        done = restore(self.there, self.restored, made.folder, lambda _: self.clock(), silent)
        assert done.faults == ()
        (self.folder / "looked").mkdir()
        now = hashes_of(self.there, self.folder / "looked" / "rows")
        assert now.keys() == {one.name for one in made.manifest.tables}
        assert {
            one.name for one in made.manifest.tables if now[one.name] != one.sha256
        } <= WRITTEN_TO
        assert examine(self.there, files=self.restored, kept_outside=outside) == []
        with self.there.reading() as session:
            assert before <= set(session.scalars(select(Document.sha256)))
            assert storage.leftovers(session, self.restored) == []
        self.nothing_leaves_twice()
        self.people_go_on(monkeypatch)
        return len(before)

    def post(self, database: Database) -> Summary:
        return run_due(database, self.clock, self.settings)

    def nothing_leaves_twice(self) -> None:
        """Letters rest; what was due before is planned, shown and, by an answer, not sent again."""
        before = len(self.mailbox.letters)
        assert before
        postman = Postman(self.there, self.clock, Round.from_settings(self.settings))
        assert postman.post_all() == Summary()
        with self.there.writing() as session, pytest.raises(restorations.NotPlanned):
            restorations.resume(session, Answer.NONE, (), None, self.clock())
        plan(self.there, self.clock())
        assert postman.post_all() == Summary()
        with self.there.writing() as session:
            rest = restorations.resting(session)
            assert rest is not None
            doubtful = restorations.in_doubt(session, rest)
            assert doubtful, "the old service sent something after the copy"
            answered = restorations.resume(session, Answer.NONE, (), None, self.clock())
            assert (answered.dropped, answered.sent_again) == (len(doubtful), 0)
        assert self.post(self.there).sent == 0
        assert len(self.mailbox.letters) == before
        # What falls due later leaves as always.
        self.clock.now = at(12, 8, 8, 1)
        assert self.post(self.there).sent > 0
        with self.there.reading() as session:
            claimed = select(OutgoingMessage).where(OutgoingMessage.status == MessageStatus.CLAIMED)
            assert session.scalars(claimed).all() == []

    def people_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody signs in with the old password; a dossier goes its whole way."""
        app = create_app(
            replace(self.settings, base_url="http://localhost"), self.there, self.clock
        )
        browser = Browser(app.test_client()).sign_in("clerk@h029")
        assert browser.get("/ho-so").status_code == 200
        monkeypatch.setattr(build, "a_paper", stored_papers(self.restored))
        build.a_decided(self.there, "H033")
        assert examine(self.there, files=self.restored) == []


# --- What a copy without a snapshot would be ------------------------------------------------------


class Meddler:
    """Somebody who decides a dossier between two tables of a copy."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.done = False

    def __call__(self, what: str, number: int, total: int) -> None:
        if what == "bảng" and number == total // 2 and not self.done:
            self.done = True
            build.a_registered(self.database, "H031")


def test_who_writes_between_two_tables_is_in_all_of_them_or_none(
    database: Database, tmp_path: Path
) -> None:
    meddler = Meddler(database)
    made = back_up(database, a_store(tmp_path / "files"), tmp_path, real_now(), "1", meddler)
    assert meddler.done
    assert faults_of(made.folder, silent) == []


@pytest.mark.planted
def test_a_copy_table_by_table_is_found_out(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: each table is read for itself, as it is just then."""

    @contextmanager
    def one_by_one(database: Database, _scratch: Path) -> Iterator[Connection]:
        on_sqlite = database.engine.dialect.name == "sqlite"
        level = "AUTOCOMMIT" if on_sqlite else "READ COMMITTED"
        engine = create_engine(database.engine.url, isolation_level=level)
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    monkeypatch.setattr(making, "snapshot", one_by_one)
    meddler = Meddler(database)
    made = back_up(database, a_store(tmp_path / "files"), tmp_path, real_now(), "1", meddler)
    assert meddler.done
    assert faults_of(made.folder, silent) != []


# --- Damage ---------------------------------------------------------------------------------------


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    put(path, bytes(content))


def cut(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    put(path, content[: chance.randrange(len(content))])


def put(path: Path, content: bytes) -> None:
    """Another file under the name: what is linked to it elsewhere stays."""
    path.unlink()
    path.write_bytes(content)


@pytest.mark.planted
def test_every_damaged_copy_is_found(
    sqlite_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tally: Callable[[str, int], None],
) -> None:
    store, chance = a_store(tmp_path / "files"), random.Random(SEED)
    monkeypatch.setattr(build, "a_paper", stored_papers(store))
    build.a_submitted(sqlite_database)
    older = back_up(sqlite_database, store, tmp_path / "older", real_now(), "1", silent).folder
    build.a_submitted(sqlite_database, "H030")
    whole = back_up(sqlite_database, store, tmp_path / "newer", real_now(), "1", silent).folder
    assert faults_of(older, silent) == faults_of(whole, silent) == []
    parts = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    both = [part for part in parts if (older / part).is_file()]
    unlike = [one for one in both if (older / one).read_bytes() != (whole / one).read_bytes()]
    assert len(unlike) > 5
    harms: dict[str, Callable[[Path], object]] = {
        "a bit": lambda copy: flip(copy / chance.choice(parts), chance),
        "an end": lambda copy: cut(copy / chance.choice(parts), chance),
        "a file": lambda copy: (copy / chance.choice(parts)).unlink(),
        "a generation": lambda copy: mix(copy, older, chance.choice(unlike)),
        "both manifests": lambda copy: mix(copy, older, MANIFEST, SEAL),
    }
    for number in range(DAMAGED):
        name = list(harms)[number % len(harms)]
        copy = tmp_path / f"damaged-{number}"
        shutil.copytree(whole, copy)
        harms[name](copy)
        assert faults_of(copy, silent, trial=False) != [], (name, number)
        shutil.rmtree(copy)
    tally("damaged copies", DAMAGED)


def mix(copy: Path, older: Path, *parts: Path | str) -> None:
    for part in parts:
        put(copy / part, (older / part).read_bytes())
