"""Is the record there, at which migration, and does each job of the scheduler still end?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from models.backup.book import State, state
from models.checkpoints import Place, places_of
from models.job_runs import JobHealth, job_health
from models.restorations import is_resting
from models.schedulers import Scheduler, schedulers
from models.stuck import stuck_count


@dataclass(frozen=True, slots=True)
class Pulse:
    """What health is judged by; `jobs` is empty while no scheduler ever ran."""

    schema: str | None
    jobs: tuple[JobHealth, ...]
    schedulers: tuple[Scheduler, ...] = ()
    stuck: int | None = None
    """Dossiers nobody could act on at the last look; None before the first."""
    outside: tuple[Place, ...] = ()
    """How the places stand that are sent the log's checkpoints."""
    copies: State | None = None
    """How it stands with copies; None where nobody asks that there be any."""
    oldest: timedelta | None = None
    """How old the newest good copy may be."""
    rests: bool = False
    """The record was restored, and letters wait for an administrator's answer."""


def pulse(session: Session, places: tuple[str, ...] = (), oldest: timedelta | None = None) -> Pulse:
    """Look once, also at how these places outside stand, and the copies when one has a limit.

    Raises what the database raises when it is not there.
    """
    session.execute(text("SELECT 1"))
    tables = set(inspect(session.connection()).get_table_names())
    schema = None
    if "alembic_version" in tables:
        schema = session.scalar(text("SELECT version_num FROM alembic_version"))
    if "job_run" not in tables:
        return Pulse(schema, ())
    outside = tuple(places_of(session, places)) if "checkpoint_delivery" in tables else ()
    kept = "backup_run" in tables
    return Pulse(
        schema=schema,
        jobs=job_health(session),
        schedulers=schedulers(session),
        stuck=stuck_count(session),
        outside=outside,
        copies=state(session) if kept and oldest is not None else None,
        oldest=oldest,
        rests=kept and is_resting(session),
    )
