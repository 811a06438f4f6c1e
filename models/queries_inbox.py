"""What waits for one person, what waits for others, and what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from models.concealing import hidden_from
from models.council_reading import council_task_count
from models.people import RELATIONS
from models.queries_dossiers import Row, fetch, rows_where
from models.queries_people import Reader
from models.queries_turns import stands_in, waits_for
from models.report_queries import reports_waiting_count
from models.tables import CalendarDay, Dossier, HistoryLine, Registration, Unit
from models.visibility import visible_to
from models.words import DayKind
from workflow.programme import Programme
from workflow.reminders import Calendar
from workflow.vocabulary import ENDS, Action, RegistrationStatus, Role

MOST = 200
COUNTED = 1000
"""Heaps are counted up to so many dossiers, so that no page waits for a count of them all."""
_ACTS = tuple(action.value for action in Action)
_PARTIES = (
    Role.CLERK,
    Role.UNIT_HEAD,
    Role.COUNCIL_SECRETARY,
    Role.APPRAISER,
    Role.DECIDER,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers on the three tabs; registrations and reports count among what is mine."""

    mine: int
    waiting: int
    over: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A registration that waits for this person's acknowledgement."""

    registration: Registration
    unit: str


class Inbox:
    """The three heaps of one reader, under one set of conditions.

    A programme or a cycle narrows the heaps of dossiers and the registrations that arrived.
    """

    def __init__(
        self,
        session: Session,
        reader: Reader,
        known: dict[str, Programme],
        day: date,
        programme_id: str = "",
        cycle_id: str = "",
    ) -> None:
        """Nothing is asked yet."""
        self.programme_id, self.cycle_id = programme_id, cycle_id
        self.session = session
        self.day = day
        self.reader = reader
        seen = and_(visible_to(reader.person_id, day), *self._narrowed(Dossier))
        turn = waits_for(known, reader.pairs_for)
        party = stands_in(_PARTIES, reader.all_pairs)
        live = Dossier.state.not_in(ENDS)
        self.mine = and_(seen, live, turn)
        # Decided but not published: for those outside it still waits where it stood.
        hidden = hidden_from(reader.person_id, day)
        self.day = day
        self.waiting = and_(seen, or_(live, hidden), party, ~turn)
        self.over = and_(seen, ~live, ~hidden, or_(party, acted_on(reader.person_id)))

    def task_count(self) -> int:
        """How much waits for this person: the number beside “Việc của tôi”."""
        arrived = self.session.scalar(
            select(func.count()).select_from(Registration).where(self._arrived())
        )
        reports = reports_waiting_count(self.session, self.reader)
        sessions = council_task_count(self.session, self.reader.person_id, self.day)
        return self._counted(self.mine) + (arrived or 0) + reports + sessions

    def counts(self) -> Counts:
        """Count all three heaps."""
        return Counts(
            mine=self.task_count(),
            waiting=self._counted(self.waiting),
            over=self._counted(self.over),
        )

    def _counted(self, heap: ColumnElement[bool]) -> int:
        """How many dossiers a heap has; one more than `COUNTED` says: more than those."""
        some = (
            select(Dossier.id)
            .join(Registration, Registration.id == Dossier.registration_id)
            .where(heap)
            .limit(COUNTED + 1)
            .subquery()
        )
        return self.session.scalar(select(func.count()).select_from(some)) or 0

    def rows(self, heap: ColumnElement[bool], most: int = MOST) -> tuple[Row, ...]:
        """The dossiers of one heap, those longest in their state first."""
        query = rows_where(heap).order_by(Dossier.entered_state_at, Dossier.code).limit(most)
        return fetch(self.session, query, self.reader.person_id, self.day)

    def latest(self, heap: ColumnElement[bool], most: int) -> tuple[Row, ...]:
        """The dossiers of one heap, those changed last first."""
        query = rows_where(heap).order_by(Dossier.entered_state_at.desc(), Dossier.code)
        return fetch(self.session, query.limit(most), self.reader.person_id, self.day)

    def arrivals(self) -> list[Arrival]:
        """Registrations to acknowledge, oldest first."""
        rows = self.session.execute(
            select(Registration, Unit.name)
            .join(Unit, Unit.id == Registration.unit_id)
            .where(self._arrived())
            .order_by(Registration.sent_at, Registration.id)
            .limit(MOST)
        )
        return [Arrival(*row) for row in rows]

    def _narrowed(self, table: type[Dossier | Registration]) -> list[ColumnElement[bool]]:
        wanted = ((table.programme_id, self.programme_id), (table.cycle_id, self.cycle_id))
        return [column == value for column, value in wanted if value]

    def _arrived(self) -> ColumnElement[bool]:
        posts = RELATIONS[Role.SUPERIOR].posts
        units = sorted(
            {unit for post, unit in self.reader.pairs_for(Action.REGISTER) if post in posts}
        )
        if not units:
            return false()
        return and_(
            *self._narrowed(Registration),
            Registration.status == RegistrationStatus.SENT,
            Registration.superior_unit_id.in_(units),
        )


def acted_on(person_id: int) -> ColumnElement[bool]:
    """SQL over `Dossier`: did this person take a step on it?"""
    return exists().where(
        HistoryLine.dossier_id == Dossier.id,
        HistoryLine.actor_id == person_id,
        HistoryLine.action.in_(_ACTS),
    )


def office_calendar(session: Session) -> Calendar:
    """Days off and days worked in exchange."""
    off: set[date] = set()
    swaps: set[date] = set()
    for day, kind in session.execute(select(CalendarDay.date, CalendarDay.kind)):
        (swaps if kind is DayKind.WORKING_SWAP else off).add(day)
    return Calendar(frozenset(off), frozenset(swaps))
