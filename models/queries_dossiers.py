"""Lists of dossiers: filtered, counted and paged in SQL, under the one condition of visibility."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from models.concealing import conceal, hidden_from, shown_state
from models.deadlines import terms_of
from models.dossier_flags import flagged
from models.people import Places
from models.progress_conditions import Counted, counted_conditions
from models.searching import Words, read_words, says
from models.tables import Dossier, Registration, Unit
from models.visibility import near, reads_all, visible_to
from workflow.programme import Programme
from workflow.terms import Terms
from workflow.vocabulary import State, SubjectKind

BATCH = 500
BOUND = 1000
"""Up to so many rows are counted; beyond, it is said that there are more."""
UNITS = 200
"""So many units are offered in a filter; beyond, they are looked for by name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One dossier of a list, with the names of its units."""

    dossier: Dossier
    unit: str
    proposing_unit: str
    superior_unit_id: int
    terms: Terms = field(default_factory=Terms)

    @property
    def places(self) -> Places:
        """The units that matter for who may act."""
        one = self.dossier
        return Places(
            one.unit_id, one.proposing_unit_id, one.deciding_unit_id, self.superior_unit_id
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the list; empty means any.

    `found` is what was typed, read once where it is used twice; `turn` tells whose turn it must be.
    """

    words: str = ""
    found: Words | None = None
    turn: ColumnElement[bool] | None = None
    programme: str = ""
    cycle: str = ""
    state: State | None = None
    flag: str = ""
    unit_id: int | None = None
    subject: SubjectKind | None = None
    award: str = ""
    counted: Counted = field(default_factory=Counted)


def rows_where(*conditions: ColumnElement[bool]) -> Select[Dossier, str, str, int]:
    """Select dossiers with the names of their units and the registration's superior."""
    proposing = aliased(Unit)
    return (
        select(Dossier, Unit.name, proposing.name, Registration.superior_unit_id)
        .join(Unit, Unit.id == Dossier.unit_id)
        .join(proposing, proposing.id == Dossier.proposing_unit_id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(*conditions)
    )


def fetch(
    session: Session, query: Select[Dossier, str, str, int], person_id: int, day: date
) -> tuple[Row, ...]:
    """Run a query made by `rows_where`; each row as this person is to see it."""
    rows = session.execute(query).all()
    conceal(session, [row[0] for row in rows], person_id, day)
    terms = terms_of(session, [row[0] for row in rows])
    return tuple(Row(*row, terms[row[0].id]) for row in rows)


def seen_by(session: Session, person_id: int, day: date) -> ColumnElement[bool]:
    """SQL: `visible_to`, and for who does not read everything also the way there by index."""
    if session.scalar(select(reads_all(person_id, day))):
        return visible_to(person_id, day)
    return and_(Dossier.id.in_(near(person_id, day)), visible_to(person_id, day))


def count_bounded(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many dossiers meet these conditions? One more than `BOUND` says: more than those."""
    some = (
        select(Dossier.id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(*conditions)
        .limit(BOUND + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def count(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many dossiers meet these conditions?"""
    query = (
        select(func.count())
        .select_from(Dossier)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(*conditions)
    )
    return session.scalar(query) or 0


def batches(
    session: Session, conditions: list[ColumnElement[bool]], person_id: int, day: date
) -> Iterator[tuple[Row, ...]]:
    """All dossiers of a list, newest code first, some hundred at a time."""
    after: list[ColumnElement[bool]] = []
    while True:
        query = rows_where(*conditions, *after).order_by(Dossier.code.desc()).limit(BATCH)
        rows = fetch(session, query, person_id, day)
        if not rows:
            return
        after = [Dossier.code < rows[-1].dossier.code]
        yield rows


def conditions_for(
    session: Session,
    person_id: int,
    day: date,
    wanted: Wanted,
    known: dict[str, Programme],
    now: datetime,
) -> dict[str, ColumnElement[bool]]:
    """The condition of every filter in use, by its name; visibility always among them."""
    found = {"visible": seen_by(session, person_id, day)}
    if wanted.words:
        words = wanted.found or read_words(session, wanted.words)
        found["q"] = says(words, hidden_from(person_id, day))
    if wanted.turn is not None:
        found["viec"] = wanted.turn
    for name, column, value in (
        ("chuong-trinh", Dossier.programme_id, wanted.programme),
        ("dot", Dossier.cycle_id, wanted.cycle),
        ("hinh-thuc", Dossier.award_form, wanted.award),
    ):
        if value:
            found[name] = column == value
    if wanted.state:
        found["trang-thai"] = shown_state(person_id, day) == wanted.state
    if wanted.flag:
        found["co"] = flagged(session, wanted.flag, known, now)
    counted = counted_conditions(session, person_id, day, wanted.counted, known)
    return found | dict(_about(wanted)) | counted


def _about(wanted: Wanted) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """The filters by whom a dossier is about."""
    if wanted.unit_id is not None:
        of = (Dossier.unit_id == wanted.unit_id, Dossier.proposing_unit_id == wanted.unit_id)
        yield "don-vi", or_(*of)
    if wanted.subject:
        yield "doi-tuong", Dossier.subject_kind == wanted.subject


def units_seen(session: Session, person_id: int, day: date) -> list[tuple[int, str]]:
    """Units with dossiers this person may see, for the choice in the filter.

    None when there are more than `UNITS`: nobody looks through so many.
    """
    seen = has_dossiers(session, person_id, day, seen_by(session, person_id, day))
    query = select(Unit.id, Unit.name).where(seen).order_by(Unit.sort_key, Unit.id)
    rows = session.execute(query.limit(UNITS + 1)).all()
    return [] if len(rows) > UNITS else [(unit_id, name) for unit_id, name in rows]


def has_dossiers(
    session: Session, person_id: int, day: date, seen: ColumnElement[bool]
) -> ColumnElement[bool]:
    """SQL over `Unit`: dossiers that are `seen` are about it or proposed by it."""
    if session.scalar(select(reads_all(person_id, day))):
        subject, proposer = aliased(Dossier), aliased(Dossier)
        return or_(
            exists().where(subject.unit_id == Unit.id),
            exists().where(proposer.proposing_unit_id == Unit.id),
        )
    own = union_all(
        select(Dossier.unit_id).where(seen), select(Dossier.proposing_unit_id).where(seen)
    )
    return Unit.id.in_(own)


def states_count(session: Session, person_id: int, day: date) -> dict[State, int]:
    """How many of the dossiers this person sees stand in each state."""
    shown = (
        select(shown_state(person_id, day).label("state"))
        .where(visible_to(person_id, day))
        .subquery()
    )
    rows = session.execute(select(shown.c.state, func.count()).group_by(shown.c.state))
    return {row[0]: row[1] for row in rows}


def narrowest(
    session: Session, conditions: dict[str, ColumnElement[bool]], names: Iterable[str]
) -> str | None:
    """Of the filters in use, the one whose removal brings back most rows."""
    best, most = None, 0
    for name in names:
        rest = [each for key, each in conditions.items() if key != name]
        left = count_bounded(session, *rest)
        if left > most:
            best, most = name, left
    return best
