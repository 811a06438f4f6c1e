"""Two people, twenty people, at the same instant: exactly what may happen happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.doctor import examine
from models.ledger import SqlLedger
from models.quotas import Pool, consume, hold, release, set_cap
from models.stepping import take_step
from models.tables import Dossier, Quota
from tests import builders as build
from tests.workflow.cases import rulebook
from workflow.decisions import Accepted, Judgement, decide
from workflow.facts import Command
from workflow.ports import Stale
from workflow.vocabulary import Action, State

T = TypeVar("T")
CAP = 6


def at_once(works: list[Callable[[], T]]) -> list[T]:
    """Do all works in threads of their own, begun at the same instant."""
    barrier = Barrier(len(works))

    def begin(work: Callable[[], T]) -> T:
        barrier.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def a_pool(database: Database) -> Pool:
    """The province's places of the mid-term review: 20 % of 30 units."""
    table = rulebook().programme.award_by_id["BANG_KHEN_TINH"].quota
    cycle = rulebook().programme.cycle_by_id["2023-midterm"]
    assert table is not None
    with database.writing() as session:
        province = build.unit_id(session, build.PROVINCE)
        pool = Pool(rulebook().programme.id, cycle.id, table.pool, province)
        held = hold(session, pool, table, cycle)
    assert (held.base, held.cap, held.used) == (30, CAP, 0)
    return pool


def used(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(Quota.used)).one()


def test_twenty_deciders_take_exactly_the_places_there_are(database: Database) -> None:
    pool = a_pool(database)

    def take() -> bool:
        with database.writing() as session:
            return consume(session, pool)

    taken = at_once([take] * 20)
    assert taken.count(True) == CAP
    assert used(database) == CAP


def test_a_place_given_back_can_be_taken_again(database: Database) -> None:
    pool = a_pool(database)
    with database.writing() as session:
        assert not release(session, pool)
        assert [consume(session, pool) for _ in range(CAP + 1)] == [True] * CAP + [False]
        assert release(session, pool)
        assert consume(session, pool)


@pytest.mark.postgres
def test_a_naive_count_then_write_would_have_been_caught(postgres_opened: Database) -> None:
    """The same race with read first, write later: it must break the cap, or we test nothing.

    SQLite has one writer at a time, where even the naive way cannot go wrong.
    """
    database = postgres_opened
    a_pool(database)
    looked = Barrier(10)

    def take_naively() -> bool:
        with database.writing() as session:
            before = session.scalars(select(Quota.used)).one()
            looked.wait(10)
            session.execute(update(Quota).values(used=before + 1))
            return before < CAP

    assert at_once([take_naively] * 10).count(True) > CAP


@pytest.mark.slow
def test_five_decisions_for_two_places(database: Database) -> None:
    units = ("H026", "H027", "H028", "H029", "H030")
    codes = [build.a_checked(database, unit) for unit in units]
    pool = a_pool(database)
    decider = build.who(database, f"head@{build.PROVINCE}")
    with database.writing() as session:
        assert set_cap(session, pool, 2, decider, build.NOW)

    def deciding(code: str) -> Callable[[], Accepted | Judgement]:
        version = build.the_dossier(database, code).version
        inputs = build.a_decision(f"{code[-4:]}/QĐ-UBND")
        command = Command(code, decider, Action.DECIDE, version, inputs=inputs)
        return lambda: take_step(database, command, build.NOW)

    verdicts = at_once([deciding(code) for code in codes])
    refused = [verdict for verdict in verdicts if isinstance(verdict, Judgement)]
    assert len(verdicts) - len(refused) == used(database) == 2
    for judgement in refused:
        assert "QUOTA_FULL" in {one.finding.code for one in judgement.blocking} | {
            one.code for one in judgement.refusals
        }
    assert examine(database) == []


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
