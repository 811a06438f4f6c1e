"""A season played on an injected clock: many dossiers, many people, and everything that happens.

Dossiers move by rows of their history, without the law's guards: what is proved here is that the
letters follow the history, not that the history is lawful. Instants are aware UTC, days office
days. Chance comes from a seed, so that a season can be played again. Everything that happens is
also told in `log`, in plain words: `tests.season_reading` works from that alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.folding import person_sort_key, search_key
from models.history import Happening, Head, append_line, dossier_stream
from models.rulebooks import rulebook_in_force
from models.tables import (
    Appointment,
    Decision,
    Dossier,
    Person,
    Registration,
    Unit,
)
from tests.builders import person_id, unit_id
from tests.season_news import deadline_after, tell_step
from workflow.vocabulary import (
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


@dataclass(frozen=True)
class Event:
    """One thing that happened: when (UTC), what, and what is to be known of it."""

    at: datetime
    what: str
    about: dict[str, Any]


def instant(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of the office, as UTC."""
    return closing_instant(day, time(hour, minute, second), OFFICE_ZONE)


@dataclass
class Season:
    """The record of one season and the chance that moves it."""

    database: Database
    seed: int
    told: dict[str, int] = field(default_factory=dict)
    log: list[Event] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    def __post_init__(self) -> None:
        """Seed the chance."""
        self.chance = random.Random(self.seed)
        self.unpublished: set[int] = set()

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
                self.newcomer(session, unit.id, posts[number % len(posts)], date(2021, 10, 9))
            self._tell_who_is_there(session)
            for number in range(dossiers):
                self._register(session, number, bodies[number % len(bodies)])

    def _act(
        self,
        session: Session,
        dossier: Dossier,
        action: Action,
        now: datetime,
        target: State | None = None,
        *,
        inputs: object = None,
        told: Mapping[str, Any] | None = None,
        **columns: object,
    ) -> None:
        source, to = dossier.state, target or dossier.state
        deadline = deadline_after(session, dossier, to)
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
        if action is not Action.REGISTER:
            secret = dossier.decision_id if dossier.decision_id in self.unpublished else None
            step = (action, source, now)
            tell_step(session, dossier, step, deadline, told or {}, secret)

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
        about = {"code": dossier.code, "unit": unit.id, "cycle": cycle}
        self.say(at, "register", dossier=dossier.id, award=dossier.award_form, **about)

    def newcomer(self, session: Session, unit: int, post: Post, since: date) -> None:
        """Somebody new at a unit, with a post from a day on."""
        person = self.somebody(session, unit)
        session.execute(
            insert(Appointment).values(person_id=person, unit_id=unit, post=post, valid_from=since)
        )

    def somebody(self, session: Session, unit: int) -> int:
        """Somebody new at a unit, without any post yet."""
        name = f"Người thứ {next(self._numbers)}"
        return session.execute(
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

    def _decision(self, session: Session, now: datetime, *, public: bool) -> int:
        made = session.execute(
            insert(Decision)
            .values(
                unit_id=unit_id(session, "UBND-TINH"),
                year=now.year,
                number=f"{next(self._numbers)}/QĐ",
                dated=now.date(),
                signer="x",
                entered_by=person_id(session, "head@UBND-TINH"),
                entered_at=now,
                published_at=now if public else None,
            )
            .returning(Decision.id)
        ).scalar_one()
        if not public:
            self.unpublished.add(made)
        return made

    def _tell_who_is_there(self, session: Session) -> None:
        began = instant(FIRST, 0)
        for unit in session.scalars(select(Unit).order_by(Unit.id)):
            since = unit.valid_from
            self.say(began, "unit", unit=unit.id, code=unit.code, kind=unit.kind.value, since=since)
        for held in session.scalars(select(Appointment).order_by(Appointment.id)):
            self.say_appointed(began, held.person_id, held.unit_id, held.post, held.valid_from)

    def say_appointed(self, at: datetime, person: int, unit: int, post: Post, since: date) -> None:
        """Tell of an appointment."""
        about = {"person": person, "unit": unit, "post": post.value, "since": since}
        self.say(at, "appoint", **about)

    def say_of(self, at: datetime, what: str, dossier: Dossier, **about: object) -> None:
        """Tell what happened to a dossier, and at which version it is."""
        self.say(at, what, dossier=dossier.id, version=dossier.version, **about)

    def say(self, at: datetime, what: str, **about: object) -> None:
        """Tell what happened."""
        self.log.append(Event(at, what, about))

    def _note(self, what: str) -> None:
        self.told[what] = self.told.get(what, 0) + 1
