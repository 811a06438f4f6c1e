"""Lists of dossiers: filtered, counted and paged in SQL, under the one condition of visibility."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.concealing import conceal, hidden_from, shown_state
from models.deadlines import milestones_of, terms_of, timed
from models.folding import search_key
from models.people import Places
from models.progress_conditions import Counted, counted_conditions
from models.tables import Decision, Dossier, Registration, Suspension, Unit
from models.visibility import visible_to
from workflow.deadlines import WholeCycle, deadline_of, next_state
from workflow.programme import Programme
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import ENDS, PROGRESS, State, SubjectKind

PAGE = 50
BATCH = 500
_CODE = re.compile(r"(?:(?:[a-z]+[- ]?)?(\d{4})[- ])?0*(\d{1,6})", re.IGNORECASE)


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
    """Filters of the list; empty means any."""

    words: str = ""
    programme: str = ""
    cycle: str = ""
    state: State | None = None
    flag: str = ""
    unit_id: int | None = None
    subject: SubjectKind | None = None
    award: str = ""
    counted: Counted = field(default_factory=Counted)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and how many rows there are in all."""

    rows: tuple[Row, ...]
    total: int
    number: int

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // PAGE))


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


def count(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many dossiers meet these conditions?"""
    query = (
        select(func.count())
        .select_from(Dossier)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(*conditions)
    )
    return session.scalar(query) or 0


def find_page(
    session: Session,
    conditions: list[ColumnElement[bool]],
    words: str,
    number: int,
    person_id: int,
    day: date,
) -> Page:
    """One page of the list, newest code first; names that match letter for letter lead."""
    total = count(session, *conditions)
    number = min(max(number, 1), max(1, -(-total // PAGE)))
    exact = case((Dossier.subject_name.contains(words, autoescape=True), 0), else_=1)
    order = [exact] if words else []
    query = rows_where(*conditions).order_by(*order, Dossier.code.desc())
    rows = fetch(session, query.limit(PAGE).offset((number - 1) * PAGE), person_id, day)
    return Page(rows, total, number)


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
    found: dict[str, ColumnElement[bool]] = {"visible": visible_to(person_id, day)}
    if wanted.words:
        found["q"] = _says(wanted.words, hidden_from(person_id, day))
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
    if wanted.unit_id is not None:
        found["don-vi"] = or_(
            Dossier.unit_id == wanted.unit_id, Dossier.proposing_unit_id == wanted.unit_id
        )
    if wanted.subject:
        found["doi-tuong"] = Dossier.subject_kind == wanted.subject
    return found | counted_conditions(session, person_id, day, wanted.counted, known)


def _says(words: str, hidden: ColumnElement[bool]) -> ColumnElement[bool]:
    """Words folded, a code in full, a bare number, or the number of a decision."""
    folded = Dossier.search_key.contains(search_key(words), autoescape=True)
    plain = func.lower(func.replace(func.replace(Decision.number, "Đ", "D"), "đ", "d"))
    named = exists().where(
        Decision.id == Dossier.decision_id, plain.contains(search_key(words), autoescape=True)
    )
    numbered = and_(named, ~hidden)
    code = _CODE.fullmatch(words.strip())
    if code is None:
        return or_(folded, numbered)
    year, number = code.groups()
    ending = f"-{int(number):04d}"
    return Dossier.code.endswith(f"-{year}{ending}" if year else ending)


def flagged(
    session: Session, flag: str, known: dict[str, Programme], now: datetime
) -> ColumnElement[bool]:
    """SQL for a flag: supplement asked, extended, held, late or due soon."""
    if flag == "bo-sung":
        return and_(Dossier.supplement.is_not(None), Dossier.state.not_in(ENDS))
    if flag == "gia-han":
        return and_(Dossier.extended_until.is_not(None), Dossier.state.not_in(ENDS))
    if flag == "tam-dung":
        return and_(Dossier.hold_since.is_not(None), Dossier.state.not_in(ENDS))
    if flag != "qua-han":
        return false()
    set_anew = milestones_of(session, {each.id for each in known.values()})
    stopped, late = _stopped(session, known, now)
    by_rule = or_(false(), *(_late(each, set_anew, now) for each in known.values()))
    return or_(and_(by_rule, Dossier.id.not_in(stopped)), Dossier.id.in_(late))


def _stopped(
    session: Session, known: dict[str, Programme], now: datetime
) -> tuple[list[int], list[int]]:
    """Dossiers whose clock once stood still, and those of them that are late all the same."""
    rows = session.scalars(
        select(Dossier).where(
            exists().where(Suspension.dossier_id == Dossier.id), Dossier.state.not_in(ENDS)
        )
    ).all()
    terms = terms_of(session, rows)
    late = []
    for one in rows:
        target = next_state(one.state)
        here = timed(one, terms[one.id])
        due = deadline_of(known[one.programme_hash], here, target) if target else None
        if due is not None and due.instant < now:
            late.append(one.id)
    return [one.id for one in rows], late


def _late(
    programme: Programme,
    set_anew: Mapping[tuple[str, str], tuple[MilestoneSet, ...]],
    now: datetime,
) -> ColumnElement[bool]:
    """SQL: the milestone of the next state has passed, extensions counted."""
    passed: list[ColumnElement[bool]] = []
    for cycle in programme.cycles:
        terms = Terms(milestones=set_anew.get((programme.id, cycle.id), ()))
        for state, target in pairwise(PROGRESS):
            awards = []
            for award in ("", *programme.award_by_id):
                due = deadline_of(programme, WholeCycle(cycle.id, award, terms=terms), target)
                if due is not None and due.instant < now:
                    awards.append(award)
            passed.append(_stands(cycle.id, awards, state))
    extended = and_(Dossier.state == State.REGISTERED, Dossier.extended_until >= now)
    return and_(
        Dossier.programme_hash == programme.content_hash,
        or_(false(), *passed),
        or_(Dossier.extended_until.is_(None), ~extended),
    )


def _stands(cycle_id: str, awards: list[str], state: State) -> ColumnElement[bool]:
    return and_(
        Dossier.cycle_id == cycle_id, Dossier.award_form.in_(awards), Dossier.state == state
    )


def units_seen(session: Session, person_id: int, day: date) -> list[tuple[int, str]]:
    """Units with dossiers this person may see, for the choice in the filter."""
    rows = session.execute(
        select(Unit.id, Unit.name)
        .where(
            exists().where(
                or_(Dossier.unit_id == Unit.id, Dossier.proposing_unit_id == Unit.id),
                visible_to(person_id, day),
            )
        )
        .order_by(Unit.sort_key)
    )
    return [(unit_id, name) for unit_id, name in rows]


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
        left = count(session, *rest)
        if left > most:
            best, most = name, left
    return best
