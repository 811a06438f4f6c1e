"""P14: after an outage of up to 30 days all that came due is sent within ten minutes, or says why.

The injected clock leaps over the outage; then the service starts and looks every minute. Outages
end on working days after eight, when digests leave; what ends on a Sunday leaves on Monday.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from config.settings import Settings
from models.database import Database
from models.reconciling import GRACE, reconcile
from models.tables import JobRun, OutgoingMessage
from models.words import Channel, MessageStatus
from schedules import planner
from schedules.jobs import run_due
from tests.promises.senders import hasten
from tests.schedules.cases import StoppedClock, at, remind_of_no_reports
from tests.schedules.mailbox import Mailbox
from tests.season import Season
from tests.tiers import SEED, count

pytestmark = [pytest.mark.promise("P14"), pytest.mark.slow]

OUTAGES = count(5, 50, 200)
DOSSIERS = 250
"""Clerk and head of each, in the inbox and by mail: a thousand reminders a mark."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONGEST = 30 * DAY
MARKS = (at(11, 1, 8), at(11, 15, 8), at(11, 23, 8), at(11, 29, 8), at(12, 1, 8), at(12, 7, 8))
FIRST_FIVE = (MINUTE, HOUR, DAY, 7 * DAY, LONGEST)


@dataclass(frozen=True)
class Outage:
    """From the last sign of life to the start after it; a mark lies between."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Verdict:
    """What became of everything due in an outage."""

    due: int
    sent: int
    told_why: int
    silent: int
    missing: int
    undelivered: int

    @property
    def holds(self) -> bool:
        """Is everything sent or explained, and at the mail server if it says so?"""
        return (
            self.due == self.sent + self.told_why
            and not self.silent
            and not self.missing
            and not self.undelivered
        )


def outages() -> Iterator[Outage]:
    """The five of every change first, then by chance: a minute to thirty days, evenly by scale."""
    chance = random.Random(SEED)
    for number in range(OUTAGES):
        mark = MARKS[number % len(MARKS)] if number >= 5 else MARKS[0 if number < 4 else 4]
        length = FIRST_FIVE[number] if number < 5 else MINUTE * (43_200 ** chance.random())
        before = min(length / 2, 20 * MINUTE) if number % 2 else length / 2
        # It ends after the mark, on the mark's own working day.
        since = mark - max(before, length - 8 * HOUR)
        yield Outage(since, since + length)


def through(database: Database, outage: Outage, settings: Settings, box: Mailbox) -> Verdict:
    """The service lives, is away, starts, and has ten minutes."""
    box.letters.clear()
    with database.writing() as session:
        session.execute(delete(OutgoingMessage))
        session.execute(delete(JobRun))
    run_due(database, StoppedClock(outage.since), settings)
    before = {str(letter["Message-ID"]) for letter in box.letters}
    for minute in range(11):
        run_due(database, StoppedClock(outage.until + minute * MINUTE), settings)
        if not waiting(database):
            break
    arrived = {str(letter["Message-ID"]) for letter in box.letters}
    with database.reading() as session:
        rows = list(session.scalars(select(OutgoingMessage)))
        days = reconcile(session, outage.until + 10 * MINUTE + GRACE)
    carriers = {row.id: row.message_id for row in rows}
    counts = Counter(row.status for row in rows if row.day is not None)
    told = [row for row in rows if row.status is MessageStatus.SUPPRESSED]
    mail = [row for row in rows if row.status is MessageStatus.SENT]
    return Verdict(
        due=sum(one.due for one in days),
        sent=counts[MessageStatus.SENT],
        told_why=counts[MessageStatus.SUPPRESSED],
        silent=sum(not row.reason for row in told),
        missing=sum(len(one.missing) + len(one.unexplained) for one in days),
        undelivered=sum(
            (row.message_id if row.digest_id is None else carriers[row.digest_id])
            not in arrived | before
            for row in mail
            if row.channel is Channel.EMAIL
        ),
    )


def waiting(database: Database) -> bool:
    open_ones = (MessageStatus.WAITING, MessageStatus.CLAIMED)
    with database.reading() as session:
        found = select(OutgoingMessage.id).where(OutgoingMessage.status.in_(open_ones)).limit(1)
        return session.scalar(found) is not None


def late_dossiers(database: Database, dossiers: int) -> None:
    remind_of_no_reports(database)
    Season(database, SEED).begin(dossiers, 0)


def test_every_outage_is_caught_up(
    database: Database, settings: Settings, mailbox: Mailbox, quiet: None, tally
) -> None:
    hasten(database)
    late_dossiers(database, DOSSIERS)
    tried = 0
    for outage in outages():
        assert MINUTE <= outage.until - outage.since <= LONGEST
        verdict = through(database, outage, settings, mailbox)
        assert verdict.due >= 1_000, (outage, verdict)
        assert verdict.holds, (outage, verdict)
        assert verdict.sent > 0
        tried += verdict.due
    tally("outages", OUTAGES)
    tally("reminders", tried)


@pytest.mark.planted
def test_a_planner_with_a_grace_time_is_found(
    sqlite_database: Database, settings: Settings, mailbox: Mailbox, monkeypatch
) -> None:
    """Planted: the habit of schedulers to skip what is late by more than a second."""
    late_dossiers(sqlite_database, 3)
    outage = Outage(at(11, 1, 7), at(11, 1, 9))
    assert through(sqlite_database, outage, settings, mailbox).holds
    real = planner.letters
    monkeypatch.setattr(
        planner,
        "letters",
        lambda session, now: (
            one for one in real(session, now) if now - one.letter.due_at <= timedelta(seconds=1)
        ),
    )
    verdict = through(sqlite_database, outage, settings, mailbox)
    assert verdict.missing > 0
    assert not verdict.holds


@pytest.mark.planted
def test_a_planner_that_gives_no_reason_is_found(
    sqlite_database: Database, settings: Settings, mailbox: Mailbox, monkeypatch
) -> None:
    late_dossiers(sqlite_database, 3)
    outage = Outage(at(11, 1, 7), at(12, 1, 9))
    verdict = through(sqlite_database, outage, settings, mailbox)
    assert verdict.holds
    assert verdict.told_why > 0
    real = planner.letters
    monkeypatch.setattr(
        planner, "letters", lambda session, now: (x for x in real(session, now) if not x.because)
    )
    assert not through(sqlite_database, outage, settings, mailbox).holds
