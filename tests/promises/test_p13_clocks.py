"""P13: clocks that jump, disagree or stand in another zone lose nothing and double nothing.

The real planner and postman of two machines work on one small record while their clocks and the
database's jump between any two of their moves. Only the mail server is played: it takes every
letter. In the end the clocks are right again and stand after everything that was ever shown.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from models.auditing import verify
from models.database import Database
from models.evaluations import to_json
from models.history import OFFICE
from models.office import write_down
from models.outbox import Letter, remember
from models.reconciling import GRACE, reconcile
from models.subjects import LOOKING_BACK
from models.tables import (
    Appointment,
    HistoryLine,
    JobRun,
    OutgoingMessage,
    Unit,
)
from models.words import Channel, MessageStatus
from schedules import postman as postman_module
from schedules import second_look
from schedules.planner import plan
from schedules.postman import LEASE, Postman, Round
from schedules.relay import Relay
from schedules.second_look import NO_LONGER_DUE
from tests.promises.senders import HEAD, hasten
from tests.schedules.cases import a_registered_alone, remind_of_no_reports
from tests.tiers import SEED, count
from workflow.forecast import CYCLE_OVER, NEWER, TOO_OLD, WINDOW_CLOSED

pytestmark = [pytest.mark.promise("P13"), pytest.mark.slow]

OFFICE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
SECOND, HOUR, DAY, YEAR = (
    timedelta(seconds=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=365),
)
APART = timedelta(minutes=5)
LEASES_BY_THE_MACHINE = "leases on the machine's clock"
STEP = "withdrawn"
FAIR = {"", NEWER, TOO_OLD, WINDOW_CLOSED, CYCLE_OVER}
"""Nothing moved and nobody left: there is no other reason not to send."""


def office(year: int, month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=OFFICE_TIME).astimezone(UTC)


BEGINNINGS = (
    office(2023, 10, 31, 7, 59),
    office(2023, 11, 1),
    office(2023, 11, 29, 23, 59),
    office(2023, 12, 1, 7, 59),
    office(2023, 12, 31, 23, 59),
    office(2024, 1, 1, 0, 0),
    office(2024, 2, 28, 23, 59),
    office(2024, 2, 29, 8, 0),
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh", "Pacific/Kiritimati")
JUMPS = tuple(sign * step for step in (SECOND, HOUR, DAY, YEAR) for sign in (1, -1))


class Server:
    """Takes every letter, and remembers it."""

    took: ClassVar[Counter[str]] = Counter()

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, message: EmailMessage) -> None:
        self.took[str(message["Message-ID"])] += 1


@dataclass
class World:
    """One record, two machines whose clocks are five minutes apart, and the database's clock."""

    database: Database
    planted: str = ""
    real: datetime = BEGINNINGS[0]
    held: datetime = BEGINNINGS[0]
    latest: datetime = BEGINNINGS[0]
    carried: dict[int, list[OutgoingMessage]] = field(default_factory=dict)
    steps: int = 0

    def begin(self, at: datetime, zone: str) -> None:
        with self.database.writing() as session:
            session.execute(delete(OutgoingMessage))
            session.execute(delete(JobRun))
        Server.took.clear()
        self.real = self.held = self.latest = at
        self.carried, self.steps = {}, 0
        os.environ["TZ"] = zone
        time.tzset()
        self.clock(0)

    def clock(self, machine: int) -> datetime:
        now = self.real + machine * APART
        self.latest = max(self.latest, now)
        return now

    def postman(self, machine: int) -> Postman:
        way = Round(
            Relay.from_url("smtp://localhost"),
            HEAD,
            f"machine {machine}",
            lease_clock=(lambda _: self.clock(machine))
            if self.planted == LEASES_BY_THE_MACHINE
            else (lambda _: self.held),
        )
        return Postman(self.database, lambda: self.clock(machine), way)

    # --- moves --------------------------------------------------------------------------------

    def plan(self, machine: int) -> None:
        plan(self.database, self.clock(machine))

    def claim(self, machine: int) -> None:
        if machine not in self.carried:
            self.carried[machine] = self.postman(machine).claim()

    def post(self, machine: int) -> None:
        if machine in self.carried:
            self.postman(machine).post(self.carried.pop(machine))
        else:
            self.postman(machine).post_all()

    def crash(self, machine: int) -> None:
        """What the machine had claimed, nobody answers for until the lease runs out."""
        self.carried.pop(machine, None)

    def step(self, machine: int) -> None:
        """Something happens, with a line in the history and a letter to be sent at once."""
        self.steps += 1
        now = self.clock(machine)
        with self.database.writing() as session:
            write_down(session, "clock_test", {"step": self.steps}, None, now)
            values = {"code": "HS-2023-0001", "at": to_json(now), "actor": "Lý Mai"}
            letter = Letter(f"step:{self.steps}", STEP, now, "a@example.vn", values=values)
            remember(session, letter, now)

    def jump(self, by: timedelta) -> None:
        self.real += by

    def jump_database(self, by: timedelta) -> None:
        self.held += by

    def pass_time(self, by: timedelta) -> None:
        self.real += by
        self.held += by

    # --- the end ------------------------------------------------------------------------------

    def put_right(self) -> None:
        """The clocks are right again; what was in hand is posted; some working days pass."""
        for machine in list(self.carried):
            self.post(machine)
        self.held += 2 * LEASE
        self.real = max(self.real, self.latest) + APART
        for _ in range(8):
            local = self.real.astimezone(OFFICE_TIME)
            self.real = (local + DAY).replace(hour=8, minute=1).astimezone(UTC)
            self.held += DAY
            self.plan(0)
            self.post(0)
            if not self.waiting():
                break

    def waiting(self) -> int:
        open_ones = (MessageStatus.WAITING, MessageStatus.CLAIMED)
        with self.database.reading() as session:
            return len(
                session.scalars(
                    select(OutgoingMessage.id).where(OutgoingMessage.status.in_(open_ones))
                ).all()
            )

    def faults(self) -> list[str]:
        """Everything that is not as promised; empty when all is well."""
        found = [f"twice: {one}" for one, times in Server.took.items() if times > 1]
        if self.waiting():
            found.append("still waiting")
        with self.database.reading() as session:
            rows = session.scalars(select(OutgoingMessage)).all()
            days = reconcile(session, self.real + GRACE)
        carriers = {row.id: row.message_id for row in rows}
        for row in rows:
            bygone = row.reason == NO_LONGER_DUE and self.real - row.due_at > LOOKING_BACK
            if row.reason not in FAIR and row.letter != "digest" and not bygone:
                found.append(f"suppressed without cause: {row.dedupe_key}: {row.reason}")
            if row.status is MessageStatus.SENT and row.channel is Channel.EMAIL:
                carrier = row.message_id if row.digest_id is None else carriers[row.digest_id]
                if not Server.took[carrier]:
                    found.append(f"said to be sent, but was not: {row.dedupe_key}")
            if row.letter == STEP and row.status is not MessageStatus.SENT:
                found.append(f"a step nobody was told of: {row.dedupe_key}")
        found += [f"does not add up: {day}" for day in days if not day.holds]
        return found


Move = tuple[str, Any]
MACHINES = st.integers(0, 1)
MOVES = st.one_of(
    st.tuples(st.just("jump"), st.sampled_from(JUMPS)),
    st.tuples(st.just("jump_database"), st.sampled_from(JUMPS)),
    st.tuples(st.just("pass_time"), st.sampled_from((SECOND, APART, HOUR, DAY, 5 * DAY))),
    st.tuples(st.sampled_from(("plan", "claim", "post", "crash", "step")), MACHINES),
)
SCHEDULES = st.lists(MOVES, min_size=3, max_size=8)


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch, quiet: None) -> Iterator[World]:
    """One dossier, one unit with staff, no reports; nothing is said in the log."""
    remind_of_no_reports(database)
    a_registered_alone(database)
    with database.writing() as session:
        kept = select(Unit.id).where(Unit.code.in_(("H029", "UBND-TINH")))
        session.execute(delete(Appointment).where(Appointment.unit_id.not_in(kept)))
        session.execute(update(Unit).where(Unit.id.not_in(kept)).values(valid_to=date(2022, 1, 1)))
    hasten(database)
    monkeypatch.setattr(postman_module, "Line", Server)
    before = os.environ.get("TZ")
    yield World(database)
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


def played(world: World, beginning: datetime, zone: str, moves: list[Move]) -> list[str]:
    world.begin(beginning, zone)
    world.plan(0)
    for name, what in moves:
        getattr(world, name)(what)
    world.put_right()
    return world.faults()


CLAIM_THEN_BACK: list[Move] = [("claim", 0), ("jump", -HOUR), ("post", 0)]
CLAIMED_BY_TWO: list[Move] = [
    ("step", 0),
    ("claim", 0),
    ("pass_time", SECOND),
    ("post", 1),
    ("post", 0),
]


def schedules_for(engine: str) -> int:
    """Fewer where every statement goes to a server."""
    return count(380, 10_000, 100_000) if engine == "sqlite" else count(120, 2_000, 20_000)


def test_no_schedule_of_clock_jumps_loses_or_doubles_anything(world: World, tally) -> None:
    tried = schedules_for(world.database.engine.dialect.name)

    @seed(SEED)
    @settings(
        max_examples=tried,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(BEGINNINGS), st.sampled_from(ZONES), SCHEDULES)
    @example(BEGINNINGS[1], "UTC", CLAIM_THEN_BACK)
    @example(BEGINNINGS[1], "UTC", CLAIMED_BY_TWO)
    def nothing_is_lost(beginning: datetime, zone: str, moves: list[Move]) -> None:
        assert played(world, beginning, zone, moves) == []

    nothing_is_lost()
    tally("schedules", tried)
    with world.database.reading() as session:
        assert verify(session) == []
        at = session.scalars(
            select(HistoryLine.at).where(HistoryLine.stream == OFFICE).order_by(HistoryLine.seq)
        ).all()
    # The order is that of the sequence, and the clocks did disagree with it.
    assert list(at) != sorted(at)


@pytest.mark.planted
def test_a_postman_who_judges_by_a_clock_set_back_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played(world, BEGINNINGS[1], "UTC", CLAIM_THEN_BACK) == []
    monkeypatch.setattr(postman_module, "Steady", lambda clock, _: clock)
    found = played(world, BEGINNINGS[1], "UTC", CLAIM_THEN_BACK)
    assert any(one.startswith("suppressed without cause") for one in found), found


@pytest.mark.planted
def test_a_lease_by_the_clock_of_one_machine_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played(world, BEGINNINGS[1], "UTC", CLAIMED_BY_TWO) == []
    world.planted = LEASES_BY_THE_MACHINE
    monkeypatch.setattr(second_look, "still_claimed", lambda *_: True)
    found = played(world, BEGINNINGS[1], "UTC", CLAIMED_BY_TWO)
    assert any(one.startswith("twice") for one in found), found
