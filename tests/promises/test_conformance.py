"""P10: the record does exactly what the model of the law says, edge by edge.

A real dossier of the record is brought into a situation of the model by the model's own path.
There every person tries every step, each in a savepoint: what the model accepts must be accepted
and lead to the model's situation, what it refuses must be refused and change nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.database import Database
from models.editing import ChooseAward, PutInitiative, edit
from models.gathering import facts_of, places_of
from models.ledger import SqlLedger, look
from models.people import actor_towards
from models.rulebooks import rulebook_of
from models.tables import Dossier
from tests import builders as build
from tests.tiers import SEED, TIER, count
from workflow.decisions import Accepted
from workflow.facts import Actor, DossierFacts
from workflow.ports import NotFound
from workflow.proving.canonical import canonical
from workflow.proving.explore import Explored, explore
from workflow.proving.world import Attempt, World, attempts, checks_of
from workflow.use_cases import perform
from workflow.vocabulary import Action, DocumentKind
from workflow.working_days import office_day

UNIT, AWARD = "X00853", "GIAY_KHEN_HUYEN"
PEOPLE = (
    "clerk@X00853",
    "head@X00853",
    "council_secretary@X00853",
    "council_chair@X00853",
    "appraiser@H028",
    "head@H028",
    "council_secretary@H028",
    "clerk@H030",
    f"appraiser@{build.PROVINCE}",
    f"head@{build.PROVINCE}",
    f"administrator@{build.PROVINCE}",
    f"auditor@{build.PROVINCE}",
)
BESIDE_THE_LEDGER = {Action.REGISTER, Action.RECORD_RANKING}
"""Registering is the registration book's; a ranking is written by closing a council's session."""


def begun(database: Database) -> str:
    """A registered commune's dossier for the district's certificate, with no papers yet."""
    registration = build.a_registration(database, UNIT, "2023-annual")
    build.taken(build.acknowledge(database, registration, by="appraiser@H028"))
    with database.reading() as session:
        unit = build.unit_id(session, UNIT)
        code: str = session.query(Dossier.code).filter_by(unit_id=unit).scalar()
    build.taken(build.change(database, code, ChooseAward(AWARD)))
    initiative = PutInitiative(
        "Tổ trả kết quả lưu động", "UBND tỉnh", "1203/QĐ-UBND", date(2023, 6, 1), applied=True
    )
    build.taken(build.change(database, code, initiative))
    return code


def world_of(database: Database, code: str) -> World:
    """The model's world, with the facts and the people as the record tells them."""
    now = build.AUTUMN
    with database.reading() as session:
        dossier = session.query(Dossier).filter_by(code=code).one()
        places, book = places_of(session, dossier), rulebook_of(session, dossier.programme_hash)
        staff = tuple(
            actor_towards(session, build.person_id(session, who), places, office_day(now))
            for who in PEOPLE
        )
        facts = facts_of(session, dossier)
    return World(book, facts, staff, now, code, codes=checks_of(book.programme))


LEFT_FOR_THE_NIGHT = ("not_met", "award", "BIEN_BAN+", "suspend", "present", "extension")
"""Attempts that only multiply the situations; by day one of each kind is enough."""


def tried_in(world: World) -> tuple[Attempt, ...]:
    found = [one for one in attempts(world) if one.action not in BESIDE_THE_LEDGER]
    if TIER != "T1":
        return tuple(found)
    asked = [one for one in found if one.action is Action.REQUEST_SUPPLEMENT]
    return tuple(
        one
        for one in found
        if one not in asked[1:] and not any(word in one.label for word in LEFT_FOR_THE_NIGHT)
    )


def in_the_record(
    session: Session, world: World, attempt: Attempt, actor: Actor, now: datetime
) -> bool:
    """Ask for the step through the real ledger; was it taken?"""
    try:
        facts = look(session, world.name, actor.person_id, now).facts
    except NotFound:
        facts = replace(world.start, code=world.name)
    command = attempt.command(facts, actor)
    try:
        if attempt.action is Action.EDIT:
            verdict = edit(session, command, change_of(attempt, facts), now)
        else:
            verdict = perform(command, ledger=SqlLedger(session), now=now)
    except NotFound:
        return False
    return isinstance(verdict, Accepted)


def change_of(attempt: Attempt, facts: DossierFacts):
    if attempt.part == "award":
        return ChooseAward(AWARD)
    if attempt.part == "initiatives":
        known = facts.initiatives[0]
        return PutInitiative(
            known.title,
            known.recognised_by,
            known.recognition_number,
            known.recognised_on,
            applied=known.applied,
            initiative_id=known.id,
        )
    return build.a_paper(DocumentKind(attempt.part))


def essence(world: World, facts: DossierFacts, now: datetime) -> object:
    """What the model and the record must agree on."""
    one = canonical(facts, world.book.programme, now)
    asked = one.supplement
    return (
        one.state,
        sorted((act.action.value, act.person_id) for act in one.acts),
        sorted(paper.kind.value for paper in one.documents),
        [(approval.gave, approval.covered) for approval in one.approvals],
        [(mark.code, mark.outcome) for mark in one.marks],
        asked and sorted(kind.value for kind in asked.kinds),
        one.supplement_rounds,
        one.hold is not None,
        one.council and one.council.votes_for,
        one.decision and one.decision.published,
    )


def gathered(session: Session, code: str) -> DossierFacts:
    session.expire_all()
    return facts_of(session, session.query(Dossier).filter_by(code=code).one())


def walked_to(session: Session, world: World, model: Explored, number: int) -> Iterator[datetime]:
    """Take the model's path in the record, a minute a step; then tell the time."""
    people = {actor.person_id: actor for actor in world.staff}
    known = {attempt.label: attempt for attempt in tried_in(world)}
    now = world.now
    for by, label in model.path(number):
        now += timedelta(minutes=1)
        assert in_the_record(session, world, known[label], people[by], now), (label, by)
    yield now + timedelta(minutes=1)


@pytest.mark.slow
@pytest.mark.promise("P10")
def test_the_record_takes_the_models_edges_and_no_others(database: Database, tally) -> None:
    code = begun(database)
    world = world_of(database, code)
    model = explore(world, tried_in(world))
    chance = random.Random(SEED)
    numbers = list(range(len(model.situations)))
    chosen = chance.sample(numbers, min(count(2, 400), len(numbers)))
    tried = accepted = 0
    for number in chosen:
        with database.writing() as session:
            (now,) = walked_to(session, world, model, number)
            here = gathered(session, code)
            assert essence(world, here, now) == essence(world, model.situations[number], world.now)
            edges = {
                (move.by, move.attempt.label): model.situations[move.target]
                for move in model.moves[number]
            }
            marks = {label for _, label in edges if label.startswith("mark ")}
            for attempt in tried_in(world):
                # The model marks in the order of the file; the record lets marks come in any.
                if attempt.action is Action.MARK_CHECK and attempt.label not in marks:
                    continue
                refused = session.begin_nested()
                for actor in world.staff:
                    savepoint = session.begin_nested()
                    taken = in_the_record(session, world, attempt, actor, now)
                    there = edges.get((actor.person_id, attempt.label))
                    assert taken == (there is not None), (attempt.label, actor.name, here.state)
                    tried, accepted = tried + 1, accepted + taken
                    if there is None:
                        savepoint.commit()
                        continue
                    assert essence(world, gathered(session, code), now) == essence(
                        world, there, world.now
                    ), (attempt.label, actor.name)
                    savepoint.rollback()
                # All who were refused together have changed nothing.
                assert essence(world, gathered(session, code), now) == essence(world, here, now), (
                    attempt.label
                )
                refused.rollback()
            session.rollback()
    assert accepted
    tally("situations of the model", len(chosen))
    tally("attempts in the record", tried)
    tally("of them accepted", accepted)


@pytest.mark.promise("P10")
@pytest.mark.planted
def test_a_model_that_forgets_separate_duties_does_not_conform(sqlite_database: Database) -> None:
    """The planted fault: were duties not separate in the model, the record would disagree."""
    code = begun(sqlite_database)
    world = world_of(sqlite_database, code)
    both = world.staff[0]
    forgetful = replace(
        world,
        staff=(replace(both, roles=both.roles | world.staff[2].roles), *world.staff[1:]),
    )
    attempt = next(one for one in tried_in(world) if one.label == "record_council_result for")
    model = explore(forgetful, tried_in(world))
    wrong = [
        (number, move)
        for number, moves in enumerate(model.moves)
        for move in moves
        if move.by == both.person_id and move.attempt == attempt
    ]
    assert wrong
    number, _ = wrong[0]
    with sqlite_database.writing() as session:
        (now,) = walked_to(session, world, model, number)
        assert not in_the_record(session, world, attempt, both, now)
        session.rollback()
