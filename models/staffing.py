"""Who stood in which role towards which places, on which days: read once, asked often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.people import RELATIONS, Places
from models.tables import Account, Appointment, Delegation, Person, ReminderWish
from models.validity import lends
from workflow.forecast import Holding
from workflow.reminders import Mark
from workflow.vocabulary import Action, Post, ReminderKind, Role
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody a letter goes to; `email` is empty when the person has none."""

    person_id: int
    name: str
    email: str
    employer_id: int
    may_receive: bool
    """Active, and not locked out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants a kind of reminder besides the inbox."""

    email: bool = True
    webhook: bool = False


@dataclass(frozen=True)
class Staff:
    """All appointments, past and present, as `workflow.forecast` asks for them."""

    holders: Mapping[Post, Mapping[int, tuple[Holding, ...]]]
    people: Mapping[int, Addressee]
    wishes: Mapping[tuple[int, ReminderKind], Wish]
    _asked: dict[tuple[tuple[Role, ...], Places], tuple[Holding, ...]] = field(default_factory=dict)

    def holdings(self, roles: Sequence[Role], places: Places) -> tuple[Holding, ...]:
        """Every holding of one of `roles` towards `places`."""
        question = (tuple(roles), places)
        if question not in self._asked:
            self._asked[question] = tuple(self._found(roles, places))
        return self._asked[question]

    def held_by(self, person_id: int, mark: Mark, places: Places, day: date) -> list[Holding]:
        """By what this person is concerned by a mark on the office day `day`, own posts first."""
        found = (
            one
            for one in self.holdings(mark.to, places)
            if one.person_id == person_id and one.on(day) and one.concerned_by(mark.asks)
        )
        return sorted(found, key=lambda one: bool(one.on_behalf))

    def stands(self, person_id: int, roles: Sequence[Role], places: Places, day: date) -> bool:
        """Does this person stand in one of `roles` on the office day `day`, lent ones too?"""
        return any(
            one.person_id == person_id and one.on(day) for one in self.holdings(roles, places)
        )

    def wish(self, person_id: int, kind: ReminderKind) -> Wish:
        """What the person asked for; mail only, unless something else was."""
        return self.wishes.get((person_id, kind), _USUAL)

    def _found(self, roles: Sequence[Role], places: Places) -> list[Holding]:
        found: dict[Holding, None] = {}
        for role in roles:
            relation = RELATIONS[role]
            for post in relation.posts:
                at_units = self.holders.get(post, {})
                units = relation.units(places) if relation.at else tuple(at_units)
                for unit_id in units:
                    found |= dict.fromkeys(at_units.get(unit_id, ()))
        return list(found)


_USUAL = Wish()


def staff(session: Session) -> Staff:
    """Read everybody with a post, ever, or with one lent, in four statements.

    Who is acted for goes on being reminded: a delegate is reminded as well, never instead.
    """
    holders: defaultdict[Post, defaultdict[int, tuple[Holding, ...]]]
    holders = defaultdict(lambda: defaultdict(tuple))
    rows = session.execute(
        select(
            Appointment.post,
            Appointment.unit_id,
            Appointment.person_id,
            Appointment.valid_from,
            Appointment.valid_to,
        ).order_by(Appointment.person_id, Appointment.id)
    )
    for post, unit_id, person_id, first, last in rows:
        holders[post][unit_id] += (Holding(person_id, first, last),)
    for post, unit_id, holding in _lent(session):
        holders[post][unit_id] += (holding,)
    return Staff(
        {post: dict(units) for post, units in holders.items()}, _people(session), _wishes(session)
    )


def _lent(session: Session) -> Iterator[tuple[Post, int, Holding]]:
    """Posts lent, on the days on which giver and delegation both stood."""
    rows = session.execute(
        select(Appointment, Delegation, Person.full_name)
        .join(Delegation, lends())
        .join(Person, Person.id == Delegation.giver_id)
        .order_by(Delegation.id, Appointment.id)
    )
    for held, lent, giver in rows:
        ended = office_day(lent.ended_at) if lent.ended_at else None
        first = max(held.valid_from, lent.first_day)
        last = min(day for day in (held.valid_to, lent.last_day, ended) if day is not None)
        if first <= last:
            actions = frozenset(Action(each) for each in lent.actions)
            holding = Holding(lent.delegate_id, first, last, giver, actions)
            yield held.post, held.unit_id, holding


def _people(session: Session) -> dict[int, Addressee]:
    rows = session.execute(
        select(
            Person.id,
            Person.full_name,
            Person.email,
            Person.employer_id,
            Person.active,
            Account.disabled_at,
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            or_(
                Person.id.in_(select(Appointment.person_id)),
                Person.id.in_(select(Delegation.delegate_id)),
            )
        )
    )
    return {
        person_id: Addressee(person_id, name, email, employer, active and disabled is None)
        for person_id, name, email, employer, active, disabled in rows
    }


def _wishes(session: Session) -> dict[tuple[int, ReminderKind], Wish]:
    rows = session.scalars(select(ReminderWish))
    return {(row.person_id, row.kind): Wish(row.email, row.webhook) for row in rows}
