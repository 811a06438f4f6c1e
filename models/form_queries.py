"""Selects behind the form pages: read only, one purpose each, always under the reader's sight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.concealing import conceal
from models.people import valid_on
from models.tables import (
    Account,
    Appointment,
    CalendarDay,
    CaughtMail,
    Document,
    Dossier,
    FileScan,
    Initiative,
    OutgoingMessage,
    Person,
    ProgrammeVersion,
    Registration,
    Unit,
)
from models.visibility import registration_visible_to, visible_to
from models.words import DayKind, MessageStatus
from workflow.ports import NotFound
from workflow.reminders import Calendar
from workflow.vocabulary import Post, RegistrationStatus, State

SENDING_POSTS = (Post.CLERK, Post.HEAD, Post.DEPUTY_HEAD)


@dataclass(frozen=True, slots=True)
class RegistrationLine:
    """One registration as a list or its own page shows it."""

    registration: Registration
    unit: str
    superior: str
    sent_by: str
    answered_by: str
    dossier_code: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be registered: a unit, or a person with the unit employing them."""

    unit_id: int
    unit: str
    person_id: int | None = None
    person: str = ""
    position: str = ""

    @property
    def value(self) -> str:
        """What the form posts: `unit:7` or `person:12`."""
        return f"person:{self.person_id}" if self.person_id else f"unit:{self.unit_id}"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One loaded version of a programme, with the number of dossiers that began under it."""

    version: ProgrammeVersion
    dossiers: int


def dossier_row(session: Session, code: str, person_id: int, day: date) -> Dossier:
    """The stored dossier. Raises `NotFound` when there is none, or none for this person."""
    dossier = session.scalar(
        select(Dossier).where(Dossier.code == code, visible_to(person_id, day))
    )
    if dossier is None:
        raise NotFound(code)
    conceal(session, [dossier], person_id, day)
    return dossier


def papers_of(session: Session, dossier_id: int) -> list[Document]:
    """The current version of every paper of a dossier."""
    return list(
        session.scalars(
            select(Document)
            .where(Document.dossier_id == dossier_id, Document.current)
            .order_by(Document.id)
        )
    )


def paper_of(session: Session, code: str, document_id: int, person_id: int, day: date) -> Document:
    """One paper, old versions too. Sight of the dossier decides. Raises `NotFound`."""
    document = session.scalar(
        select(Document)
        .join(Dossier, Dossier.id == Document.dossier_id)
        .where(Document.id == document_id, Dossier.code == code, visible_to(person_id, day))
    )
    if document is None:
        raise NotFound(code)
    return document


def last_scan(session: Session, sha256: str) -> FileScan | None:
    """What a virus scanner said last of the file with this content."""
    return session.scalar(
        select(FileScan).where(FileScan.sha256 == sha256).order_by(FileScan.id.desc()).limit(1)
    )


def initiatives_of(session: Session, dossier_id: int) -> list[Initiative]:
    """All initiatives of a dossier, oldest first."""
    return list(
        session.scalars(
            select(Initiative).where(Initiative.dossier_id == dossier_id).order_by(Initiative.id)
        )
    )


def state_counts(
    session: Session, programme_id: str, person_id: int, day: date
) -> dict[State, int]:
    """How many dossiers of a programme stand in each state, of those the person sees."""
    rows = session.execute(
        select(Dossier.state, func.count())
        .where(Dossier.programme_id == programme_id, visible_to(person_id, day))
        .group_by(Dossier.state)
    )
    return dict(rows.all())


def versions(session: Session, programme_id: str, person_id: int, day: date) -> list[VersionLine]:
    """All versions of a programme, newest first; of each how many dossiers this person sees."""
    begun = (
        select(func.count())
        .where(Dossier.programme_hash == ProgrammeVersion.content_hash, visible_to(person_id, day))
        .scalar_subquery()
    )
    rows = session.execute(
        select(ProgrammeVersion, begun)
        .where(ProgrammeVersion.programme_id == programme_id)
        .order_by(ProgrammeVersion.loaded_at.desc(), ProgrammeVersion.content_hash)
    )
    return [VersionLine(version, count) for version, count in rows]


def version_by_hash(session: Session, content_hash: str) -> ProgrammeVersion:
    """One version, by its hash or by the first letters of it. Raises `NotFound`."""
    rows = session.scalars(
        select(ProgrammeVersion)
        .where(ProgrammeVersion.content_hash.startswith(content_hash, autoescape=True))
        .limit(2)
    ).all()
    if len(rows) != 1:
        raise NotFound(content_hash)
    return rows[0]


def registration_lines(
    session: Session, person_id: int, day: date, most: int | None = None
) -> list[RegistrationLine]:
    """Registrations the person sees: those waiting first, the oldest of them first; or `most`."""
    waiting = (Registration.status != RegistrationStatus.SENT).label("answered")
    query = _registrations(person_id, day)
    rows = session.execute(
        query.order_by(waiting, Registration.sent_at, Registration.id).limit(most)
    )
    return [RegistrationLine(*row) for row in rows]


def registration_counts(session: Session, person_id: int, day: date) -> dict[bool, int]:
    """How many registrations the person sees that wait for an answer (True), and that do not."""
    waits = (Registration.status == RegistrationStatus.SENT).label("waits")
    seen = select(waits).where(registration_visible_to(person_id, day)).subquery()
    rows = session.execute(select(seen.c.waits, func.count()).group_by(seen.c.waits))
    return {bool(one): count for one, count in rows}


def registration_line(session: Session, code: str, person_id: int, day: date) -> RegistrationLine:
    """One registration. Raises `NotFound` when there is none, or none for this person."""
    row = session.execute(_registrations(person_id, day).where(Registration.code == code)).first()
    if row is None:
        raise NotFound(code)
    return RegistrationLine(*row)


def _registrations(person_id: int, day: date) -> Select[Registration, str, str, str, str, str]:
    superior, sender, answerer = aliased(Unit), aliased(Person), aliased(Person)
    return (
        select(
            Registration,
            Unit.name,
            superior.name,
            sender.full_name,
            func.coalesce(answerer.full_name, ""),
            func.coalesce(Dossier.code, ""),
        )
        .join(Unit, Unit.id == Registration.unit_id)
        .join(superior, superior.id == Registration.superior_unit_id)
        .join(sender, sender.id == Registration.sent_by)
        .outerjoin(answerer, answerer.id == Registration.acknowledged_by)
        .outerjoin(Dossier, Dossier.registration_id == Registration.id)
        .where(registration_visible_to(person_id, day))
    )


def candidates(session: Session, person_id: int, day: date) -> list[Candidate]:
    """Whom a person may register: the units served, those right below, and who works there."""
    served = select(Appointment.unit_id).where(
        Appointment.person_id == person_id,
        Appointment.post.in_(SENDING_POSTS),
        valid_on(day),
    )
    near = or_(Unit.id.in_(served), Unit.parent_id.in_(served))
    units = session.execute(
        select(Unit.id, Unit.name)
        .where(near, or_(Unit.valid_to.is_(None), Unit.valid_to >= day))
        .order_by(Unit.sort_key, Unit.id)
    ).all()
    people = session.execute(
        select(Unit.id, Unit.name, Person.id, Person.full_name, Person.position)
        .join(Unit, Unit.id == Person.employer_id)
        .where(Unit.id.in_([unit_id for unit_id, _ in units]), Person.active.is_(True))
        .order_by(Person.sort_key, Person.id)
    )
    return [
        *(Candidate(unit_id, name) for unit_id, name in units),
        *(Candidate(*row) for row in people),
    ]


def calendar(session: Session) -> Calendar:
    """Days off, and days worked in exchange."""
    rows = session.execute(select(CalendarDay.date, CalendarDay.kind)).all()
    swaps = frozenset(day for day, kind in rows if kind is DayKind.WORKING_SWAP)
    return Calendar(frozenset(day for day, _ in rows) - swaps, swaps)


def caught_letters(session: Session, limit: int = 200) -> list[CaughtMail]:
    """Letters the mail catcher of a demonstration holds, newest first."""
    return list(
        session.scalars(
            select(CaughtMail).order_by(CaughtMail.at.desc(), CaughtMail.id.desc()).limit(limit)
        )
    )


def caught_letter(session: Session, letter_id: int) -> CaughtMail:
    """One caught letter. Raises `NotFound`."""
    letter = session.get(CaughtMail, letter_id)
    if letter is None:
        raise NotFound(str(letter_id))
    return letter


def message_counts(session: Session) -> dict[MessageStatus, int]:
    """How many outgoing letters wait, were sent, failed or were held back."""
    rows = session.execute(
        select(OutgoingMessage.status, func.count()).group_by(OutgoingMessage.status)
    )
    return dict(rows.all())


def person_by_code(session: Session, code: str) -> Person:
    """An active person, by code. Raises `NotFound`."""
    person = session.scalar(select(Person).where(Person.code == code, Person.active.is_(True)))
    if person is None:
        raise NotFound(code)
    return person


def account_of(session: Session, person_id: int) -> Account | None:
    """A person's account; None when there is none."""
    return session.get(Account, person_id)


def login_taken(session: Session, login: str, except_person: int) -> bool:
    """Does somebody else sign in under this name?"""
    other = select(Account.person_id).where(
        Account.login == login, Account.person_id != except_person
    )
    return session.scalar(other) is not None
