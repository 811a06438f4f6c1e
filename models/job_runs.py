"""Whether each job still ends its runs in time, whichever scheduler it is that ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import JobRun

LIMITS: Final = {
    "plan_reminders": timedelta(minutes=5),
    "post_letters": timedelta(minutes=10),
    "seal_history": timedelta(minutes=5),
    "sign_checkpoints": timedelta(minutes=5),
    "make_copy": timedelta(hours=6),
    "heartbeat": timedelta(minutes=1),
    "read_papers": timedelta(minutes=10),
    "watch_turns": timedelta(minutes=30),
    "send_codes": timedelta(minutes=5),
    "forget_spent": timedelta(hours=3),
}
"""How long a job may leave no finished run behind before health calls it stale."""

LATEST: Final = "latest"
"""The slot of the row that tells the latest run of a job; the others are named by schedulers."""

NO_JOBS: Final = ("planned", "stuck")
"""Rows that tell how far the planning has come (`models.reminding.planned`), and of how many
dossiers nobody could take the next step (`models.stuck`)."""

DEFAULT_LIMIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class JobHealth:
    """The last finished run of one job; `finished_at` None when none ever ended."""

    job: str
    finished_at: datetime | None
    outcome: str
    limit: timedelta

    def is_stale(self, instant: datetime) -> bool:
        """Has no run ended within the limit, or did the last one fail?"""
        if self.finished_at is None:
            return True
        return instant - self.finished_at > self.limit or self.outcome != "ok"


def job_health(session: Session) -> tuple[JobHealth, ...]:
    """Every job the timetable knows, by name; none at all while no scheduler ever ran."""
    runs = last_runs(session)
    if not runs:
        return ()
    return tuple(
        JobHealth(
            job=job,
            finished_at=runs[job].finished_at if job in runs else None,
            outcome=runs[job].outcome if job in runs else "",
            limit=LIMITS.get(job, DEFAULT_LIMIT),
        )
        for job in sorted(LIMITS.keys() | runs.keys())
    )


def last_runs(session: Session) -> dict[str, JobRun]:
    """The latest run of every job, whichever scheduler it was."""
    rows = session.scalars(select(JobRun).where(JobRun.job.not_in(NO_JOBS), JobRun.slot == LATEST))
    return {run.job: run for run in rows}
