"""What everybody may know: how far one dossier has come, and the awards that were decided.

Nothing here reads papers, votes, marks, comments, reasons, supplements or holds; the name of a
person leaves this module only once there is a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from models.deadlines import milestones_of
from models.folding import search_key
from models.tables import Decision, Dossier, HistoryLine, Unit
from workflow.programme import Programme
from workflow.terms import Terms
from workflow.vocabulary import State, SubjectKind

PAGE: Final = 50
BATCH: Final = 500
PUBLISHED: Final = (State.DECIDED, State.REVOKED)
"""States of a dossier with a decision; a revoked one stays in the list, and says so."""

_YEAR_FIRST = re.compile(r"(?:([a-z]+)[- ./]*)?(20[0-9]{2})[- ./]+([0-9]{1,6})")
_NUMBER_FIRST = re.compile(r"([0-9]{1,6})[- ./]+(20[0-9]{2})")
_PREFIX = "HS"
_COMMITTEE = "ubnd "
_PLACES = ("huyen ", "thanh pho ", "thi tran ", "phuong ", "xa ")


@dataclass(frozen=True, slots=True)
class Paper:
    """Number and date of a decision: all of it that is told here."""

    number: str
    dated: date


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one dossier has come; `name` is empty while a person may not be named."""

    code: str
    kind: SubjectKind
    name: str
    unit: str
    programme_hash: str
    cycle_id: str
    award_form: str
    state: State
    entered: Mapping[State, datetime]
    decision: Paper | None
    revocation: Paper | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class Result:
    """One award that was decided, and its revocation if there was one."""

    code: str
    kind: SubjectKind
    name: str
    unit: str
    programme_hash: str
    cycle_id: str
    award_form: str
    number: str
    dated: date
    entered_at: datetime
    revoked_number: str | None
    revoked_on: date | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Results:
    """One page of the list and how many awards there are in all."""

    rows: tuple[Result, ...]
    total: int
    number: int

    @property
    def last(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.total // PAGE))


def full_code(text: str) -> str | None:
    """The code as it is stored: `HS-2023-0027`, also from `27/2023` or `hs 2023 27`."""
    plain = search_key(text)
    by_year = _YEAR_FIRST.fullmatch(plain)
    if by_year is not None:
        prefix = (by_year[1] or _PREFIX).upper()
        return f"{prefix}-{by_year[2]}-{int(by_year[3]):04d}"
    by_number = _NUMBER_FIRST.fullmatch(plain)
    return f"{_PREFIX}-{by_number[2]}-{int(by_number[1]):04d}" if by_number else None


def unit_fits(words: str, name: str) -> bool:
    """Do these words name this unit, with or without marks, “UBND” and the kind of place?"""
    bare = _folded(name)
    fitting = {bare}
    if bare.startswith(_COMMITTEE):
        bare = bare.removeprefix(_COMMITTEE)
        fitting.add(bare)
    fitting |= {bare.removeprefix(kind) for kind in _PLACES}
    return _folded(words) in fitting


def progress_of(session: Session, code: str, unit_words: str) -> Progress | None:
    """How far the dossier has come; None when there is none, or the unit is another one."""
    revoking = aliased(Decision)
    found = session.execute(
        select(
            Dossier.id,
            Dossier.programme_id,
            Dossier.programme_hash,
            Dossier.cycle_id,
            Dossier.award_form,
            Dossier.subject_kind,
            Dossier.subject_name,
            Dossier.state,
            Unit.name.label("unit"),
            Decision.number,
            Decision.dated,
            Decision.published_at,
            revoking.number.label("revoked_number"),
            revoking.dated.label("revoked_on"),
        )
        .join(Unit, Unit.id == Dossier.unit_id)
        .outerjoin(Decision, Decision.id == Dossier.decision_id)
        .outerjoin(revoking, revoking.id == Dossier.revocation_id)
        .where(Dossier.code == code)
    ).first()
    if found is None or not unit_fits(unit_words, found.unit):
        return None
    told = found.published_at is not None
    named = found.subject_kind is SubjectKind.COLLECTIVE or (told and found.state in PUBLISHED)
    entered = _entered(session, found.id)
    state = found.state
    if state is State.DECIDED and not told:
        # Decided, but nobody has been told: outside, it stands where it stood before.
        state = State.BOARD_CHECKED
        entered.pop(State.DECIDED, None)
    anew = milestones_of(session, {found.programme_id})
    return Progress(
        code=code,
        kind=found.subject_kind,
        name=found.subject_name if named else "",
        unit=found.unit,
        programme_hash=found.programme_hash,
        cycle_id=found.cycle_id,
        award_form=found.award_form,
        state=state,
        entered=entered,
        decision=_paper(found.number, found.dated) if told else None,
        revocation=_paper(found.revoked_number, found.revoked_on),
        terms=Terms(milestones=anew.get((found.programme_id, found.cycle_id), ())),
    )


def cycles_known(known: Iterable[Programme]) -> dict[str, str]:
    """Labels of all cycles, the newest first."""
    cycles = {cycle.id: cycle for programme in known for cycle in programme.cycles}
    newest = sorted(
        cycles.values(),
        key=lambda cycle: (cycle.milestones.of(State.DECIDED) or cycle.snapshot, cycle.id),
        reverse=True,
    )
    return {cycle.id: cycle.label for cycle in newest}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list of results is narrowed to; empty words narrow nothing."""

    programme: str = ""
    cycle: str = ""
    award: str = ""


def results(session: Session, wanted: Narrowing, number: int, order: Iterable[str]) -> Results:
    """One page of decided awards, cycles in the given order, the newest decision first."""
    conditions = _conditions(wanted)
    total = (
        session.scalar(
            select(func.count())
            .select_from(Dossier)
            .join(Decision, Decision.id == Dossier.decision_id)
            .where(*conditions)
        )
        or 0
    )
    number = min(max(number, 1), max(1, -(-total // PAGE)))
    return Results(_rows(session, conditions, number, order), total, number)


def _conditions(wanted: Narrowing) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Dossier.state.in_(PUBLISHED),
        Decision.published_at.is_not(None),
    ]
    columns = (
        (Dossier.programme_id, wanted.programme),
        (Dossier.cycle_id, wanted.cycle),
        (Dossier.award_form, wanted.award),
    )
    return conditions + [column == value for column, value in columns if value]


def _rows(
    session: Session, conditions: list[ColumnElement[bool]], number: int, order: Iterable[str]
) -> tuple[Result, ...]:
    order = tuple(order)
    # Keys alone are put in order; only the rows of this page are read whole.
    here = (
        select(Dossier.id)
        .join(Decision, Decision.id == Dossier.decision_id)
        .where(*conditions)
        .order_by(*_ordered(order))
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    query = _select([Dossier.id.in_(here)], order)
    return tuple(_result(*row) for row in session.execute(query))


def every_result(session: Session, wanted: Narrowing, order: Iterable[str]) -> Iterator[Result]:
    """All decided awards in the same order; rows are fetched while they are used."""
    query = _select(_conditions(wanted), order).execution_options(yield_per=BATCH)
    for row in session.execute(query):
        yield _result(*row)


def _select(
    conditions: list[ColumnElement[bool]], order: Iterable[str]
) -> Select[Dossier, str, Decision, Decision]:
    revoking = aliased(Decision)
    return (
        select(Dossier, Unit.name, Decision, revoking)
        .join(Unit, Unit.id == Dossier.unit_id)
        .join(Decision, Decision.id == Dossier.decision_id)
        .outerjoin(revoking, revoking.id == Dossier.revocation_id)
        .where(*conditions)
        .order_by(*_ordered(order))
    )


def _ordered(order: Iterable[str]) -> tuple[ColumnElement[Any], ...]:
    """SQL: the order of the list: newest cycle, newest decision, newest code."""
    ranks = {cycle_id: rank for rank, cycle_id in enumerate(order)}
    rank = case(ranks or {"": 0}, value=Dossier.cycle_id, else_=len(ranks))
    return rank, Decision.dated.desc(), Dossier.code.desc()


def _result(dossier: Dossier, unit: str, decision: Decision, revoking: Decision | None) -> Result:
    return Result(
        code=dossier.code,
        kind=dossier.subject_kind,
        name=dossier.subject_name,
        unit=unit,
        programme_hash=dossier.programme_hash,
        cycle_id=dossier.cycle_id,
        award_form=dossier.award_form,
        number=decision.number,
        dated=decision.dated,
        entered_at=decision.published_at or decision.entered_at,
        revoked_number=revoking.number if revoking else None,
        revoked_on=revoking.dated if revoking else None,
        revoked_at=revoking.entered_at if revoking else None,
    )


def _entered(session: Session, dossier_id: int) -> dict[State, datetime]:
    rows = session.execute(
        select(HistoryLine.to_state, func.max(HistoryLine.at))
        .where(
            HistoryLine.dossier_id == dossier_id,
            HistoryLine.to_state.is_distinct_from(HistoryLine.from_state),
        )
        .group_by(HistoryLine.to_state)
    )
    return {State(row[0]): row[1] for row in rows if row[0] in set(State)}


def _paper(number: str | None, dated: date | None) -> Paper | None:
    return Paper(number, dated) if number is not None and dated is not None else None


def _folded(text: str) -> str:
    words = " ".join(re.findall(r"\w+", search_key(text)))
    return words.replace("uy ban nhan dan", "ubnd")
