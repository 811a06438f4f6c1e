"""After the record came back from a copy: nothing is sent until somebody says what was.

A letter the copy still has as unsent may have left after the copy was made, and a reminder that
came due since is planned anew. So sending rests; an administrator sees what would leave, and says
whether it has left already. What fell due later goes as always.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, insert, select, update
from sqlalchemy.orm import Session

from models.office import write_down
from models.outbox import DIGEST
from models.reminding import planned
from models.tables import HeldLetter, OutgoingMessage, Person, Restoration, UserSession
from models.words import Channel, MessageStatus
from workflow.words import phrase

SENT_BEFORE: Final = phrase("đã gửi trước khi khôi phục từ bản sao lưu")
_UNSENT: Final = (MessageStatus.WAITING, MessageStatus.CLAIMED)


class Answer(StrEnum):
    """What an administrator says of the letters in doubt."""

    NONE = "none"
    """All of them have left already."""
    ALL = "all"
    """None of them has."""
    CHOSEN = "chosen"
    """Those that were chosen have not; the others have."""


class NotPlanned(Exception):
    """The letters of the time since the copy are not all written down yet."""


class NotPaused(LookupError):
    """Nothing rests: somebody else has answered, or nothing was brought back."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """A letter that may have left: to whom, what, since when it is due, under which Message-ID."""

    id: int
    letter: str
    title: str
    """What it says it is about; its kind where it says nothing."""
    code: str
    """The dossier it is about, if any."""
    channel: Channel
    recipient: str
    address: str
    due_at: datetime
    message_id: str


def begin(session: Session, copy_id: str, copy_made_at: datetime, now: datetime) -> None:
    """Write down that the record was brought back; let sending rest, and end every sign-in.

    Letters somebody held when the copy was made are free again.
    """
    session.execute(
        insert(Restoration).values(restored_at=now, copy_id=copy_id, copy_made_at=copy_made_at)
    )
    session.execute(
        update(UserSession)
        .where(UserSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.status == MessageStatus.CLAIMED)
        .values(
            status=MessageStatus.WAITING,
            claimed_by="",
            lease_until=None,
            fence=OutgoingMessage.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )
    told = {"copy": copy_id, "made_at": copy_made_at}
    write_down(session, "restore_copy", told, None, now)


def resting(session: Session) -> Restoration | None:
    """The restoration nobody has answered for yet, if any: while it is there nothing is sent."""
    return session.scalars(
        select(Restoration)
        .where(Restoration.resumed_at.is_(None))
        .order_by(Restoration.id.desc())
        .limit(1)
    ).first()


def is_resting(session: Session) -> bool:
    """Does sending rest?"""
    return bool(session.scalar(select(exists().where(Restoration.resumed_at.is_(None)))))


def in_doubt(session: Session, rest: Restoration, most: int | None = None) -> list[InDoubt]:
    """Letters that were due before the record came back and that it does not know as sent.

    What lies in an inbox of the service does no harm twice and is not among them; neither is a
    letter that waits for its decision to be published.
    """
    rows = session.execute(
        select(OutgoingMessage, Person.full_name)
        .outerjoin(Person, Person.id == OutgoingMessage.recipient_id)
        .where(_doubtful(rest))
        .order_by(OutgoingMessage.due_at, OutgoingMessage.id)
        .limit(most)
    )
    return [
        InDoubt(
            id=one.id,
            letter=one.letter,
            title=str(one.values.get("title") or one.letter),
            code=str(one.values.get("code") or ""),
            channel=one.channel,
            recipient=name or "",
            address=one.address,
            due_at=one.due_at,
            message_id=one.message_id,
        )
        for one, name in rows
    ]


def count_in_doubt(session: Session, rest: Restoration) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(OutgoingMessage).where(_doubtful(rest))
    return session.scalar(counted) or 0


def is_planned(session: Session, rest: Restoration) -> bool:
    """Are the reminders of the time since the copy written down, so that they can be shown?"""
    found = planned(session)
    return found is not None and found.until >= rest.restored_at


def resume(
    session: Session,
    answer: Answer,
    chosen: Collection[int],
    by: int | None,
    now: datetime,
) -> Restoration:
    """Send again: what has not left goes, everything else in doubt is kept as sent before.

    Raises `NotPaused` and `NotPlanned`.
    """
    rest = resting(session)
    if rest is None:
        raise NotPaused
    if not is_planned(session, rest):
        raise NotPlanned
    total = count_in_doubt(session, rest)
    dropped = 0 if answer is Answer.ALL else _drop(session, rest, answer, chosen)
    values = {
        "resumed_at": now,
        "resumed_by_id": by,
        "answer": answer.value,
        "sent_again": total - dropped,
        "dropped": dropped,
    }
    done = session.execute(
        update(Restoration)
        .where(Restoration.resumed_at.is_(None))
        .values(**values)
        .returning(Restoration.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not done:
        raise NotPaused
    told = {"answer": answer.value, "sent_again": total - dropped, "dropped": dropped}
    write_down(session, "resume_sending", told, by, now)
    session.refresh(rest)
    return rest


def _drop(session: Session, rest: Restoration, answer: Answer, chosen: Collection[int]) -> int:
    going = _doubtful(rest)
    if answer is Answer.CHOSEN:
        going = and_(going, OutgoingMessage.id.not_in(chosen))
    gone = session.scalars(
        update(OutgoingMessage)
        .where(going)
        .values(
            status=MessageStatus.SUPPRESSED, reason=SENT_BEFORE, claimed_by="", lease_until=None
        )
        .returning(OutgoingMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone)


def _doubtful(rest: Restoration) -> ColumnElement[bool]:
    held = exists().where(HeldLetter.message_id == OutgoingMessage.id)
    return and_(
        OutgoingMessage.status.in_(_UNSENT),
        OutgoingMessage.channel != Channel.INBOX,
        OutgoingMessage.due_at <= rest.restored_at,
        # A digest has no words of its own: left without letters it is not sent.
        OutgoingMessage.letter != DIGEST,
        ~held,
    )
