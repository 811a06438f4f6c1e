"""Names kept so that they are found from any of their words on, by index, on both engines.

A name of four words is kept four times, each time without another first word; what somebody types
is then the beginning of one of them: a range of an ordinary index (decision 0041).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from models.folding import words_key
from models.tables import Person, PersonPhrase, Unit, UnitPhrase

LONGEST: Final = 80
"""Letters kept of a phrase; what is typed beyond decides nothing."""
MOST_WORDS: Final = 16
AT_ONCE: Final = 500


def phrases_of(*texts: str) -> set[str]:
    """Every text folded, from each of its words on."""
    found = set()
    for text in texts:
        words = words_key(text).split()
        starts = range(min(len(words), MOST_WORDS))
        found |= {" ".join(words[start:])[:LONGEST] for start in starts}
    return found


def span_of(typed: str) -> tuple[str, str]:
    """From where to before where the phrases lie that begin with what was typed.

    Both ends are empty when nothing of it can be looked for.
    """
    key = words_key(typed)[:LONGEST]
    return (key, key[:-1] + chr(ord(key[-1]) + 1)) if key else ("", "")


def keep_person(session: Session, person_id: int, *names: str) -> None:
    """Keep the names of this person, in place of those kept before."""
    session.execute(delete(PersonPhrase).where(PersonPhrase.person_id == person_id))
    rows = [{"person_id": person_id, "phrase": one} for one in sorted(phrases_of(*names))]
    _put(session, PersonPhrase, rows)


def keep_unit(session: Session, unit_id: int, *names: str) -> None:
    """Keep the names of this unit, in place of those kept before."""
    session.execute(delete(UnitPhrase).where(UnitPhrase.unit_id == unit_id))
    rows = [{"unit_id": unit_id, "phrase": one} for one in sorted(phrases_of(*names))]
    _put(session, UnitPhrase, rows)


def keep_missing(session: Session) -> int:
    """Keep the names of all people and units of whom none is kept; how many these were.

    For rows that came by another way than the service's own: a copy from elsewhere, a season made
    in bulk.
    """
    people = select(Person.id, Person.full_name, Person.code).where(
        ~exists().where(PersonPhrase.person_id == Person.id)
    )
    units = select(Unit.id, Unit.name, Unit.code).where(
        ~exists().where(UnitPhrase.unit_id == Unit.id)
    )
    named = _keep(session, PersonPhrase, "person_id", session.execute(people).all())
    return named + _keep(session, UnitPhrase, "unit_id", session.execute(units).all())


def _keep(session: Session, table: Any, owner: str, found: Sequence[Any]) -> int:  # noqa: ANN401
    for start in range(0, len(found), AT_ONCE):
        rows = (
            {owner: number, "phrase": phrase}
            for number, name, code in found[start : start + AT_ONCE]
            for phrase in sorted(phrases_of(name, code))
        )
        _put(session, table, rows)
    return len(found)


def _put(session: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:  # noqa: ANN401
    kept = list(rows)
    if kept:
        session.execute(insert(table), kept)
