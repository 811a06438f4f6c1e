"""Who stands in which relation to what: the only place that turns posts into roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from models.lending import borrowed_by, delegates_for, delegates_of, loans
from models.rows import rows
from models.tables import Appointment, Person
from models.validity import KEPT
from models.validity import may_act as may_act  # noqa: PLC0414 - asked for here
from models.validity import valid_on as valid_on  # noqa: PLC0414
from workflow.facts import Actor
from workflow.vocabulary import Action, Post, Role


@dataclass(frozen=True, slots=True)
class Places:
    """The units that matter for one dossier or one registration."""

    subject_unit_id: int
    proposing_unit_id: int
    deciding_unit_id: int | None = None
    superior_unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A role is one of these posts at one of these places; no place means anywhere."""

    posts: tuple[Post, ...]
    at: tuple[str, ...] = ()

    def units(self, places: Places) -> tuple[int, ...]:
        """Name the units meant, leaving out those not known yet."""
        found = (getattr(places, name) for name in self.at)
        return tuple(unit for unit in found if unit is not None)


_HEADS = (Post.HEAD, Post.DEPUTY_HEAD)
_PROPOSING_SIDE = ("proposing_unit_id", "subject_unit_id")

RELATIONS: Final = {
    Role.CLERK: Relation((Post.CLERK,), _PROPOSING_SIDE),
    Role.UNIT_HEAD: Relation(_HEADS, _PROPOSING_SIDE),
    Role.COUNCIL_SECRETARY: Relation((Post.COUNCIL_SECRETARY,), ("proposing_unit_id",)),
    Role.COUNCIL_MEMBER: Relation(
        (Post.COUNCIL_CHAIR, Post.COUNCIL_MEMBER), ("proposing_unit_id",)
    ),
    Role.RANKING_SECRETARY: Relation((Post.COUNCIL_SECRETARY,), ("deciding_unit_id",)),
    Role.APPRAISER: Relation((Post.APPRAISER,), ("deciding_unit_id",)),
    Role.DECIDER: Relation(_HEADS, ("deciding_unit_id",)),
    Role.SUPERIOR: Relation((*_HEADS, Post.APPRAISER), ("superior_unit_id",)),
    Role.ADMINISTRATOR: Relation((Post.ADMINISTRATOR,)),
    Role.AUDITOR: Relation((Post.AUDITOR,)),
}


def posts_of(session: Session, person_id: int, day: date) -> frozenset[tuple[Post, int]]:
    """All posts a person holds on `day`, with their units; none when disabled."""
    return frozenset((post, unit_id) for post, unit_id in rows(session, _posts(person_id, day)))


@lru_cache(KEPT)
def _posts(person_id: int, day: date) -> Select[Post, int]:
    return select(Appointment.post, Appointment.unit_id).where(
        Appointment.person_id == person_id, valid_on(day), may_act(Appointment.person_id)
    )


def roles_of(posts: frozenset[tuple[Post, int]], places: Places) -> frozenset[Role]:
    """Turn posts into roles towards one dossier or registration."""
    return frozenset(
        role
        for role, relation in RELATIONS.items()
        if any(
            post in relation.posts and (not relation.at or unit in relation.units(places))
            for post, unit in posts
        )
    )


def roles_towards(session: Session, person_id: int, places: Places, day: date) -> frozenset[Role]:
    """The roles a person has towards these places on the office day `day`."""
    return roles_of(posts_of(session, person_id, day), places)


def actor_towards(
    session: Session, person_id: int, places: Places, day: date, *, hold: bool = False
) -> Actor:
    """Build the actor the law asks about, with what others lent. Raises `LookupError` for nobody.

    `hold` keeps the delegations from being ended before the transaction is over.
    """
    person = rows(session, _PERSON, {"person": person_id}).first()
    if person is None:
        raise LookupError(f"no person {person_id}")
    posts = posts_of(session, person_id, day)
    return Actor(
        person_id=person.id,
        name=person.full_name,
        roles=roles_of(posts, places),
        unit_ids=frozenset({unit for _, unit in posts} | {person.employer_id}),
        employer_id=person.employer_id,
        title=person.position,
        loans=loans(
            borrowed_by(session, person_id, day, hold=hold),
            lambda lent: roles_of(lent, places),
        ),
    )


_PERSON = select(Person.id, Person.full_name, Person.employer_id, Person.position).where(
    Person.id == bindparam("person")
)


def people_with(
    session: Session,
    roles: tuple[Role, ...],
    places: Places,
    day: date,
    steps: frozenset[Action] | None = None,
) -> list[Person]:
    """Everybody who has one of `roles` towards these places on `day`, or has it lent, by name.

    With `steps` only delegates to whom all steps are lent, or one of these.
    """
    wanted = [_holds(RELATIONS[role], places) for role in roles]
    if not wanted:
        return []
    lent: Select[int] | list[int] = delegates_of(or_(*wanted), day)
    if steps is not None:
        lent = delegates_for(session, or_(*wanted), day, steps)
    return list(
        session.scalars(
            select(Person)
            .where(
                or_(
                    Person.id.in_(select(Appointment.person_id).where(valid_on(day), or_(*wanted))),
                    Person.id.in_(lent),
                ),
                may_act(Person.id),
            )
            .order_by(Person.sort_key, Person.id)
        )
    )


def _holds(relation: Relation, places: Places) -> ColumnElement[bool]:
    post = Appointment.post.in_(relation.posts)
    if not relation.at:
        return post
    return and_(post, Appointment.unit_id.in_(relation.units(places)))
