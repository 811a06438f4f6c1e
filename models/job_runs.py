"""Which run of which job was taken: one scheduler of many does it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.tables import JobRun


def take_run(session: Session, job: str, slot: str, now: datetime) -> bool:
    """Take the run of `job` that is due at `slot`; False when somebody has it."""
    return insert_once(session, JobRun, job=job, slot=slot, started_at=now)


def finish_run(session: Session, job: str, slot: str, outcome: str, now: datetime) -> None:
    """Note how the run ended: `ok`, or the first line of an error."""
    session.execute(
        update(JobRun)
        .where(JobRun.job == job, JobRun.slot == slot)
        .values(finished_at=now, outcome=outcome)
    )


def last_runs(session: Session) -> dict[str, JobRun]:
    """The latest run of every job, by name."""
    rows = session.scalars(select(JobRun).order_by(JobRun.started_at))
    return {run.job: run for run in rows}
