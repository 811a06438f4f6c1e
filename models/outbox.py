"""Letters on their way: queued with what caused them, claimed by one sender, stamped when sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.rows import rows
from models.tables import HeldLetter, OutgoingMessage
from models.words import Channel, MessageStatus

DIGEST: Final = "digest"
"""The letter that carries the reminders of one person and morning."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
FEWEST_ATTEMPTS = 10
ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one person by one channel; `dedupe_key` is what makes it this letter."""

    dedupe_key: str
    letter: str
    due_at: datetime
    address: str = ""
    recipient_id: int | None = None
    dossier_id: int | None = None
    channel: Channel = Channel.EMAIL
    values: Mapping[str, Any] = field(default_factory=dict)
    alone: bool = True
    """A letter of its own; otherwise it waits for the digest of its recipient."""
    day: date | None = None
    """The office day a reminder is due on."""
    held_for: int | None = None
    """The decision whose publication the letter waits for."""


def remember(
    session: Session, letter: Letter, now: datetime, *, suppressed_because: str = ""
) -> bool:
    """Queue a letter unless this very one was queued before; was it queued now?

    With a reason it is kept as suppressed: visible, but never sent.
    """
    row = row_of(letter, now, suppressed_because=suppressed_because)
    queued = insert_once(session, OutgoingMessage, **row)
    if queued and letter.held_for is not None:
        rows(session, _HOLD, {"decision": letter.held_for, "key": letter.dedupe_key})
    return queued


_HOLD = insert(HeldLetter).from_select(
    ["message_id", "decision_id"],
    select(OutgoingMessage.id, bindparam("decision", type_=Integer)).where(
        OutgoingMessage.dedupe_key == bindparam("key")
    ),
)


def let_go(session: Session, decision: int, now: datetime) -> int:
    """Send the letters that waited for this decision's publication; returns how many."""
    waiting = select(HeldLetter.message_id).where(HeldLetter.decision_id == decision)
    freed = session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.id.in_(waiting), OutgoingMessage.status == MessageStatus.WAITING)
        .values(due_at=now, next_attempt_at=now)
        .returning(OutgoingMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(delete(HeldLetter).where(HeldLetter.decision_id == decision))
    return len(freed)


def withdraw_held(session: Session, decision: int, dossier: int, reason: str) -> None:
    """Suppress the letters about one dossier that wait for this decision; they stay visible."""
    named = {"decision": decision, "dossier": dossier, "because": reason}
    gone = rows(session, _WITHDRAW, named).scalars().all()
    rows(session, _NO_LONGER_HELD, {"messages": gone})


_WITHDRAW = (
    update(OutgoingMessage)
    .where(
        OutgoingMessage.id.in_(
            select(HeldLetter.message_id).where(HeldLetter.decision_id == bindparam("decision"))
        ),
        OutgoingMessage.dossier_id == bindparam("dossier"),
        OutgoingMessage.status == MessageStatus.WAITING,
    )
    .values(status=MessageStatus.SUPPRESSED, reason=bindparam("because"))
    .returning(OutgoingMessage.id)
)
_NO_LONGER_HELD = delete(HeldLetter).where(
    HeldLetter.message_id.in_(bindparam("messages", expanding=True))
)


def reword_held(session: Session, decision: int, values: Mapping[str, Any]) -> None:
    """Say what changed in the letters that still wait for this decision."""
    held = select(HeldLetter.message_id).where(HeldLetter.decision_id == decision)
    for letter in session.scalars(select(OutgoingMessage).where(OutgoingMessage.id.in_(held))):
        letter.values = {**letter.values, **values}
    session.flush()


def row_of(letter: Letter, now: datetime, *, suppressed_because: str = "") -> dict[str, Any]:
    """The row of a letter that waits to be sent, or with a reason is only kept."""
    return {
        "dedupe_key": letter.dedupe_key,
        "letter": letter.letter,
        "channel": letter.channel,
        "dossier_id": letter.dossier_id,
        "recipient_id": letter.recipient_id,
        "address": letter.address,
        "values": dict(letter.values),
        "due_at": letter.due_at,
        "created_at": now,
        "next_attempt_at": letter.due_at,
        "message_id": message_id(letter.dedupe_key),
        "status": MessageStatus.SUPPRESSED if suppressed_because else MessageStatus.WAITING,
        "reason": suppressed_because,
        "sent_at": None,
        "alone": letter.alone,
        "day": letter.day,
    }


def row_in_inbox(letter: Letter, now: datetime) -> dict[str, Any]:
    """The row of a letter that is laid in the person's inbox at once."""
    return row_of(letter, now) | {"status": MessageStatus.SENT, "sent_at": now}


def message_id(dedupe_key: str) -> str:
    """The Message-ID of a letter: the same at every attempt, so that a repeat is seen as one."""
    return f"<{hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]}@award-dossiers.invalid>"


def claim_batch(
    session: Session,
    owner: str,
    now: datetime,
    limit: int,
    lease: timedelta,
    held_at: datetime | None = None,
) -> list[OutgoingMessage]:
    """Claim up to `limit` letters that are due at `now`, oldest first, for `lease`.

    A claim whose lease ran out is free again; `fence` grows with each claim, and whoever marks
    a letter must name the fence it was claimed under. Leases are judged at `held_at`, by a clock
    all who claim share; at `now` unless told.
    """
    at = held_at or now
    free_now = or_(_is_waiting(now), _is_abandoned(at, lease))
    free = session.scalars(
        select(OutgoingMessage.id)
        .where(free_now)
        .order_by(OutgoingMessage.next_attempt_at, OutgoingMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    claimed = session.scalars(
        update(OutgoingMessage)
        .where(OutgoingMessage.id.in_(free), free_now)
        .values(
            status=MessageStatus.CLAIMED,
            claimed_by=owner,
            lease_until=at + lease,
            fence=OutgoingMessage.fence + 1,
            attempts=OutgoingMessage.attempts + 1,
            first_attempt_at=func.coalesce(OutgoingMessage.first_attempt_at, now),
        )
        .returning(OutgoingMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(claimed, key=lambda message: message.id)


def still_claimed(session: Session, message: int, fence: int) -> bool:
    """Does the letter still belong to who claimed it under this fence?"""
    claimed = select(OutgoingMessage.id).where(
        OutgoingMessage.id == message,
        OutgoingMessage.fence == fence,
        OutgoingMessage.status == MessageStatus.CLAIMED,
    )
    return session.scalar(claimed) is not None


def mark_sent(session: Session, message: int, fence: int, now: datetime) -> bool:
    """Stamp a letter as sent; False when somebody else claimed it since."""
    return _mark(session, message, fence, status=MessageStatus.SENT, sent_at=now, error="")


def mark_failed(session: Session, message: int, fence: int, error: str, now: datetime) -> bool:
    """Note a failed attempt: next try after 1 minute, doubling to 1 hour, given up after 72 h.

    The 72 hours run from the first attempt, not from the day the letter was due: while nobody
    tried, nobody refused. Nor do a few attempts around an outage end a letter. False when
    somebody else claimed the letter since.
    """
    row = session.execute(
        select(OutgoingMessage.attempts, OutgoingMessage.first_attempt_at).where(
            OutgoingMessage.id == message
        )
    ).one()
    wait = min(FIRST_WAIT * 2 ** min(max(row.attempts - 1, 0), 10), LONGEST_WAIT)
    began = row.first_attempt_at or now
    over = now + wait - began > GIVE_UP_AFTER and row.attempts >= FEWEST_ATTEMPTS
    return _mark(
        session,
        message,
        fence,
        status=MessageStatus.FAILED if over else MessageStatus.WAITING,
        next_attempt_at=now + wait,
        error=error[:ERROR_LENGTH],
    )


def try_again(session: Session, message: int, now: datetime) -> bool:
    """Put a letter that was given up back into the queue, by a person's wish.

    A digest takes the letters it carries along.
    """
    session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.digest_id == message, OutgoingMessage.status == MessageStatus.FAILED)
        .values(status=MessageStatus.WAITING, error="")
        .execution_options(synchronize_session=False)
    )
    done = session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.id == message, OutgoingMessage.status == MessageStatus.FAILED)
        .values(
            status=MessageStatus.WAITING, next_attempt_at=now, first_attempt_at=None, attempts=0
        )
        .returning(OutgoingMessage.id)
    )
    return done.first() is not None


def _is_waiting(now: datetime) -> ColumnElement[bool]:
    """Due, also where the clock was set back since the letter was written or tried.

    A letter about a step is due as soon as it is written; a try is never put off for longer than
    the longest wait. A reminder waits for its own day all the same.
    """
    of_a_step = and_(
        OutgoingMessage.day.is_(None),
        OutgoingMessage.letter != DIGEST,
        OutgoingMessage.next_attempt_at <= OutgoingMessage.created_at,
    )
    put_off_too_long = and_(
        OutgoingMessage.attempts > 0,
        OutgoingMessage.due_at <= now,
        OutgoingMessage.next_attempt_at > now + LONGEST_WAIT,
    )
    return and_(
        OutgoingMessage.status == MessageStatus.WAITING,
        OutgoingMessage.alone,
        or_(OutgoingMessage.next_attempt_at <= now, put_off_too_long, of_a_step),
        ~exists().where(HeldLetter.message_id == OutgoingMessage.id),
    )


def _is_abandoned(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Claimed under a lease that ran out, or that nobody can have been given on this clock."""
    return and_(
        OutgoingMessage.status == MessageStatus.CLAIMED,
        or_(
            OutgoingMessage.lease_until < now,
            OutgoingMessage.lease_until > now + 2 * lease,
        ),
    )


def _mark(session: Session, message: int, fence: int, **values: object) -> bool:
    done = session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.id == message,
            OutgoingMessage.fence == fence,
            OutgoingMessage.status == MessageStatus.CLAIMED,
        )
        .values(claimed_by="", lease_until=None, **values)
        .returning(OutgoingMessage.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None
