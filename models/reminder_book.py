"""What the pages of reminders read and write: failed letters, wishes, the notice of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.office import write_down
from models.outbox import try_again
from models.people import RELATIONS
from models.queries_people import Reader
from models.staffing import Wish
from models.tables import DecisionNotice, Dossier, OutgoingMessage, Person, ReminderWish
from models.visibility import visible_to
from models.words import MessageStatus
from workflow.ports import NotFound
from workflow.vocabulary import ReminderKind, Role, State

MOST = 200


def failed_letters(session: Session) -> list[tuple[OutgoingMessage, str]]:
    """Letters given up, the newest first, with the name of their recipient.

    What a digest carries is retried with the digest, so it is not listed by itself.
    """
    rows = session.execute(
        select(OutgoingMessage, Person.full_name)
        .outerjoin(Person, Person.id == OutgoingMessage.recipient_id)
        .where(OutgoingMessage.status == MessageStatus.FAILED, OutgoingMessage.digest_id.is_(None))
        .order_by(OutgoingMessage.id.desc())
        .limit(MOST)
    )
    return [(message, name or "") for message, name in rows]


def send_again(session: Session, message: int, by: int, now: datetime) -> bool:
    """Put a failed letter back into the queue, with a line in the office's history."""
    if not try_again(session, message, now):
        return False
    write_down(session, "send_again", {"message": message}, by, now)
    return True


def wishes_of(session: Session, person_id: int) -> dict[ReminderKind, Wish]:
    """What a person asked for, by kind; kinds never asked about are missing."""
    rows = session.scalars(select(ReminderWish).where(ReminderWish.person_id == person_id))
    return {row.kind: Wish(row.email, row.webhook) for row in rows}


def put_wishes(session: Session, person_id: int, wishes: Mapping[ReminderKind, Wish]) -> None:
    """Replace what a person asked for."""
    session.execute(delete(ReminderWish).where(ReminderWish.person_id == person_id))
    for kind, wish in wishes.items():
        session.execute(
            insert(ReminderWish).values(
                person_id=person_id, kind=kind, email=wish.email, webhook=wish.webhook
            )
        )


def decided_dossier(session: Session, code: str, reader: Reader, day: date) -> Dossier:
    """A decided dossier whose result this person passes on. Raises `NotFound`."""
    dossier = session.scalar(
        select(Dossier).where(
            Dossier.code == code,
            Dossier.state == State.DECIDED,
            visible_to(reader.person_id, day),
        )
    )
    if dossier is None or not passes_on(dossier, reader):
        raise NotFound(code)
    return dossier


def passes_on(dossier: Dossier, reader: Reader) -> bool:
    """Is this person the clerk or head of the proposing side?"""
    sides = {dossier.unit_id, dossier.proposing_unit_id}
    posts = {*RELATIONS[Role.CLERK].posts, *RELATIONS[Role.UNIT_HEAD].posts}
    return any(held.post in posts and held.unit_id in sides for held in reader.posts)


def notice_of(session: Session, dossier_id: int) -> DecisionNotice | None:
    """Whether, when and by whom the result was passed on."""
    return session.get(DecisionNotice, dossier_id)


def note_notice(session: Session, dossier: Dossier, by: int, now: datetime) -> bool:
    """Keep that the result was passed on; the reminders stop. False when it was before."""
    if not insert_once(session, DecisionNotice, dossier_id=dossier.id, by_id=by, at=now):
        return False
    write_down(session, "notify_decision", {"code": dossier.code}, by, now)
    return True
