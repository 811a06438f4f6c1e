"""P7 by every order of steps: grant, refuse, revoke, keep, give up, change of cap, base and year.

A model of a few lines says what must be; the real record is asked after each step.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count as counting
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import create_engine, make_url, select, text, update

from models import decision_lists
from models.database import Database, open_database
from models.invariants import broken_invariants
from models.quotas import Pool, look
from models.stepping import take_step
from models.tables import Dossier, Quota, Unit
from tests import builders as build
from tests.models.test_places import a_pool
from tests.tiers import count
from tests.workflow.cases import rulebook
from workflow.decisions import Accepted
from workflow.facts import Command, Inputs, RevocationInput
from workflow.vocabulary import Action, RevocationGround, State

HEAD = f"head@{build.PROVINCE}"
UNITS = ("H024", "H026", "H027", "H028", "H029", "H030")
Copying = Callable[[], Any]


@pytest.fixture
def copies(database: Database, database_url: str, tmp_path: Path) -> Copying:
    """A fresh copy of a record with six checked dossiers, for each example."""
    for unit in UNITS:
        build.a_checked(database, unit)
    a_pool(database)
    database.engine.dispose()
    parsed, numbers = make_url(database_url), counting()

    @contextmanager
    def copy() -> Iterator[Database]:
        if parsed.get_backend_name() == "sqlite":
            path = tmp_path / f"copy-{next(numbers)}.sqlite"
            shutil.copyfile(str(parsed.database), path)
            url = f"sqlite:///{path}"
        else:
            server = parsed.set(drivername="postgresql+psycopg", database="postgres")
            engine = create_engine(server, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("DROP DATABASE IF EXISTS machine WITH (FORCE)"))
                connection.execute(text(f'CREATE DATABASE machine TEMPLATE "{parsed.database}"'))
            engine.dispose()
            url = parsed.set(database="machine").render_as_string(hide_password=False)
        opened = open_database(url)
        yield opened
        opened.close()
        if url.startswith("sqlite"):
            Path(url.removeprefix("sqlite:///")).unlink()

    return copy


class Places(RuleBasedStateMachine):
    """The province's places of one cycle, used by its head in any order."""

    copying: Copying

    def __init__(self) -> None:
        super().__init__()
        self.copy = self.copying()
        self.database: Database = self.copy.__enter__()
        with self.database.reading() as session:
            self.codes = list(session.scalars(select(Dossier.code).order_by(Dossier.code)))
        self.state = dict.fromkeys(self.codes, State.BOARD_CHECKED)
        self.kept: set[str] = set()
        self.cap: int | None = 6
        self.now = build.NOW
        self.by = build.who(self.database, HEAD)
        self.numbers = counting(1)

    def teardown(self) -> None:
        self.copy.__exit__(None, None, None)

    @property
    def used(self) -> int:
        return sum(state is State.DECIDED for state in self.state.values())

    def free(self, code: str = "") -> bool:
        taken = self.used + len(self.kept - {code})
        return self.cap is None or taken < self.cap

    def act(self, code: str, action: Action, inputs: Inputs | None = None) -> bool:
        version = build.the_dossier(self.database, code).version
        command = Command(code, self.by, action, version, "Theo kết luận", inputs)
        return isinstance(take_step(self.database, command, self.now), Accepted)

    @rule(pick=st.integers(0, 5), later=st.booleans())
    def grant(self, pick: int, later: bool) -> None:
        code = self.codes[pick]
        may = self.state[code] is State.BOARD_CHECKED and self.free(code)
        paper = build.a_decision(f"{next(self.numbers)}/QĐ-UBND")
        assert self.act(code, Action.DECIDE, type(paper)(paper.decision, not later)) is may
        if may:
            self.state[code] = State.DECIDED
            self.kept.discard(code)

    @rule(pick=st.integers(0, 5))
    def refuse(self, pick: int) -> None:
        code = self.codes[pick]
        may = self.state[code] is State.BOARD_CHECKED
        assert self.act(code, Action.REJECT) is may
        if may:
            self.state[code] = State.REJECTED
            self.kept.discard(code)

    @rule(pick=st.integers(0, 5))
    def end(self, pick: int) -> None:
        """Revoke what is published; take out what is not: one of the two is always lawful."""
        code = self.codes[pick]
        paper = build.a_decision(f"{next(self.numbers)}/QĐ-UBND").decision
        revoking = RevocationInput(RevocationGround.FORGED_PAPERS, paper)
        revoked = self.act(code, Action.REVOKE, revoking)
        retracted = not revoked and self.act(code, Action.RETRACT)
        assert (revoked or retracted) is (self.state[code] is State.DECIDED)
        if revoked or retracted:
            self.state[code] = State.REVOKED if revoked else State.BOARD_CHECKED

    @rule(pick=st.integers(0, 5))
    def keep(self, pick: int) -> None:
        code = self.codes[pick]
        may = self.state[code] is State.BOARD_CHECKED and code not in self.kept and self.free()
        dossier = build.the_dossier(self.database, code)
        try:
            with self.database.writing() as session:
                decision_lists.open_list(session, [dossier], self.by, self.now)
        except decision_lists.NothingToPrepare:
            assert not may
        else:
            assert may
            self.kept.add(code)

    @precondition(lambda self: self.kept)
    @rule()
    def give_up(self) -> None:
        code = min(self.kept)
        listed = text(
            "SELECT i.list_id, d.id FROM listed_dossier i JOIN dossier d ON d.id = i.dossier_id"
            " WHERE i.standing AND d.code = :code"
        )
        with self.database.writing() as session:
            row = session.execute(listed, {"code": code}).one()
            decision_lists.take_off(session, row[0], [row[1]], self.by, self.now)
        self.kept.discard(code)

    @rule(cap=st.one_of(st.none(), st.integers(0, 6)))
    def change_cap(self, cap: int | None) -> None:
        room = cap is None or self.used + len(self.kept) <= cap
        with self.database.writing() as session:
            fits = Quota.used + Quota.reserved <= cap if cap is not None else text("1 = 1")
            done = session.execute(
                update(Quota).where(fits).values(cap=cap).returning(Quota.used)
            ).first()
        assert (done is not None) is room
        self.cap = cap if room else self.cap

    @rule(counted=st.booleans())
    def change_base(self, counted: bool) -> None:
        """Units come and go; the base of a cycle that has begun stays what it was."""
        with self.database.writing() as session:
            session.execute(update(Unit).where(Unit.code == "H035").values(in_quota_base=counted))

    @precondition(lambda self: self.now == build.NOW)
    @rule()
    def year_changes(self) -> None:
        """Once: with the second new year the province ceases, and its authority with it."""
        self.now += timedelta(days=366)

    @invariant()
    def the_record_says_the_same(self) -> None:
        with self.database.reading() as session:
            row = session.scalars(select(Quota)).one()
            assert (row.used, row.reserved, row.cap, row.base) == (
                self.used,
                len(self.kept),
                self.cap,
                30,
            )
            assert row.cap is None or row.used + row.reserved <= row.cap
            assert broken_invariants(session) == []

    @invariant()
    def another_year_has_its_own_places(self) -> None:
        programme = rulebook().programme
        table = programme.award_by_id["GIAY_KHEN_HUYEN"].quota
        assert table is not None
        with self.database.reading() as session:
            unit = build.unit_id(session, "H029")
            pool = Pool(programme.id, "2024-annual", table.pool, unit)
            found = look(session, pool, table, programme.cycle_by_id["2024-annual"])
        assert (found.used, found.reserved) == (0, 0)


@pytest.mark.slow
@pytest.mark.promise("P7")
def test_whatever_the_order_of_steps_no_place_is_lost_or_given_twice(
    copies: Copying, tally: Callable[[str, int], None]
) -> None:
    class Here(Places):
        copying = staticmethod(copies)

    examples, steps = count(4, 300, 1000), count(25, 50)
    tally("steps in any order at most", examples * steps)

    run_machine(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
