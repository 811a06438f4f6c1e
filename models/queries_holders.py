"""Who could act: everybody with a post at the units around some dossiers, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.people import RELATIONS, Places, may_act, valid_on
from models.tables import Appointment, Person, Unit
from workflow.vocabulary import Post, Role, UnitKind

_ANYWHERE = {post for relation in RELATIONS.values() if not relation.at for post in relation.posts}


@dataclass(frozen=True, slots=True)
class Holder:
    """One person in one post at one unit."""

    person_id: int
    name: str
    position: str
    post: Post
    unit_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class Holders:
    """People with posts around the dossiers asked about."""

    everybody: tuple[Holder, ...]

    def of(self, roles: Iterable[Role], places: Places) -> tuple[Holder, ...]:
        """Everybody who has one of these roles towards these places, each person once."""
        found: dict[int, Holder] = {}
        for role in roles:
            relation = RELATIONS[role]
            units = relation.units(places)
            for holder in self.everybody:
                if holder.post in relation.posts and (not relation.at or holder.unit_id in units):
                    found.setdefault(holder.person_id, holder)
        return tuple(found.values())


def holders_around(session: Session, around: Iterable[Places], day: date) -> Holders:
    """Find everybody with a post at these units on `day`, heads before their deputies."""
    units = {
        unit
        for places in around
        for unit in (
            places.subject_unit_id,
            places.proposing_unit_id,
            places.deciding_unit_id,
            places.superior_unit_id,
        )
        if unit is not None
    }
    rows = session.execute(
        select(Person, Appointment.post, Unit.id, Unit.name)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            or_(Appointment.unit_id.in_(units), Appointment.post.in_(_ANYWHERE)),
            valid_on(day),
            may_act(Person.id),
        )
        .order_by(Person.sort_key, Person.id)
    )
    found = [
        Holder(person.id, person.full_name, person.position, post, unit_id, unit)
        for person, post, unit_id, unit in rows
    ]
    order = list(Post)
    return Holders(tuple(sorted(found, key=lambda holder: order.index(holder.post))))


def holders_at_province(session: Session, posts: tuple[Post, ...], day: date) -> tuple[Holder, ...]:
    """Everybody with one of these posts at the province on `day`, each person once."""
    rows = session.execute(
        select(Person, Appointment.post, Unit.id, Unit.name)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            Appointment.post.in_(posts),
            Unit.kind == UnitKind.PROVINCE,
            valid_on(day),
            may_act(Person.id),
        )
        .order_by(Person.sort_key, Person.id)
    )
    found: dict[int, Holder] = {}
    for person, post, unit_id, unit in rows:
        one = Holder(person.id, person.full_name, person.position, post, unit_id, unit)
        found.setdefault(person.id, one)
    order = list(posts)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.post)))
