"""Everybody who could be asked to act on one day: posts, what is lent, who can sign in at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import CompoundSelect, case, or_, select, true, union
from sqlalchemy.orm import Session, aliased

from models.lending import Borrowed, is_open, loans
from models.people import RELATIONS, Places, may_act, roles_of, valid_on
from models.tables import Appointment, Delegation, EmergencyAccess, Person
from models.validity import NEVER_LENT, can_sign_in, running_on
from workflow.actors import Actor, Loan, Principal
from workflow.vocabulary import Action, Post, Role
from workflow.working_days import office_day

LATELY: Final = timedelta(days=60)
"""A delegation that ran out within this time is named where nobody is left."""


@dataclass(frozen=True)
class Everybody:
    """All who hold posts on one day, with what is lent to them."""

    people: Mapping[int, Person]
    posts: Mapping[int, frozenset[tuple[Post, int]]]
    borrowed: Mapping[int, tuple[Borrowed, ...]]
    emergencies: Mapping[tuple[int, int], tuple[Loan, ...]]
    by_post: Mapping[tuple[Post, int], frozenset[int]] = field(default_factory=dict)
    expired: Mapping[tuple[Post, int], tuple[str, ...]] = field(default_factory=dict)
    outside: Mapping[tuple[Post, int], tuple[str, ...]] = field(default_factory=dict)
    """Names of holders without an account, or with a closed one: they can do nothing."""

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
        return _words(self.expired, roles, places)

    def kept_out(self, roles: Iterable[Role], places: Places) -> tuple[str, ...]:
        """Who holds a post for this step, but cannot sign in."""
        return _words(self.outside, roles, places)


def _words(
    known: Mapping[tuple[Post, int], tuple[str, ...]], roles: Iterable[Role], places: Places
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for key in _keys(roles, places, known):
        found |= dict.fromkeys(known.get(key, ()))
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


def everybody_on(
    session: Session, now: datetime, units: Collection[int] | None = None
) -> Everybody:
    """Read all holders of posts, delegations and emergencies of the moment.

    Whoever cannot sign in is told apart: a post held without an account moves nothing. With
    `units` only people who have to do with these units are read, each with all their posts:
    holders there, holders of posts that count anywhere, and givers of what is lent.
    """
    day = office_day(now)
    near = true() if units is None else Appointment.person_id.in_(_near(units, day))
    people: dict[int, Person] = {}
    posts: defaultdict[int, set[tuple[Post, int]]] = defaultdict(set)
    by_post: defaultdict[tuple[Post, int], set[int]] = defaultdict(set)
    rows = session.execute(
        select(
            Person,
            Appointment.post,
            Appointment.unit_id,
            case((can_sign_in(Person.id), 1), else_=0),
        )
        .join(Appointment, Appointment.person_id == Person.id)
        .where(valid_on(day), Person.active.is_(True), near)
        .order_by(Person.sort_key, Person.id)
    )
    outside: defaultdict[tuple[Post, int], list[str]] = defaultdict(list)
    for person, post, unit_id, inside in rows:
        # Whoever cannot sign in may still lend what they hold, as an administrator arranges it.
        posts[person.id].add((post, unit_id))
        if inside:
            people[person.id] = person
            by_post[post, unit_id].add(person.id)
        else:
            outside[post, unit_id].append(person.full_name)
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
        {pair: tuple(each) for pair, each in outside.items()},
    )


def _near(units: Collection[int], day: date) -> CompoundSelect[int]:
    """SQL: people with a post at one of these units or one that counts anywhere, and givers."""
    anywhere = {post for one in RELATIONS.values() if not one.at for post in one.posts}
    there = aliased(Appointment)
    return union(
        select(there.person_id).where(
            or_(there.unit_id.in_(sorted(units)), there.post.in_(sorted(anywhere)))
        ),
        select(Delegation.giver_id).where(
            Delegation.first_day <= day, Delegation.last_day >= day - LATELY
        ),
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
            can_sign_in(taker.id),
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
        .where(is_open(now), can_sign_in(Person.id))
        .order_by(EmergencyAccess.id)
    )
    for access, person in rows:
        people[person.id] = person
        found[person.id, access.dossier_id].append(Loan(access.id, frozenset({access.role})))
    return {key: tuple(each) for key, each in found.items()}
