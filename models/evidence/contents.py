"""What a bundle says of a dossier: the rows of the record, in the form the record is hashed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.chain import canonical
from models.evaluations import content_of
from models.history import OFFICE, body_of, dossier_stream, registration_stream
from models.sealing import Checkpoint, checkpoint
from models.tables import (
    Dossier,
    Evaluation,
    HistoryLine,
    HistoryStream,
    OutgoingMessage,
    Person,
    SealedLine,
)

AT_ONCE: Final = 500
MOST_SEALS: Final = 200_000
"""Seals a bundle takes along to its checkpoint, some 50 MB; beyond that only the dossier's own."""
_OF_A_DECISION: Final = ("commit_list", "publish_decision", "correct_decision")
_SEALED: Final = ("seq", "stream", "line_seq", "line_hash", "prev_hash", "hash")


def evaluations(session: Session, dossier: Dossier) -> Iterator[dict[str, Any]]:
    """Every evaluation of the dossier and of its registration, refused ones too, oldest first."""
    rows = session.scalars(
        select(Evaluation)
        .where(_about(dossier))
        .order_by(Evaluation.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for row in rows:
        yield {"id": row.id, "content": content_of(row)}


def programme_hashes(session: Session, dossier: Dossier) -> list[str]:
    """Every version of a programme the dossier was judged under."""
    found = session.scalars(select(Evaluation.programme_hash).where(_about(dossier)).distinct())
    return sorted({dossier.programme_hash, *found})


def _about(dossier: Dossier) -> ColumnElement[bool]:
    return or_(
        Evaluation.dossier_id == dossier.id,
        Evaluation.registration_id == dossier.registration_id,
    )


def streams(session: Session, dossier: Dossier) -> dict[str, dict[str, Any]]:
    """The ends of the two streams of a dossier: its registration's and its own."""
    name = registration_stream(dossier.registration_id)
    kept = session.get(HistoryStream, name)
    registered = {name: {"count": kept.count, "hash": kept.head_hash}} if kept else {}
    own = {"count": dossier.history_count, "hash": dossier.head_hash}
    return {**registered, dossier_stream(dossier.id): own}


def history(session: Session, dossier: Dossier, numbers: set[str]) -> Iterator[dict[str, Any]]:
    """The lines of both streams, then those of the office about the dossier's decisions.

    `numbers` are the numbers these decisions have or had.
    """
    for stream in streams(session, dossier):
        yield from _lines(session, HistoryLine.stream == stream)
    about = and_(
        HistoryLine.stream == OFFICE,
        HistoryLine.action.in_(_OF_A_DECISION),
        HistoryLine.at >= dossier.created_at,
        or_(
            false(),
            *(HistoryLine.payload.contains(_quoted(one), autoescape=True) for one in numbers),
        ),
    )
    yield from _lines(session, about)


def _quoted(number: str) -> str:
    return f'"number":{canonical(number)}'


def _lines(session: Session, which: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    rows = session.scalars(
        select(HistoryLine)
        .where(which)
        .order_by(HistoryLine.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for row in rows:
        yield {"body": body_of(row), "prev_hash": row.prev_hash, "hash": row.hash}


@dataclass(frozen=True, slots=True)
class Seals:
    """Which seals a bundle takes along: all from the dossier's first on, or only its own."""

    first: int
    until: Checkpoint
    whole: bool


def seals_for(session: Session, dossier: Dossier) -> Seals:
    """Look how far back the seals of a dossier reach, and whether all since then can come along."""
    own = SealedLine.stream.in_(streams(session, dossier))
    first = session.scalar(select(func.min(SealedLine.seq)).where(own)) or 0
    end = checkpoint(session)
    return Seals(first, end, first > 0 and end.size - first < MOST_SEALS)


def seals(session: Session, dossier: Dossier, wanted: Seals) -> Iterator[dict[str, Any]]:
    """The seals over these lines, and unless there are too many, all up to the checkpoint."""
    own = SealedLine.stream.in_(streams(session, dossier))
    columns = [getattr(SealedLine, name) for name in _SEALED]
    rows = session.execute(
        select(*columns)
        .where(SealedLine.seq >= wanted.first if wanted.whole else own)
        .order_by(SealedLine.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    for row in rows:
        yield dict(zip(_SEALED, row, strict=True))


def letters(session: Session, dossier: Dossier) -> Iterator[dict[str, Any]]:
    """Every letter about the dossier as it was queued, and what became of it."""
    carrier = aliased(OutgoingMessage)
    rows = session.execute(
        select(OutgoingMessage, Person.full_name, carrier.message_id, carrier.sent_at)
        .outerjoin(Person, Person.id == OutgoingMessage.recipient_id)
        .outerjoin(carrier, carrier.id == OutgoingMessage.digest_id)
        .where(OutgoingMessage.dossier_id == dossier.id)
        .order_by(OutgoingMessage.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for row, recipient, carried_by, carried_at in rows:
        yield {
            **{name: getattr(row, name) for name in _OF_A_LETTER},
            "recipient": recipient,
            "sent_at": row.sent_at or carried_at,
            "message_id": carried_by or row.message_id,
            "in_digest": carried_by is not None,
        }


_OF_A_LETTER: Final = (
    *("id", "letter", "channel", "address", "values", "due_at", "created_at"),
    *("status", "error", "reason"),
)
