"""What the service already knows of units when they report: nobody types it again."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import func, select

from models.concealing import told_state
from models.evaluations import from_json, to_json
from models.report_queries import ReportLine
from models.tables import Dossier, IndexScore, Registration, Unit
from workflow.reports_due import OPEN
from workflow.vocabulary import Classification, IndexKind, RegistrationStatus, ScoreKind, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import CTE
    from sqlalchemy.orm import Session

    from workflow.programme import ReportTable


@dataclass(frozen=True, slots=True)
class DossierCount:
    """So many dossiers of one form of award in one state; the form is '' until chosen."""

    award: str
    state: State
    count: int


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """The figures of one unit with everything below it, for the reviews a report tells of."""

    sent: int = 0
    acknowledged: int = 0
    dossiers: tuple[DossierCount, ...] = ()
    par: Decimal | None = None
    par_class: Classification | None = None
    sipas: Decimal | None = None

    @property
    def dossier_count(self) -> int:
        """All dossiers."""
        return sum(one.count for one in self.dossiers)

    @property
    def award_count(self) -> int:
        """Awards decided, and not revoked since."""
        return sum(one.count for one in self.dossiers if one.state is State.DECIDED)

    def awards(self) -> dict[str, Counter[State]]:
        """Dossiers by form of award, each by state."""
        found: dict[str, Counter[State]] = {}
        for one in self.dossiers:
            found.setdefault(one.award, Counter())[one.state] += one.count
        return found


_FIGURES = TypeAdapter(ReportFigures)


def written_down(figures: ReportFigures) -> Any:  # noqa: ANN401 - JSON
    """The figures as a filed report keeps them."""
    return to_json(figures)


def read_back(kept: object) -> ReportFigures:
    """The figures a filed report kept."""
    return _FIGURES.validate_python(from_json(kept))


def figures_of(
    session: Session, report: ReportTable, programme_id: str, unit_ids: Collection[int]
) -> dict[int, ReportFigures]:
    """The figures of these units, in a constant number of statements."""
    below = _below(unit_ids)
    sent = _registrations(session, report, programme_id, below)
    dossiers = _dossiers(session, report, programme_id, below)
    scores = _scores(session, report.year, unit_ids)
    return {
        unit: ReportFigures(
            sent=sum(sent[unit].values()),
            acknowledged=sent[unit][RegistrationStatus.ACKNOWLEDGED],
            dossiers=tuple(dossiers[unit]),
            par=scores.get((unit, IndexKind.PAR), (None, None))[0],
            par_class=scores.get((unit, IndexKind.PAR), (None, None))[1],
            sipas=scores.get((unit, IndexKind.SIPAS), (None, None))[0],
        )
        for unit in unit_ids
    }


def figures_by_unit(
    session: Session, programme_id: str, report: ReportTable, lines: Iterable[ReportLine]
) -> dict[int, ReportFigures]:
    """The figures for the consolidated report: as filed, else as known now."""
    found: dict[int, ReportFigures] = {}
    missing: list[int] = []
    for line in lines:
        row = line.report
        if row.figures is None or row.state in OPEN:
            missing.append(row.unit_id)
        else:
            found[row.unit_id] = read_back(row.figures)
    return found | figures_of(session, report, programme_id, missing)


def _below(unit_ids: Collection[int]) -> CTE:
    """Pairs of a unit asked about and itself or a unit below it."""
    start = (
        select(Unit.id.label("root"), Unit.id.label("unit"))
        .where(Unit.id.in_(unit_ids))
        .cte("below", recursive=True)
    )
    return start.union(
        select(start.c.root, Unit.id.label("unit")).join(start, Unit.parent_id == start.c.unit)
    )


def _registrations(
    session: Session, report: ReportTable, programme_id: str, below: CTE
) -> defaultdict[int, Counter[RegistrationStatus]]:
    rows = session.execute(
        select(below.c.root, Registration.status, func.count())
        .join(below, below.c.unit == Registration.unit_id)
        .where(Registration.programme_id == programme_id, Registration.cycle_id.in_(report.cycles))
        .group_by(below.c.root, Registration.status)
    )
    found: defaultdict[int, Counter[RegistrationStatus]] = defaultdict(Counter)
    for unit, status, count in rows:
        found[unit][status] += count
    return found


def _dossiers(
    session: Session, report: ReportTable, programme_id: str, below: CTE
) -> defaultdict[int, list[DossierCount]]:
    told = (
        select(below.c.root, Dossier.award_form, told_state().label("state"))
        .join(below, below.c.unit == Dossier.unit_id)
        .where(Dossier.programme_id == programme_id, Dossier.cycle_id.in_(report.cycles))
        .subquery()
    )
    rows = session.execute(
        select(told.c.root, told.c.award_form, told.c.state, func.count())
        .group_by(told.c.root, told.c.award_form, told.c.state)
        .order_by(told.c.award_form, told.c.state)
    )
    found: defaultdict[int, list[DossierCount]] = defaultdict(list)
    for unit, award, state, count in rows:
        found[unit].append(DossierCount(award, state, count))
    return found


def _scores(
    session: Session, year: int, unit_ids: Collection[int]
) -> dict[tuple[int, IndexKind], tuple[Decimal, Classification | None]]:
    rows = session.execute(
        select(
            IndexScore.unit_id, IndexScore.index_kind, IndexScore.value, IndexScore.classification
        ).where(
            IndexScore.unit_id.in_(unit_ids),
            IndexScore.year == year,
            IndexScore.kind == ScoreKind.PUBLISHED,
        )
    )
    return {(unit, index): (value, rating) for unit, index, value, rating in rows}
