"""Who reads: a person with all posts of the day, for the page's shell and for what is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.people import may_act, valid_on
from models.tables import Appointment, Person, Unit
from workflow.vocabulary import Post, UnitKind


@dataclass(frozen=True, slots=True)
class PostHeld:
    """One post at one unit, held on the day asked about."""

    post: Post
    unit_id: int
    unit_name: str
    unit_kind: UnitKind


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody signed in, as of one day."""

    person_id: int
    name: str
    position: str
    employer_id: int
    employer: str
    posts: tuple[PostHeld, ...]

    @property
    def pairs(self) -> frozenset[tuple[Post, int]]:
        """Posts with their units, as `models.people.roles_of` takes them."""
        return frozenset((held.post, held.unit_id) for held in self.posts)

    def holds(self, *posts: Post) -> bool:
        """Does the person hold one of these posts anywhere?"""
        return any(held.post in posts for held in self.posts)

    @property
    def only_looks(self) -> bool:
        """Is the person an auditor and nothing else?"""
        return bool(self.posts) and all(held.post is Post.AUDITOR for held in self.posts)


def reader_of(session: Session, person_id: int, day: date) -> Reader | None:
    """Find an active person with the posts of `day`; None when there is nobody, or disabled."""
    row = session.execute(
        select(Person, Unit.name)
        .join(Unit, Unit.id == Person.employer_id)
        .where(Person.id == person_id, may_act(Person.id))
    ).first()
    if row is None:
        return None
    held = session.execute(
        select(Appointment.post, Unit.id, Unit.name, Unit.kind)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(Appointment.person_id == person_id, valid_on(day))
        .order_by(Appointment.id)
    )
    person, employer = row
    return Reader(
        person_id=person.id,
        name=person.full_name,
        position=person.position,
        employer_id=person.employer_id,
        employer=employer,
        posts=tuple(PostHeld(*each) for each in held),
    )
