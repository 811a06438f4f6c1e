"""P15: a new release, or the step back to the one before, loses no letter that is waiting.

What is to be done stands in tables of ours and names no code: a letter knows its template, a
reminder its rule. So a schema may go down and up again, a template may be renamed and a value may
be missing: every other letter is delivered, and the one nobody can write is shown and kept.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from apscheduler.jobstores.memory import MemoryJobStore
from jinja2 import DictLoader
from sqlalchemy import select, text

from config.settings import Settings
from models import migrating
from models.database import Database, open_database
from models.database_clock import database_now
from models.evaluations import to_json
from models.outbox import Letter, claim_batch, mark_failed, remember
from models.reconciling import reconcile
from models.reminder_book import failed_letters, send_again
from models.tables import Dossier, OutgoingMessage
from models.words import Channel, MessageStatus
from schedules import wording
from schedules.jobs import Means
from schedules.planner import plan
from schedules.postman import LEASE, Postman, Round
from schedules.timetable import TIMETABLE, Ticker
from tests.builders import person_id
from tests.schedules.cases import (
    StoppedClock,
    a_registered_alone,
    at,
    book,
    outlast_leases,
    remind_of_no_reports,
)
from tests.schedules.mailbox import Mailbox
from tests.season import Season
from tests.tiers import SEED, TIER, count
from workflow.vocabulary import Action
from workflow.working_days import office_day

pytestmark = pytest.mark.promise("P15")

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("workflow", "models", "views", "schedules", "config")
PENDING = 1_000
OLDEST = "0004" if TIER == "T1" else "0001"
"""How far down the schema goes. 0001 knew no digests: from there every letter goes alone, which
takes a minute more than a run with every change has."""
DEPLOYS = count(1, 5, 20)
"""How often the schema goes down to that release and up again."""

FROZEN = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
"""Whoever stores with one of these stores the names of our functions."""


# --- Nothing that waits names our code ----------------------------------------------------------


def frozen_code(source: str) -> Iterator[str]:
    """What in a module would keep a job, or an object of ours, outside our tables."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if _freezes(one.name))
            case ast.ImportFrom(module=module, names=names):
                whole = [module or "", *(f"{module}.{one.name}" for one in names)]
                yield from filter(_freezes, whole)
            case ast.keyword(arg="jobstores" | "jobstore" as name):
                yield name
            case ast.Attribute(attr="add_jobstore" | "PickleType" as name):
                yield name
            case ast.Name(id="__import__" as name):
                yield name


def _freezes(name: str) -> bool:
    return (
        name.partition(".")[0] in FROZEN
        or name.startswith("apscheduler.jobstores")
        or name.endswith(".PickleType")
    )


def test_no_job_and_no_object_of_ours_is_frozen(tally) -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {str(path): list(frozen_code(path.read_text("utf-8"))) for path in modules}
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert len(modules) > 100
    tally("modules", len(modules))


@pytest.mark.planted
@pytest.mark.parametrize(
    "planted",
    [
        "import pickle",
        "__import__('dill')",
        "from shelve import open",
        "from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore",
        "BackgroundScheduler(jobstores={'default': store})",
        "scheduler.add_jobstore('sqlalchemy', url=url)",
        "scheduler.add_job(send, jobstore='kept')",
        "column = mapped_column(sqlalchemy.PickleType)",
        "from sqlalchemy import PickleType",
    ],
)
def test_a_planted_store_of_code_is_found(planted: str) -> None:
    assert list(frozen_code(planted))


def test_the_ticker_keeps_its_ticks_in_memory(
    sqlite_database: Database, clock: StoppedClock, settings: Settings
) -> None:
    postman = Postman(sqlite_database, clock, Round.from_settings(settings))
    inside = Ticker(Means(sqlite_database, clock, postman))._scheduler
    inside.start(paused=True)
    try:
        assert [type(one) for one in inside._jobstores.values()] == [MemoryJobStore]
        assert {one.id for one in inside.get_jobs()} == set(TIMETABLE)
    finally:
        inside.shutdown(wait=False)


# --- The schema goes down and up with letters waiting -------------------------------------------

MORNING = at(12, 1, 8, 1)
"""One reminder in ten is overdue and goes alone; the others, extended, wait in digests."""


def letters_waiting(database: Database, wanted: int = PENDING) -> set[str]:
    """Fill the book; the keys of the reminders that wait, some of them in strange states."""
    remind_of_no_reports(database)
    season = Season(database, SEED)
    season.begin(wanted // 2, 0)
    until = at(12, 8, 17)
    with database.writing() as session:
        for dossier in session.scalars(select(Dossier).order_by(Dossier.id)).all()[wanted // 20 :]:
            season._act(
                session,
                dossier,
                Action.GRANT_EXTENSION,
                at(11, 20),
                inputs={"until": to_json(until)},
                extended_until=until,
            )
    plan(database, at(12, 1, 7))
    plan(database, MORNING)
    waiting = {
        one.dedupe_key: one
        for one in book(database, "due_submitted", Channel.EMAIL)
        if one.day == MORNING.date()
    }
    assert Counter(one.alone for one in waiting.values()) == {
        True: wanted // 10,
        False: wanted * 9 // 10,
    }
    with database.writing() as session:
        # The release before was stopped in the middle: a batch in hand, a batch put off.
        for outcome in ("", "451 4.3.0 busy"):
            held_at = database_now(session)
            for one in claim_batch(session, "before", MORNING, 20, LEASE, held_at):
                if outcome:
                    mark_failed(session, one.id, one.fence, outcome, MORNING)
    return set(waiting)


def revisions() -> list[str]:
    """All revisions from the newest down to the oldest of this run."""
    script = ScriptDirectory.from_config(migrating.configuration())
    return [one.revision for one in script.walk_revisions(OLDEST, "head")]


def kept_through(url: str, keys: set[str]) -> int:
    """How many of the reminders are in the book, whatever release the schema is of."""
    engine = open_database(url).engine
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT dedupe_key FROM outgoing_message WHERE status IN ('waiting', 'claimed')")
        )
        found = {row.dedupe_key for row in rows}
        connection.rollback()
    engine.dispose()
    return len(keys & found)


def deploy(url: str, keys: set[str]) -> list[int]:
    """Down release by release, and up again; how many reminders there were on the way."""
    newest, *older = revisions()
    counts = []
    for revision in older:
        migrating.downgrade(url, revision)
        counts.append(kept_through(url, keys))
    for revision in [*reversed(older[:-1]), newest]:
        migrating.upgrade(url, revision)
        counts.append(kept_through(url, keys))
    return counts


def deliver(database: Database, settings: Settings) -> None:
    """The new release starts its work: leases run out, what is missing is planned, all goes."""
    outlast_leases(database)
    clock = StoppedClock(MORNING + timedelta(minutes=5))
    plan(database, clock())
    Postman(database, clock, Round.from_settings(settings)).post_all()


def undelivered(database: Database, keys: set[str], mailbox: Mailbox) -> set[str]:
    """The reminders that no letter in the mailbox carries."""
    arrived = {letter["Message-ID"] for letter in mailbox.letters}
    with database.reading() as session:
        rows = session.scalars(select(OutgoingMessage)).all()
    carriers = {row.id: row.message_id for row in rows}
    told = {
        row.dedupe_key
        for row in rows
        if row.status is MessageStatus.SENT
        and (row.message_id if row.digest_id is None else carriers[row.digest_id]) in arrived
    }
    return keys - told


@pytest.mark.slow
def test_a_thousand_waiting_reminders_outlast_every_release_and_the_way_back(
    database: Database, database_url: str, settings: Settings, mailbox: Mailbox, tally
) -> None:
    keys = letters_waiting(database)
    assert len(keys) == PENDING
    for _ in range(DEPLOYS):
        assert set(deploy(database_url, keys)) == {PENDING}
    database.close()
    deliver(database, settings)
    assert undelivered(database, keys, mailbox) == set()
    repeated = Counter(letter["Message-ID"] for letter in mailbox.letters)
    assert max(repeated.values()) == 1
    with database.reading() as session:
        days = reconcile(session, MORNING + timedelta(hours=1))
    assert [day for day in days if not day.holds] == []
    tally("waiting reminders", len(keys))
    tally("schema changes", DEPLOYS * 2 * (len(revisions()) - 1))


@pytest.mark.planted
@pytest.mark.slow
@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("DELETE FROM outgoing_message WHERE status = 'waiting' AND day IS NOT NULL", "kept"),
        (
            "UPDATE outgoing_message SET status = 'sent', sent_at = due_at WHERE day IS NOT NULL",
            "undelivered",
        ),
        ("UPDATE outgoing_message SET alone = (1 = 0), digest_id = NULL", "undelivered"),
    ],
)
def test_a_planted_migration_that_loses_letters_is_found(
    sqlite_database: Database,
    sqlite_url: str,
    settings: Settings,
    mailbox: Mailbox,
    planted: str,
    found: str,
) -> None:
    keys = letters_waiting(sqlite_database, 40)
    with sqlite_database.writing() as session:
        session.execute(text(planted))
    if found == "kept":
        assert kept_through(sqlite_url, keys) < len(keys)
        return
    deliver(sqlite_database, settings)
    assert undelivered(sqlite_database, keys, mailbox)


# --- Letters another release wrote --------------------------------------------------------------


def posted(database: Database, settings: Settings, now: datetime) -> None:
    Postman(database, StoppedClock(now), Round.from_settings(settings)).post_all()


def the_rest_is_sent(database: Database, strange: set[int]) -> bool:
    mail = book(database, "due_submitted", Channel.EMAIL)
    rest = [one for one in mail if one.id not in strange and not one.reason]
    return bool(rest) and {one.status for one in rest} == {MessageStatus.SENT}


@pytest.mark.slow
@pytest.mark.parametrize("now", [at(11, 1, 8), MORNING], ids=["in a digest", "alone"])
def test_a_value_an_older_release_did_not_write_holds_up_nobody(
    sqlite_database: Database, settings: Settings, now: datetime
) -> None:
    """Value by value: the letter goes without it, or fails for a reason somebody can read."""
    remind_of_no_reports(sqlite_database)
    Season(sqlite_database, SEED).begin(60, 0)
    plan(sqlite_database, now - timedelta(hours=1))
    plan(sqlite_database, now)
    strange: dict[int, str] = {}
    with sqlite_database.writing() as session:
        rows = session.scalars(
            select(OutgoingMessage)
            .where(OutgoingMessage.day == office_day(now), OutgoingMessage.channel == Channel.EMAIL)
            .order_by(OutgoingMessage.id)
        ).all()
        names = sorted({name for row in rows for name in row.values})
        assert len(names) > 15
        for name, row in zip(names, rows[::2], strict=False):
            row.values = {known: row.values[known] for known in row.values if known != name}
            strange[row.id] = name
    assert len(strange) == len(names)
    posted(sqlite_database, settings, now)
    assert the_rest_is_sent(sqlite_database, set(strange))
    fates = {one.id: one for one in book(sqlite_database) if one.id in strange}
    settled = {MessageStatus.SENT, MessageStatus.FAILED}
    assert {strange[one.id] for one in fates.values() if one.status not in settled} == set()
    failed = [one for one in fates.values() if one.status is MessageStatus.FAILED]
    assert {one.error for one in failed} == {
        "không soạn được thư: thư thiếu dữ liệu mà mẫu “due_submitted” cần"
    }
    assert len(failed) < len(strange) // 2
    with sqlite_database.reading() as session:
        shown = {one.id for one, _ in failed_letters(session)}
    assert shown == {one.id for one in failed}


def test_a_letter_whose_template_was_renamed_is_kept_and_goes_when_it_is_back(
    sqlite_database: Database,
    settings: Settings,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_registered_alone(sqlite_database)
    with sqlite_database.writing() as session:
        renamed = Letter("x", "due_submitted_2021", MORNING, "a@example.vn")
        values = {"code": "HS-2023-0001", "recipient": "Lý Thị Mai", "subject": "Xã A"}
        remember(session, replace(renamed, values=values), MORNING)
    posted(sqlite_database, settings, MORNING)
    with sqlite_database.reading() as session:
        ((letter, _),) = failed_letters(session)
        administrator = person_id(session, "administrator@UBND-TINH")
    assert letter.error == (
        "không soạn được thư: bản phần mềm này không có mẫu “due_submitted_2021”"
    )
    assert not mailbox.letters
    back = DictLoader({"due_submitted_2021.txt": "[TĐKT] Nộp hồ sơ {{ code }}\n\nKính gửi\n"})
    monkeypatch.setattr(wording._TEMPLATES, "loader", back)
    with sqlite_database.writing() as session:
        assert send_again(session, letter.id, administrator, MORNING)
    posted(sqlite_database, settings, MORNING)
    assert [one["Message-ID"] for one in mailbox.letters] == [letter.message_id]
