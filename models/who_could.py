"""Who could take the next step of every open dossier now, by the same law, and where nobody can.

A number of statements that does not grow with the dossiers; dossiers with the same places, steps
taken and subject are judged once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from models.gathering import act_of
from models.lending import Borrowed, is_open, loans
from models.people import RELATIONS, Places, may_act, roles_of, valid_on
from models.queries_turns import situation_of, step_due
from models.rulebooks import rulebook_of
from models.surroundings import unit_facts
from models.tables import (
    Appointment,
    Delegation,
    Dossier,
    EmergencyAccess,
    HistoryLine,
    Person,
    Registration,
    Unit,
)
from models.validity import NEVER_LENT, running_on
from workflow import facts
from workflow.actors import Actor, Loan, Principal
from workflow.decisions import Judgement, about_the_actor
from workflow.programme import Programme, StepTable
from workflow.rulebook import Rulebook
from workflow.vocabulary import ENDS, Action, Post, Role
from workflow.working_days import office_day

LATELY: Final = timedelta(days=60)
"""A delegation that ran out within this time is named where nobody is left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One open dossier: its next step, who could take it, and who could not and why."""

    code: str
    subject: str
    unit: str
    programme_id: str
    cycle_id: str
    step: StepTable
    places: Places
    able: tuple[Judgement, ...]
    unable: tuple[Judgement, ...]
    expired: tuple[str, ...] = ()

    @property
    def alarm(self) -> bool:
        """Is there nobody?"""
        return not self.able


@dataclass(frozen=True)
class Everybody:
    """All who hold posts on one day, with what is lent to them."""

    people: Mapping[int, Person]
    posts: Mapping[int, frozenset[tuple[Post, int]]]
    borrowed: Mapping[int, tuple[Borrowed, ...]]
    emergencies: Mapping[tuple[int, int], tuple[Loan, ...]]
    by_post: Mapping[tuple[Post, int], frozenset[int]] = field(default_factory=dict)
    expired: Mapping[tuple[Post, int], tuple[str, ...]] = field(default_factory=dict)

    def candidates(self, roles: Iterable[Role], places: Places, dossier_id: int) -> list[int]:
        """Everybody a step of these roles could fall to, by whatever title."""
        found: set[int] = set()
        for key in _keys(roles, places, self.by_post):
            found |= self.by_post.get(key, frozenset())
        found |= {person for person, dossier in self.emergencies if dossier == dossier_id}
        return sorted(found, key=lambda one: (self.people[one].sort_key, one))

    def actor(self, person_id: int, places: Places, dossier_id: int) -> Actor:
        """One of them as the law asks about them, towards these places."""
        person, posts = self.people[person_id], self.posts.get(person_id, frozenset())
        lent = loans(self.borrowed.get(person_id, ()), lambda pairs: roles_of(pairs, places))
        return Actor(
            person_id,
            person.full_name,
            roles_of(posts, places),
            frozenset({unit for _, unit in posts} | {person.employer_id}),
            person.employer_id,
            person.position,
            (*lent, *self.emergencies.get((person_id, dossier_id), ())),
        )

    def ran_out(self, roles: Iterable[Role], places: Places) -> tuple[str, ...]:
        """Delegations for this step that ended lately."""
        found: dict[str, None] = {}
        for key in _keys(roles, places, self.expired):
            found |= dict.fromkeys(self.expired.get(key, ()))
        return tuple(found)


def _keys(
    roles: Iterable[Role], places: Places, known: Mapping[tuple[Post, int], Any]
) -> Iterable[tuple[Post, int]]:
    for role in roles:
        relation = RELATIONS[role]
        if relation.at:
            yield from ((post, at) for post in relation.posts for at in relation.units(places))
        else:
            yield from (key for key in known if key[0] in relation.posts)


def who_could(session: Session, now: datetime, only: Collection[int] | None = None) -> list[Answer]:
    """The answer for every open dossier (or those of `only`) that waits for a step, by code."""
    rows = _open_dossiers(session, only)
    books = {one: rulebook_of(session, one) for one in {row[0].programme_hash for row in rows}}
    everybody = everybody_on(session, now)
    acts = _acts(session, books.values(), only)
    units = _units(session, rows)
    judged: dict[tuple[Any, ...], tuple[tuple[Judgement, ...], tuple[Judgement, ...]]] = {}
    found = []
    for dossier, superior in rows:
        book = books[dossier.programme_hash]
        step = step_due(book.programme, situation_of(dossier))
        if step is None:
            continue
        places = Places(
            dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id, superior
        )
        people = everybody.candidates(step.by, places, dossier.id)
        taken = acts.get(dossier.id, ())
        apart = dossier.id if any(of == dossier.id for _, of in everybody.emergencies) else 0
        key = (
            dossier.programme_hash,
            step,
            places,
            dossier.person_id,
            dossier.award_form,
            dossier.cycle_id,
            dossier.subject_kind,
            apart,
            tuple((act.action, act.people) for act in taken),
        )
        if key not in judged:
            stated = _facts(dossier, taken, units)
            judged[key] = _judged(
                book,
                step,
                stated,
                [everybody.actor(one, places, dossier.id) for one in people],
                now,
            )
        able, unable = judged[key]
        found.append(
            Answer(
                dossier.code,
                dossier.subject_name,
                units[dossier.proposing_unit_id].name,
                dossier.programme_id,
                dossier.cycle_id,
                step,
                places,
                able,
                unable,
                () if able else everybody.ran_out(step.by, places),
            )
        )
    return found


def _judged(
    book: Rulebook,
    step: StepTable,
    stated: facts.DossierFacts,
    actors: Iterable[Actor],
    now: datetime,
) -> tuple[tuple[Judgement, ...], tuple[Judgement, ...]]:
    verdicts = [about_the_actor(book, step, stated, actor, now) for actor in actors]
    eligible = [one for one in verdicts if not one.refusals]
    able = tuple(one for one in eligible if one.allowed)
    return able, tuple(one for one in eligible if not one.allowed)


def _open_dossiers(
    session: Session, only: Collection[int] | None
) -> list[tuple[Dossier, int | None]]:
    query = (
        select(Dossier, Registration.superior_unit_id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(Dossier.state.not_in(ENDS))
        .order_by(Dossier.code)
    )
    if only is not None:
        query = query.where(Dossier.id.in_(only))
    return [(dossier, superior) for dossier, superior in session.execute(query)]


def _acts(
    session: Session, books: Iterable[Rulebook], only: Collection[int] | None
) -> dict[int, tuple[facts.Act, ...]]:
    wanted = {action for book in books for action in kept_apart(book.programme)}
    query = (
        select(
            HistoryLine.dossier_id,
            HistoryLine.action,
            HistoryLine.actor_id,
            HistoryLine.actor_name,
            HistoryLine.at,
            HistoryLine.to_state,
            HistoryLine.on_behalf,
            HistoryLine.dossier_version,
            case((HistoryLine.on_behalf != "", HistoryLine.payload)),
        )
        .join(Dossier, Dossier.id == HistoryLine.dossier_id)
        .where(
            Dossier.state.not_in(ENDS),
            HistoryLine.action.in_([action.value for action in wanted]),
            HistoryLine.actor_id.is_not(None),
        )
        .order_by(HistoryLine.dossier_id, HistoryLine.seq)
    )
    if only is not None:
        query = query.where(HistoryLine.dossier_id.in_(only))
    found: defaultdict[int, list[facts.Act]] = defaultdict(list)
    for dossier_id, *columns in session.execute(query):
        found[dossier_id].append(act_of(*columns))
    return {dossier_id: tuple(acts) for dossier_id, acts in found.items()}


def kept_apart(programme: Programme) -> set[Action]:
    """Every step some rule of the programme keeps apart from others."""
    return {
        Action(action)
        for rule in programme.rules
        if rule.guard == "separate_duties"
        for action in rule.params["between"]
    }


def _units(
    session: Session, rows: Iterable[tuple[Dossier, int | None]]
) -> dict[int, facts.UnitFacts]:
    wanted = {
        unit
        for dossier, _ in rows
        for unit in (dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id)
    }
    found = session.scalars(select(Unit).where(Unit.id.in_(wanted - {None})))
    return {unit.id: unit_facts(unit) for unit in found}


def _facts(
    dossier: Dossier, acts: tuple[facts.Act, ...], units: Mapping[int, facts.UnitFacts]
) -> facts.DossierFacts:
    """As much of a dossier as the rules about the actor look at."""
    subject = facts.SubjectFacts(
        dossier.subject_kind, dossier.subject_name, (units[dossier.unit_id],), dossier.person_id
    )
    return facts.DossierFacts(
        id=dossier.id,
        code=dossier.code,
        version=dossier.version,
        state=dossier.state,
        programme_hash=dossier.programme_hash,
        cycle_id=dossier.cycle_id,
        award_form=dossier.award_form,
        subject=subject,
        proposing_unit=units[dossier.proposing_unit_id],
        deciding_unit=units[dossier.deciding_unit_id] if dossier.deciding_unit_id else None,
        registration=facts.RegistrationFacts(
            dossier.registration_id, subject.key, 0, "", office_day(dossier.created_at), None
        ),
        acts=acts,
    )


def everybody_on(session: Session, now: datetime) -> Everybody:
    """Read all holders of posts, delegations and emergencies of the moment."""
    day = office_day(now)
    people: dict[int, Person] = {}
    posts: defaultdict[int, set[tuple[Post, int]]] = defaultdict(set)
    by_post: defaultdict[tuple[Post, int], set[int]] = defaultdict(set)
    rows = session.execute(
        select(Person, Appointment.post, Appointment.unit_id)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(valid_on(day), may_act(Person.id))
    )
    for person, post, unit_id in rows:
        people[person.id] = person
        posts[person.id].add((post, unit_id))
        by_post[post, unit_id].add(person.id)
    borrowed: defaultdict[int, list[Borrowed]] = defaultdict(list)
    expired: defaultdict[tuple[Post, int], list[str]] = defaultdict(list)
    for delegation, giver, taker, runs in _delegations(session, day):
        lent = _lent(delegation, posts.get(giver.id, set()))
        if not runs:
            words = f"{giver.full_name} ủy quyền cho {taker.full_name}"
            for pair in lent:
                expired[pair].append(words)
            continue
        people[taker.id] = taker
        units = frozenset({unit for _, unit in posts.get(giver.id, ())} | {giver.employer_id})
        principal = Principal(giver.id, giver.full_name, giver.position, units, giver.employer_id)
        actions = frozenset(Action(each) for each in delegation.actions)
        one = Borrowed(delegation.id, principal, lent, actions, delegation.last_day)
        borrowed[taker.id].append(one)
        for pair in lent:
            by_post[pair].add(taker.id)
    emergencies = _emergencies(session, now, people)
    return Everybody(
        people,
        {person: frozenset(held) for person, held in posts.items()},
        {person: tuple(each) for person, each in borrowed.items()},
        emergencies,
        {pair: frozenset(each) for pair, each in by_post.items()},
        {pair: tuple(each) for pair, each in expired.items()},
    )


def _lent(delegation: Delegation, posts: Iterable[tuple[Post, int]]) -> frozenset[tuple[Post, int]]:
    chosen = (delegation.post, delegation.unit_id)
    return frozenset(
        (post, unit)
        for post, unit in posts
        if post not in NEVER_LENT and (delegation.post is None or (post, unit) == chosen)
    )


def _delegations(session: Session, day: date) -> Iterable[tuple[Delegation, Person, Person, bool]]:
    giver, taker = aliased(Person), aliased(Person)
    runs = running_on(day)
    rows = session.execute(
        select(Delegation, giver, taker, case((runs, True), else_=False))
        .join(giver, giver.id == Delegation.giver_id)
        .join(taker, taker.id == Delegation.delegate_id)
        .where(
            Delegation.first_day <= day,
            Delegation.last_day >= day - LATELY,
            may_act(giver.id),
            may_act(taker.id),
        )
        .order_by(Delegation.id)
    )
    return [(one, whose, who, bool(now)) for one, whose, who, now in rows]


def _emergencies(
    session: Session, now: datetime, people: dict[int, Person]
) -> dict[tuple[int, int], tuple[Loan, ...]]:
    found: defaultdict[tuple[int, int], list[Loan]] = defaultdict(list)
    rows = session.execute(
        select(EmergencyAccess, Person)
        .join(Person, Person.id == EmergencyAccess.person_id)
        .where(is_open(now), may_act(Person.id))
        .order_by(EmergencyAccess.id)
    )
    for access, person in rows:
        people[person.id] = person
        found[person.id, access.dossier_id].append(Loan(access.id, frozenset({access.role})))
    return {key: tuple(each) for key, each in found.items()}
