"""Every scheduler that runs, by its own marks: one row a process and job, so that none hides.

A row of `job_run` whose slot is a scheduler's name (`host/pid`) tells when that process last
began and last ended a run of the job. One that ends properly takes its rows away. Instants are
real ones, in UTC, whatever a demonstration's clock shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.job_runs import DEFAULT_LIMIT, LIMITS
from models.outbox import ERROR_LENGTH
from models.tables import JobRun

MARK: Final = "/"
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""A scheduler that gave no sign for so long is of the past, not wedged."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The last run of one job in one scheduler; without an end it is still in its first run."""

    job: str
    began_at: datetime
    ended_at: datetime | None
    outcome: str

    @property
    def runs(self) -> bool:
        """Is a run under way?"""
        return self.ended_at is None or self.began_at > self.ended_at

    def is_wedged(self, instant: datetime) -> bool:
        """Did a run not end within the job's limit, or has no new one begun?"""
        since = self.began_at if self.runs or self.ended_at is None else self.ended_at
        return instant - since > LIMITS.get(self.job, DEFAULT_LIMIT)


@dataclass(frozen=True, slots=True)
class Scheduler:
    """One process by its name, with the last run of each job it began."""

    name: str
    beats: tuple[Beat, ...]

    def is_wedged(self, instant: datetime) -> bool:
        """Is one of its jobs wedged?"""
        return any(beat.is_wedged(instant) for beat in self.beats)


def name_of(host: str, pid: int) -> str:
    """How a scheduler is called: on which machine, as which process."""
    return f"{host}{MARK}{pid}"


def schedulers(session: Session) -> tuple[Scheduler, ...]:
    """Every scheduler that has not ended properly, by name."""
    beats: defaultdict[str, list[Beat]] = defaultdict(list)
    rows = session.scalars(select(JobRun).where(JobRun.slot.contains(MARK)).order_by(JobRun.job))
    for row in rows:
        beats[row.slot].append(Beat(row.job, row.started_at, row.finished_at, row.outcome))
    return tuple(Scheduler(name, tuple(beats[name])) for name in sorted(beats))


def sign_on(
    session: Session, host: str, pid: int, now: datetime, is_gone: Callable[[int], bool]
) -> str:
    """Begin as this process; those of this machine that are gone are forgotten. Its name.

    `is_gone` tells of a process of this machine whether it has ended.
    """
    forget_old(session, now)
    for one in schedulers(session):
        where, _, number = one.name.rpartition(MARK)
        if where == host and (int(number) == pid or is_gone(int(number))):
            sign_off(session, one.name)
    return name_of(host, pid)


def sign_off(session: Session, name: str) -> None:
    """Take the marks of a scheduler away: it has ended."""
    session.execute(delete(JobRun).where(JobRun.slot == name))


def forget_old(session: Session, now: datetime) -> None:
    """Take away marks of schedulers that gave no sign for a day."""
    recent = select(JobRun.slot).where(
        (JobRun.started_at > now - FORGOTTEN_AFTER) | (JobRun.finished_at > now - FORGOTTEN_AFTER)
    )
    session.execute(
        delete(JobRun)
        .where(JobRun.slot.contains(MARK), JobRun.slot.not_in(recent))
        .execution_options(synchronize_session=False)
    )


def begin(session: Session, name: str, job: str, now: datetime) -> None:
    """A run of `job` begins in this scheduler."""
    if not insert_once(session, JobRun, job=job, slot=name, started_at=now):
        _write(session, name, job, started_at=now)


def end(session: Session, name: str, job: str, outcome: str, now: datetime) -> None:
    """The run that began last has ended: `ok`, or the first line of an error."""
    _write(session, name, job, finished_at=now, outcome=outcome[:ERROR_LENGTH])


def _write(session: Session, name: str, job: str, **values: object) -> None:
    session.execute(
        update(JobRun)
        .where(JobRun.job == job, JobRun.slot == name)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
