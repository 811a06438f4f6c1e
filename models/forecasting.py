"""Who will get what, when and why, for any span: the same answer the clock will act upon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.matters import Due, due, holds, on_behalf
from models.queries_inbox import office_calendar
from models.reminding import planned
from models.staffing import Addressee, Staff, staff
from models.subjects import Scope
from models.tables import Person, Unit
from workflow.forecast import Intent, leaves_at


@dataclass(frozen=True, slots=True)
class Coming:
    """One reminder to one person (None: nobody holds the post); its mail leaves at `leaves_at`."""

    intent: Intent
    to: Addressee | None
    values: dict[str, Any]
    leaves_at: datetime
    mailed: bool = True
    """Will mail leave: is there an address, a wish for it, and no reason against it by then?"""

    @property
    def alone(self) -> bool:
        """Does it leave as a letter of its own?"""
        return self.intent.mark.overdue


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter that will leave: a single one, or a morning digest with all it carries."""

    leaves_at: datetime
    to: Addressee
    carries: tuple[Coming, ...]


def expected(
    session: Session, start: datetime, end: datetime, people: Staff | None = None
) -> list[Coming]:
    """Everything due after `start` up to and including `end`, soonest first.

    For the past it is read from the history; for the future everything is taken to stay as it
    is. Instants are aware UTC.
    """
    began = planned(session)
    known = people or staff(session)
    calendar = office_calendar(session)
    since = max(began.since, start) if began else start
    found = []
    for one in due(session, Scope(since, until=end, live_at=start), known):
        if one.intent.due_at > start:
            to = known.people.get(one.intent.person_id or 0)
            at = leaves_at(one.intent, calendar)
            mailed = _is_mailed(one, to, known, at)
            values = one.subject.values | {"on_behalf": on_behalf(known, one, at)}
            found.append(Coming(one.intent, to, values, at, mailed))
    return sorted(found, key=lambda one: (one.intent.due_at, one.intent.key))


def _is_mailed(one: Due, to: Addressee | None, people: Staff, at: datetime) -> bool:
    if to is None or not to.email or not to.may_receive:
        return False
    if one.intent.reason(at, holds=holds(people, one, at)):
        return False
    mark = one.intent.mark
    return mark.legal or people.wish(to.person_id, mark.kind).email


def mails(found: Iterable[Coming]) -> list[Mail]:
    """The letters these reminders leave in, soonest first; nobody without an address gets one."""
    parcels: defaultdict[tuple[datetime, int, str], list[Coming]] = defaultdict(list)
    for one in found:
        if one.to is None or not one.mailed:
            continue
        alone = one.intent.key if one.alone else ""
        parcels[one.leaves_at, one.to.person_id, alone].append(one)
    return [
        Mail(at, carried[0].to, tuple(carried))
        for (at, _, _), carried in sorted(parcels.items(), key=lambda item: item[0])
        if carried[0].to is not None
    ]


def of_people(found: Iterable[Coming], wanted: Collection[int]) -> list[Coming]:
    """Those that reach one of these people."""
    return [one for one in found if one.to is not None and one.to.person_id in wanted]


def people_named(session: Session, person_code: str = "", unit_code: str = "") -> set[int]:
    """Ids of the person with this code, or of everybody employed by the unit with that code."""
    query = select(Person.id)
    if person_code:
        query = query.where(Person.code == person_code)
    if unit_code:
        query = query.join(Unit, Unit.id == Person.employer_id).where(Unit.code == unit_code)
    return set(session.scalars(query))
