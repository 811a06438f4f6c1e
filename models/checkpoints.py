"""Checkpoints: the end of the sealed chain, signed, and due at places the database cannot reach.

The layout is that of C2SP tlog-checkpoint: origin, number of lines, base64 of the last hash, one
further line with the instant (UTC), and a signature. The hash is the end of a chain, not the root
of a tree: `models/evidence/verify_log.py` checks it against an export of the whole log.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.sealing import Checkpoint, checkpoint
from models.signed_notes import Signer
from models.tables import CheckpointDelivery, HistoryLine, LogCheckpoint, SealedLine

EVERY: Final = timedelta(minutes=15)
DECISIONS: Final = (
    "decide",
    "retract",
    "revoke",
    "commit_list",
    "publish_decision",
    "correct_decision",
    "close_session",
)
"""What is not left waiting for the quarter of an hour: decisions, and minutes of a council."""
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
LATE: Final = timedelta(minutes=30)
"""How long a place may lack a checkpoint before people are told."""
LONGEST_SIZE: Final = 9
"""Digits of the greatest number of lines there can be."""
SHORT: Final = 16
"""Hexadecimal digits of the hash in the short form that is printed on papers."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a paper bears of a checkpoint: how many lines, and the beginning of the last hash."""

    size: int
    head_hash: str

    @property
    def short(self) -> str:
        """Such as `4711-9f2c-81aa-03de-77b0`."""
        digits = self.head_hash[:SHORT]
        groups = (digits[start : start + 4] for start in range(0, SHORT, 4))
        return "-".join((str(self.size), *groups))


@dataclass(frozen=True, slots=True)
class Place:
    """How one place outside stands: what it has, what it waits for, why."""

    place: str
    delivered_at: datetime | None
    delivered_size: int
    waiting: int
    since: datetime | None
    """When the oldest checkpoint it lacks was made."""
    error: str

    def is_late(self, now: datetime) -> bool:
        """Has it lacked a checkpoint for too long?"""
        return self.since is not None and now - self.since > LATE


def head_lines(size: int, head_hash: str) -> list[str]:
    """The two lines of a checkpoint that name an end of the chain."""
    return [str(size), base64.b64encode(bytes.fromhex(head_hash)).decode()]


def text_of(origin: str, end: Checkpoint, made_at: datetime) -> str:
    """The text that is signed."""
    size, root = head_lines(end.size, end.hash)
    instant = made_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"{origin}\n{size}\n{root}\ntime {instant}\n"


def make_due(
    session: Session, signer: Signer, places: Sequence[str], now: datetime
) -> LogCheckpoint | None:
    """Sign the end of the sealed chain when that is due: every quarter of an hour, at a decision.

    Nothing is signed twice: with no new line there is nothing to say, and of two schedulers that
    come to the same end one finds the other's row.
    """
    end = checkpoint(session)
    last = latest(session)
    if end.size == (last.size if last else 0):
        return None
    decided = _decided_since(session, last.size if last else 0)
    if last is not None and not decided and now - last.made_at < EVERY:
        return None
    made = insert_once(
        session,
        LogCheckpoint,
        size=end.size,
        head_hash=end.hash,
        made_at=now,
        because="decision" if decided else "clock",
        verifier=signer.verifier.text,
        note=signer.sign(text_of(signer.verifier.name, end, now)),
    )
    if not made:
        return None
    for place in places:
        insert_once(
            session,
            CheckpointDelivery,
            size=end.size,
            place=place,
            attempts=0,
            next_attempt_at=now,
            delivered_at=None,
            error="",
        )
    return session.get(LogCheckpoint, end.size)


def _decided_since(session: Session, size: int) -> bool:
    found = session.scalar(
        select(SealedLine.seq)
        .join(
            HistoryLine,
            and_(HistoryLine.stream == SealedLine.stream, HistoryLine.seq == SealedLine.line_seq),
        )
        .where(SealedLine.seq > size, HistoryLine.action.in_(DECISIONS))
        .limit(1)
    )
    return found is not None


def latest(session: Session) -> LogCheckpoint | None:
    """The newest checkpoint; None before the first."""
    return session.scalar(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1))


def latest_mark(session: Session) -> Mark | None:
    """The mark a paper made now bears; None before the first checkpoint."""
    last = latest(session)
    return Mark(last.size, last.head_hash) if last else None


def of_short(session: Session, short: str) -> LogCheckpoint | None:
    """The checkpoint of a short form as printed; None when there is none like it."""
    size, _, digits = short.strip().lower().replace(" ", "").partition("-")
    digits = digits.replace("-", "")
    if not size.isdecimal() or len(size) > LONGEST_SIZE or len(digits) != SHORT:
        return None
    found = session.get(LogCheckpoint, int(size))
    return found if found and found.head_hash.startswith(digits) else None


def still_holds(session: Session, found: LogCheckpoint) -> bool:
    """Does the sealed chain still have this very line at this place?"""
    return (
        session.scalar(select(SealedLine.hash).where(SealedLine.seq == found.size))
        == found.head_hash
    )


def waiting(session: Session, place: str, now: datetime, limit: int = 50) -> list[LogCheckpoint]:
    """Checkpoints this place lacks and whose turn it is, the oldest first."""
    return list(
        session.scalars(
            select(LogCheckpoint)
            .join(CheckpointDelivery, CheckpointDelivery.size == LogCheckpoint.size)
            .where(
                CheckpointDelivery.place == place,
                CheckpointDelivery.delivered_at.is_(None),
                CheckpointDelivery.next_attempt_at <= now,
            )
            .order_by(LogCheckpoint.size)
            .limit(limit)
        )
    )


def delivered(session: Session, size: int, place: str, now: datetime) -> None:
    """The place has it."""
    _set(session, size, place, delivered_at=now, error="")


def not_delivered(session: Session, size: int, place: str, error: str, now: datetime) -> None:
    """The place did not take it; tried again after a minute, two, four … an hour."""
    attempts = session.scalar(select(CheckpointDelivery.attempts).where(*_this(size, place))) or 0
    wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
    _set(session, size, place, error=error[:500], next_attempt_at=now + wait)


def _set(session: Session, size: int, place: str, **values: object) -> None:
    session.execute(
        update(CheckpointDelivery)
        .where(*_this(size, place), CheckpointDelivery.delivered_at.is_(None))
        .values(attempts=CheckpointDelivery.attempts + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _this(size: int, place: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CheckpointDelivery.size == size, CheckpointDelivery.place == place


def places_of(session: Session, wanted: Sequence[str]) -> list[Place]:
    """How every place stands that is set up, or still lacks a checkpoint from before."""
    told = CheckpointDelivery.delivered_at
    rows = session.execute(
        select(
            CheckpointDelivery.place,
            func.max(told),
            func.max(CheckpointDelivery.size).filter(told.is_not(None)),
            func.count().filter(told.is_(None)),
            func.min(LogCheckpoint.made_at).filter(told.is_(None)),
            func.max(CheckpointDelivery.error).filter(told.is_(None)),
        )
        .join(LogCheckpoint, LogCheckpoint.size == CheckpointDelivery.size)
        .group_by(CheckpointDelivery.place)
    ).all()
    found = {
        place: Place(place, last, size or 0, count, since, error or "")
        for place, last, size, count, since, error in rows
        if place in wanted or count
    }
    return [
        found.get(place, Place(place, None, 0, 0, None, "")) for place in sorted({*wanted, *found})
    ]
