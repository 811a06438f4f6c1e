"""Two people, twenty people, at the same instant: exactly what may happen happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import select

from models.database import Database
from models.doctor import examine
from models.ledger import SqlLedger
from models.stepping import take_step
from models.tables import Dossier
from tests import builders as build
from workflow.decisions import Accepted, Judgement, decide
from workflow.facts import Command
from workflow.ports import Stale
from workflow.vocabulary import Action, State

T = TypeVar("T")


def at_once(works: list[Callable[[], T]]) -> list[T]:
    """Do all works in threads of their own, begun at the same instant."""
    barrier = Barrier(len(works))

    def begin(work: Callable[[], T]) -> T:
        barrier.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def test_of_two_steps_from_one_version_one_wins(database: Database) -> None:
    code = build.a_written(database)
    people = [build.who(database, f"{post}@H029") for post in ("clerk", "head")]
    version = build.the_dossier(database, code).version

    def submitting(person: int) -> Callable[[], Accepted | Judgement | Stale]:
        def submit() -> Accepted | Judgement | Stale:
            command = Command(code, person, Action.SUBMIT, version)
            try:
                return take_step(database, command, build.AUTUMN)
            except Stale as stale:
                return stale

        return submit

    outcomes = at_once([submitting(person) for person in people * 4])
    stale = [outcome for outcome in outcomes if isinstance(outcome, Stale)]
    assert len(outcomes) - len(stale) == 1
    assert {(one.action, one.current_version) for one in stale} == {(Action.SUBMIT, version + 1)}
    assert build.the_dossier(database, code).version == version + 1
    assert examine(database) == []


def test_the_version_is_compared_even_without_the_lock(sqlite_database: Database) -> None:
    """Compare-and-set holds by itself: a decision made on old facts is not written."""
    code = build.a_written(sqlite_database)
    clerk = build.who(sqlite_database, "clerk@H029")
    version = build.the_dossier(sqlite_database, code).version
    command = Command(code, clerk, Action.SUBMIT, version)
    with sqlite_database.writing() as session:
        opened = SqlLedger(session).open(command, now=build.AUTUMN)
    verdict = decide(opened.rulebook, command, opened.facts, opened.actor, build.AUTUMN)
    assert isinstance(verdict, Accepted)
    build.taken(build.step(sqlite_database, code, "clerk@H029", Action.PRESENT, now=build.AUTUMN))
    with pytest.raises(Stale) as stale, sqlite_database.writing() as session:
        SqlLedger(session).record(verdict, now=build.AUTUMN)
    assert stale.value.action is Action.PRESENT
    with sqlite_database.reading() as session:
        state = session.scalars(select(Dossier.state).where(Dossier.code == code)).one()
    assert state is State.REGISTERED


def test_codes_are_given_once(database: Database) -> None:
    units = ("H026", "H027", "H028", "H029", "H030", "H031", "SNV", "TTT")
    codes = at_once([lambda unit=unit: build.a_registration(database, unit) for unit in units])  # type: ignore[misc]
    assert sorted(codes) == [f"DK-2023-{number:04d}" for number in range(1, 9)]
