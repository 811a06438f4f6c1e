"""What was typed into a search: a condition over dossiers that an index answers, and an order.

Codes, units, people and numbers of decisions each have an index of their own; what they find is put
together. Where the words fit very many dossiers the same is asked of each dossier on the way down
the list, which soon meets enough of them. So neither way grows with the record (decision 0041).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models.folding import search_key, words_key
from models.phrases import span_of
from models.tables import CodeCounter, Decision, Dossier, PersonPhrase, UnitPhrase

MANY: Final = 5_000
"""From so many dossiers on they are met on the way down the list, and not gathered first."""
_CODE: Final = re.compile(r"(?:(?:([a-z]+)[- ]?)?(\d{4})[- ])?0*(\d{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed, read: codes it may be, and the range of phrases it begins."""

    typed: str
    codes: tuple[str, ...]
    is_code: bool
    span: tuple[str, str]
    many: bool = False

    def numbers(self, paper: type[Decision] = Decision) -> ColumnElement[bool]:
        """SQL over `Decision`: its number begins like this; a bare figure is the whole of it."""
        first, last = self.span
        number = paper.number_key
        if self.is_code:
            return or_(number == first, and_(number > f"{first} ", number < f"{first}!"))
        return and_(number >= first, number < last)


def read_words(session: Session, typed: str) -> Words:
    """Read what was typed, and whether it fits very many dossiers: two statements."""
    code = _CODE.fullmatch(typed.strip())
    known = session.execute(select(CodeCounter.prefix, CodeCounter.year)).all()
    codes = _codes(code, [(prefix, year) for prefix, year in known]) if code else ()
    words = Words(typed, codes, code is not None, span_of(typed))
    met = sum(session.execute(select(*(_counted(one) for one in _gathered(words)))).one())
    return replace(words, many=met > MANY)


def says(words: Words, hidden: ColumnElement[bool]) -> ColumnElement[bool]:
    """SQL over `Dossier`: it is what was looked for.

    The number of a decision does not find a dossier from whose reader the decision is `hidden`.
    """
    if not words.many:
        found = union_all(*_gathered(words, hidden))
        return Dossier.id.in_(found)
    first, last = words.span
    paper = aliased(Decision)
    numbered = exists().where(paper.id == Dossier.decision_id, words.numbers(paper))
    return or_(
        Dossier.code.in_(words.codes),
        _is_named(UnitPhrase.unit_id, Dossier.unit_id, first, last),
        _is_named(UnitPhrase.unit_id, Dossier.proposing_unit_id, first, last),
        _is_named(PersonPhrase.person_id, Dossier.person_id, first, last),
        and_(numbered, ~hidden),
    )


def among_some(words: Words) -> ColumnElement[bool]:
    """SQL over `Dossier`: it is among the first few thousand of those that fit."""
    some = (one.limit(MANY).subquery() for one in _gathered(words))
    return Dossier.id.in_(union_all(*(select(one.c.id) for one in some)))


def closeness(words: Words, code: str, name: str, *around: str) -> int:
    """How well it fits, best first; by the own name better than by those of the units `around`."""
    if code and code in words.codes:
        return 0
    return min(2 * _fit(words, name), *(2 * _fit(words, one) + 1 for one in around), 7)


def _fit(words: Words, name: str) -> int:
    """Letter for letter, with its marks, by whole words, else."""
    typed, told = words.typed.casefold(), name.casefold()
    if told == typed:
        return 0
    if _within(typed, told):
        return 1
    return 2 if _within(words.span[0], _folded(name)) else 3


@lru_cache(MANY)
def _folded(name: str) -> str:
    return words_key(name)


def _within(words: str, name: str) -> bool:
    return f" {words} " in f" {name} "


def _codes(found: re.Match[str], known: list[tuple[str, int]]) -> tuple[str, ...]:
    """The codes a figure may stand for: of every year there are codes of, unless it names one."""
    prefix, year, number = found.groups()
    return tuple(
        sorted(
            f"{one}-{of}-{int(number):04d}"
            for one, of in known
            if (prefix is None or search_key(prefix) == one.casefold())
            and (year is None or int(year) == of)
        )
    )


def _gathered(words: Words, hidden: ColumnElement[bool] | None = None) -> list[Select[int]]:
    """The ids of dossiers, by each of the ways they are found."""
    first, last = words.span
    ids = select(Dossier.id).correlate(None)
    paper = aliased(Decision)
    numbered = ids.join(paper, paper.id == Dossier.decision_id).where(words.numbers(paper))
    if hidden is not None:
        numbered = numbered.where(~hidden)
    found = [ids.where(Dossier.code.in_(words.codes)), numbered]
    if words.is_code:
        return found
    by_unit = and_(UnitPhrase.phrase >= first, UnitPhrase.phrase < last)
    by_person = and_(PersonPhrase.phrase >= first, PersonPhrase.phrase < last)
    return [
        *found,
        ids.join(UnitPhrase, UnitPhrase.unit_id == Dossier.unit_id).where(by_unit),
        ids.join(UnitPhrase, UnitPhrase.unit_id == Dossier.proposing_unit_id).where(by_unit),
        ids.join(PersonPhrase, PersonPhrase.person_id == Dossier.person_id).where(by_person),
    ]


def _counted(query: Select[int]) -> ColumnElement[int]:
    some = query.limit(MANY + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _is_named(
    owner: InstrumentedAttribute[int],
    column: InstrumentedAttribute[Any],
    first: str,
    last: str,
) -> ColumnElement[bool]:
    phrase = owner.class_.phrase
    return exists(select(literal(1)).where(owner == column, phrase >= first, phrase < last))
