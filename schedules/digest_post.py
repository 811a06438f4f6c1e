"""What a digest carries when it leaves, and the stamps that let its letters share its fate.

Every stamp first closes the digest under its fence; only who could do that touches the rest, in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy.orm import Session

from models.digests import NOTHING_LEFT, expel, settle, status_of
from models.outbox import mark_failed, mark_sent
from models.reminding import give_up, suppress
from models.tables import OutgoingMessage
from models.words import MessageStatus
from schedules.digest_letter import line_of, render_digest
from schedules.envelope import Letterhead, enclose, unwritten
from schedules.second_look import Sight
from workflow.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class Load:
    """The letters of a digest that still make sense, those that do not, and what is overdue.

    Those that cannot be written, each with why, hold up nobody: they are taken out.
    """

    kept: tuple[OutgoingMessage, ...]
    dropped: Mapping[int, str]
    unwritable: Mapping[int, str]
    overdue: tuple[OutgoingMessage, ...] = ()
    ahead: Deadline | None = None
    """The next deadline of what it is about, where it is about one thing."""

    @property
    def ids(self) -> list[int]:
        """The rows the digest answers for."""
        return [one.id for one in self.kept]


def load_of(sight: Sight, digest: OutgoingMessage, now: datetime) -> Load:
    """Judge everything a digest carries as it stands at `now`."""
    parcel = sight.parcel(digest)
    why = {one.id: sight.because(one, now) for one in (*parcel.waiting, *parcel.overdue)}
    unwritable = {one.id: _unwritable(one) for one in (*parcel.waiting, *parcel.overdue)}
    subjects = {_about(one) for one in parcel.waiting if not unwritable[one.id]}
    wanted = [one for one in parcel.waiting if not why[one.id]]
    return Load(
        kept=tuple(one for one in wanted if not unwritable[one.id]),
        dropped={one.id: why[one.id] for one in parcel.waiting if why[one.id]},
        unwritable={one.id: unwritable[one.id] for one in wanted if unwritable[one.id]},
        overdue=tuple(
            one
            for one in parcel.overdue
            if not (why[one.id] or unwritable[one.id] or _about(one) in subjects)
        ),
        ahead=sight.ahead(parcel.waiting[0]) if len(parcel.waiting) == 1 else None,
    )


def _about(message: OutgoingMessage) -> tuple[object, ...]:
    return message.values.get("rule"), message.dossier_id, message.values.get("subject")


def _unwritable(message: OutgoingMessage) -> str:
    """Why a letter of another release is no line of a digest; empty when it is one."""
    try:
        line_of(message)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must go.
        return unwritten(error, message.letter)
    return ""


def enclose_digest(
    digest: OutgoingMessage, load: Load, head: Letterhead, now: datetime
) -> EmailMessage:
    """Write the digest's letter."""
    text = render_digest(load.kept, load.overdue, load.ahead, head.base_url, now)
    return enclose(digest, text, head, now)


def suppress_digest(session: Session, digest: OutgoingMessage, load: Load) -> bool:
    """Nothing is left to say: neither the digest nor its letters go."""
    if not suppress(session, digest.id, digest.fence, NOTHING_LEFT):
        return False
    settle(session, (), MessageStatus.SUPPRESSED, load.dropped)
    expel(session, load.unwritable)
    return True


def stamp_sent(
    session: Session, message: OutgoingMessage, load: Load | None, now: datetime
) -> bool:
    """The server has it, and with it everything it carries."""
    if not mark_sent(session, message.id, message.fence, now):
        return False
    if load is not None:
        settle(session, load.ids, MessageStatus.SENT, load.dropped, sent_at=now)
        expel(session, load.unwritable)
    return True


def stamp_given_up(
    session: Session, message: OutgoingMessage, load: Load | None, error: str
) -> bool:
    """Nobody will ever accept it: the digest failed, and so did what it carries."""
    if not give_up(session, message.id, message.fence, error):
        return False
    if load is not None:
        settle(session, load.ids, MessageStatus.FAILED, load.dropped, error=error)
        expel(session, load.unwritable)
    return True


def stamp_postponed(
    session: Session, message: OutgoingMessage, load: Load | None, error: str, now: datetime
) -> bool:
    """Try later; at the end of its three days it has failed, and so has what it carries."""
    if not mark_failed(session, message.id, message.fence, error, now):
        return False
    if load is not None and status_of(session, message.id) is MessageStatus.FAILED:
        settle(session, load.ids, MessageStatus.FAILED, load.dropped, error=error)
        expel(session, load.unwritable)
    return True
