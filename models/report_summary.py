"""All units' reports of one kind together: what the consolidated report of the province tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from models.report_dates import report_as_set
from models.report_figures import ReportFigures, figures_by_unit
from models.report_queries import ReportLine, reports_of
from models.rulebooks import rulebooks_in_force
from workflow.ports import NotFound
from workflow.reports_due import is_overdue, owes
from workflow.vocabulary import ReportState, UnitKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflow.programme import Programme, ReportTable


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """One unit's line in the consolidated report."""

    line: ReportLine
    figures: ReportFigures

    @property
    def reported(self) -> bool:
        """Has the unit reported, and not been asked to do it again?"""
        return not owes(self.line.report.state)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over units, and the mean of the indices published."""

    units: int
    reported: int
    accepted: int
    overdue: int
    sent: int
    dossiers: int
    awards: int
    par: Decimal | None
    sipas: Decimal | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The consolidated report of one report of the programme."""

    programme: Programme
    table: ReportTable
    units: tuple[UnitSummary, ...]
    at: datetime

    @property
    def totals(self) -> Totals:
        """Sums over all units."""
        return totals(self.units, self.at)

    @property
    def silent(self) -> tuple[UnitSummary, ...]:
        """The units that have not reported."""
        return tuple(unit for unit in self.units if not unit.reported)

    def of_kind(self, kind: UnitKind) -> tuple[UnitSummary, ...]:
        """The units of one level."""
        return tuple(unit for unit in self.units if unit.line.unit_kind is kind)


def summary_of(
    session: Session, report_id: str, now: datetime, programme_id: str | None = None
) -> Summary:
    """Gather one report from all units. Raises `NotFound` for one no programme in force has."""
    known = [one.programme for one in rulebooks_in_force(session)]
    having = (
        one for one in known if report_id in one.report_by_id and programme_id in {None, one.id}
    )
    programme = next(having, None)
    if programme is None:
        raise NotFound(report_id)
    table = report_as_set(session, programme, report_id)
    lines = reports_of(session, programme.id, report_id)
    figures = figures_by_unit(session, programme.id, table, lines)
    units = tuple(UnitSummary(line, figures[line.report.unit_id]) for line in lines)
    return Summary(programme, table, units, now)


def totals(units: Sequence[UnitSummary], at: datetime) -> Totals:
    """Sums over some units as of an instant."""
    reports = [unit.line.report for unit in units]
    return Totals(
        units=len(units),
        reported=sum(unit.reported for unit in units),
        accepted=sum(one.state is ReportState.ACCEPTED for one in reports),
        overdue=sum(is_overdue(one.state, one.due_at, at) for one in reports),
        sent=sum(unit.figures.sent for unit in units),
        dossiers=sum(unit.figures.dossier_count for unit in units),
        awards=sum(unit.figures.award_count for unit in units),
        par=_mean([unit.figures.par for unit in units]),
        sipas=_mean([unit.figures.sipas for unit in units]),
    )


def _mean(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return (sum(known, Decimal(0)) / len(known)).quantize(Decimal("0.01")) if known else None
