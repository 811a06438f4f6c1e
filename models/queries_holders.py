"""Who could act: everybody with a post at the units around some dossiers, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from models.people import RELATIONS, Places, may_act, valid_on
from models.tables import Appointment, Delegation, Person, Unit
from models.validity import lends, running_on
from workflow.vocabulary import Action, Post, Role, UnitKind
from workflow.words import phrase

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
    on_behalf: str = ""
    """Whose post it is when it is lent for a while; `actions` are the steps lent, empty for all."""
    actions: frozenset[Action] = frozenset()

    @property
    def shown(self) -> str:
        """The name: “B thay mặt A” when the post is lent."""
        return (
            phrase("{name} thay mặt {on_behalf}", name=self.name, on_behalf=self.on_behalf)
            if self.on_behalf
            else self.name
        )


@dataclass(frozen=True, slots=True)
class Holders:
    """People with posts around the dossiers asked about."""

    everybody: tuple[Holder, ...]

    def of(
        self, roles: Iterable[Role], places: Places, action: Action | None = None
    ) -> tuple[Holder, ...]:
        """Everybody who has one of these roles towards these places, each person once.

        With an action, a delegate to whom that step is not lent is left out.
        """
        found: dict[int, Holder] = {}
        for role in roles:
            relation = RELATIONS[role]
            units = relation.units(places)
            for holder in self.everybody:
                if holder.actions and action is not None and action not in holder.actions:
                    continue
                if holder.post in relation.posts and (not relation.at or holder.unit_id in units):
                    found.setdefault(holder.person_id, holder)
        return tuple(found.values())


def holders_around(session: Session, around: Iterable[Places], day: date) -> Holders:
    """Find everybody with a post at these units on `day`, heads before deputies and delegates."""
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
    found.sort(key=lambda holder: order.index(holder.post))
    return Holders((*found, *_delegates(session, units, day)))


def _delegates(session: Session, units: Iterable[int], day: date) -> list[Holder]:
    giver = aliased(Person)
    rows = session.execute(
        select(Person, Appointment.post, Unit.id, Unit.name, giver.full_name, Delegation.actions)
        .join(Delegation, Delegation.delegate_id == Person.id)
        .join(Appointment, lends())
        .join(giver, giver.id == Delegation.giver_id)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            Appointment.unit_id.in_(units),
            valid_on(day),
            running_on(day),
            may_act(Person.id),
            may_act(Delegation.giver_id),
        )
        .order_by(Person.sort_key, Person.id, Delegation.id)
    )
    return [
        Holder(
            person_id=person.id,
            name=person.full_name,
            position=person.position,
            post=post,
            unit_id=unit_id,
            unit=unit,
            on_behalf=whose,
            actions=frozenset(Action(each) for each in actions),
        )
        for person, post, unit_id, unit, whose, actions in rows
    ]


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
