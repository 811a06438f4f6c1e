"""P9: whatever clients saw of a dossier, killed or not, fits one order of what happened to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import permutations
from math import inf

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.doctor import examine
from models.tables import HistoryLine
from tests import builders as build
from tests.promises.histories import FAULTS, Recorder
from tests.promises.linear import (
    Operation,
    Overtaken,
    Read,
    Saw,
    Situation,
    Write,
    Written,
    after,
    first_misfit,
)
from tests.promises.rivals import forking
from tests.tiers import SEED, count

HISTORIES = count(5, 50, 500)
"""Histories on each engine."""
OPERATIONS = 200
CLIENTS = 5
PLANTED = count(1, 10, 50)
HALF, SELDOM = 0.5, 0.2
SMALL = count(300, 20_000, 100_000)
UNITS = ("H029", "H030", "H031", "H032", "H028", "H027", "H026", "SNV", "TTT", "STP")


def recorder(
    database: Database, url: str, number: int, *, hands: str = "Hands", kills: bool = True
) -> Recorder:
    """Clients of a new dossier: its clerk and its head."""
    unit = UNITS[number % len(UNITS)]
    code = build.a_registered(database, unit)
    people = tuple(build.who(database, f"{post}@{unit}") for post in ("clerk", "head"))
    return Recorder(forking(), url, code, people, SEED + number, hands, kills)


def start_of(database: Database, code: str) -> Situation:
    dossier = build.the_dossier(database, code)
    return dossier.version, dossier.profile_text


@pytest.mark.slow
@pytest.mark.promise("P9")
def test_every_history_under_kills_fits_one_order(
    database: Database, database_url: str, tally: Callable[[str, int], None]
) -> None:
    deaths = unknown = 0
    for number in range(HISTORIES):
        clients = recorder(database, database_url, number)
        start = start_of(database, clients.code)
        history = clients.record(CLIENTS, OPERATIONS)
        version, words = start_of(database, clients.code)
        history.append(Operation(inf, inf, Read(), Saw(version, words)))
        assert first_misfit(history, start) is None
        with database.reading() as session:
            dossier = build.the_dossier(database, clients.code)
            lines = session.scalar(
                select(func.count())
                .select_from(HistoryLine)
                .where(HistoryLine.dossier_id == dossier.id)
            )
        assert lines == version, "a version without a line of history"
        deaths += len(clients.deaths)
        unknown += sum(one.told is None for one in history)
        assert len(history) > OPERATIONS - CLIENTS
    tally(f"histories of {OPERATIONS} operations", HISTORIES)
    tally("clients killed", deaths)
    tally("operations nobody knows the outcome of", unknown)
    assert deaths
    assert unknown
    assert examine(database) == []


@pytest.mark.planted
@pytest.mark.slow
@pytest.mark.promise("P9")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_fits_no_order(
    sqlite_database: Database, sqlite_url: str, fault: str, tally: Callable[[str, int], None]
) -> None:
    for number in range(PLANTED):
        clients = recorder(sqlite_database, sqlite_url, number, hands=fault, kills=False)
        start = start_of(sqlite_database, clients.code)
        history = clients.record(CLIENTS, OPERATIONS)
        assert first_misfit(history, start) is not None
    tally(f"histories with {fault}", PLANTED)


# --- the checker itself


def read(asked: float, answered: float, version: int, words: str) -> Operation:
    return Operation(asked, answered, Read(), Saw(version, words))


def test_what_was_answered_before_another_was_asked_comes_first() -> None:
    written = Operation(0, 1, Write(1, "b"), Written(2))
    assert first_misfit([written, read(2, 3, 2, "b")], (1, "a")) is None
    late = read(2, 3, 1, "a")
    assert first_misfit([written, late], (1, "a")) == late
    assert first_misfit([written, read(0.5, 3, 1, "a")], (1, "a")) is None


def test_what_nobody_knows_may_have_happened_later_or_never() -> None:
    unknown = Operation(0, inf, Write(1, "b"), None)
    assert first_misfit([unknown, read(1, 2, 1, "a"), read(3, 4, 2, "b")], (1, "a")) is None
    assert first_misfit([unknown, read(1, 2, 1, "a")], (1, "a")) is None
    assert first_misfit([unknown, read(1, 2, 2, "b"), read(3, 4, 1, "a")], (1, "a")) is not None


def test_of_two_writers_of_one_version_one_is_overtaken() -> None:
    first, second = (Operation(0, 5, Write(1, words), Written(2)) for words in "bc")
    assert first_misfit([first, second], (1, "a")) is not None
    told = Operation(0, 5, Write(1, "c"), Overtaken(2))
    assert first_misfit([first, told], (1, "a")) is None


def test_the_checker_agrees_with_trying_every_order() -> None:
    chance = random.Random(SEED)
    verdicts = set()
    for _ in range(SMALL):
        history = _small(chance)
        verdict = first_misfit(history, (1, "")) is None
        assert verdict == _some_order(history, (1, "")), history
        verdicts.add(verdict)
    assert verdicts == {True, False}


def _small(chance: random.Random) -> list[Operation]:
    """Up to five operations; most are what a sound store would have told."""
    history: list[Operation] = []
    before = situation = (1, "")
    at = 0.0
    for number in range(chance.randint(2, 5)):
        at += chance.random()
        version = situation[0]
        looks = chance.random() < HALF
        call = Read() if looks else Write(version - chance.randrange(2), str(number))
        told: Saw | Written | Overtaken | None
        if isinstance(call, Read):
            told = Saw(*(before if chance.random() < SELDOM else situation))
        elif call.seen == version or chance.random() < SELDOM:
            told = Written(call.seen + 1)
            before, situation = situation, (call.seen + 1, call.words)
        else:
            told = Overtaken(version)
        if chance.random() < SELDOM:
            told = None
        begun = at - chance.random() * 2
        history.append(Operation(begun, inf if told is None else at, call, told))
    return history


def _some_order(history: list[Operation], start: Situation) -> bool:
    """Try every order of all that was answered and of any of the rest."""
    sure = [one for one in history if one.told is not None]
    open_ = [one for one in history if one.told is None]
    for mask in range(1 << len(open_)):
        chosen = sure + [one for number, one in enumerate(open_) if mask >> number & 1]
        if any(_fits(order, start) for order in permutations(chosen)):
            return True
    return False


def _fits(order: tuple[Operation, ...], start: Situation) -> bool:
    situation: Situation | None = start
    for number, one in enumerate(order):
        if any(later.answered < one.asked for later in order[number + 1 :]):
            return False
        situation = after(situation, one) if situation is not None else None
        if situation is None:
            return False
    return True
