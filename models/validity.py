"""On which days a post or a delegation holds, and who may act at all: conditions in SQL."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from models.tables import Account, Appointment, Delegation, Person
from workflow.vocabulary import Post

NEVER_LENT: Final = (Post.ADMINISTRATOR, Post.AUDITOR)
"""Posts that watch and arrange: nobody lends them."""

KEPT: Final = 256
"""So many conditions of each kind are kept built: putting one together costs more than running it.

What one person may see on one day takes about 100 KB, so this is 25 MB a process.
"""


@lru_cache(KEPT)
def valid_on(day: date) -> ColumnElement[bool]:
    """SQL: the appointment holds on this office day, both ends included."""
    return and_(
        Appointment.valid_from <= day,
        or_(Appointment.valid_to.is_(None), Appointment.valid_to >= day),
    )


@lru_cache(KEPT)
def may_act(person_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL: the person is active and the account, if there is one, is not disabled."""
    # An alias: `person_id` may itself be the column of an outer Person.
    someone = aliased(Person)
    disabled = exists().where(Account.person_id == person_id, Account.disabled_at.is_not(None))
    active = exists().where(someone.id == person_id, someone.active.is_(True))
    return and_(active, ~disabled)


@lru_cache(KEPT)
def can_sign_in(person_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """SQL: the person is active and has an account that is not disabled."""
    opened = exists().where(Account.person_id == person_id, Account.disabled_at.is_(None))
    return and_(may_act(person_id), opened)


@lru_cache(KEPT)
def running_on(day: date) -> ColumnElement[bool]:
    """SQL: the delegation runs on this office day, both ends included, and was not ended."""
    return and_(
        Delegation.first_day <= day, Delegation.last_day >= day, Delegation.ended_at.is_(None)
    )


@cache
def lends() -> ColumnElement[bool]:
    """SQL over `Delegation` and `Appointment`: does the one lend the other?"""
    return and_(
        Appointment.person_id == Delegation.giver_id,
        Appointment.post.not_in(NEVER_LENT),
        or_(
            Delegation.post.is_(None),
            and_(Delegation.post == Appointment.post, Delegation.unit_id == Appointment.unit_id),
        ),
    )
