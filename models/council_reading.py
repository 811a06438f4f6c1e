"""Reading council sessions: who may see one, its facts, its votes.

Everybody's votes are read by `models.council_closing` alone, once the ballot is closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from models.people import may_act, valid_on
from models.rulebooks import rulebook_in_force
from models.tables import (
    AgendaItem,
    Appointment,
    BallotVote,
    CouncilSeat,
    CouncilSession,
    Document,
    Dossier,
    Unit,
)
from models.validity import KEPT
from models.visibility import COUNCIL_POSTS, reads_all
from models.words import BallotLayer
from workflow.councils.kinds import MACHINERY
from workflow.councils.sitting import CastVote, Item, Seat, Sitting
from workflow.ports import NotFound
from workflow.vocabulary import LIVE_SESSIONS, Post, SessionKind, SessionState, UnitKind
from workflow.working_days import office_day

LISTED = 100


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session in a list: how many dossiers, how many of the members have sent."""

    session: CouncilSession
    unit: str
    dossiers: int
    members: int
    sent: int
    mine: bool
    """Does the reader vote in it?"""
    sent_by_me: bool


def session_visible_to(person_id: int, day: date) -> ColumnElement[bool]:
    """SQL over `CouncilSession`: its seats, the unit's council of the day, and all-readers."""
    return and_(
        may_act(person_id),
        or_(
            exists().where(
                CouncilSeat.session_id == CouncilSession.id, CouncilSeat.person_id == person_id
            ),
            CouncilSession.unit_id.in_(
                select(Appointment.unit_id).where(
                    Appointment.person_id == person_id,
                    Appointment.post.in_(COUNCIL_POSTS),
                    valid_on(day),
                )
            ),
            reads_all(person_id, day),
        ),
    )


def session_row(
    session: Session, code: str, person_id: int, day: date, *, hold: bool = False
) -> CouncilSession:
    """The stored session; with `hold` under a lock. Raises `NotFound`, for foreign ones too."""
    query = select(CouncilSession).where(
        CouncilSession.code == code, session_visible_to(person_id, day)
    )
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound(code)
    return row


def is_secretary(session: Session, unit_id: int, person_id: int, day: date) -> bool:
    """Is this person secretary of the unit's council on `day`?"""
    return (
        session.scalar(
            select(Appointment.id)
            .where(
                Appointment.person_id == person_id,
                Appointment.unit_id == unit_id,
                Appointment.post == Post.COUNCIL_SECRETARY,
                valid_on(day),
                may_act(Appointment.person_id),
            )
            .limit(1)
        )
        is not None
    )


def kind_at(unit: Unit) -> SessionKind:
    """What the council of this unit holds: the province ranks, everybody else proposes."""
    if unit.kind is UnitKind.PROVINCE:
        return SessionKind.PROVINCIAL_RANKING
    return SessionKind.UNIT_COUNCIL


def sitting_of(session: Session, row: CouncilSession) -> Sitting:
    """The session as facts of the law, in a constant number of statements."""
    programme = rulebook_in_force(session, row.programme_id).programme
    held_on = office_day(row.held_at)
    return Sitting(
        id=row.id,
        code=row.code,
        kind=row.kind,
        state=row.state,
        version=row.version,
        unit_id=row.unit_id,
        unit_name=session.scalars(select(Unit.name).where(Unit.id == row.unit_id)).one(),
        held_at=row.held_at,
        held_on=held_on,
        closes_at=row.closes_at,
        method=row.method,
        settings=programme.council_on(held_on, row.kind),
        seats=_seats(session, row.id),
        items=_items(session, row),
    )


def _seats(session: Session, session_id: int) -> tuple[Seat, ...]:
    rows = session.scalars(
        select(CouncilSeat).where(CouncilSeat.session_id == session_id).order_by(CouncilSeat.id)
    )
    return tuple(
        Seat(
            id=row.id,
            person_id=row.person_id,
            name=row.name,
            position=row.position,
            role=row.role,
            votes=row.votes,
            unit_ids=frozenset(row.unit_ids),
            attendance=row.attendance,
            absence_reason=row.absence_reason,
            opinion=row.opinion,
            sent=row.sent_at is not None,
        )
        for row in rows
    )


def _items(session: Session, row: CouncilSession) -> tuple[Item, ...]:
    found = session.execute(
        select(AgendaItem, Dossier, Unit.name)
        .join(Dossier, Dossier.id == AgendaItem.dossier_id)
        .join(Unit, Unit.id == Dossier.unit_id)
        .where(AgendaItem.session_id == row.id)
        .order_by(AgendaItem.place, AgendaItem.id)
    ).all()
    papers = papers_seen(session, row.kind, [dossier.id for _, dossier, _ in found])
    return tuple(
        Item(
            id=item.id,
            place=item.place,
            code=dossier.code,
            dossier_id=dossier.id,
            version=dossier.version,
            state=dossier.state,
            subject_kind=dossier.subject_kind,
            subject_name=dossier.subject_name,
            unit_id=dossier.unit_id,
            unit_name=unit,
            person_id=dossier.person_id,
            papers=papers.get(dossier.id, frozenset()),
        )
        for item, dossier, unit in found
    )


def papers_seen(
    session: Session, kind: SessionKind, dossier_ids: Iterable[int]
) -> dict[int, frozenset[int]]:
    """The current papers a vote belongs to, by dossier: all but what the session itself makes."""
    rows = session.execute(
        select(Document.dossier_id, Document.id).where(
            Document.dossier_id.in_(tuple(dossier_ids)),
            Document.current,
            Document.kind.not_in(MACHINERY[kind].makes),
        )
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for dossier_id, document_id in rows:
        found[dossier_id].add(document_id)
    return {dossier_id: frozenset(ids) for dossier_id, ids in found.items()}


def votes_in(
    session: Session, session_id: int, layer: BallotLayer, seat_id: int | None = None
) -> tuple[CastVote, ...]:
    """Votes of one layer. All of them at once only for counting; a member's own with `seat_id`."""
    query = (
        select(BallotVote)
        .join(AgendaItem, AgendaItem.id == BallotVote.item_id)
        .where(AgendaItem.session_id == session_id, BallotVote.layer == layer)
        .order_by(BallotVote.id)
    )
    if seat_id is not None:
        query = query.where(BallotVote.seat_id == seat_id)
    return tuple(
        CastVote(row.item_id, row.seat_id, row.vote, row.reason, row.rank, frozenset(row.papers))
        for row in session.scalars(query)
    )


def sessions_for(
    session: Session, person_id: int, day: date, most: int | None = LISTED
) -> list[SessionLine]:
    """Sessions the person may see, live ones first, then the newest."""
    voting = and_(CouncilSeat.session_id == CouncilSession.id, CouncilSeat.votes)
    me = and_(voting, CouncilSeat.person_id == person_id)
    seats = select(func.count()).select_from(CouncilSeat)
    agenda = (
        select(func.count())
        .select_from(AgendaItem)
        .where(AgendaItem.session_id == CouncilSession.id)
    )
    rows = session.execute(
        select(
            CouncilSession,
            Unit.name,
            agenda.scalar_subquery(),
            seats.where(voting).scalar_subquery(),
            seats.where(voting, CouncilSeat.sent_at.is_not(None)).scalar_subquery(),
            seats.where(me).scalar_subquery(),
            seats.where(me, CouncilSeat.sent_at.is_not(None)).scalar_subquery(),
        )
        .join(Unit, Unit.id == CouncilSession.unit_id)
        .where(session_visible_to(person_id, day))
        .order_by(
            CouncilSession.state.in_(LIVE_SESSIONS).desc(),
            CouncilSession.held_at.desc(),
            CouncilSession.id.desc(),
        )
        .limit(most)
    )
    return [
        SessionLine(row, unit, dossiers, members, sent, bool(mine), bool(by_me))
        for row, unit, dossiers, members, sent, mine, by_me in rows
    ]


def ballots_waiting(session: Session, person_id: int) -> list[tuple[CouncilSession, str]]:
    """Open sessions in which this person votes and has not sent a ballot, soonest first."""
    rows = session.execute(_BALLOTS_WAITING, {"person": person_id})
    return [(row, unit) for row, unit in rows]


_BALLOTS_WAITING = (
    select(CouncilSession, Unit.name)
    .join(CouncilSeat, CouncilSeat.session_id == CouncilSession.id)
    .join(Unit, Unit.id == CouncilSession.unit_id)
    .where(
        CouncilSession.state == SessionState.OPEN,
        CouncilSeat.person_id == bindparam("person"),
        CouncilSeat.votes,
        CouncilSeat.sent_at.is_(None),
    )
    .order_by(CouncilSession.closes_at, CouncilSession.id)
)


def sessions_led(session: Session, person_id: int, day: date) -> list[tuple[CouncilSession, str]]:
    """Sessions of the person's council to be led on: open ones, and counted ones to be closed."""
    rows = session.execute(_led_on(day), {"person": person_id})
    return [(row, unit) for row, unit in rows]


@lru_cache(KEPT)
def _led_on(day: date) -> Select[CouncilSession, str]:
    led = select(Appointment.unit_id).where(
        Appointment.person_id == bindparam("person"),
        Appointment.post == Post.COUNCIL_SECRETARY,
        valid_on(day),
    )
    return (
        select(CouncilSession, Unit.name)
        .join(Unit, Unit.id == CouncilSession.unit_id)
        .where(
            CouncilSession.unit_id.in_(led),
            CouncilSession.state.in_((SessionState.OPEN, SessionState.COUNTING)),
        )
        .order_by(CouncilSession.closes_at, CouncilSession.id)
    )


def council_task_count(session: Session, person_id: int, day: date) -> int:
    """How many sessions wait for this person: to vote in, or to lead on."""
    return len(ballots_waiting(session, person_id)) + len(sessions_led(session, person_id, day))
