"""Who stood in which role towards which places, on which days: read once, asked often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.people import RELATIONS, Places
from models.tables import Account, Appointment, Person, ReminderWish
from workflow.forecast import Holding
from workflow.vocabulary import Post, ReminderKind, Role


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

    def holds(self, person_id: int, roles: Sequence[Role], places: Places, day: date) -> bool:
        """Does this person stand in one of `roles` on the office day `day`?"""
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
    """Read everybody with a post, ever, in three statements."""
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
    return Staff(
        {post: dict(units) for post, units in holders.items()}, _people(session), _wishes(session)
    )


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
        .where(Person.id.in_(select(Appointment.person_id)))
    )
    return {
        person_id: Addressee(person_id, name, email, employer, active and disabled is None)
        for person_id, name, email, employer, active, disabled in rows
    }


def _wishes(session: Session) -> dict[tuple[int, ReminderKind], Wish]:
    rows = session.scalars(select(ReminderWish))
    return {(row.person_id, row.kind): Wish(row.email, row.webhook) for row in rows}
