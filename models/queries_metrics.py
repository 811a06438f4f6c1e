"""Figures about the record that a monitoring system asks for, counted when it asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import sealing
from models.job_runs import JobHealth
from models.queries_health import pulse
from models.tables import Dossier, HistoryLine, OutgoingMessage, SealedLine, UserSession
from models.words import MessageStatus
from workflow.sign_in_policy import SessionLimits

UNSENT = (MessageStatus.WAITING, MessageStatus.CLAIMED)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts, and ages in seconds; an age is None when there is nothing to be that old."""

    schema: str | None
    messages: dict[str, int] = field(default_factory=dict)
    """Outgoing messages by status."""
    oldest_unsent: float | None = None
    """Age of the oldest message that is due and has not left."""
    audit_lines: int = 0
    sealed_lines: int = 0
    oldest_unsealed: float | None = None
    sessions: int = 0
    """Sessions that would still open a page."""
    dossiers: dict[str, int] = field(default_factory=dict)
    """Dossiers by state."""
    stuck: int | None = None
    jobs: tuple[JobHealth, ...] = ()
    wedged: int = 0
    """Schedulers that stand still while others go on."""


def figures(session: Session, now: datetime, today: datetime, limits: SessionLimits) -> Figures:
    """Count everything in one transaction. `now` is the real instant, `today` the record's.

    Before the first migration only the schema is told. Raises what the database raises when it
    is not there.
    """
    beat = pulse(session)
    if beat.schema is None:
        return Figures(None)
    due = select(func.min(OutgoingMessage.due_at)).where(
        OutgoingMessage.status.in_(UNSENT), OutgoingMessage.due_at <= today
    )
    unsealed = (
        select(func.min(HistoryLine.at))
        .outerjoin(
            SealedLine,
            (SealedLine.stream == HistoryLine.stream) & (SealedLine.line_seq == HistoryLine.seq),
        )
        .where(SealedLine.seq.is_(None))
    )
    live = select(func.count()).where(
        UserSession.ended_at.is_(None),
        UserSession.last_seen_at > now - limits.idle,
        UserSession.created_at > now - limits.absolute,
    )
    return Figures(
        schema=beat.schema,
        messages=_by(session, OutgoingMessage.status),
        oldest_unsent=_age(session.scalar(due), today),
        audit_lines=session.scalar(select(func.count()).select_from(HistoryLine)) or 0,
        sealed_lines=sealing.checkpoint(session).size,
        oldest_unsealed=_age(session.scalar(unsealed), today),
        sessions=session.scalar(live) or 0,
        dossiers=_by(session, Dossier.state),
        stuck=beat.stuck,
        jobs=beat.jobs,
        wedged=sum(one.is_wedged(now) for one in beat.schedulers),
    )


def _by(session: Session, column: object) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).group_by(column))  # type: ignore[call-overload]
    return {str(value): count for value, count in rows}


def _age(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else max(0.0, (now - then).total_seconds())
