"""A season played on an injected clock: many dossiers, many people, and everything that happens.

Dossiers move by rows of their history, without the law's guards: what is proved here is that the
letters follow the history, not that the history is lawful. Instants are aware UTC, days office
days. Chance comes from a seed, so that a season can be played again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.deadlines import NewMilestone, set_milestones
from models.evaluations import to_json
from models.folding import person_sort_key, search_key
from models.history import Happening, Head, append_line, dossier_stream
from models.rulebooks import rulebook_in_force
from models.tables import Appointment, Decision, Dossier, Person, Registration, Unit
from tests.builders import unit_id
from workflow.vocabulary import (
    PROGRESS,
    Action,
    Post,
    RegistrationStatus,
    State,
    SubjectKind,
    UnitKind,
)
from workflow.working_days import OFFICE_ZONE, closing_instant

FIRST, LAST = date(2023, 9, 1), date(2024, 1, 31)
CYCLES = ("2023-annual", "2023-midterm")
FORWARD = {
    State.SUBMITTED: Action.SUBMIT,
    State.COUNCIL_REVIEWED: Action.RECORD_COUNCIL_RESULT,
    State.BOARD_CHECKED: Action.CONFIRM_CHECK,
    State.DECIDED: Action.DECIDE,
}


def instant(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of the office, as UTC."""
    return closing_instant(day, time(hour, minute, second), OFFICE_ZONE)


@dataclass
class Season:
    """The record of one season and the chance that moves it."""

    database: Database
    seed: int
    told: dict[str, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    def __post_init__(self) -> None:
        """Seed the chance."""
        self.chance = random.Random(self.seed)

    def begin(self, dossiers: int, people: int) -> None:
        """Register so many dossiers in spring, for units with so many people in all."""
        with self.database.writing() as session:
            bodies = list(
                session.scalars(
                    select(Unit).where(Unit.kind.in_((UnitKind.DEPARTMENT, UnitKind.DISTRICT)))
                )
            )
            there = len(session.scalars(select(Person.id)).all())
            posts = (Post.CLERK, Post.COUNCIL_SECRETARY, Post.DEPUTY_HEAD)
            for number in range(max(0, people - there)):
                unit = bodies[number % len(bodies)]
                self._appoint(session, unit.id, posts[number % len(posts)], date(2021, 10, 9))
            for number in range(dossiers):
                self._register(session, number, bodies[number % len(bodies)])

    def day(self, day: date) -> None:
        """Everything that happens on one day, in office hours after the morning's letters."""
        now = instant(day, 10)
        with self.database.writing() as session:
            for dossier in session.scalars(select(Dossier).order_by(Dossier.id)).all():
                self._perhaps(session, dossier, day, now)
            if day.weekday() == 0:
                for _ in range(3):
                    self._replace_somebody(session, day)
            if (day.month, day.day) in {(11, 20), (12, 11)}:
                self._move_a_deadline(session, day, now)

    def _perhaps(  # noqa: C901 - one branch for each thing that happens
        self, session: Session, dossier: Dossier, day: date, now: datetime
    ) -> None:
        roll = self.chance.random()
        if dossier.state not in PROGRESS[:-1]:
            return
        if dossier.supplement is not None:
            if roll < 0.12:
                self._supplement_sent(session, dossier, now)
        elif dossier.hold_since is not None:
            if roll < 0.2:
                self._act(
                    session,
                    dossier,
                    Action.RELEASE_HOLD,
                    now,
                    hold_since=None,
                    hold_source="",
                    hold_reason="",
                )
        elif roll < self._pace(dossier, day):
            self._forward(session, dossier, now)
        elif roll > 0.9985:
            self._act(session, dossier, Action.WITHDRAW, now, State.WITHDRAWN)
        elif roll > 0.997 and dossier.state is State.REGISTERED:
            self._extend(session, dossier, day, now)
        elif roll > 0.995 and dossier.state is not State.REGISTERED:
            self._ask_for_more(session, dossier, day, now)
        elif roll > 0.994 and dossier.state is not State.REGISTERED:
            self._act(
                session,
                dossier,
                Action.HOLD,
                now,
                hold_since=now,
                hold_source="Thanh tra",
                hold_reason="Xem xét",
            )

    def _pace(self, dossier: Dossier, day: date) -> float:
        """How likely a step is: little before its month, then more and more."""
        begins = {
            State.REGISTERED: date(2023, 11, 6),
            State.SUBMITTED: date(2023, 11, 20),
            State.COUNCIL_REVIEWED: date(2023, 12, 1),
            State.BOARD_CHECKED: date(2023, 12, 11),
        }[dossier.state]
        late = (day - begins).days
        return 0.0005 if late < 0 else min(0.02 + 0.004 * late, 0.25)

    def _forward(self, session: Session, dossier: Dossier, now: datetime) -> None:
        target = PROGRESS[PROGRESS.index(dossier.state) + 1]
        more: dict[str, object] = {}
        if target is State.DECIDED:
            more["decision_id"] = self._decision(session, now)
        self._act(session, dossier, FORWARD[target], now, target, **more)

    def _supplement_sent(self, session: Session, dossier: Dossier, now: datetime) -> None:
        """Back to the step before, now and then: a new series begins."""
        falls = dossier.state is not State.SUBMITTED and self.chance.random() < 0.4
        target = PROGRESS[PROGRESS.index(dossier.state) - 1] if falls else dossier.state
        self._act(session, dossier, Action.SEND_SUPPLEMENT, now, target, supplement=None)

    def _ask_for_more(self, session: Session, dossier: Dossier, day: date, now: datetime) -> None:
        due = instant(day + timedelta(days=self.chance.randint(3, 9)), 17)
        number = dossier.supplement_rounds + 1
        request = {
            "items": ["Ký"],
            "kinds": [],
            "due": due.isoformat(),
            "by": "x",
            "at": now.isoformat(),
            "round": number,
        }
        self._act(
            session,
            dossier,
            Action.REQUEST_SUPPLEMENT,
            now,
            inputs={"due": to_json(due)},
            supplement=request,
            supplement_rounds=number,
        )

    def _extend(self, session: Session, dossier: Dossier, day: date, now: datetime) -> None:
        until = instant(max(day, date(2023, 11, 30)) + timedelta(days=7), 17)
        self._act(
            session,
            dossier,
            Action.GRANT_EXTENSION,
            now,
            inputs={"until": to_json(until)},
            extended_until=until,
        )

    def _replace_somebody(self, session: Session, day: date) -> None:
        held = session.scalars(
            select(Appointment)
            .where(
                Appointment.valid_to.is_(None),
                Appointment.valid_from <= day,
                Appointment.post.in_((Post.CLERK, Post.COUNCIL_SECRETARY)),
            )
            .order_by(Appointment.id)
        ).all()
        gone = self.chance.choice(held)
        gone.valid_to = day
        self._appoint(session, gone.unit_id, gone.post, day + timedelta(days=1))
        self._note("people replaced")

    def _move_a_deadline(self, session: Session, day: date, now: datetime) -> None:
        programme = rulebook_in_force(session).programme
        state = State.COUNCIL_REVIEWED if day.month == 11 else State.BOARD_CHECKED
        wanted = [
            NewMilestone(
                cycle,
                state,
                programme.cycle_by_id[cycle].milestones.decided
                - timedelta(days=12 if day.month == 11 else 6),
            )
            for cycle in CYCLES
        ]
        by = session.scalars(select(Person.id).where(Person.code == "head@UBND-TINH")).one()
        set_milestones(session, programme, wanted, "Mưa lũ", by, now)
        self._note("deadlines moved")

    def _act(
        self,
        session: Session,
        dossier: Dossier,
        action: Action,
        now: datetime,
        target: State | None = None,
        inputs: object = None,
        **columns: object,
    ) -> None:
        source, to = dossier.state, target or dossier.state
        head = append_line(
            session,
            Happening(
                stream=dossier_stream(dossier.id),
                at=now,
                actor_id=None,
                actor_name="Mùa thử",
                action=action.value,
                from_state=source.value,
                to_state=to.value,
                dossier_id=dossier.id,
                dossier_version=dossier.version + 1,
                payload={"inputs": inputs},
            ),
            Head(dossier.history_count, dossier.head_hash),
        )
        entered = {"entered_state_at": now} if to is not source else {}
        session.execute(
            update(Dossier)
            .where(Dossier.id == dossier.id)
            .values(
                state=to,
                version=dossier.version + 1,
                head_hash=head.hash,
                history_count=head.count,
                updated_at=now,
                **entered,
                **columns,
            )
        )
        back = to in PROGRESS and PROGRESS.index(to) < PROGRESS.index(source)
        self._note("dossiers returned" if back else action.value)

    def _register(self, session: Session, number: int, unit: Unit) -> None:
        programme = rulebook_in_force(session).programme
        at = instant(date(2023, 3, 1), 9)
        cycle, province = CYCLES[number % 2], unit_id(session, "UBND-TINH")
        clerk = session.scalars(
            select(Appointment.person_id).where(Appointment.unit_id == unit.id)
        ).first()
        common = {
            "code": f"HS-2023-{number + 1:04d}",
            "programme_id": programme.id,
            "programme_hash": programme.content_hash,
            "cycle_id": cycle,
            "subject_kind": SubjectKind.COLLECTIVE,
            "subject_key": f"season:{number}",
            "subject_name": f"{unit.name}, tập thể {number + 1}",
            "unit_id": unit.id,
        }
        registration = session.execute(
            insert(Registration)
            .values(
                **common | {"code": f"DK-2023-{number + 1:04d}"},
                year=2023,
                superior_unit_id=province,
                registered_on=at.date(),
                sent_by=clerk,
                sent_at=at,
                status=RegistrationStatus.ACKNOWLEDGED,
                acknowledged_by=clerk,
                acknowledged_at=at,
            )
            .returning(Registration.id)
        ).scalar_one()
        dossier = Dossier(
            **common,
            award_form="BANG_KHEN_TINH",
            proposing_unit_id=unit.id,
            deciding_unit_id=province,
            registration_id=registration,
            state=State.REGISTERED,
            entered_state_at=at,
            created_at=at,
            updated_at=at,
        )
        session.add(dossier)
        session.flush()
        self._act(session, dossier, Action.REGISTER, at)

    def _appoint(self, session: Session, unit: int, post: Post, since: date) -> None:
        name = f"Người thứ {next(self._numbers)}"
        person = session.execute(
            insert(Person)
            .values(
                code=f"s{search_key(name)}@{unit}",
                full_name=name,
                search_key=search_key(name),
                sort_key=person_sort_key(name),
                employer_id=unit,
                email=f"{search_key(name).replace(' ', '.')}@hagiang.example",
            )
            .returning(Person.id)
        ).scalar_one()
        session.execute(
            insert(Appointment).values(person_id=person, unit_id=unit, post=post, valid_from=since)
        )

    def _decision(self, session: Session, now: datetime) -> int:
        by = session.scalars(select(Person.id).where(Person.code == "head@UBND-TINH")).one()
        return session.execute(
            insert(Decision)
            .values(
                unit_id=unit_id(session, "UBND-TINH"),
                year=now.year,
                number=f"{next(self._numbers)}/QĐ",
                dated=now.date(),
                signer="x",
                entered_by=by,
                entered_at=now,
            )
            .returning(Decision.id)
        ).scalar_one()

    def _note(self, what: str) -> None:
        self.told[what] = self.told.get(what, 0) + 1
