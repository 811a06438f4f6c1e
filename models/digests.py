"""The morning digest: one letter that carries everything waiting for one person.

A digest is a row of its own; the letters it carries name it in `digest_id` and share its fate.
Only the holder of the digest's fence may decide about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session

from models.outbox import DIGEST, LONGEST_WAIT, Letter, message_id, remember
from models.tables import HeldLetter, OutgoingMessage, Person
from models.words import Channel, MessageStatus
from workflow.words import phrase

NOTHING_LEFT: Final = phrase("không còn việc nào để nhắc")


def gather(session: Session, day: date, morning: datetime, now: datetime) -> int:
    """Give everybody with waiting letters due by `morning` the digest of `day`; how many are new.

    A letter that comes after the digest of its day was made waits for the next working day. News
    of a step written by a clock that was ahead does not wait for that clock's day.
    """
    of_a_clock_ahead = and_(
        OutgoingMessage.day.is_(None),
        OutgoingMessage.due_at <= OutgoingMessage.created_at,
        OutgoingMessage.created_at > now + LONGEST_WAIT,
    )
    waiting = (
        OutgoingMessage.status == MessageStatus.WAITING,
        OutgoingMessage.alone.is_(False),
        OutgoingMessage.digest_id.is_(None),
        or_(OutgoingMessage.due_at <= morning, of_a_clock_ahead),
        ~exists().where(HeldLetter.message_id == OutgoingMessage.id),
    )
    people = session.execute(
        select(Person.id, Person.email)
        .where(Person.id.in_(select(OutgoingMessage.recipient_id).where(*waiting)))
        .order_by(Person.id)
    ).all()
    made = 0
    for person_id, address in people:
        key = digest_key(person_id, day)
        letter = Letter(
            dedupe_key=key,
            letter=DIGEST,
            due_at=morning,
            address=address,
            recipient_id=person_id,
            channel=Channel.EMAIL,
        )
        if not remember(session, letter, now):
            continue
        digest = select(OutgoingMessage.id).where(OutgoingMessage.message_id == message_id(key))
        session.execute(
            update(OutgoingMessage)
            .where(*waiting, OutgoingMessage.recipient_id == person_id)
            .values(digest_id=digest.scalar_subquery())
            .execution_options(synchronize_session=False)
        )
        made += 1
    return made


def digest_key(person_id: int, day: date) -> str:
    """One digest a person and working day."""
    return f"{DIGEST}:{person_id}:{day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a digest still has to carry, oldest first, and what is overdue besides, newest first."""

    waiting: tuple[OutgoingMessage, ...] = ()
    overdue: tuple[OutgoingMessage, ...] = ()


def parcels_of(
    session: Session, digests: Collection[OutgoingMessage], since: datetime
) -> dict[int, Parcel]:
    """The contents of many digests, by the id of each, in two statements.

    Overdue is what lies in the recipient's inbox since `since`.
    """
    if not digests:
        return {}
    waiting = _carried(session, [one.id for one in digests])
    overdue = _overdue(session, {one.recipient_id or 0 for one in digests}, since)
    return {
        one.id: Parcel(tuple(waiting[one.id]), tuple(overdue[one.recipient_id or 0]))
        for one in digests
    }


def _carried(session: Session, digests: Collection[int]) -> defaultdict[int, list[OutgoingMessage]]:
    rows = session.scalars(
        select(OutgoingMessage)
        .where(
            OutgoingMessage.digest_id.in_(digests),
            OutgoingMessage.status == MessageStatus.WAITING,
        )
        .order_by(OutgoingMessage.due_at, OutgoingMessage.id)
    )
    found: defaultdict[int, list[OutgoingMessage]] = defaultdict(list)
    for row in rows:
        found[row.digest_id or 0].append(row)
    return found


def settle(
    session: Session,
    kept: Collection[int],
    status: MessageStatus,
    dropped: Mapping[int, str],
    **more: object,
) -> None:
    """Let the letters of a digest share its fate; those dropped are suppressed, each for why.

    To be called in the transaction that stamped the digest under its fence.
    """
    waiting = OutgoingMessage.status == MessageStatus.WAITING
    if kept:
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.id.in_(kept), waiting)
            .values(status=status, **more)
            .execution_options(synchronize_session=False)
        )
    for reason in set(dropped.values()):
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.id.in_([one for one in dropped if dropped[one] == reason]))
            .where(waiting)
            .values(status=MessageStatus.SUPPRESSED, reason=reason)
            .execution_options(synchronize_session=False)
        )


def expel(session: Session, unwritable: Mapping[int, str]) -> None:
    """Let letters nobody can write fail by themselves, each for why: a person may send them again.

    To be called in the transaction that stamped the digest under its fence.
    """
    for one, error in unwritable.items():
        session.execute(
            update(OutgoingMessage)
            .where(OutgoingMessage.id == one, OutgoingMessage.status == MessageStatus.WAITING)
            .values(status=MessageStatus.FAILED, error=error, digest_id=None, alone=True)
            .execution_options(synchronize_session=False)
        )


def status_of(session: Session, message: int) -> MessageStatus:
    """How far a letter is."""
    found = select(OutgoingMessage.status).where(OutgoingMessage.id == message)
    return session.scalars(found).one()


def _overdue(
    session: Session, people: Collection[int], since: datetime
) -> defaultdict[int, list[OutgoingMessage]]:
    rows = session.scalars(
        select(OutgoingMessage)
        .where(
            OutgoingMessage.recipient_id.in_(people),
            OutgoingMessage.channel == Channel.INBOX,
            OutgoingMessage.status == MessageStatus.SENT,
            OutgoingMessage.day.is_not(None),
            OutgoingMessage.due_at >= since,
        )
        .order_by(OutgoingMessage.due_at.desc(), OutgoingMessage.id.desc())
    )
    found: defaultdict[int, list[OutgoingMessage]] = defaultdict(list)
    for row in rows:
        if row.values.get("overdue"):
            found[row.recipient_id or 0].append(row)
    return found
