"""Who may see what: one SQL condition, for lists, counts and single loads alike."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from models.lending import lent_units, units_of
from models.people import may_act, valid_on
from models.tables import Appointment, Dossier, Registration, Unit
from models.validity import KEPT
from workflow.vocabulary import Post, State, UnitKind

COUNCIL_POSTS = (Post.COUNCIL_CHAIR, Post.COUNCIL_SECRETARY, Post.COUNCIL_MEMBER)
UNIT_POSTS = (Post.CLERK, Post.HEAD, Post.DEPUTY_HEAD, Post.APPRAISER)
RANKED_STATES = (State.BOARD_CHECKED,)
READERS_OF_ALL = (Post.ADMINISTRATOR, Post.AUDITOR)


@lru_cache(KEPT)
def visible_to(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL over `Dossier`: may this person see it on the office day `day`?

    Administrators, auditors and the province's appraisers see all. Clerks, heads and appraisers
    see what their unit asks for, proposes or decides; a council only what its own unit proposes,
    the provincial one what is checked for its decision; a nominated person the own dossier. A
    delegate sees what the lent post sees.
    """
    serving = units_of(person_id, day, UNIT_POSTS)
    return and_(
        may_act(person_id),
        or_(
            reads_all(person_id, day),
            Dossier.person_id == person_id,
            Dossier.unit_id.in_(serving),
            Dossier.proposing_unit_id.in_(serving),
            Dossier.deciding_unit_id.in_(serving),
            Dossier.proposing_unit_id.in_(units_of(person_id, day, COUNCIL_POSTS)),
            and_(
                Dossier.deciding_unit_id.in_(_provincial_council(person_id, day)),
                Dossier.state.in_(RANKED_STATES),
            ),
        ),
    )


@lru_cache(KEPT)
def near(person_id: int, day: date) -> CompoundSelect[int]:
    """The ids `visible_to` picks from, for who does not read everything: each by an index."""
    serving = units_of(person_id, day, UNIT_POSTS)
    councils = units_of(person_id, day, COUNCIL_POSTS)
    ids = select(Dossier.id).correlate(None)
    return union_all(
        ids.where(Dossier.person_id == person_id),
        ids.where(Dossier.unit_id.in_(serving)),
        ids.where(Dossier.proposing_unit_id.in_(serving)),
        ids.where(Dossier.deciding_unit_id.in_(serving)),
        ids.where(Dossier.proposing_unit_id.in_(councils)),
        ids.where(
            Dossier.deciding_unit_id.in_(_provincial_council(person_id, day)),
            Dossier.state.in_(RANKED_STATES),
        ),
    )


@lru_cache(KEPT)
def _provincial_council(person_id: int, day: date) -> Select[int]:
    return select(Unit.id).where(
        Unit.kind == UnitKind.PROVINCE, Unit.id.in_(units_of(person_id, day, COUNCIL_POSTS))
    )


@lru_cache(KEPT)
def registration_visible_to(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL over `Registration`: the subject's side and the superior's see it, and all-readers."""
    serving = units_of(person_id, day, UNIT_POSTS)
    return and_(
        may_act(person_id),
        or_(
            reads_all(person_id, day),
            Registration.person_id == person_id,
            Registration.sent_by == person_id,
            Registration.unit_id.in_(serving),
            Registration.superior_unit_id.in_(serving),
        ),
    )


def serves_at(
    unit_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    person_id: int,
    day: date,
) -> ColumnElement[bool]:
    """SQL: the person writes, heads or appraises for this unit on `day`."""
    return unit_id.in_(units_of(person_id, day, UNIT_POSTS))


@lru_cache(KEPT)
def reads_all(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL: administrator, auditor, or appraiser of the province (own or lent) on `day`."""
    watching = exists(
        select(Appointment.id)
        .join(Unit, Unit.id == Appointment.unit_id)
        .where(
            Appointment.person_id == person_id,
            valid_on(day),
            or_(
                Appointment.post.in_(READERS_OF_ALL),
                and_(Appointment.post == Post.APPRAISER, Unit.kind == UnitKind.PROVINCE),
            ),
        )
    )
    lent = exists(
        select(Unit.id).where(
            Unit.kind == UnitKind.PROVINCE,
            Unit.id.in_(lent_units(person_id, day, (Post.APPRAISER,))),
        )
    )
    return or_(watching, lent)
