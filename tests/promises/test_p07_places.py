"""P7: whoever asks at once, the places are never exceeded and never wasted.

Deciders in several processes ask for the dossiers of one prepared record. After each round all
that was granted is taken back, at one instant too, and the places must be as free as before.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import pytest
from sqlalchemy import create_engine, func, make_url, select, text, update
from sqlalchemy.engine import Engine

from models.database import Database, open_database
from models.invariants import broken_invariants
from models.tables import Dossier, Quota
from tests import builders as build
from tests.models.test_places import a_pool
from tests.promises.prepared import DECIDERS, Fresh
from tests.promises.rivals import Attempt, Rivals
from tests.tiers import SEED, count
from workflow.facts import Command, DecisionInput
from workflow.vocabulary import Action, State

ASKING = (2, 8, 32, 64)
CAPS = range(1, 11)
PAIRS = [(asking, cap) for cap in CAPS for asking in ASKING]
"""Deciders asking, and places."""
BY_DAY = (2,) * 20 + (8,) * 15 + (32,) * 4 + (64,)
"""Deciders of one day's rounds, in some order, with each number of places four times."""
ROUNDS = count(len(BY_DAY), 50 * len(PAIRS), 125 * len(PAIRS))
"""Rounds on each engine; at night every pair comes as often."""
NAIVE = count(20, 200, 500)
A_RECORD = 20
"""Rounds on one copy of the record: looking at it whole takes longer as its history grows."""
JUDGING = 0.01
"""Seconds between looking and writing; a real decision takes longer."""
GRANTED, REFUSED, OVERTAKEN = 303, 422, 409


@dataclass
class Course:
    """A record in which two dozen dossiers wait, and everybody who may decide for them."""

    url: str
    database: Database
    chance: random.Random

    @classmethod
    def begin(cls, url: str, chance: random.Random) -> Course:
        database = open_database(url)
        a_pool(database)
        return cls(url, database, chance)

    def dossiers(self) -> dict[str, Dossier]:
        with self.database.reading() as session:
            return {one.code: one for one in session.scalars(select(Dossier))}

    def sums(self) -> tuple[int, int, int]:
        """Places used, places kept, dossiers decided."""
        with self.database.reading() as session:
            assert broken_invariants(session) == []
            used, reserved = session.execute(select(Quota.used, Quota.reserved)).one()
            decided = select(func.count()).where(Dossier.state == State.DECIDED)
            return used, reserved, session.scalar(decided) or 0

    def put_cap(self, cap: int) -> None:
        """Set the cap as nobody in the service can: a share is not for a head to set."""
        with self.database.writing() as session:
            session.execute(update(Quota).values(cap=cap))

    def asking(self, size: int, number: int) -> list[Command]:
        """So many deciders for the dossiers in some order; one dossier is asked for by several."""
        versions = {code: one.version for code, one in self.dossiers().items()}
        codes = self.chance.sample(sorted(versions), len(versions))
        people = [build.who(self.database, one) for one in DECIDERS]
        asked = [(code, person) for person in people for code in codes][:size]
        assert len(asked) == size
        return [
            Command(code, person, Action.DECIDE, versions[code], inputs=paper(code, number))
            for code, person in asked
        ]

    def send(self, rivals: Rivals, commands: Sequence[Command]) -> list[int]:
        attempts = [Attempt(self.url, "", build.NOW, command=one) for one in commands]
        return [answer.status for answer in rivals.all_at_once(attempts)]

    def take_back(self, rivals: Rivals) -> None:
        """Everything that was granted, at one instant."""
        person = build.who(self.database, DECIDERS[0])
        granted = [one for one in self.dossiers().values() if one.state is State.DECIDED]
        commands = [
            Command(one.code, person, Action.RETRACT, one.version, "Làm lại") for one in granted
        ]
        assert self.send(rivals, commands) == [GRANTED] * len(granted)


def pairs(chance: random.Random) -> list[tuple[int, int]]:
    """How many ask for how many places, round by round."""
    if len(BY_DAY) < ROUNDS:
        return PAIRS * (ROUNDS // len(PAIRS))
    caps = [*CAPS] * (ROUNDS // len(CAPS))
    return list(zip(chance.sample(BY_DAY, ROUNDS), chance.sample(caps, ROUNDS), strict=True))


def paper(code: str, number: int) -> DecisionInput:
    """A decision to be published later, so that it can be taken back."""
    return DecisionInput(build.a_decision(f"{code[-4:]}-{number}/QĐ-UBND").decision, publish=False)


@pytest.mark.slow
@pytest.mark.promise("P7")
def test_awards_are_as_many_as_places_or_as_asked_for(
    fresh: Fresh, rivals: Rivals, tally: Callable[[str, int], None]
) -> None:
    chance = random.Random(SEED)
    course = Course.begin(fresh(), chance)
    for number, (asking, cap) in enumerate(pairs(chance)):
        if number and number % A_RECORD == 0:
            course.database.close()
            course = Course.begin(fresh(), chance)
        course.put_cap(cap)
        commands = course.asking(asking, number)
        eligible = len({command.code for command in commands})
        told = course.send(rivals, commands)
        places = min(cap, eligible)
        assert told.count(GRANTED) == places, (number, asking, cap, told)
        assert set(told) <= {GRANTED, REFUSED, OVERTAKEN}, (number, asking, cap, told)
        assert course.sums() == (places, 0, places), (number, asking, cap)
        course.take_back(rivals)
        assert course.sums() == (0, 0, 0)
    course.database.close()
    tally("rounds of deciders at once", ROUNDS)


@dataclass(frozen=True, slots=True)
class Naive:
    """A decider who counts first and writes later."""

    url: str
    cap: int


@cache
def naive_engine(url: str) -> Engine:
    """An engine as SQLAlchemy gives it: on SQLite no transaction begins before the first write."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_size=max(ASKING))
    return create_engine(parsed, connect_args={"timeout": 30}, pool_size=max(ASKING))


def ask_naively(asking: Naive, ready: Callable[[], object]) -> bool:
    """Count the awards, judge, then write one more: what the service must never do."""
    with naive_engine(asking.url).begin() as connection:
        ready()
        given = connection.execute(text("SELECT COUNT(*) FROM naive_award")).scalar_one()
        time.sleep(JUDGING)
        if given >= asking.cap:
            return False
        connection.execute(text("INSERT INTO naive_award (worker) VALUES (:w)"), {"w": os.getpid()})
    return True


@pytest.mark.planted
@pytest.mark.slow
@pytest.mark.promise("P7")
def test_the_naive_count_fails_the_same_race(
    database_url: str, rivals: Rivals, tally: Callable[[str, int], None]
) -> None:
    """Read first, write later: it must break the cap, or the race above tests nothing."""
    engine = naive_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE naive_award (worker INTEGER)"))
    failed = 0
    contested = [(asking, cap) for asking, cap in PAIRS if asking > cap]
    for number in range(NAIVE):
        asking, cap = contested[number % len(contested)]
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM naive_award"))
        told = rivals.each(ask_naively, [Naive(database_url, cap)] * asking)
        failed += told.count(True) != cap
    engine.dispose()
    tally(f"naive rounds, of which {failed} broke the cap", NAIVE)
    assert failed >= 0.95 * NAIVE
