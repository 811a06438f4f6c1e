"""Which units a subject's dossier passes through: who proposes, who decides, who is above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models.people import valid_on
from models.tables import Appointment, Unit
from workflow.programme import AwardForm
from workflow.vocabulary import Post, UnitKind

_DRAFT_PROPOSERS = (UnitKind.DEPARTMENT, UnitKind.DISTRICT, UnitKind.COMMUNE, UnitKind.PROVINCE)


@dataclass(frozen=True, slots=True)
class Placement:
    """Proposing unit, and deciding unit once an award form is chosen and has one."""

    proposing_unit_id: int
    deciding_unit_id: int | None


def ancestry(session: Session, unit_ids: Iterable[int]) -> dict[int, Unit]:
    """These units and everything above them, by id, in one statement."""
    units = session.scalars(_ANCESTRY, {"units": tuple(unit_ids)})
    return {unit.id: unit for unit in units}


def _ancestry() -> Select[Unit]:
    start = (
        select(Unit.id, Unit.parent_id)
        .where(Unit.id.in_(bindparam("units", expanding=True)))
        .cte("above", recursive=True)
    )
    above = start.union(select(Unit.id, Unit.parent_id).join(start, Unit.id == start.c.parent_id))
    return select(Unit).where(Unit.id.in_(select(above.c.id)))


_ANCESTRY = _ancestry()


def lineage(units: dict[int, Unit], unit_id: int) -> tuple[Unit, ...]:
    """The unit, then its parents, nearest first. Raises `LookupError` if it is not there."""
    found: list[Unit] = []
    next_id: int | None = unit_id
    while next_id is not None:
        if next_id not in units or len(found) > len(units):
            raise LookupError(f"no unit {next_id}")
        found.append(units[next_id])
        next_id = units[next_id].parent_id
    return tuple(found)


def lineage_of(session: Session, unit_id: int) -> tuple[Unit, ...]:
    """The unit, then its parents, nearest first, read from the database."""
    return lineage(ancestry(session, (unit_id,)), unit_id)


def place(award: AwardForm | None, line: Sequence[Unit]) -> Placement:
    """Find who proposes and who decides for a subject whose unit stands first in `line`.

    Without an award form: the nearest body that could propose at all, and nobody decides yet.
    Where the form finds no proposer (or decider) above the subject, the guards say so: the
    nearest body stays the proposer.
    """
    draft = _first(line, _DRAFT_PROPOSERS) or line[0]
    if award is None:
        return Placement(draft.id, None)
    proposer = _first(line, award.proposers) or draft
    above = line[[unit.id for unit in line].index(proposer.id) :]
    decider = _first(above, (award.decider_unit,))
    return Placement(proposer.id, decider.id if decider else None)


def superior_of(session: Session, line: Sequence[Unit], person_id: int | None, day: date) -> int:
    """The unit whose head receives the registration (domain brief, section 3).

    A unit registers with the body above it; a person with the unit employing them, but whoever
    heads that unit with the body above. The province has nobody above and receives its own.
    """
    own, above = line[0], line[1] if len(line) > 1 else line[0]
    if person_id is None:
        return above.id
    heads = session.scalar(
        select(Appointment.id)
        .where(
            Appointment.person_id == person_id,
            Appointment.unit_id == own.id,
            Appointment.post.in_((Post.HEAD, Post.DEPUTY_HEAD)),
            valid_on(day),
        )
        .limit(1)
    )
    return above.id if heads is not None else own.id


def _first(line: Sequence[Unit], kinds: Sequence[UnitKind]) -> Unit | None:
    return next((unit for unit in line if unit.kind in kinds), None)
