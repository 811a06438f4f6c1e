"""People as an administrator looks for them, and whom somebody may choose to act in their place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.folding import search_key
from models.tables import (
    Account,
    Appointment,
    AppointmentRequest,
    Person,
    Unit,
    UserSession,
)
from models.validity import may_act, valid_on
from workflow.vocabulary import Post

PAGE: Final = 50
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of the list; `disabled` is None without an account."""

    person: Person
    employer: str
    login: str
    disabled: bool | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A post that waits for a second administrator."""

    request: AppointmentRequest
    person: str
    unit: str
    asked_by: str


def people_like(session: Session, words: str, number: int) -> tuple[list[Listed], int]:
    """People by name, code, login or unit, one page of them, and how many there are in all."""
    found = _listed().where(_says(words)) if words else _listed()
    total = session.scalar(
        select(func.count()).select_from(
            found.order_by(None).with_only_columns(Person.id).subquery()
        )
    )
    rows = session.execute(
        found.order_by(Person.sort_key, Person.id).limit(PAGE).offset((number - 1) * PAGE)
    )
    return [_one(*row) for row in rows], total or 0


def everybody_like(session: Session, words: str) -> Iterator[list[Listed]]:
    """All people by name, code, login or unit, by given name, some hundred at a time."""
    found = _listed().where(_says(words)) if words else _listed()
    after: tuple[str, int] | None = None
    while True:
        beyond = [] if after is None else [tuple_(Person.sort_key, Person.id) > tuple_(*after)]
        query = found.where(*beyond).order_by(Person.sort_key, Person.id).limit(BATCH)
        rows = [_one(*row) for row in session.execute(query)]
        if not rows:
            return
        after = (rows[-1].person.sort_key, rows[-1].person.id)
        yield rows


def listed_person(session: Session, code: str) -> Listed | None:
    """One person, whether active or not."""
    row = session.execute(_listed().where(Person.code == code)).first()
    return _one(*row) if row else None


def _listed() -> Select[Person, str, str | None, datetime | None, datetime | None]:
    seen = (
        select(func.max(UserSession.last_seen_at))
        .where(UserSession.person_id == Person.id)
        .scalar_subquery()
    )
    return (
        select(Person, Unit.name, Account.login, Account.disabled_at, seen)
        .join(Unit, Unit.id == Person.employer_id)
        .outerjoin(Account, Account.person_id == Person.id)
    )


def _one(
    person: Person,
    employer: str,
    login: str | None,
    disabled: datetime | None,
    seen: datetime | None,
) -> Listed:
    return Listed(
        person, employer, login or "", None if login is None else disabled is not None, seen
    )


def _says(words: str) -> ColumnElement[bool]:
    folded = search_key(words)
    login = Account.login.contains(words.casefold(), autoescape=True)
    return or_(
        Person.search_key.contains(folded, autoescape=True),
        Unit.search_key.contains(folded, autoescape=True),
        login,
    )


def posts_by_person(
    session: Session, people: Collection[int], day: date
) -> dict[int, list[tuple[Post, str]]]:
    """Posts of these people on `day` with the names of their units, in one statement."""
    rows = session.execute(
        select(Appointment.person_id, Appointment.post, Unit.name)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(Appointment.person_id.in_(people), valid_on(day))
        .order_by(Appointment.id)
    )
    found: dict[int, list[tuple[Post, str]]] = {}
    for person_id, post, unit in rows:
        found.setdefault(person_id, []).append((post, unit))
    return found


def colleagues(session: Session, person_id: int, day: date) -> list[tuple[str, str]]:
    """Code and words of everybody with an account at the units a person serves, but the person."""
    units = select(Appointment.unit_id).where(Appointment.person_id == person_id, valid_on(day))
    themselves, posted = aliased(Person), aliased(Appointment)
    home = select(themselves.employer_id).where(themselves.id == person_id)
    rows = session.execute(
        select(Person.code, Person.full_name, Person.position)
        .where(
            Person.id != person_id,
            Person.id.in_(select(Account.person_id)),
            may_act(Person.id),
            or_(
                Person.employer_id.in_(units),
                Person.employer_id.in_(home),
                exists().where(posted.person_id == Person.id, posted.unit_id.in_(units)),
            ),
        )
        .order_by(Person.sort_key, Person.id)
    )
    return [(code, ", ".join(filter(None, (name, position)))) for code, name, position in rows]


def person_named(session: Session, typed: str) -> int | None:
    """The id of the active person with this code or login."""
    words = typed.strip()
    return session.scalar(
        select(Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.active, or_(Person.code == words, Account.login == words.casefold()))
        .limit(1)
    )


def unit_coded(session: Session, code: str) -> int | None:
    """The id of the unit with this code."""
    return session.scalar(select(Unit.id).where(Unit.code == code.strip()))


def posts_asked(session: Session) -> list[Asked]:
    """Posts nobody has confirmed or refused yet, oldest first."""
    person, asker = aliased(Person), aliased(Person)
    rows = session.execute(
        select(AppointmentRequest, person.full_name, Unit.name, asker.full_name)
        .join(person, person.id == AppointmentRequest.person_id)
        .join(asker, asker.id == AppointmentRequest.asked_by)
        .join(Unit, Unit.id == AppointmentRequest.unit_id)
        .where(AppointmentRequest.answered_at.is_(None))
        .order_by(AppointmentRequest.id)
    )
    return [Asked(*row) for row in rows]
