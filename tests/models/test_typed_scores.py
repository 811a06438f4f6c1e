"""A published score typed by hand: two people of one body say the same, or nobody knows it yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.database import Database
from models.gathering import facts_of
from models.rulebooks import rulebook_of
from models.scores import NotForYou, Statement, put_score
from models.tables import Appointment, IndexScore, Person, TypedScore
from models.typed_scores import (
    Gone,
    SaidAlready,
    SamePerson,
    confirm_score,
    type_score,
    waiting,
    withdraw_score,
)
from tests import builders as build
from tests.models.test_races import at_once
from workflow.decisions import judge
from workflow.facts import Actor
from workflow.vocabulary import Action, Classification, IndexKind, Outcome, Post, Role, ScoreKind

UNIT = "H024"


@pytest.fixture
def officers(database: Database) -> list[int]:
    """Four appraisers of the province."""
    with database.writing() as session:
        province = build.unit_id(session, build.PROVINCE)
        first = build.person_id(session, f"appraiser@{build.PROVINCE}")
        found = [first]
        for number in range(2, 5):
            made = session.execute(
                insert(Person)
                .values(
                    code=f"appraiser{number}",
                    full_name=f"Người thẩm định {number}",
                    search_key="x",
                    sort_key="x",
                    position="",
                    employer_id=province,
                    email="",
                    leader=False,
                )
                .returning(Person.id)
            ).scalar_one()
            held = {"person_id": made, "unit_id": province, "post": Post.APPRAISER}
            session.execute(insert(Appointment).values(**held, valid_from=date(2021, 10, 9)))
            found.append(made)
    return found


def stated(database: Database, value: str = "86.42") -> Statement:
    with database.reading() as session:
        return build.a_score(build.unit_id(session, UNIT), value)


def said(database: Database, statement: Statement, by: int) -> bool:
    with database.writing() as session:
        return type_score(session, statement, by, build.NOW)


def published(database: Database) -> list[Decimal]:
    with database.reading() as session:
        return list(
            session.scalars(select(IndexScore.value).where(IndexScore.kind == ScoreKind.PUBLISHED))
        )


def open_figures(database: Database) -> list[TypedScore]:
    with database.reading() as session:
        return [one.typed for one in waiting(session, [build.unit_id(session, UNIT)])]


def test_one_person_says_it_and_a_second_says_the_same(
    database: Database, officers: list[int]
) -> None:
    assert not said(database, stated(database), officers[0])
    assert published(database) == []
    assert said(database, stated(database), officers[1])
    assert published(database) == [Decimal("86.42")]
    assert open_figures(database) == []
    with database.reading() as session:
        row = session.scalars(select(TypedScore)).one()
    assert (row.by_id, row.confirmed_by, row.confirmed_at) == (*officers[:2], build.NOW)


def test_the_same_person_is_not_a_second_one(database: Database, officers: list[int]) -> None:
    said(database, stated(database), officers[0])
    (typed,) = open_figures(database)
    with pytest.raises(SaidAlready):
        said(database, stated(database), officers[0])
    with pytest.raises(SamePerson), database.writing() as session:
        confirm_score(session, typed.id, officers[0], build.NOW)
    assert published(database) == []
    kept = {name: getattr(typed, name) for name in ("unit_id", "index_kind", "year", "body_id")}
    alone = insert(TypedScore).values(
        **kept,
        value=Decimal(1),
        published_on=date(2023, 1, 1),
        by_id=officers[1],
        at=build.NOW,
        open=False,
        confirmed_by=officers[1],
        confirmed_at=build.NOW,
    )
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(alone)


@pytest.mark.parametrize(
    "change",
    [
        {"value": Decimal("86.24")},
        {"classification": Classification.KHA},
        {"published_on": date(2023, 12, 2)},
    ],
)
def test_what_differs_stands_beside_until_one_of_them_agrees(
    database: Database, officers: list[int], change: dict[str, Any]
) -> None:
    said(database, stated(database), officers[0])
    other = replace(stated(database), **change)
    assert not said(database, other, officers[1])
    assert len(open_figures(database)) == 2
    assert published(database) == []
    assert said(database, stated(database), officers[1]), "typed anew, and now the same"
    assert published(database) == [Decimal("86.42")]
    assert open_figures(database) == []


def test_a_confirmation_is_of_the_figure_that_was_read(
    database: Database, officers: list[int]
) -> None:
    said(database, stated(database), officers[0])
    (read,) = open_figures(database)
    said(database, stated(database, "68.42"), officers[0])
    with pytest.raises(Gone), database.writing() as session:
        confirm_score(session, read.id, officers[1], build.NOW)
    (present,) = open_figures(database)
    with pytest.raises(NotForYou), database.writing() as session:
        withdraw_score(session, present.id, officers[1], build.NOW)
    with database.writing() as session:
        withdraw_score(session, present.id, officers[0], build.NOW)
    assert (published(database), open_figures(database)) == ([], [])


def test_only_appraisers_of_the_body_above_take_part(
    database: Database, officers: list[int]
) -> None:
    said(database, stated(database), officers[0])
    for who in (f"appraiser@{UNIT}", f"clerk@{UNIT}", f"administrator@{build.PROVINCE}"):
        person = build.who(database, who)
        with pytest.raises(NotForYou):
            said(database, stated(database), person)
        with pytest.raises(NotForYou), database.writing() as session:
            confirm_score(session, open_id(session), person, build.NOW)
    assert published(database) == []


def open_id(session: Session) -> int:
    return session.scalars(select(TypedScore.id).where(TypedScore.open)).one()


def test_what_is_imported_as_published_needs_no_second_person(
    database: Database, officers: list[int]
) -> None:
    said(database, stated(database, "60.00"), officers[0])
    with database.writing() as session:
        put_score(session, stated(database), None, build.NOW)
    assert published(database) == [Decimal("86.42")]
    assert open_figures(database) == []
    with pytest.raises(SaidAlready):
        said(database, stated(database), officers[1])


def test_the_rule_knows_nothing_yet_until_the_second_person(
    database: Database, officers: list[int]
) -> None:
    code = build.a_submitted(database, UNIT)
    assert index_rule(database, code) == (Outcome.NOT_YET_KNOWN, "INDEX_NOT_PUBLISHED")
    said(database, stated(database), officers[0])
    assert index_rule(database, code) == (Outcome.NOT_YET_KNOWN, "SECOND_PERSON_MISSING")
    said(database, stated(database), officers[1])
    assert index_rule(database, code) == (Outcome.MET, "MET")


def index_rule(database: Database, code: str) -> tuple[Outcome, str]:
    with database.reading() as session:
        dossier = build.the_dossier(database, code)
        book = rulebook_of(session, dossier.programme_hash)
        facts = facts_of(session, dossier)
    nobody = Actor(0, "", frozenset({Role.AUDITOR}))
    found = judge(book, Action.RECORD_COUNCIL_RESULT, facts, nobody, build.NOW)
    (result,) = [one for one in found.results if one.rule == "R07"]
    return result.outcome, result.finding.code


def test_of_four_at_once_two_make_it_known_and_it_is_known_once(
    database: Database, officers: list[int]
) -> None:
    statement = stated(database)

    def saying(person: int) -> Callable[[], bool | None]:
        def say() -> bool | None:
            try:
                return said(database, statement, person)
            except SaidAlready:
                return None

        return say

    outcomes = at_once([saying(person) for person in officers])
    assert sorted(outcomes, key=str) == [False, None, None, True]
    assert published(database) == [Decimal("86.42")]
    assert open_figures(database) == []


def test_of_three_confirming_at_once_one_is_the_second_person(
    database: Database, officers: list[int]
) -> None:
    said(database, stated(database), officers[0])
    (typed,) = open_figures(database)

    def confirming(person: int) -> Callable[[], int | None]:
        def confirm() -> int | None:
            try:
                with database.writing() as session:
                    confirm_score(session, typed.id, person, build.NOW)
            except Gone:
                return None
            return person

        return confirm

    outcomes = at_once([confirming(person) for person in officers[1:]])
    (second,) = [one for one in outcomes if one is not None]
    with database.reading() as session:
        assert session.scalars(select(TypedScore.confirmed_by)).one() == second
    assert published(database) == [Decimal("86.42")]


def test_two_figures_of_one_index_do_not_touch_the_other(
    database: Database, officers: list[int]
) -> None:
    said(database, stated(database), officers[0])
    sipas = replace(stated(database), index=IndexKind.SIPAS)
    assert not said(database, sipas, officers[1])
    assert len(open_figures(database)) == 2
