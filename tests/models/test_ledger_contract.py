"""What every ledger must do: the SQL one on both engines, and its twin in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.gathering import facts_of
from models.ledger import SqlLedger
from models.stepping import take_step
from models.tables import Evaluation, OutgoingMessage
from tests import builders as build
from tests.twin import MemoryLedger
from tests.workflow.cases import collective, rulebook
from workflow.decisions import Accepted, Judgement
from workflow.facts import Actor, Command, DossierFacts
from workflow.ports import Ledger, NotFound, Repeated, Stale
from workflow.use_cases import perform
from workflow.vocabulary import Action, Role, State

LATER = build.AUTUMN + timedelta(minutes=5)


@dataclass
class Bench:
    """One dossier ready to be handed in, under one kind of ledger."""

    code: str
    clerk: int
    head: int
    stranger: int
    facts: Callable[[], DossierFacts]
    run: Callable[[Command], Accepted | Judgement]
    refusals: Callable[[], int]
    letters: Callable[[], int]

    def command(self, action: Action, *, key: str = "", by: int | None = None) -> Command:
        """A command at the present version."""
        version = self.facts().version
        return Command(self.code, by or self.clerk, action, version, key=key)


def sql_bench(database: Database) -> Bench:
    code = build.a_written(database)

    def facts() -> DossierFacts:
        with database.reading() as session:
            return facts_of(session, build.the_dossier(database, code))

    def count(table: type[Evaluation | OutgoingMessage]) -> int:
        with database.reading() as session:
            query = select(func.count()).select_from(table)
            if table is Evaluation:
                query = query.where(Evaluation.allowed.is_(False))
            return session.scalars(query).one()

    letters_before = count(OutgoingMessage)
    return Bench(
        code=code,
        clerk=build.who(database, "clerk@H029"),
        head=build.who(database, "head@H029"),
        stranger=build.who(database, "clerk@H030"),
        facts=facts,
        run=lambda command: take_step(database, command, LATER),
        refusals=lambda: count(Evaluation),
        letters=lambda: count(OutgoingMessage) - letters_before,
    )


def memory_bench() -> Bench:
    papers = tuple(replace(paper, dated=date(2023, 11, 10)) for paper in collective().documents)
    dossier = replace(collective(), documents=papers, council=None, marks=())
    clerk = Actor(500, "Vàng Thị Dợ", frozenset({Role.CLERK}), frozenset({20}))
    head = Actor(501, "Phàn A Lình", frozenset({Role.UNIT_HEAD}), frozenset({20}))
    ledger = MemoryLedger(rulebook(), {dossier.code: dossier}, {500: clerk, 501: head})
    return Bench(
        code=dossier.code,
        clerk=500,
        head=501,
        stranger=999,
        facts=lambda: ledger.dossiers[dossier.code],
        run=lambda command: perform(command, ledger=ledger, now=LATER),
        refusals=lambda: len(ledger.refusals),
        letters=lambda: len(ledger.letters),
    )


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "memory":
        return memory_bench()
    return sql_bench(request.getfixturevalue(f"{request.param}_opened"))


def test_both_are_ledgers(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        ledgers: list[Ledger] = [SqlLedger(session), MemoryLedger(rulebook(), {}, {})]
    assert len(ledgers) == 2


def test_an_accepted_step_moves_the_state_and_the_version(bench: Bench) -> None:
    before = bench.facts()
    verdict = bench.run(bench.command(Action.SUBMIT))
    after = bench.facts()
    assert isinstance(verdict, Accepted)
    assert (after.state, after.version) == (State.SUBMITTED, before.version + 1)
    assert after.entered_state_at == LATER
    assert [act.action for act in after.acts][-1] is Action.SUBMIT
    assert bench.letters() == 1


def test_an_unknown_code_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.run(replace(bench.command(Action.SUBMIT), code="HS-2023-9999"))


def test_a_stranger_finds_nothing(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.run(bench.command(Action.SUBMIT, by=bench.stranger))


def test_an_old_page_is_told_who_was_faster(bench: Bench) -> None:
    command = bench.command(Action.PRESENT)
    bench.run(command)
    with pytest.raises(Stale) as stale:
        bench.run(replace(command, action=Action.SUBMIT))
    found = stale.value
    assert found.expected_version == command.expected_version
    assert found.current_version == command.expected_version + 1
    assert found.action is Action.PRESENT
    assert found.at == LATER
    assert found.by


def test_the_same_key_is_carried_out_once(bench: Bench) -> None:
    command = bench.command(Action.PRESENT, key="once")
    bench.run(command)
    version = bench.facts().version
    with pytest.raises(Repeated) as repeated:
        bench.run(command)
    assert repeated.value.code == bench.code
    assert bench.facts().version == version


def test_the_same_key_of_another_person_is_another_command(bench: Bench) -> None:
    bench.run(bench.command(Action.PRESENT, key="once"))
    verdict = bench.run(bench.command(Action.SUBMIT, key="once", by=bench.head))
    assert isinstance(verdict, Accepted)


def test_a_refusal_is_kept_and_changes_nothing(bench: Bench) -> None:
    before = bench.facts()
    verdict = bench.run(bench.command(Action.DECIDE))
    assert isinstance(verdict, Judgement)
    assert bench.facts() == before
    assert bench.refusals() == 1
    assert bench.letters() == 0


def test_a_refused_key_may_be_tried_again(bench: Bench) -> None:
    bench.run(bench.command(Action.WITHDRAW, key="again"))
    again = replace(bench.command(Action.WITHDRAW, key="again"), comment="Rút theo ý đơn vị")
    assert isinstance(bench.run(again), Accepted)
    assert bench.facts().state is State.WITHDRAWN
