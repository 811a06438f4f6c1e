"""What the clock reads and writes: standing dossiers, who is to be told, runs of its jobs.

All dossiers are read together, in a number of statements that does not grow with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, load_only

from models.deadlines import terms_of
from models.inserting import insert_once
from models.outbox import ERROR_LENGTH, Letter, message_id
from models.people import RELATIONS, Places, valid_on
from models.rulebooks import rulebook_of
from models.tables import (
    Account,
    Appointment,
    Dossier,
    JobRun,
    OutgoingMessage,
    Person,
    ProgrammeVersion,
    Registration,
    Unit,
)
from models.words import Channel, MessageStatus
from workflow.programme import Programme
from workflow.reminders import LiveDossier
from workflow.terms import Terms
from workflow.vocabulary import ENDS, Post, RegistrationStatus, Role, UnitKind

REGISTERING_KINDS: Final = (UnitKind.DEPARTMENT, UnitKind.DISTRICT, UnitKind.COMMUNE)
"""Units that register by themselves; a division registers through the body above it."""

LATEST: Final = "latest"
_COUNTING: Final = (RegistrationStatus.SENT, RegistrationStatus.ACKNOWLEDGED)
_KEYS_AT_ONCE = 500
_NEEDED: Final = (
    Dossier.code,
    Dossier.programme_id,
    Dossier.programme_hash,
    Dossier.cycle_id,
    Dossier.award_form,
    Dossier.subject_name,
    Dossier.unit_id,
    Dossier.proposing_unit_id,
    Dossier.deciding_unit_id,
    Dossier.state,
    Dossier.entered_state_at,
    Dossier.extended_until,
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody a letter goes to; `email` is empty when the person has none."""

    person_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Who holds which post at which unit on one office day."""

    holders: Mapping[Post, Mapping[int, tuple[Addressee, ...]]]

    def standing_in(self, roles: Sequence[Role], places: Places) -> tuple[Addressee, ...]:
        """Everybody who stands in one of `roles` towards `places`, each once, by person."""
        found = {
            one.person_id: one
            for role in roles
            for post in RELATIONS[role].posts
            for one in self._holding(post, role, places)
        }
        return tuple(found[person_id] for person_id in sorted(found))

    def _holding(self, post: Post, role: Role, places: Places) -> Iterator[Addressee]:
        at_units = self.holders.get(post, {})
        relation = RELATIONS[role]
        units = relation.units(places) if relation.at else tuple(at_units)
        for unit_id in units:
            yield from at_units.get(unit_id, ())


@dataclass(frozen=True, slots=True)
class Standing:
    """A dossier still on its way: where it stands, and the units around it."""

    live: LiveDossier
    programme_hash: str
    places: Places
    subject: str
    unit: str
    award_form: str


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit that may register."""

    id: int
    code: str
    name: str


def directory(session: Session, day: date) -> Directory:
    """Read all posts held on `day` by people who are active and not locked out."""
    rows = session.execute(
        select(Appointment.post, Appointment.unit_id, Person.id, Person.full_name, Person.email)
        .join(Person, Person.id == Appointment.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(valid_on(day), Person.active, Account.disabled_at.is_(None))
        .order_by(Person.id)
    )
    holders: defaultdict[Post, defaultdict[int, tuple[Addressee, ...]]]
    holders = defaultdict(lambda: defaultdict(tuple))
    for post, unit_id, person_id, name, email in rows:
        holders[post][unit_id] += (Addressee(person_id, name, email),)
    return Directory({post: dict(units) for post, units in holders.items()})


def standing_dossiers(session: Session, only: Collection[int] | None = None) -> list[Standing]:
    """Read every dossier somebody still owes something (or those of `only`), by code."""
    query = (
        select(Dossier, Registration.superior_unit_id, Unit.name)
        .join(Registration, Registration.id == Dossier.registration_id)
        .join(Unit, Unit.id == Dossier.unit_id)
        .where(Dossier.state.not_in(ENDS))
        .order_by(Dossier.code)
        .options(load_only(*_NEEDED, raiseload=True))
    )
    if only is not None:
        query = query.where(Dossier.id.in_(only))
    rows = session.execute(query).all()
    terms = terms_of(session, [row[0] for row in rows])
    return [_standing(*row, terms[row[0].id]) for row in rows]


def programmes_in_force(session: Session) -> list[Programme]:
    """Read the versions new registrations begin under, one a programme."""
    hashes = session.scalars(
        select(ProgrammeVersion.content_hash)
        .where(ProgrammeVersion.in_force)
        .order_by(ProgrammeVersion.programme_id)
    )
    return [rulebook_of(session, each).programme for each in hashes]


def unregistered_units(session: Session, programme_id: str, year: int, day: date) -> list[UnitLine]:
    """Read the units existing on `day` for which nobody has registered in `year` (IV.1.a).

    A registration of a division counts for the body above it.
    """
    counting = (
        Registration.programme_id == programme_id,
        Registration.year == year,
        Registration.status.in_(_COUNTING),
    )
    own = select(Registration.unit_id).where(*counting)
    below = (
        select(Unit.parent_id)
        .join(Registration, Registration.unit_id == Unit.id)
        .where(*counting, Unit.kind == UnitKind.DIVISION, Unit.parent_id.is_not(None))
    )
    rows = session.execute(
        select(Unit.id, Unit.code, Unit.name)
        .where(
            Unit.kind.in_(REGISTERING_KINDS),
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
            Unit.id.not_in(own),
            Unit.id.not_in(below),
        )
        .order_by(Unit.code)
    )
    return [UnitLine(*row) for row in rows]


def known_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Tell which of these letters are in the book already, whatever became of them."""
    known: set[str] = set()
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        known.update(
            session.scalars(
                select(OutgoingMessage.dedupe_key).where(OutgoingMessage.dedupe_key.in_(some))
            )
        )
    return known


def lay_in_inbox(session: Session, letter: Letter, now: datetime) -> bool:
    """Put a letter in the person's inbox at once, unless it lies there; was it put there now?"""
    return insert_once(
        session,
        OutgoingMessage,
        dedupe_key=letter.dedupe_key,
        letter=letter.letter,
        channel=Channel.INBOX,
        dossier_id=letter.dossier_id,
        recipient_id=letter.recipient_id,
        address=letter.address,
        values=dict(letter.values),
        due_at=letter.due_at,
        created_at=now,
        next_attempt_at=letter.due_at,
        message_id=message_id(letter.dedupe_key),
        status=MessageStatus.SENT,
        sent_at=now,
    )


def may_receive(session: Session, person_id: int) -> bool:
    """Is the person still active and not locked out?"""
    query = (
        select(Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id == person_id, Person.active, Account.disabled_at.is_(None))
    )
    return session.scalar(query) is not None


def suppress(session: Session, message: int, fence: int, reason: str) -> bool:
    """Close a claimed letter that makes no sense any more; False if claimed by another since."""
    return _close(session, message, fence, MessageStatus.SUPPRESSED, reason=reason)


def give_up(session: Session, message: int, fence: int, error: str) -> bool:
    """Close a claimed letter nobody will ever accept; False if claimed by another since."""
    return _close(session, message, fence, MessageStatus.FAILED, error=error[:ERROR_LENGTH])


def put_back(session: Session, message: int, fence: int) -> bool:
    """Give back a claimed letter nobody has tried; False if claimed by another since."""
    attempts = OutgoingMessage.attempts - 1
    return _close(session, message, fence, MessageStatus.WAITING, attempts=attempts)


def record_run(session: Session, job: str, started: datetime, ended: datetime, how: str) -> None:
    """Keep the latest run of a job: one row a job, so that health can show a wedged one.

    Instants are real ones, also on the clock of a demonstration.
    """
    values = {"started_at": started, "finished_at": ended, "outcome": how[:ERROR_LENGTH]}
    if insert_once(session, JobRun, job=job, slot=LATEST, **values):
        return
    session.execute(update(JobRun).where(JobRun.job == job, JobRun.slot == LATEST).values(**values))


def _standing(dossier: Dossier, superior_unit_id: int, unit: str, terms: Terms) -> Standing:
    return Standing(
        live=LiveDossier(
            dossier_id=dossier.id,
            code=dossier.code,
            cycle_id=dossier.cycle_id,
            state=dossier.state,
            entered_state_at=dossier.entered_state_at,
            extended_until=dossier.extended_until,
            award_form=dossier.award_form,
            terms=terms,
        ),
        programme_hash=dossier.programme_hash,
        places=Places(
            dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id, superior_unit_id
        ),
        subject=dossier.subject_name,
        unit=unit,
        award_form=dossier.award_form,
    )


def _close(
    session: Session, message: int, fence: int, status: MessageStatus, **more: object
) -> bool:
    done = session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.id == message,
            OutgoingMessage.fence == fence,
            OutgoingMessage.status == MessageStatus.CLAIMED,
        )
        .values(status=status, claimed_by="", lease_until=None, **more)
        .returning(OutgoingMessage.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None
