"""What the clock reads and writes: letters on their way, runs of its jobs, how far it planned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session, load_only

from models.deadlines import terms_of
from models.inserting import insert_once
from models.job_runs import LATEST
from models.outbox import ERROR_LENGTH
from models.people import Places
from models.rulebooks import rulebook_of
from models.tables import (
    Account,
    Dossier,
    JobRun,
    OutgoingMessage,
    Person,
    ProgrammeVersion,
    Registration,
    Unit,
)
from models.words import MessageStatus
from workflow.programme import Programme
from workflow.reminders import LiveDossier
from workflow.terms import Terms
from workflow.vocabulary import ENDS

PLANNED: Final = "planned"
"""No job: since when and until when reminders were planned, on the clock rules are judged by."""
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
class Standing:
    """A dossier still on its way: where it stands, and the units around it."""

    live: LiveDossier
    programme_hash: str
    places: Places
    subject: str
    unit: str
    award_form: str


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


def may_receive(session: Session, people: Collection[int]) -> set[int]:
    """Those of these people who are still active and not locked out."""
    query = (
        select(Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(people), Person.active, Account.disabled_at.is_(None))
    )
    return set(session.scalars(query))


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


@dataclass(frozen=True, slots=True)
class Planned:
    """Since when this service plans reminders, and until when it has."""

    since: datetime
    until: datetime


def planned(session: Session) -> Planned | None:
    """How far the planning has come; None before its first run."""
    run = session.get(JobRun, (PLANNED, LATEST))
    return Planned(run.started_at, run.finished_at) if run and run.finished_at else None


def note_planned(session: Session, now: datetime) -> None:
    """Keep how far the planning has come; a clock that was set back takes the beginning along."""
    if insert_once(session, JobRun, job=PLANNED, slot=LATEST, started_at=now, finished_at=now):
        return
    run = update(JobRun).where(JobRun.job == PLANNED, JobRun.slot == LATEST)
    session.execute(run.where(JobRun.started_at > now).values(started_at=now))
    session.execute(run.values(finished_at=now))


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
