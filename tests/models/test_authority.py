"""A decision by the wrong authority is impossible by any path: commands, lists, papers, rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models import deciding, decision_lists
from models.database import Database
from models.doctor import examine
from models.invariants import broken_invariants
from models.stepping import take_step
from models.tables import Decision, DecisionList, Dossier, Person
from tests import builders as build
from tests.models.test_deciding import PAPER, a_list, committed, signing
from workflow.decisions import Judgement
from workflow.facts import Command, DecisionInput, RevocationInput
from workflow.ports import NotFound
from workflow.vocabulary import Action, RevocationGround, State

PRETENDED = (
    "UPDATE dossier SET state = 'decided', decision_id = (SELECT id FROM decision)"
    " WHERE state = 'board_checked'"
)
DECIDERS = {f"head@{build.PROVINCE}", f"deputy_head@{build.PROVINCE}"}


def everybody_else(database: Database) -> dict[str, int]:
    """All people with an account but the two who decide for the province."""
    with database.reading() as session:
        rows = session.execute(select(Person.code, Person.id).order_by(Person.id))
        return {code: key for code, key in rows if code not in DECIDERS}


def refused(attempt: Callable[[], object]) -> bool:
    """Was it not theirs to do?"""
    try:
        attempt()
    except decision_lists.NotTheirs:
        return True
    return False


def test_nobody_else_decides_by_a_command(database: Database) -> None:
    code = build.a_checked(database)
    version = build.the_dossier(database, code).version
    inputs = DecisionInput(PAPER)
    for who, person in everybody_else(database).items():
        command = Command(code, person, Action.DECIDE, version, inputs=inputs)
        try:
            verdict = take_step(database, command, build.NOW)
        except NotFound:
            continue
        assert isinstance(verdict, Judgement), who
        assert "WRONG_ROLE" in {one.code for one in verdict.refusals}, who
    assert build.the_dossier(database, code).state is State.BOARD_CHECKED
    with database.reading() as session:
        assert session.scalars(select(Decision)).all() == []


def test_nobody_else_prepares_commits_corrects_or_publishes(
    database: Database,
) -> None:
    code, other = build.a_checked(database), build.a_checked(database, "H030")
    decision = committed(database, [code])
    made, _ = a_list(database, [other])
    sent = signing(database, made, [other], key="k9")
    listed = build.the_dossier(database, other)

    def attempts(person: int) -> dict[str, Callable[[], object]]:
        def within(work: Callable[..., object], *given: object) -> Callable[[], object]:
            def attempt() -> object:
                with database.writing() as session:
                    return work(session, *given, person, build.NOW)

            return attempt

        return {
            "open": within(decision_lists.open_list, [listed]),
            "put on": within(decision_lists.put_on, made, [listed.id]),
            "take off": within(decision_lists.take_off, made, [listed.id]),
            "drop": within(decision_lists.drop, made),
            "correct": within(deciding.correct, decision, PAPER, "Sửa"),
            "commit": lambda: deciding.commit(database, sent, person, build.NOW),
            "publish": lambda: deciding.publish(database, decision, (), person, build.NOW),
        }

    for who, person in everybody_else(database).items():
        for what, attempt in attempts(person).items():
            assert refused(attempt), f"{who} could {what}"
    with database.reading() as session:
        assert session.scalars(select(Decision.published_at)).one() is None
        assert (
            session.scalars(select(DecisionList.state).where(DecisionList.id == made)).one()
            == "open"
        )
    assert build.the_dossier(database, other).state is State.BOARD_CHECKED
    assert examine(database) == []


def test_a_head_decides_for_no_other_unit(database: Database) -> None:
    """The paper may not name another unit than the one the form of award names."""
    code = build.a_decided(database)
    forged = RevocationInput(RevocationGround.FORGED_PAPERS, PAPER)
    for head in ("head@H029", "head@H030", "head@SNV"):
        person = build.who(database, head)
        version = build.the_dossier(database, code).version
        command = Command(code, person, Action.REVOKE, version, "x", forged)
        try:
            verdict = take_step(database, command, build.NOW)
        except NotFound:
            continue
        assert isinstance(verdict, Judgement), head
    assert build.the_dossier(database, code).state is State.DECIDED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dossier SET state = 'decided' WHERE state = 'board_checked'",
        "UPDATE dossier SET decision_id = NULL WHERE state = 'decided'",
        "UPDATE dossier SET state = 'revoked' WHERE state = 'decided'",
        "UPDATE decision SET number = ''",
        "UPDATE decision_list SET state = 'committed', closed_at = created_at",
        "UPDATE quota SET used = cap + 1",
    ],
)
def test_rows_alone_do_not_make_a_decision(database: Database, statement: str) -> None:
    build.a_decided(database)
    a_list(database, [build.a_checked(database, "H030")])
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (
            "UPDATE decision SET unit_id = (SELECT id FROM unit WHERE code = 'H029')",
            "decision-of-the-deciding-unit",
        ),
        (PRETENDED, "state-follows-history"),
        ("UPDATE quota SET used = used + 1", "places-are-their-movements"),
        (
            "UPDATE listed_dossier SET standing = NOT standing",
            "kept-places-are-listed",
        ),
    ],
)
def test_what_rows_could_pretend_is_found(database: Database, statement: str, name: str) -> None:
    build.a_decided(database)
    a_list(database, [build.a_checked(database, "H030")])
    assert examine(database) == []
    with database.writing() as session:
        session.execute(text(statement))
        assert any(name in told for told in broken_invariants(session))


def test_a_checked_dossier_is_really_only_the_provinces_to_decide(database: Database) -> None:
    code = build.a_checked(database)
    with database.reading() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        assert dossier.deciding_unit_id == build.unit_id(session, build.PROVINCE)
    for who in sorted(DECIDERS):
        verdict = build.step(database, code, who, Action.DECIDE, DecisionInput(PAPER))
        if not isinstance(verdict, Judgement):
            return
    raise AssertionError("neither of the two could decide")
