"""Which dossiers a figure of the progress reports counts: SQL that charts and the list share.

A figure of a report and the list behind it use the same condition, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models.concealing import shown_since, shown_state
from models.deadlines import office_days
from models.tables import CalendarDay, Dossier, Evaluation, HistoryLine, Suspension
from models.visibility import reads_all, serves_at
from models.words import DayKind
from workflow.programme import AwardForm, Programme
from workflow.vocabulary import PROGRESS, Action, Outcome, State
from workflow.working_days import OFFICE_ZONE, add_working_days, closing_instant

EPOCH: Final = date(1970, 1, 1)
OPEN: Final = PROGRESS[:-1]
"""States in which a dossier waits for a step."""
AGES: Final[tuple[tuple[int, int | None], ...]] = ((0, 3), (4, 7), (8, 14), (15, None))
"""Working days a dossier has waited, in classes; the last is open."""
_DAY: Final = 86_400
_MONDAY_BASED: Final = 3
_WEEK, _WORKED = 7, 5
_OF_THE_DECISION: Final = (Action.DECIDE.value, Action.RETRACT.value)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a figure counts; what is left empty narrows nothing.

    `waiting` are working days in the present step, both inclusive; `handed_in_from` and
    `handed_in_to` are office days; `passed` and `over` name the state a step leads out of;
    `stopped_by` and `still_stopped_by` are rules.
    """

    proposing_unit_id: int | None = None
    waiting: tuple[int, int | None] | None = None
    handed_in_from: date | None = None
    handed_in_to: date | None = None
    passed: State | None = None
    over: State | None = None
    stopped_by: str = ""
    still_stopped_by: str = ""


def counted_conditions(
    session: Session,
    person_id: int,
    day: date,
    wanted: Counted,
    known: Mapping[str, Programme],
) -> dict[str, ColumnElement[bool]]:
    """The condition of everything given in `wanted`, by its name in the address of the list."""
    found = _about_time(session, person_id, day, wanted)
    if wanted.proposing_unit_id is not None:
        found["de-nghi"] = Dossier.proposing_unit_id == wanted.proposing_unit_id
    if wanted.passed is not None:
        found["qua-buoc"] = has_passed(person_id, day, wanted.passed)
    if wanted.over is not None:
        found["vuot"] = and_(
            has_passed(person_id, day, wanted.over), took_too_long(wanted.over, known)
        )
    if wanted.stopped_by:
        found["chan"] = stopped(session, person_id, day, wanted.stopped_by)
    if wanted.still_stopped_by:
        found["con-chan"] = stopped(session, person_id, day, wanted.still_stopped_by, still=True)
    return found


def _about_time(
    session: Session, person_id: int, day: date, wanted: Counted
) -> dict[str, ColumnElement[bool]]:
    found: dict[str, ColumnElement[bool]] = {}
    if wanted.waiting is not None:
        found["cho"] = waited(person_id, day, bounds(session, day, *wanted.waiting))
    if wanted.handed_in_from is not None:
        found["nop-tu"] = first_in(State.SUBMITTED) >= _midnight(wanted.handed_in_from)
    if wanted.handed_in_to is not None:
        after_it = _midnight(wanted.handed_in_to + timedelta(days=1))
        found["nop-den"] = first_in(State.SUBMITTED) < after_it
    return found


# --- Waiting ----------------------------------------------------------------------------------


def bounds(
    session: Session, day: date, low: int, high: int | None
) -> tuple[datetime | None, datetime | None]:
    """From when and before when (UTC) a wait began that has lasted `low` to `high` working days.

    The day the wait began is not counted (Bộ luật Dân sự 2015, điều 147).
    """
    off, swaps = office_days(session)
    tomorrow = day + timedelta(days=1)

    def back(days: int) -> datetime:
        return _midnight(add_working_days(tomorrow, -days, off, swaps))

    return (
        back(high + 1) if high is not None else None,
        back(low) if low > 0 else None,
    )


def waited(
    person_id: int, day: date, since: tuple[datetime | None, datetime | None]
) -> ColumnElement[bool]:
    """SQL: the dossier waits for a step and has stood there since a time within `since`."""
    first, before = since
    entered = shown_since(person_id, day)
    found: list[ColumnElement[bool]] = [shown_state(person_id, day).in_(OPEN)]
    if first is not None:
        found.append(entered >= first)
    if before is not None:
        found.append(entered < before)
    return and_(*found)


def _midnight(day: date) -> datetime:
    return closing_instant(day, time(0), OFFICE_ZONE)


# --- Steps taken ------------------------------------------------------------------------------


def moved() -> ColumnElement[bool]:
    """SQL over `HistoryLine`: this line brought the dossier into its state."""
    return or_(HistoryLine.from_state.is_(None), HistoryLine.from_state != HistoryLine.to_state)


def first_in(state: State) -> ScalarSelect[datetime]:
    """SQL over `Dossier`: when it first came into `state`."""
    return _arrival(func.min(HistoryLine.at), state)


def last_in(state: State) -> ScalarSelect[datetime]:
    """SQL over `Dossier`: when it last came into `state`."""
    return _arrival(func.max(HistoryLine.at), state)


def _arrival(of: ColumnElement[datetime], state: State) -> ScalarSelect[datetime]:
    return (
        select(of)
        .where(HistoryLine.dossier_id == Dossier.id, HistoryLine.to_state == state.value, moved())
        .scalar_subquery()
    )


def after(state: State) -> State:
    """The state the step out of `state` leads to."""
    return PROGRESS[PROGRESS.index(state) + 1]


def never_suspended() -> ColumnElement[bool]:
    """SQL over `Dossier`: its clock never stood still, so its days can be counted."""
    return ~exists().where(Suspension.dossier_id == Dossier.id)


def has_passed(person_id: int, day: date, state: State) -> ColumnElement[bool]:
    """SQL: the step out of `state` lies behind it, as this person is shown it, and is measured."""
    beyond = PROGRESS[PROGRESS.index(state) + 1 :]
    return and_(
        shown_state(person_id, day).in_(beyond),
        never_suspended(),
        last_in(after(state)) >= first_in(state),
    )


def limit_of(award: AwardForm | None, state: State) -> int | None:
    """Working days the programme gives the step out of `state`; None where it sets a day instead.

    The council has its days from the receipt, the check those between the council and its own
    end, the decision what is left of the whole (`AwardForm.appraisal`).
    """
    table = award.appraisal if award else None
    if table is None:
        return None
    days = {
        State.SUBMITTED: table.council,
        State.COUNCIL_REVIEWED: table.board - table.council,
        State.BOARD_CHECKED: table.working_days - table.board,
    }
    return days.get(state)


def took_too_long(state: State, known: Mapping[str, Programme]) -> ColumnElement[bool]:
    """SQL: from the first arrival in `state` to the last one in the next, more than its days."""
    days = worked_between(
        office_day_number(first_in(state)), office_day_number(last_in(after(state)))
    )
    over: list[ColumnElement[bool]] = []
    for content_hash, programme in known.items():
        for award in programme.awards:
            limit = limit_of(award, state)
            if limit is not None:
                own = and_(Dossier.programme_hash == content_hash, Dossier.award_form == award.id)
                over.append(and_(own, days > limit))
    return or_(false(), *over)


def worked_between(start: ColumnElement[int], end: ColumnElement[int]) -> ColumnElement[int]:
    """SQL: working days after day number `start` up to day number `end`, by the calendar table."""
    day = office_day_number(CalendarDay.date)
    weekend = _weekday(day) >= _WORKED
    counted = case(
        (and_(CalendarDay.kind == DayKind.WORKING_SWAP, weekend), 1),
        (and_(CalendarDay.kind != DayKind.WORKING_SWAP, ~weekend), -1),
        else_=0,
    )
    exceptions = (
        select(func.coalesce(func.sum(counted), 0)).where(day > start, day <= end).scalar_subquery()
    )
    return _weekdays_to(end) - _weekdays_to(start) + exceptions


def _weekday(day: ColumnElement[int]) -> ColumnElement[int]:
    return (day + _MONDAY_BASED) % _WEEK


def _weekdays_to(day: ColumnElement[int]) -> ColumnElement[int]:
    here = _weekday(day) + 1
    return _WORKED * ((day + _MONDAY_BASED) // _WEEK) + case((here > _WORKED, _WORKED), else_=here)


# --- Rules that stopped a step ----------------------------------------------------------------


def findings_of(session: Session) -> tuple[Any, ColumnElement[str], ColumnElement[bool]]:
    """What each rule found in a row of `Evaluation`: the table to join, its rule, did it block."""
    if session.get_bind().dialect.name == "postgresql":
        items = func.jsonb_array_elements(cast(Evaluation.results, JSONB)).table_valued(
            "value", joins_implicitly=True
        )
        one = cast(items.c.value, JSONB)
        rule, outcome = one["rule"].astext, one["finding"]["outcome"].astext
        tolerated = one["tolerated"].astext == "true"
    else:
        items = func.json_each(Evaluation.results).table_valued("value", joins_implicitly=True)
        rule = func.json_extract(items.c.value, "$.rule")
        outcome = func.json_extract(items.c.value, "$.finding.outcome")
        tolerated = func.json_extract(items.c.value, "$.tolerated") == 1
    passing = (Outcome.MET.value, Outcome.NOT_APPLICABLE.value)
    return items, rule, and_(outcome.not_in(passing), ~tolerated)


def told_attempt(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL over `Evaluation` and `Dossier`: a refused attempt this person may hear of.

    What the deciding side tried with its decision is told to that side alone.
    """
    inside = or_(serves_at(Dossier.deciding_unit_id, person_id, day), reads_all(person_id, day))
    return and_(~Evaluation.allowed, or_(Evaluation.action.not_in(_OF_THE_DECISION), inside))


def still_there() -> ColumnElement[bool]:
    """SQL over `Evaluation` and `Dossier`: it has not moved since the attempt."""
    return and_(Dossier.state.in_(OPEN), Evaluation.at >= Dossier.entered_state_at)


def stopped(
    session: Session, person_id: int, day: date, rule: str, *, still: bool = False
) -> ColumnElement[bool]:
    """SQL over `Dossier`: this rule refused a step somebody tried."""
    items, name, blocks = findings_of(session)
    tried = (
        select(Evaluation.id)
        .select_from(Evaluation)
        .join(items, blocks)
        .where(Evaluation.dossier_id == Dossier.id, told_attempt(person_id, day), name == rule)
        .correlate(Dossier)
    )
    return (tried.where(still_there()) if still else tried).exists()


# --- Days as numbers, on both engines ---------------------------------------------------------


class office_day_number(FunctionElement[int]):  # noqa: N801 - read as a function of SQL
    """The office day of an instant, or a day itself, as days since 01/01/1970."""

    type = Integer()
    inherit_cache = True


def day_of_number(number: int) -> date:
    """The day of a number made by `office_day_number`."""
    return EPOCH + timedelta(days=number)


_AHEAD: Final = -int(_midnight(EPOCH + timedelta(days=20_000)).timestamp()) % _DAY
"""Seconds the office is ahead of UTC; it keeps no summer time."""


@compiles(office_day_number, "sqlite")
def _on_sqlite(element: office_day_number, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    (given,) = element.clauses
    ahead = 0 if isinstance(given.type, Date) else _AHEAD
    said = compiler.process(given, **more)
    return f"((CAST(strftime('%s', {said}) AS INTEGER) + {ahead}) / {_DAY})"


@compiles(office_day_number, "postgresql")
def _on_postgresql(element: office_day_number, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    (given,) = element.clauses
    ahead = 0 if isinstance(given.type, Date) else _AHEAD
    said = compiler.process(given, **more)
    return f"CAST(FLOOR((EXTRACT(EPOCH FROM {said}) + {ahead}) / {_DAY}) AS INTEGER)"
