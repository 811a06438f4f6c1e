"""One page of the list of dossiers: from where the last one ended, never by counting past rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.queries_dossiers import BOUND, Row, count_bounded, fetch, rows_where
from models.searching import Words, among_some, closeness
from models.tables import Dossier, Registration, Unit

PAGE: Final = 50


class Order(StrEnum):
    """In which order a list stands; the words are those of its address."""

    NEWEST = "moi-nhat"
    OLDEST = "cu-nhat"
    NAME = "ten"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page: the one after or before a dossier, and the place its first row has by then."""

    order: Order = Order.NEWEST
    after: str = ""
    before: str = ""
    place: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `total` above `BOUND` says only that there are more than those."""

    rows: tuple[Row, ...]
    total: int
    place: int = 1
    earlier: bool = False
    later: bool = False

    @property
    def is_more(self) -> bool:
        """Are there more than were counted?"""
        return self.total > BOUND


def find_page(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    words: Words | None,
    asked: Asked,
    person_id: int,
    day: date,
) -> Page:
    """One page. Words that were looked for put those first that fit best."""
    if words is not None and not words.many:
        return _ranked(session, conditions, words, asked, person_id, day)
    total = _total(session, conditions, words)
    codes, earlier, later = _codes(session, conditions, asked)
    if not codes and total:
        codes, earlier, later = _codes(session, conditions, Asked(asked.order))
    place = asked.place if earlier else 1
    return Page(_rows(session, codes, person_id, day), total, place, earlier, later)


def _total(session: Session, conditions: Sequence[ColumnElement[bool]], words: Words | None) -> int:
    """Counted up to the bound; of words that fit very many, first among some of them."""
    if words is not None:
        some = count_bounded(session, *conditions, among_some(words))
        if some > BOUND:
            return some
    return count_bounded(session, *conditions)


def _ranked(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    words: Words,
    asked: Asked,
    person_id: int,
    day: date,
) -> Page:
    """The page of a search: what fits best leads, then the order of the list."""
    found = list(session.execute(_light(conditions)).all())
    found.sort(key=lambda row: row.sort_key if asked.order is Order.NAME else row.code)
    if asked.order is Order.NEWEST:
        found.reverse()
    found.sort(key=lambda row: closeness(words, row.code, *row[2:]))
    codes = [row.code for row in found]
    start = 0
    if asked.after in codes:
        start = codes.index(asked.after) + 1
    elif asked.before in codes:
        start = max(0, codes.index(asked.before) - PAGE)
    if start >= len(codes):
        start = 0
    here = codes[start : start + PAGE]
    rows = _rows(session, here, person_id, day)
    return Page(rows, len(codes), start + 1, start > 0, start + PAGE < len(codes))


def _light(conditions: Sequence[ColumnElement[bool]]) -> Any:  # noqa: ANN401 - a statement
    """What the order of a search is made from, of every dossier it finds."""
    proposing = aliased(Unit)
    return (
        select(Dossier.code, Dossier.sort_key, Dossier.subject_name, Unit.name, proposing.name)
        .join(Unit, Unit.id == Dossier.unit_id)
        .join(proposing, proposing.id == Dossier.proposing_unit_id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(*conditions)
    )


def _codes(
    session: Session, conditions: Sequence[ColumnElement[bool]], asked: Asked
) -> tuple[list[str], bool, bool]:
    """The codes of the page in order; is there anything before it, and after it?"""
    back = bool(asked.before)
    query = (
        select(Dossier.code)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(*conditions, *_beyond(session, asked))
        .order_by(*_order(asked.order, back=back))
        .limit(PAGE + 1)
    )
    codes = list(session.scalars(query))
    more = len(codes) > PAGE
    codes = codes[:PAGE]
    if back:
        return codes[::-1], more, True
    return codes, bool(asked.after), more


def _order(order: Order, *, back: bool) -> list[ColumnElement[Any]]:
    columns = [Dossier.sort_key, Dossier.code] if order is Order.NAME else [Dossier.code]
    descends = (order is Order.NEWEST) is not back
    return [column.desc() if descends else column.asc() for column in columns]


def _beyond(session: Session, asked: Asked) -> list[ColumnElement[bool]]:
    """SQL: it comes after, or before, the dossier the last page ended with."""
    edge, back = asked.before or asked.after, bool(asked.before)
    if not edge:
        return []
    descends = (asked.order is Order.NEWEST) is not back
    if asked.order is not Order.NAME:
        return [Dossier.code < edge if descends else Dossier.code > edge]
    key = session.scalar(select(Dossier.sort_key).where(Dossier.code == edge)) or ""
    here, there = tuple_(Dossier.sort_key, Dossier.code), tuple_(key, edge)
    return [here < there if descends else here > there]


def _rows(session: Session, codes: Sequence[str], person_id: int, day: date) -> tuple[Row, ...]:
    """The rows of these codes, in their order."""
    found = fetch(session, rows_where(Dossier.code.in_(codes)), person_id, day)
    by_code = {row.dossier.code: row for row in found}
    return tuple(by_code[code] for code in codes if code in by_code)
