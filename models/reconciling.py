"""Nothing lost, and the proof of it: per office day, what was due against what is in the book.

What was due is worked out anew from each dossier's history, the appointments and the programme;
the book is only counted. Due = sent + suppressed + failed + waiting, or the day does not hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.matters import due
from models.reminding import planned
from models.subjects import Scope
from models.tables import OutgoingMessage
from models.words import Channel, MessageStatus
from workflow.forecast import Intent
from workflow.working_days import OFFICE_ZONE, closing_instant, office_day

GRACE: Final = timedelta(minutes=10)
"""So long the clock may take to write down what has come (P14)."""

SETTLED: Final = timedelta(days=31)
"""After this, appointments entered backwards in time add nobody to a reminder any more."""

_COUNTED: Final = (Channel.INBOX, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class DayCount:
    """One office day: numbers of letters, and the keys that do not add up."""

    day: date
    due: int
    sent: int = 0
    suppressed: int = 0
    failed: int = 0
    waiting: int = 0
    missing: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Is everything due accounted for, and nothing else written?"""
        told = self.sent + self.suppressed + self.failed + self.waiting
        return self.due == told and not self.missing and not self.unexplained


@dataclass(frozen=True, slots=True)
class Row:
    """One letter of the book."""

    key: str
    status: MessageStatus
    day: date

    @property
    def mark_key(self) -> str:
        """Its key without person and channel."""
        return self.key.rsplit(":", 2)[0]


def reconcile(
    session: Session, now: datetime, first: date | None = None, last: date | None = None
) -> list[DayCount]:
    """Every office day from `first` to `last` on which anything was due, in order.

    Without days: since the planning began. Empty while nothing was ever planned.
    """
    began = planned(session)
    if began is None:
        return []
    since = closing_instant(first, time(0), OFFICE_ZONE) if first else began.since
    scope = Scope(began.since, until=now - GRACE, live_at=since)
    rows = _rows(session, first, last)
    older = _of_an_older_release(session)
    known_marks = {row.mark_key for row in rows.values()}
    owed: defaultdict[date, set[str]] = defaultdict(set)
    due_marks: set[str] = set()
    for one in due(session, scope):
        intent = one.intent
        due_marks.add(intent.mark_key)
        for key in _keys(intent):
            settled = now - intent.due_at > SETTLED and intent.mark_key in known_marks
            if key in rows or not (settled or key in older):
                owed[intent.day].add(key)
    return _by_day(owed, rows, due_marks, (first or date.min, last or office_day(now)))


def _keys(intent: Intent) -> Iterable[str]:
    yield f"{intent.key}:{Channel.INBOX.value}"
    if intent.person_id is not None:
        yield f"{intent.key}:{Channel.EMAIL.value}"


def _rows(session: Session, first: date | None, last: date | None) -> dict[str, Row]:
    query = select(OutgoingMessage.dedupe_key, OutgoingMessage.status, OutgoingMessage.day).where(
        OutgoingMessage.day.is_not(None), OutgoingMessage.channel.in_(_COUNTED)
    )
    if first is not None:
        query = query.where(OutgoingMessage.day >= first)
    if last is not None:
        query = query.where(OutgoingMessage.day <= last)
    return {
        key: Row(key, status, day) for key, status, day in session.execute(query) if day is not None
    }


def _of_an_older_release(session: Session) -> set[str]:
    """Keys of reminders written before their day was kept; they are in the book, uncounted."""
    return set(
        session.scalars(
            select(OutgoingMessage.dedupe_key).where(
                OutgoingMessage.day.is_(None), OutgoingMessage.channel.in_(_COUNTED)
            )
        )
    )


def _by_day(
    owed: dict[date, set[str]],
    rows: dict[str, Row],
    due_marks: set[str],
    span: tuple[date, date],
) -> list[DayCount]:
    written: defaultdict[date, list[Row]] = defaultdict(list)
    for row in rows.values():
        written[row.day].append(row)
    days = sorted(day for day in owed.keys() | written.keys() if span[0] <= day <= span[1])
    return [_count(day, owed.get(day, set()), written.get(day, []), due_marks) for day in days]


def _count(day: date, owed: set[str], written: list[Row], due_marks: set[str]) -> DayCount:
    counts = Counter(row.status for row in written)
    keys = {row.key for row in written}
    extra = keys - owed
    # Whom a mark reached can look different once people have moved on; that it was due cannot.
    explained = {row.key for row in written if row.key in extra and row.mark_key in due_marks}
    return DayCount(
        day=day,
        due=len(owed) + len(explained),
        sent=counts[MessageStatus.SENT],
        suppressed=counts[MessageStatus.SUPPRESSED],
        failed=counts[MessageStatus.FAILED],
        waiting=counts[MessageStatus.WAITING] + counts[MessageStatus.CLAIMED],
        missing=tuple(sorted(owed - keys)),
        unexplained=tuple(sorted(extra - explained)),
    )
