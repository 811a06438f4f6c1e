"""Relations and sight: who somebody is to a dossier on a day, and what they may see of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select, update

from models.accounts import appoint, disable
from models.database import Database
from models.folding import person_sort_key, search_key, sort_key
from models.gathering import facts_of, places_of
from models.ledger import look
from models.people import actor_towards, people_with, roles_towards
from models.placing import lineage_of, place, superior_of
from models.tables import Appointment, Dossier, Person, Unit
from models.visibility import visible_to
from tests import builders as build
from tests.workflow.cases import rulebook
from workflow.ports import NotFound
from workflow.vocabulary import Post, Role, UnitKind
from workflow.working_days import office_day

TODAY = office_day(build.NOW)
SEEN_BY = {
    "clerk@H029": {Role.CLERK},
    "head@H029": {Role.UNIT_HEAD},
    "council_secretary@H029": {Role.COUNCIL_SECRETARY},
    "council_chair@H029": {Role.COUNCIL_MEMBER},
    "appraiser@H029": set(),
    "appraiser@UBND-TINH": {Role.APPRAISER, Role.SUPERIOR},
    "head@UBND-TINH": {Role.DECIDER, Role.SUPERIOR},
    "deputy_head@UBND-TINH": {Role.DECIDER, Role.SUPERIOR},
    "clerk@UBND-TINH": set(),
    "administrator@UBND-TINH": {Role.ADMINISTRATOR},
    "auditor@UBND-TINH": {Role.AUDITOR},
}
HIDDEN_FROM = ("clerk@H030", "head@SNV", "council_secretary@H030", "clerk@X00853", "head@X00853")


def test_every_relation_to_a_dossier(database: Database) -> None:
    code = build.a_written(database)
    with database.reading() as session:
        places = places_of(session, build.the_dossier(database, code))
        found = {
            name: roles_towards(session, build.person_id(session, name), places, TODAY)
            for name in (*SEEN_BY, *HIDDEN_FROM)
        }
        heads = people_with(session, (Role.UNIT_HEAD, Role.CLERK), places, TODAY)
    assert found == SEEN_BY | {name: set() for name in HIDDEN_FROM}
    assert {person.code for person in heads} == {"clerk@H029", "head@H029"}


@pytest.mark.parametrize("name", [*SEEN_BY, *HIDDEN_FROM])
def test_lists_and_single_loads_agree_on_who_sees(sqlite_database: Database, name: str) -> None:
    code = build.a_written(sqlite_database)
    with sqlite_database.reading() as session:
        person = build.person_id(session, name)
        listed = session.scalars(select(Dossier.code).where(visible_to(person, TODAY))).all()
        if name in SEEN_BY:
            assert listed == [code]
            assert look(session, code, person, build.NOW).facts.code == code
        else:
            assert listed == []
            with pytest.raises(NotFound):
                look(session, code, person, build.NOW)


def test_a_post_holds_from_its_first_to_its_last_office_day(sqlite_database: Database) -> None:
    code = build.a_written(sqlite_database)
    with sqlite_database.writing() as session:
        person = build.person_id(session, "clerk@H029")
        held = session.scalars(select(Appointment).where(Appointment.person_id == person)).one()
        held.valid_from, held.valid_to = date(2023, 12, 4), date(2023, 12, 5)
    last_second = datetime(2023, 12, 5, 16, 59, 59, tzinfo=UTC)
    with sqlite_database.reading() as session:
        look(session, code, person, last_second)
        for outside in (last_second + timedelta(seconds=1), last_second - timedelta(days=2)):
            with pytest.raises(NotFound):
                look(session, code, person, outside)


def test_a_disabled_person_has_no_roles_and_sees_nothing(sqlite_database: Database) -> None:
    code = build.a_written(sqlite_database)
    with sqlite_database.writing() as session:
        person = build.person_id(session, "clerk@H029")
        disable(session, person, build.person_id(session, "head@H029"), build.NOW)
        places = places_of(session, build.the_dossier(sqlite_database, code))
        assert roles_towards(session, person, places, TODAY) == frozenset()
        assert person not in {one.id for one in people_with(session, (Role.CLERK,), places, TODAY)}
        with pytest.raises(NotFound):
            look(session, code, person, build.NOW)


def test_letters_look_for_active_people_only(sqlite_database: Database) -> None:
    code = build.a_written(sqlite_database)
    with sqlite_database.writing() as session:
        session.execute(update(Person).where(Person.code == "clerk@H029").values(active=False))
        places = places_of(session, build.the_dossier(sqlite_database, code))
        found = people_with(session, (Role.CLERK, Role.UNIT_HEAD), places, TODAY)
        assert {person.code for person in found} == {"head@H029"}


def test_an_actor_serves_every_unit_of_a_post_and_the_employer(sqlite_database: Database) -> None:
    code = build.a_written(sqlite_database)
    with sqlite_database.writing() as session:
        person = build.person_id(session, "clerk@H030")
        other = build.unit_id(session, "H029")
        appoint(session, person, (Post.APPRAISER, other), date(2023, 1, 1), person, build.NOW)
        places = places_of(session, build.the_dossier(sqlite_database, code))
        actor = actor_towards(session, person, places, TODAY)
        assert actor.unit_ids == {other, build.unit_id(session, "H030")}


@pytest.mark.parametrize(
    ("unit", "award", "proposer", "decider"),
    [
        ("H029", "BANG_KHEN_TINH", "H029", "UBND-TINH"),
        ("SNV", "BANG_KHEN_TINH", "SNV", "UBND-TINH"),
        ("X00853", "BANG_KHEN_TINH", "H027", "UBND-TINH"),
        ("P1", "BANG_KHEN_TINH", "SNV", "UBND-TINH"),
        ("P1", "GIAY_KHEN_CO_QUAN", "SNV", "SNV"),
        ("X00853", "GIAY_KHEN_HUYEN", "X00853", "H027"),
        ("X00853", "GIAY_KHEN_XA", "X00853", "X00853"),
        ("SNV", "GIAY_KHEN_XA", "SNV", None),
        ("P1", "", "SNV", None),
        ("X00853", "", "X00853", None),
    ],
)
def test_who_proposes_and_who_decides(
    sqlite_database: Database, unit: str, award: str, proposer: str, decider: str | None
) -> None:
    with sqlite_database.writing() as session:
        _add_division(session.add, build.unit_id(session, "SNV"))
        session.flush()
        commune = session.scalars(select(Unit).where(Unit.code == "X00853")).one()
        commune.parent_id = build.unit_id(session, "H027")
        session.flush()
        line = lineage_of(session, build.unit_id(session, unit))
        placement = place(rulebook().programme.award_by_id.get(award), line)
        codes = {one.id: one.code for one in session.scalars(select(Unit))}
    assert codes[placement.proposing_unit_id] == proposer
    assert (codes[placement.deciding_unit_id] if placement.deciding_unit_id else None) == decider


@pytest.mark.parametrize(
    ("unit", "person", "superior"),
    [
        ("H029", None, "UBND-TINH"),
        ("SNV", None, "UBND-TINH"),
        ("P1", None, "SNV"),
        ("H029", "clerk@H029", "H029"),
        ("H029", "head@H029", "UBND-TINH"),
        ("UBND-TINH", None, "UBND-TINH"),
    ],
)
def test_who_receives_a_registration(
    sqlite_database: Database, unit: str, person: str | None, superior: str
) -> None:
    with sqlite_database.writing() as session:
        _add_division(session.add, build.unit_id(session, "SNV"))
        session.flush()
        line = lineage_of(session, build.unit_id(session, unit))
        subject = build.person_id(session, person) if person else None
        found = superior_of(session, line, subject, TODAY)
        assert found == build.unit_id(session, superior)


def test_facts_take_the_same_number_of_statements_however_full_the_dossier(
    sqlite_database: Database,
) -> None:
    thin = build.the_dossier(sqlite_database, build.a_written(sqlite_database, "H030"))
    full = build.the_dossier(sqlite_database, build.a_checked(sqlite_database, "H029"))
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(sqlite_database.engine, "before_cursor_execute", note)
    counts = []
    for dossier in (thin, full):
        statements.clear()
        with sqlite_database.reading() as session:
            facts_of(session, dossier)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 19


def test_vietnamese_is_found_without_marks_and_sorted_as_people_expect() -> None:
    assert search_key("  Đặng  Thị   Ước ") == "dang thi uoc"
    assert search_key("Thuận Hoà") == search_key("Thuận Hòa") == "thuan hoa"
    names = ["Đồng Văn", "Dền Sáng", "Ân Thi", "An Bình", "Ăn Lương", "Bà Ná", "Ba Na"]
    assert sorted(names, key=sort_key) == [
        "An Bình",
        "Ăn Lương",
        "Ân Thi",
        "Ba Na",
        "Bà Ná",
        "Dền Sáng",
        "Đồng Văn",
    ]
    people = ["Vàng Thị Dợ", "Phàn A Lình", "Đặng Văn An"]
    assert sorted(people, key=person_sort_key) == ["Đặng Văn An", "Vàng Thị Dợ", "Phàn A Lình"]


def _add_division(add: object, parent: int) -> None:
    assert callable(add)
    add(
        Unit(
            code="P1",
            name="Phòng Cải cách hành chính",
            search_key="p1",
            sort_key="p1",
            kind=UnitKind.DIVISION,
            parent_id=parent,
            valid_from=date(2021, 10, 9),
        )
    )
