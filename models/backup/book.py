"""The book of copies: every attempt is a row, so that pages and health know without the folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Text, and_, case, cast, func, or_, select, update
from sqlalchemy.orm import Session

from models.backup.making import Made
from models.inserting import insert_once
from models.outbox import ERROR_LENGTH
from models.tables import BackupRun

ABANDONED_AFTER: Final = timedelta(hours=6)
"""An attempt without an end for so long is over: its process is gone."""
TRY_AGAIN_AFTER: Final = timedelta(hours=1)
MOST_FAULTS: Final = 20
BROKEN_OFF: Final = "bị ngắt giữa chừng"


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with copies: the newest good one, and what became of the last attempt."""

    good: BackupRun | None
    last: BackupRun | None

    def is_old(self, now: datetime, limit: timedelta) -> bool:
        """Is there no good copy younger than `limit`?"""
        return self.good is None or now - self.good.started_at > limit

    @property
    def has_failed(self) -> bool:
        """Did the last attempt that has ended leave no good copy?"""
        last = self.last
        return last is not None and (last.error != "" or bool(last.faults))


def may_write(session: Session) -> bool:
    """May this role write into the book? One that only reads makes copies without it."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    asked = func.has_table_privilege(BackupRun.__tablename__, "INSERT")
    return bool(session.scalar(select(asked)))


def begin(session: Session, slot: str, place: str, now: datetime) -> bool:
    """Begin the attempt of this slot; False when somebody else has it or has had it.

    `place` names machine and folder, which the caller has alone: what began there and has no end
    is over. So is what failed a while ago; both stay in the book under another slot.
    """
    abandoned = and_(
        BackupRun.ended_at.is_(None),
        or_(BackupRun.place == place, BackupRun.started_at < now - ABANDONED_AFTER),
    )
    failed = and_(BackupRun.error != "", BackupRun.ended_at <= now - TRY_AGAIN_AFTER)
    session.execute(
        update(BackupRun)
        .where(BackupRun.slot == slot, or_(abandoned, failed))
        .values(
            slot=BackupRun.slot + "-" + cast(BackupRun.id, Text),
            ended_at=func.coalesce(BackupRun.ended_at, now),
            error=case((BackupRun.error == "", BROKEN_OFF), else_=BackupRun.error),
        )
        .execution_options(synchronize_session=False)
    )
    return insert_once(session, BackupRun, slot=slot, place=place, started_at=now, faults=[])


def is_open(session: Session, slot: str, now: datetime) -> bool:
    """May the attempt of this slot be worth beginning? Not when it was good, or has just failed."""
    found = session.scalars(select(BackupRun).where(BackupRun.slot == slot)).first()
    if found is None or found.ended_at is None:
        return True
    return found.error != "" and found.ended_at <= now - TRY_AGAIN_AFTER


def end(
    session: Session,
    slot: str,
    now: datetime,
    made: Made,
    faults: list[str],
    verified_at: datetime | None,
) -> None:
    """The attempt made a copy, with what its verification found."""
    told = made.manifest
    _close(
        session,
        slot,
        ended_at=now,
        place=str(made.folder),
        copy_id=told.id,
        copied_rows=told.rows,
        files=told.files.count,
        file_bytes=told.files.size,
        checkpoint=told.checkpoint,
        verified_at=verified_at,
        faults=faults[:MOST_FAULTS],
    )


def fail(session: Session, slot: str, now: datetime, error: str) -> None:
    """The attempt made none."""
    _close(session, slot, ended_at=now, error=error[:ERROR_LENGTH])


def state(session: Session) -> State:
    """Ask the book."""
    newest = select(BackupRun).order_by(BackupRun.started_at.desc(), BackupRun.id.desc()).limit(1)
    good = newest.where(
        BackupRun.verified_at.is_not(None), BackupRun.copy_id != "", BackupRun.faults == []
    )
    return State(session.scalars(good).first(), session.scalars(newest).first())


def latest(session: Session, most: int) -> list[BackupRun]:
    """The last attempts, newest first."""
    newest = select(BackupRun).order_by(BackupRun.started_at.desc(), BackupRun.id.desc())
    return list(session.scalars(newest.limit(most)))


def _close(session: Session, slot: str, **values: object) -> None:
    session.execute(
        update(BackupRun)
        .where(BackupRun.slot == slot)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
