"""What a paper going out says beyond the facts of one dossier: signers, lists, names of bodies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from models.people import valid_on
from models.placing import lineage_of
from models.tables import (
    Appointment,
    CouncilResult,
    Document,
    Dossier,
    Person,
    Unit,
)
from models.visibility import visible_to
from workflow.vocabulary import FALLEN, DocumentKind, Post, State


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who can sign for a unit: its head, or a deputy in the head's place."""

    person_id: int
    name: str
    position: str
    post: Post


@dataclass(frozen=True, slots=True)
class Named:
    """One line of a list: who, in which post and unit, for what, and how the council voted."""

    dossier: Dossier
    position: str
    unit: str
    votes_for: int | None = None
    members: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A Tờ trình as it is cited: from whom, number and day."""

    unit: str
    number: str
    dated: date | None


def signers(session: Session, unit_id: int, day: date) -> list[Signer]:
    """Who could sign for the unit on that day: the head first, then deputies by name."""
    rows = session.execute(
        select(Person.id, Person.full_name, Person.position, Appointment.post)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.unit_id == unit_id,
            Appointment.post.in_((Post.HEAD, Post.DEPUTY_HEAD)),
            valid_on(day),
            Person.active,
        )
        .order_by(case((Appointment.post == Post.HEAD, 0), else_=1), Person.sort_key, Person.id)
    )
    return [Signer(*row) for row in rows]


def body(session: Session, unit_id: int) -> tuple[Unit, str]:
    """A unit with the name of the body above it; empty when there is none."""
    line = lineage_of(session, unit_id)
    return line[0], line[1].name if len(line) > 1 else ""


def proposed_together(
    session: Session, like: Dossier, person_id: int, day: date, most: int = 500
) -> list[Named]:
    """Dossiers one Tờ trình would name: same unit, decider and cycle, handed in and not fallen.

    Only those the person sees; the dossier itself always. A decision that is not published does
    not show: whoever was handed in is listed all the same.
    """
    together = and_(
        Dossier.proposing_unit_id == like.proposing_unit_id,
        Dossier.deciding_unit_id == like.deciding_unit_id,
        Dossier.programme_id == like.programme_id,
        Dossier.cycle_id == like.cycle_id,
        Dossier.award_form != "",
        Dossier.state.not_in([*FALLEN, State.REGISTERED]),
        visible_to(person_id, day),
    )
    rows = session.execute(
        _named(or_(together, Dossier.id == like.id))
        .order_by(Dossier.award_form, Dossier.subject_kind, Dossier.code)
        .limit(most)
    )
    return [Named(*row) for row in rows]


def named(session: Session, ids: Iterable[int]) -> list[Named]:
    """These dossiers as lines of a list: collectives first, each kind by code."""
    rows = session.execute(
        _named(Dossier.id.in_(tuple(ids))).order_by(Dossier.subject_kind, Dossier.code)
    )
    return [Named(*row) for row in rows]


def proposals_for(session: Session, ids: Iterable[int]) -> list[Proposal]:
    """The Tờ trình of these dossiers, each once, by day."""
    rows = session.execute(
        select(Unit.name, Document.number, Document.dated, Unit.sort_key)
        .join(Dossier, Dossier.id == Document.dossier_id)
        .join(Unit, Unit.id == Dossier.proposing_unit_id)
        .where(
            Document.dossier_id.in_(tuple(ids)),
            Document.kind == DocumentKind.TO_TRINH,
            Document.current,
            Document.number != "",
        )
        .distinct()
        .order_by(Document.dated, Document.number, Unit.sort_key)
    )
    return [Proposal(*row[:3]) for row in rows]


def _named(
    which: ColumnElement[bool],
) -> Select[Dossier, str, str, int | None, int | None]:
    return (
        select(
            Dossier,
            func.coalesce(Person.position, ""),
            Unit.name,
            CouncilResult.votes_for,
            CouncilResult.members,
        )
        .join(Unit, Unit.id == Dossier.unit_id)
        .outerjoin(Person, Person.id == Dossier.person_id)
        .outerjoin(
            CouncilResult,
            and_(CouncilResult.dossier_id == Dossier.id, CouncilResult.standing),
        )
        .where(which)
    )
