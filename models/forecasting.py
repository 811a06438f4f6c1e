"""Who will get what, when and why, for any span: the same answer the clock will act upon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.matters import Due, due, holds, on_behalf
from models.news import outdated, waiting_news
from models.queries_inbox import office_calendar
from models.reminding import planned
from models.staffing import Addressee, Staff, staff
from models.subjects import Scope
from models.tables import OutgoingMessage, Person, Unit
from workflow.forecast import Intent, digest_instant, leaves_at
from workflow.working_days import office_day


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
class Heard:
    """A letter about a step that waits for the digest of its recipient."""

    message: OutgoingMessage
    to: Addressee
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter that will leave: a single one, or a morning digest with all it carries."""

    leaves_at: datetime
    to: Addressee
    carries: tuple[Coming, ...]
    news: tuple[Heard, ...] = ()


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


def news_ahead(
    session: Session, start: datetime, end: datetime, people: Staff | None = None
) -> list[Heard]:
    """News in the book that leaves with a digest after `start` up to and including `end`.

    Only what has happened: nobody foresees the steps still to be taken.
    """
    calendar, known = office_calendar(session), people or staff(session)
    by_morning: defaultdict[datetime, list[OutgoingMessage]] = defaultdict(list)
    for message in waiting_news(session):
        by_morning[digest_instant(message.due_at, calendar)].append(message)
    found = []
    for at, told in sorted(by_morning.items()):
        if not start < at <= end:
            continue
        over = outdated(session, told, known, office_day(at))
        for message in told:
            to = known.people.get(message.recipient_id or 0)
            if to is not None and to.may_receive and message.id not in over:
                found.append(Heard(message, to, at))
    return found


def mails(found: Iterable[Coming], news: Iterable[Heard] = ()) -> list[Mail]:
    """The letters these leave in, soonest first; nobody without an address gets a reminder."""
    carried: defaultdict[tuple[datetime, int, str], list[Coming]] = defaultdict(list)
    told: defaultdict[tuple[datetime, int, str], list[Heard]] = defaultdict(list)
    whom: dict[int, Addressee] = {}
    for heard in news:
        told[heard.leaves_at, heard.to.person_id, ""].append(heard)
        whom[heard.to.person_id] = heard.to
    for one in found:
        if one.to is not None and one.mailed:
            alone = one.intent.key if one.alone else ""
            carried[one.leaves_at, one.to.person_id, alone].append(one)
            whom[one.to.person_id] = one.to
    return [
        Mail(key[0], whom[key[1]], tuple(carried.get(key, ())), tuple(told.get(key, ())))
        for key in sorted(carried.keys() | told.keys())
    ]


def of_people(found: Iterable[Coming], wanted: Collection[int]) -> list[Coming]:
    """Those that reach one of these people."""
    return [one for one in found if one.to is not None and one.to.person_id in wanted]


def news_of_people(news: Iterable[Heard], wanted: Collection[int]) -> list[Heard]:
    """The news that reaches one of these people."""
    return [one for one in news if one.to.person_id in wanted]


def people_named(session: Session, person_code: str = "", unit_code: str = "") -> set[int]:
    """Ids of the people a code or a part of a name means, employed where another one says.

    A code in full means that one alone; names are found without marks.
    """
    query = select(Person.id)
    for table, words in ((Person, person_code), (Unit, unit_code)):
        if words:
            known = session.scalar(select(table.id).where(table.code == words))
            folded = table.search_key.contains(search_key(words), autoescape=True)
            query = query.where(folded if known is None else table.id == known)
    if unit_code:
        query = query.join(Unit, Unit.id == Person.employer_id)
    return set(session.scalars(query))
