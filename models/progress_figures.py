"""Figures of the progress reports: four statements, however many dossiers and units there are.

Everything is grouped by the database; what comes back grows with units, states and days, never
with dossiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from models.concealing import shown_since, shown_state
from models.deadlines import office_days
from models.dossier_flags import flagged
from models.progress_conditions import (
    AGES,
    OPEN,
    after,
    bounds,
    day_of_number,
    findings_of,
    limit_of,
    moved,
    never_suspended,
    office_day_number,
    still_there,
    told_attempt,
)
from models.rows import rows
from models.tables import Dossier, Evaluation, HistoryLine, Unit
from models.visibility import visible_to
from workflow.programme import Programme
from workflow.vocabulary import PROGRESS, State
from workflow.working_days import is_working_day


@dataclass(frozen=True, slots=True)
class Cell:
    """So many dossiers of one proposing unit in one state, late or not, of one class of age.

    `age` is a place in `AGES`, None where nothing is waited for.
    """

    unit_id: int
    unit: str
    state: State
    late: bool
    age: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Passage:
    """So many dossiers took `days` working days for the step out of `state`; `limit` if any."""

    state: State
    days: int
    limit: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Block:
    """A rule that refused a step: of how many dossiers, and of how many that stand there still."""

    programme_id: str
    rule: str
    count: int
    still: int


@dataclass(frozen=True, slots=True)
class Progress:
    """All figures of the dossiers asked for, as one person may know them."""

    cells: tuple[Cell, ...]
    passages: tuple[Passage, ...]
    handed_in: tuple[tuple[date, int], ...]
    blocks: tuple[Block, ...]

    @property
    def total(self) -> int:
        """How many dossiers there are."""
        return sum(one.count for one in self.cells)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, about which dossiers (`scope`, visibility among them)."""

    person_id: int
    day: date
    now: datetime
    known: Mapping[str, Programme]
    scope: tuple[ColumnElement[bool], ...]


def progress_of(session: Session, asked: Asked) -> Progress:
    """Count everything the reports show."""
    handed_in: dict[int, int] = {}
    passages = tuple(_passages(session, asked, handed_in))
    return Progress(
        cells=tuple(_cells(session, asked)),
        passages=passages,
        handed_in=tuple((day_of_number(each), handed_in[each]) for each in sorted(handed_in)),
        blocks=tuple(_blocks(session, asked)),
    )


def cycles_seen(session: Session, person_id: int, day: date) -> set[tuple[str, str]]:
    """Programme and cycle of every dossier this person may see."""
    query = (
        select(Dossier.programme_id, Dossier.cycle_id).where(visible_to(person_id, day)).distinct()
    )
    return {(programme_id, cycle_id) for programme_id, cycle_id in rows(session, query)}


def _cells(session: Session, asked: Asked) -> Iterator[Cell]:
    state = shown_state(asked.person_id, asked.day)
    since = shown_since(asked.person_id, asked.day)
    late = flagged(session, "qua-han", dict(asked.known), asked.now)
    each = (
        select(
            Dossier.proposing_unit_id.label("unit_id"),
            state.label("state"),
            since.label("since"),
            case((late, 1), else_=0).label("late"),
        )
        .where(*asked.scope)
        .subquery()
    )
    age = case(
        (each.c.state.not_in(OPEN), None),
        *(
            (_within(each.c.since, bounds(session, asked.day, low, high)), number)
            for number, (low, high) in enumerate(AGES)
        ),
        else_=len(AGES) - 1,
    )
    grid = (
        select(each.c.unit_id, each.c.state, each.c.late, age.label("age"), func.count().label("n"))
        .group_by(each.c.unit_id, each.c.state, each.c.late, age)
        .subquery()
    )
    query = select(grid, Unit.name).join(Unit, Unit.id == grid.c.unit_id).order_by(Unit.sort_key)
    for row in rows(session, query):
        yield Cell(row.unit_id, row.name, row.state, bool(row.late), row.age, row.n)


def _within(
    entered: ColumnElement[datetime], since: tuple[datetime | None, datetime | None]
) -> ColumnElement[bool]:
    first, before = since
    found = [entered >= first] if first is not None else []
    return and_(*found, *([entered < before] if before is not None else []))


def _passages(session: Session, asked: Asked, handed_in: dict[int, int]) -> Iterator[Passage]:
    """Days of every step that is over; fills `handed_in` with first submissions by day number."""
    off, swaps = office_days(session)
    books = dict(asked.known)
    grouped: dict[tuple[State, int, int | None], int] = {}
    for row in rows(session, _arrivals(asked)).mappings():
        first = row["in_submitted"]
        if first is not None:
            handed_in[first] = handed_in.get(first, 0) + row["n"]
        award = books[row["programme_hash"]].award_by_id.get(row["award_form"])
        reached = PROGRESS.index(row["state"]) if row["state"] in PROGRESS else 0
        for state in OPEN[:reached] if row["steady"] else ():
            start, end = row[f"in_{state.value}"], row[f"out_{state.value}"]
            if start is None or end is None or end < start:
                continue
            key = (state, _worked(start, end, off, swaps), limit_of(award, state))
            grouped[key] = grouped.get(key, 0) + row["n"]
    for (state, days, limit), count in grouped.items():
        yield Passage(state, days, limit, count)


def _arrivals(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Groups of dossiers with the same days of arrival in every state."""
    times = []
    for state in OPEN:
        for name, of, where in (
            ("in", func.min, state),
            ("out", func.max, after(state)),
        ):
            here = HistoryLine.to_state == where.value
            times.append(of(case((here, HistoryLine.at))).label(f"{name}_{state.value}"))
    shown = shown_state(asked.person_id, asked.day)
    each = (
        select(
            Dossier.id,
            Dossier.programme_hash,
            Dossier.award_form,
            shown.label("state"),
            case((never_suspended(), 1), else_=0).label("steady"),
            *times,
        )
        .join(HistoryLine, HistoryLine.dossier_id == Dossier.id)
        .where(*asked.scope, moved(), HistoryLine.to_state.in_([each.value for each in PROGRESS]))
        .group_by(Dossier.id)
        .subquery()
    )
    days = [office_day_number(each.c[one.name]).label(one.name) for one in times]
    kept = [each.c.programme_hash, each.c.award_form, each.c.state, each.c.steady]
    return select(*kept, *days, func.count().label("n")).group_by(*kept, *days)


def _worked(start: int, end: int, off: frozenset[date], swaps: frozenset[date]) -> int:
    span = (day_of_number(number) for number in range(start + 1, end + 1))
    return sum(is_working_day(day, off, swaps) for day in span)


def _blocks(session: Session, asked: Asked) -> Iterator[Block]:
    items, rule, blocking = findings_of(session)
    still = case((still_there(), Dossier.id))
    query = (
        select(
            Dossier.programme_id,
            rule.label("rule"),
            func.count(Dossier.id.distinct()).label("n"),
            func.count(still.distinct()).label("still"),
        )
        .select_from(Evaluation)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .join(items, blocking)
        .where(*asked.scope, told_attempt(asked.person_id, asked.day))
        .group_by(Dossier.programme_id, rule)
    )
    found = [Block(row.programme_id, row.rule, row.n, row.still) for row in rows(session, query)]
    return iter(sorted(found, key=lambda one: (-one.count, -one.still, one.rule)))
