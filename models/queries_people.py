"""Who reads: a person with all posts of the day, for the page's shell and for what is theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models.lending import Borrowed, borrowed_by
from models.people import may_act, valid_on
from models.tables import Account, Appointment, Person, Unit
from models.validity import KEPT
from workflow.vocabulary import Action, Post, UnitKind


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
    borrowed: tuple[Borrowed, ...] = ()
    provinces: frozenset[int] = frozenset()
    """Which of the units of own and lent posts are the province."""

    @property
    def pairs(self) -> frozenset[tuple[Post, int]]:
        """Posts with their units, as `models.people.roles_of` takes them."""
        return frozenset((held.post, held.unit_id) for held in self.posts)

    def pairs_for(self, action: Action | None) -> frozenset[tuple[Post, int]]:
        """Own posts, and those lent for this action; None: for what is no dossier's step."""
        lent = (one.posts for one in self.borrowed if not one.actions or action in one.actions)
        return self.pairs.union(*lent)

    @property
    def all_pairs(self) -> frozenset[tuple[Post, int]]:
        """Own posts and all that are lent, for whatever step."""
        return self.pairs.union(*(one.posts for one in self.borrowed))

    def is_province(self, unit_id: int) -> bool:
        """Is this unit of an own or lent post the province?"""
        return unit_id in self.provinces

    def holds(self, *posts: Post) -> bool:
        """Does the person hold one of these posts anywhere?"""
        return any(held.post in posts for held in self.posts)

    @property
    def only_looks(self) -> bool:
        """Is the person an auditor and nothing else?"""
        return bool(self.posts) and all(held.post is Post.AUDITOR for held in self.posts)


_PERSON = (
    select(Person, Unit.name)
    .join(Unit, Unit.id == Person.employer_id)
    .where(Person.id == bindparam("person"), may_act(Person.id))
)


@lru_cache(KEPT)
def _held_on(day: date) -> Select[Post, int, str, UnitKind]:
    return (
        select(Appointment.post, Unit.id, Unit.name, Unit.kind)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(Appointment.person_id == bindparam("person"), valid_on(day))
        .order_by(Appointment.id)
    )


def reader_of(session: Session, person_id: int, day: date) -> Reader | None:
    """Find an active person with the posts of `day`; None when there is nobody, or disabled."""
    one = {"person": person_id}
    row = session.execute(_PERSON, one).first()
    if row is None:
        return None
    held = session.execute(_held_on(day), one)
    person, employer = row
    posts = tuple(PostHeld(*each) for each in held)
    borrowed = borrowed_by(session, person_id, day)
    provinces = {one.unit_id for one in posts if one.unit_kind is UnitKind.PROVINCE}
    if lent := {unit for one in borrowed for _, unit in one.posts}:
        provinces.update(
            session.scalars(
                select(Unit.id).where(Unit.id.in_(lent), Unit.kind == UnitKind.PROVINCE)
            )
        )
    return Reader(
        person_id=person.id,
        name=person.full_name,
        position=person.position,
        employer_id=person.employer_id,
        employer=employer,
        posts=posts,
        borrowed=borrowed,
        provinces=frozenset(provinces),
    )


def languages_of(session: Session, people: Collection[int]) -> dict[int, str]:
    """The languages these people have chosen; who never chose is not there."""
    chosen = select(Account.person_id, Account.language).where(
        Account.person_id.in_(sorted(set(people))), Account.language.is_not(None)
    )
    return {one: language for one, language in session.execute(chosen) if language}
