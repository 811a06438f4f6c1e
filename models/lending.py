"""What others have lent a person for a while: by delegation, or opened in an emergency."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from models.rows import AnyRow, rows
from models.tables import Appointment, Delegation, EmergencyAccess, Person
from models.validity import KEPT, NEVER_LENT, lends, may_act, running_on, valid_on
from workflow.actors import Actor, Loan, Principal
from workflow.vocabulary import Action, Post, Role


@dataclass(frozen=True, slots=True)
class Borrowed:
    """One delegation that runs, with the posts it lends on the day; `actions` empty: all steps."""

    id: int
    principal: Principal
    posts: frozenset[tuple[Post, int]]
    actions: frozenset[Action]
    last_day: date


def borrowed_by(
    session: Session, person_id: int, day: date, *, hold: bool = False
) -> tuple[Borrowed, ...]:
    """What is lent to a person on `day`, worked out from what each giver holds on that day.

    With `hold` a delegation cannot be ended until the transaction is over: an act on somebody's
    behalf is either before the end, or refused.
    """
    query = _borrowing(person_id, day, hold=hold)
    held: dict[int, tuple[AnyRow, set[tuple[Post, int]]]] = {}
    for row in rows(session, query):
        posts = held.setdefault(row.id, (row, set()))[1]
        if row.giver_post is not None:
            posts.add((row.giver_post, row.giver_unit))
    return tuple(_borrowed(*one) for one in held.values())


@lru_cache(KEPT)
def _borrowing(person_id: int, day: date, *, hold: bool) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Delegation,
            Person.full_name,
            Person.position,
            Person.employer_id,
            Appointment.post.label("giver_post"),
            Appointment.unit_id.label("giver_unit"),
        )
        .join(Person, Person.id == Delegation.giver_id)
        .outerjoin(Appointment, (Appointment.person_id == Person.id) & valid_on(day))
        .where(Delegation.delegate_id == person_id, running_on(day), may_act(Delegation.giver_id))
        .order_by(Delegation.id, Appointment.id)
    )
    return query.with_for_update(read=True, of=Delegation) if hold else query


def _borrowed(delegation: AnyRow, posts: set[tuple[Post, int]]) -> Borrowed:
    lent = {
        (post, unit)
        for post, unit in posts
        if post not in NEVER_LENT
        and (delegation.post is None or (post, unit) == (delegation.post, delegation.unit_id))
    }
    principal = Principal(
        delegation.giver_id,
        delegation.full_name,
        delegation.position,
        frozenset({unit for _, unit in posts} | {delegation.employer_id}),
        delegation.employer_id,
    )
    actions = frozenset(Action(each) for each in delegation.actions)
    return Borrowed(delegation.id, principal, frozenset(lent), actions, delegation.last_day)


def loans(
    borrowed: Iterable[Borrowed], roles_of: Callable[[frozenset[tuple[Post, int]]], frozenset[Role]]
) -> tuple[Loan, ...]:
    """Delegations as the law asks about them, towards the places `roles_of` stands for."""
    found = (Loan(one.id, roles_of(one.posts), one.actions, one.principal) for one in borrowed)
    return tuple(loan for loan in found if loan.roles)


@lru_cache(KEPT)
def lent_units(person_id: int, day: date, posts: tuple[Post, ...]) -> Select[int]:
    """SQL: units where somebody else's post of this kind is lent to the person on `day`."""
    return (
        select(Appointment.unit_id)
        .join(Delegation, lends())
        .where(
            Delegation.delegate_id == person_id,
            running_on(day),
            may_act(Delegation.giver_id),
            Appointment.post.in_(posts),
            valid_on(day),
        )
    )


@lru_cache(KEPT)
def units_of(person_id: int, day: date, posts: tuple[Post, ...]) -> CompoundSelect[int]:
    """SQL: units where the person holds one of these posts on `day`, or has it lent."""
    own = select(Appointment.unit_id).where(
        Appointment.person_id == person_id, Appointment.post.in_(posts), valid_on(day)
    )
    return union_all(own, lent_units(person_id, day, posts))


def delegates_of(appointments: ColumnElement[bool], day: date) -> Select[int]:
    """SQL: people to whom an appointment that meets the condition is lent on `day`."""
    return (
        select(Delegation.delegate_id)
        .join(Appointment, lends())
        .where(running_on(day), valid_on(day), may_act(Delegation.giver_id), appointments)
    )


def delegates_for(
    session: Session, appointments: ColumnElement[bool], day: date, steps: frozenset[Action]
) -> list[int]:
    """People to whom such an appointment is lent on `day` for all steps, or for one of these."""
    lent = select(Delegation.delegate_id, Delegation.actions).join(Appointment, lends())
    running = (running_on(day), valid_on(day), may_act(Delegation.giver_id), appointments)
    return [
        row.delegate_id
        for row in session.execute(lent.where(*running))
        if not row.actions or steps.intersection(row.actions)
    ]


def is_open(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """SQL: the emergency access was granted, has not ended and has not run out at `now`."""
    return (
        EmergencyAccess.granted.is_(True)
        & EmergencyAccess.ended_at.is_(None)
        & (EmergencyAccess.expires_at > now)
    )


def with_emergencies(
    session: Session, actor: Actor, dossier_id: int, now: datetime, *, hold: bool = False
) -> Actor:
    """The actor with the emergency access that is open for this one dossier."""
    asked = {"person": actor.person_id, "dossier": dossier_id, "now": now}
    found = rows(session, _HELD_EMERGENCIES if hold else _EMERGENCIES, asked)
    opened = [Loan(number, frozenset({role})) for number, role in found]
    return replace(actor, loans=(*actor.loans, *opened)) if opened else actor


_EMERGENCIES = (
    select(EmergencyAccess.id, EmergencyAccess.role)
    .where(
        EmergencyAccess.person_id == bindparam("person"),
        EmergencyAccess.dossier_id == bindparam("dossier"),
        is_open(bindparam("now")),
    )
    .order_by(EmergencyAccess.id)
)
_HELD_EMERGENCIES = _EMERGENCIES.with_for_update(read=True, of=EmergencyAccess)
