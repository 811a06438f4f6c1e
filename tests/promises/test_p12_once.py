"""P12: each reminder is recorded once and has one final result, whoever works, dies or freezes.

Four schedulers run as `python -m schedules` does, on one record. They are killed, asked to stop,
ended at failpoints and frozen for longer than a lease. A trigger in the database keeps every final
result that was ever written, so that a second one cannot hide behind the first.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as OrmSession

from config.clock import real_now
from config.settings import Settings
from models.clock import move
from models.database import Database
from models.evaluations import to_json
from models.outbox import Letter, remember
from models.schedulers import MARK
from models.tables import JobRun, OutgoingMessage
from models.words import Channel, MessageStatus
from schedules import digest_post, planner, second_look
from schedules.planner import plan
from schedules.postman import Postman, Round
from tests.promises.schedulers import LEASE_SECONDS, PATIENT, House, wait_until
from tests.schedules.cases import (
    StoppedClock,
    a_registered_alone,
    at,
    remind_of_no_reports,
)
from tests.schedules.mailbox import Mailbox, free_port
from tests.season import Season
from tests.tiers import SEED, count

pytestmark = [pytest.mark.promise("P12"), pytest.mark.slow]

SCHEDULERS = 4
RESTARTS = count(10, 200, 1_000)
FREEZES = count(1, 20, 100)
DOSSIERS = 30
STEPS = 20
"""Letters of steps that come with every round, to be sent at once."""
MARKS = tuple(
    at(month, day, 8, 1)
    for month, day in ((11, 1), (11, 15), (11, 23), (11, 29), (12, 1), (12, 4), (12, 7))
)
CRASHES = (
    "in_planner_between_batches",
    "digest_gathered_before_commit",
    "after_claim:2",
    "before_smtp:7",
    "after_smtp_250_before_mark:5",
    "after_mark_before_commit:9",
    "after_mark:11",
)
FINAL = (MessageStatus.SENT, MessageStatus.SUPPRESSED, MessageStatus.FAILED)

JOURNAL = "CREATE TABLE final_result (message_id BIGINT NOT NULL, status TEXT NOT NULL)"
ON_SQLITE = """
CREATE TRIGGER keep_final AFTER UPDATE OF status ON outgoing_message
WHEN NEW.status IN ('sent', 'suppressed', 'failed')
BEGIN INSERT INTO final_result VALUES (NEW.id, NEW.status); END
"""
FUNCTION = """
CREATE FUNCTION keep_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO final_result VALUES (NEW.id, NEW.status); RETURN NULL; END $$
"""
ON_POSTGRESQL = """
CREATE TRIGGER keep_final AFTER UPDATE OF status ON outgoing_message FOR EACH ROW
WHEN (NEW.status IN ('sent', 'suppressed', 'failed')) EXECUTE FUNCTION keep_final()
"""


def keep_final_results(database: Database) -> None:
    sqlite = database.engine.dialect.name == "sqlite"
    with database.writing() as session:
        for statement in (JOURNAL, ON_SQLITE) if sqlite else (JOURNAL, FUNCTION, ON_POSTGRESQL):
            session.execute(text(statement))


@dataclass
class SlowMailbox(Mailbox):
    """Takes its time, so that somebody always has letters in hand, and freezes some of them.

    Who is frozen waits for the answer to its letter: it holds a lease, and no lock of the record.
    """

    seconds: float = 0.02
    freezes: int = 0
    """How many are still to be frozen; never two at a time, unless `and_another`."""
    and_another: bool = False
    owner: Callable[[str], int] = lambda _: 0
    """The process that holds the letter of this Message-ID."""
    is_free: Callable[[], bool] = lambda: True
    """Can the record be written?"""
    tries_for: float = 0.15
    """Seconds; less than the client waits for an answer."""
    frozen: dict[int, float] = field(default_factory=dict)
    """Since when they are; monotonic."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter; who is to be frozen never hears the answer before it thaws."""
        time.sleep(self.seconds)  # noqa: ASYNC251 - one letter after the other is meant.
        assert isinstance(envelope.content, bytes)
        if self.freezes and (self.and_another or not self.frozen):
            pid = self.owner(str(message_from_bytes(envelope.content)["Message-ID"]))
            if pid and pid not in self.frozen:
                self._freeze(pid)
        return await super().handle_DATA(server, session, envelope)

    def _freeze(self, pid: int) -> None:
        """Stop a process while none of its threads has a lock of SQLite's; or not at all."""
        until = time.monotonic() + self.tries_for
        while time.monotonic() < until and told(pid, signal.SIGSTOP):
            while not stands_still(pid):
                time.sleep(0.001)
            if is_gone(pid):
                return
            if self.is_free():
                self.freezes -= 1
                self.frozen[pid] = time.monotonic()
                return
            told(pid, signal.SIGCONT)
            time.sleep(0.01)

    def thaw(self, seconds: float) -> None:
        """Let those go on that have been frozen for so long."""
        for pid, since in list(self.frozen.items()):
            if time.monotonic() - since > seconds:
                told(pid, signal.SIGCONT)
                del self.frozen[pid]


def told(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False when the process has ended, as it may at any failpoint."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def is_gone(pid: int) -> bool:
    """Has it ended, whether somebody has looked or not?"""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def stands_still(pid: int) -> bool:
    """Are all threads of a process stopped, or is it gone?"""
    states = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):
            states.append(stat.read_text().rpartition(")")[2].split()[0])
    return all(state in "TtZX" for state in states)


@pytest.fixture
def slow(database: Database) -> Iterator[SlowMailbox]:
    def owner(message_id: str) -> int:
        claimed_by = select(OutgoingMessage.claimed_by).where(
            OutgoingMessage.message_id == message_id,
            OutgoingMessage.status == MessageStatus.CLAIMED,
        )
        with database.reading() as session:
            return int((session.scalar(claimed_by) or "0").partition("-")[0])

    def is_free() -> bool:
        if database.engine.dialect.name != "sqlite":
            return True
        with closing(sqlite3.connect(str(database.engine.url.database), timeout=0)) as probe:
            try:
                probe.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                return False
        return True

    box = SlowMailbox(port=free_port(), owner=owner, is_free=is_free)
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def house(database_url: str, slow: SlowMailbox, tmp_path: Path) -> Iterator[House]:
    found = House(database_url, slow.url, tmp_path)
    yield found
    found.close()


# --- What is checked ----------------------------------------------------------------------------


def faults_of_record(database: Database) -> list[str]:
    """Everything that is recorded twice, or has not exactly one final result; empty when well."""
    with database.reading() as session:
        rows = session.scalars(select(OutgoingMessage)).all()
        finals = Counter(session.scalars(text("SELECT message_id FROM final_result")))
        every, distinct = session.execute(
            select(func.count(), func.count(OutgoingMessage.dedupe_key.distinct()))
        ).one()
    found = [] if every == distinct else [f"{every} rows, {distinct} keys"]
    things = Counter(thing_of(row) for row in rows)
    found += [f"recorded {times} times: {thing}" for thing, times in things.items() if times > 1]
    for row in rows:
        # Inbox rows, and what is only noted, are final from the beginning.
        times = finals[row.id]
        if row.status not in FINAL:
            found.append(f"no result: {row.dedupe_key}")
        elif times > 1 or (times == 0 and row.attempts > 0):
            found.append(f"{times} results: {row.dedupe_key}")
    return found


def thing_of(row: OutgoingMessage) -> tuple[object, ...]:
    """What a letter is, from its contents and not from its key."""
    values = row.values
    return (
        row.letter,
        row.channel,
        row.recipient_id,
        row.dossier_id,
        row.day or row.due_at,
        values.get("rule"),
        values.get("code"),
        values.get("subject"),
        str(values.get("deadline")),
        values.get("step"),
    )


def undelivered(database: Database, box: Mailbox) -> set[str]:
    """Letters said to be sent that nobody got."""
    arrived = {letter["Message-ID"] for letter in box.letters}
    with database.reading() as session:
        sent = session.scalars(
            select(OutgoingMessage.message_id).where(
                OutgoingMessage.channel == Channel.EMAIL,
                OutgoingMessage.status == MessageStatus.SENT,
                OutgoingMessage.digest_id.is_(None),
            )
        )
        return set(sent) - arrived


# --- Four schedulers ----------------------------------------------------------------------------


def write(database: Database, change: Callable[[OrmSession], object]) -> None:
    """Change something ourselves; try again while somebody is frozen with SQLite's lock in hand."""

    def written() -> bool:
        try:
            with database.writing() as session:
                change(session)
        except OperationalError:
            return False
        return True

    wait_until(written, "somebody keeps the database")


def show(database: Database, instant: datetime) -> None:
    """Set the clock all schedulers read."""
    write(database, lambda session: move(session, instant, real_now()))


def new_steps(database: Database, of_round: int, now: datetime, how_many: int = STEPS) -> None:
    """Letters of steps, as a step queues them."""
    values = {"unit": "Sở A", "subject": "Phòng B", "award": "", "actor": "C", "at": to_json(now)}

    def queue(session: OrmSession) -> None:
        for number in range(how_many):
            code = f"HS-{of_round}-{number}"
            letter = Letter(f"submitted:{code}:1", "submitted", now, "a@example.vn")
            told = values | {"code": code, "recipient": "D", "clause": "III.2.a"}
            remember(session, replace(letter, values=told), now)

    write(database, queue)


def take_leases_away(session: OrmSession) -> None:
    """As if whoever holds letters had been away for longer than a lease."""
    session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.status == MessageStatus.CLAIMED)
        .values(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    )


def open_letters(database: Database) -> int:
    with database.reading() as session:
        return (
            session.scalar(
                select(func.count()).where(
                    OutgoingMessage.status.in_((MessageStatus.WAITING, MessageStatus.CLAIMED))
                )
            )
            or 0
        )


def beats(database: Database, since: datetime) -> set[int]:
    """The processes whose heart has beaten since."""
    with database.reading() as session:
        rows = session.scalars(
            select(JobRun.slot).where(JobRun.job == "heartbeat", JobRun.finished_at > since)
        )
        return {int(slot.rpartition(MARK)[2]) for slot in rows if MARK in slot}


def work_through(
    database: Database, house: House, slow: SlowMailbox, chance: random.Random, restarts: int
) -> None:
    """Marks come, steps are taken, schedulers die and freeze; in the end there are four."""
    show(database, MARKS[0] - timedelta(minutes=30))
    for _ in range(SCHEDULERS):
        house.begin()
    rounds = 0
    while house.begun < SCHEDULERS + restarts or slow.freezes or slow.frozen:
        now = MARKS[min(rounds, len(MARKS) - 1)] + timedelta(minutes=3 * rounds)
        show(database, now)
        new_steps(database, rounds, now)
        crash = chance.choice(CRASHES) if chance.random() < 0.5 else ""
        house.bury()
        slow.thaw(LEASE_SECONDS + 1)
        able = [one for one in house.alive if one.pid not in slow.frozen]
        house.replace(chance.choice(able), chance, FAILPOINTS=crash)
        rounds += 1
    house.bury()


def come_to_rest(database: Database, house: House) -> None:
    """No more faults: armed ones are replaced, leases run out, and everything is worked off."""
    for one in [one for one in house.alive if one.armed]:
        house.end(one, signal.SIGTERM)
        house.begin()
    late, left = MARKS[-1] + timedelta(days=1), open_letters(database)

    def fewer() -> bool:
        # What was put off waits on the clock that is shown.
        nonlocal late
        late += timedelta(minutes=1)
        show(database, late)
        time.sleep(0.5)
        return open_letters(database) < left

    # A long storm leaves thousands behind: patience is for standing still, not for being many.
    while left:
        wait_until(fewer, "letters are open")
        left = open_letters(database)


def test_four_schedulers_record_everything_once_though_they_die_and_freeze(
    database: Database, house: House, slow: SlowMailbox, tally
) -> None:
    remind_of_no_reports(database)
    Season(database, SEED).begin(DOSSIERS, 0)
    keep_final_results(database)
    slow.freezes = FREEZES
    work_through(database, house, slow, random.Random(SEED), RESTARTS)
    come_to_rest(database, house)
    assert faults_of_record(database) == []
    assert undelivered(database, slow) == set()
    assert house.begun >= SCHEDULERS + RESTARTS
    calm = real_now()
    pids = {one.pid for one in house.alive}
    wait_until(lambda: beats(database, calm) >= pids, "a scheduler is dead")
    assert len(pids) == SCHEDULERS
    assert [one.end(signal.SIGTERM) for one in house.alive] == [0] * SCHEDULERS
    with database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(OutgoingMessage))
    tally("restarts", house.begun - SCHEDULERS)
    tally("freezes", FREEZES)
    tally("rows", rows)


# --- The fence ----------------------------------------------------------------------------------


def the_letter(database: Database) -> OutgoingMessage:
    with database.reading() as session:
        return session.scalars(select(OutgoingMessage)).one()


def test_a_frozen_owner_that_wakes_up_late_writes_nothing(
    database: Database, house: House, slow: SlowMailbox
) -> None:
    """Two schedulers, one letter: the first freezes in the middle, the second takes it over.

    The second is frozen too, so that the letter is in its hands while the first wakes up.
    """
    show(database, MARKS[0])
    new_steps(database, 0, MARKS[0], 1)
    keep_final_results(database)
    slow.freezes, slow.and_another, slow.tries_for = 1, True, 4.0
    first = house.begin(**PATIENT)
    wait_until(lambda: list(slow.frozen) == [first.pid], "the first is not frozen")
    assert the_letter(database).fence == 1
    # The storm above waits for leases to run out; here one is taken away.
    write(database, take_leases_away)
    slow.freezes = 1
    second = house.begin(**PATIENT)
    wait_until(lambda: list(slow.frozen) == [first.pid, second.pid], "the second is not frozen")
    first.send(signal.SIGCONT)
    wait_until(lambda: "letter taken over by another" in first.said, "the first wrote")
    late = the_letter(database)
    assert (late.status, late.fence) == (MessageStatus.CLAIMED, 2)
    assert late.claimed_by.startswith(f"{second.pid}-")
    second.send(signal.SIGCONT)
    wait_until(lambda: the_letter(database).status is MessageStatus.SENT, "the second did not")
    assert faults_of_record(database) == []
    assert {one["Message-ID"] for one in slow.letters} == {late.message_id}
    assert len(slow.letters) == 2


# --- Planted faults -----------------------------------------------------------------------------


@pytest.mark.planted
def test_a_stamp_without_a_fence_is_found(
    sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would see: the late owner closes what is in another's hands."""

    def unfenced(session, message, fence, now):
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.id == message)
            .values(status=MessageStatus.SENT, sent_at=now, claimed_by="", lease_until=None)
        )
        return True

    clock = StoppedClock(MARKS[0])
    new_steps(sqlite_database, 0, clock(), 2)
    keep_final_results(sqlite_database)
    late, other = (Postman(sqlite_database, clock, Round.from_settings(settings)) for _ in range(2))
    batch = late.claim()
    write(sqlite_database, take_leases_away)
    other.post(other.claim())
    assert faults_of_record(sqlite_database) == []
    assert late.post(batch).lost == len(batch)
    monkeypatch.setattr(digest_post, "mark_sent", unfenced)
    monkeypatch.setattr(second_look, "still_claimed", lambda *_: True)
    late.post(batch)
    assert faults_of_record(sqlite_database)


@pytest.mark.planted
def test_a_planner_without_a_key_is_found(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_registered_alone(sqlite_database)
    keep_final_results(sqlite_database)
    salt = iter(range(1_000))
    honest = planner._letter

    def salted(*told):
        letter = honest(*told)
        return replace(letter, dedupe_key=f"{letter.dedupe_key}:{next(salt)}")

    monkeypatch.setattr(planner, "_letter", salted)
    for _ in range(2):
        assert plan(sqlite_database, at(11, 1, 8)).queued == 2
    assert any("recorded 2 times" in one for one in faults_of_record(sqlite_database))
