"""The proof of a whole season: `python -m tests.season_simulation`.

From 01/09/2023 to 31/01/2024 dossiers move, fall back and close, people are replaced and
deadlines moved; the clock plans and posts to a real mail server of this process. In the end the
letters that arrived are exactly those of the forecast, every day adds up, and nothing came twice.
The clock is shown at four instants a day, on the `minutely` days at every minute. That four stand
for every minute is not believed: a letter that should leave between them is counted as `between`,
and must not be there.

Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller
from sqlalchemy import update

from config.settings import Settings
from models.database import Database, open_database
from models.digests import digest_key
from models.forecasting import expected, mails
from models.migrating import upgrade
from models.outbox import message_id
from models.reconciling import reconcile
from models.tables import OutgoingMessage
from models.words import MessageStatus
from schedules.jobs import run_due
from tests.builders import staff
from tests.schedules.cases import StoppedClock
from tests.schedules.mailbox import Mailbox, free_port
from tests.season import FIRST, LAST, Season, instant
from workflow.working_days import office_day

TICKS = ((7, 59, 59), (8, 0, 0), (8, 1, 0), (17, 1, 0))
"""Office instants of every day at which the clock looks; the events come at ten."""

EVERY_MINUTE = tuple(
    sorted({*TICKS, *((hour, minute, 0) for hour in range(24) for minute in range(60))})
)


@dataclass(frozen=True)
class Outcome:
    """What came of a season."""

    letters: int
    missing: int
    invented: int
    repeated: int
    broken_days: int
    days: int
    between: int
    """Letters the forecast lets leave at no instant the clock was shown."""
    told: dict[str, int]

    @property
    def holds(self) -> bool:
        """Did exactly the letters of the forecast arrive, and does every day add up?"""
        return not (
            self.missing or self.invented or self.repeated or self.broken_days or self.between
        )


def play(  # noqa: PLR0917 - the season's own words
    database: Database,
    dossiers: int,
    people: int,
    seed: int,
    last: date = LAST,
    say: Callable[[str], None] = lambda _: None,
    minutely: Collection[date] = frozenset(),
) -> Outcome:
    """Play the season and compare."""
    season, box = Season(database, seed), Mailbox(port=free_port())
    season.begin(dossiers, people)
    settings = Settings(
        "", "k" * 40, Path(), box.url, "khong-tra-loi@example.vn", "http://localhost"
    )
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    broken = 0
    try:
        day, began = FIRST, time.monotonic()
        while day <= last:
            played = day.weekday() >= 5
            for hour, minute, second in EVERY_MINUTE if day in minutely else TICKS:
                now = instant(day, hour, minute, second)
                if hour >= 10 and not played:
                    season.day(day)
                    drop_step_letters(database)
                    played = True
                run_due(database, StoppedClock(now), settings)
            broken += not_holding(database, day)
            if day.day in {1, 15}:
                say(f"{day:%d/%m/%Y}: {len(box.letters)} thư, {time.monotonic() - began:.0f} giây")
            day += timedelta(days=1)
    finally:
        controller.stop()
    return compare(database, box, season, (instant(FIRST, 0), instant(last, 17, 1)), broken)


def drop_step_letters(database: Database) -> None:
    """Letters of steps are not reminders; none is queued here, and none may be."""
    with database.writing() as session:
        session.execute(
            update(OutgoingMessage)
            .where(
                OutgoingMessage.day.is_(None),
                OutgoingMessage.letter != "digest",
                OutgoingMessage.status == MessageStatus.WAITING,
            )
            .values(status=MessageStatus.SUPPRESSED, reason="thư theo bước")
        )


def not_holding(database: Database, day: date) -> int:
    """How many of today's days do not add up in the evening."""
    with database.reading() as session:
        return sum(not one.holds for one in reconcile(session, instant(day, 20), day, day))


def compare(
    database: Database, box: Mailbox, season: Season, span: tuple[datetime, datetime], broken: int
) -> Outcome:
    """The letters that arrived against those the history calls for, by Message-ID."""
    with database.reading() as session:
        due = [mail for mail in mails(expected(session, *span)) if mail.leaves_at <= span[1]]
        wanted = {
            message_id(
                f"{mail.carries[0].intent.key}:email"
                if mail.carries[0].alone
                else digest_key(mail.to.person_id, office_day(mail.leaves_at))
            )
            for mail in due
        }
        days = reconcile(session, span[1] + timedelta(hours=1))
    arrived = Counter(str(letter["Message-ID"]) for letter in box.letters)
    return Outcome(
        letters=arrived.total(),
        missing=len(wanted - set(arrived)),
        invented=len(set(arrived) - wanted),
        repeated=arrived.total() - len(arrived),
        broken_days=broken + sum(not one.holds for one in days),
        days=len(days),
        between=sum(not shown_within_a_minute(mail.leaves_at) for mail in due),
        told=season.told,
    )


def shown_within_a_minute(at: datetime) -> bool:
    """Is the clock shown at this instant or in the minute after it?"""
    day = office_day(at)
    shown = (instant(day, *tick) for tick in TICKS)
    return any(timedelta(0) <= tick - at <= timedelta(minutes=1) for tick in shown)


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
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/season.sqlite3"
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
        f"{found.letters} thư; thiếu {found.missing}, thừa {found.invented}, lặp {found.repeated}; "
        f"{found.days} ngày có việc, {found.broken_days} ngày không khớp, "
        f"{found.between} thư giữa hai lần xem giờ.\n"
    )
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main())
