"""Is the record there, at which migration, and does each job of the scheduler still end?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from models.checkpoints import Place, places_of
from models.job_runs import JobHealth, job_health
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


def pulse(session: Session, places: tuple[str, ...] = ()) -> Pulse:
    """Look once, also at how these places outside stand.

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
    return Pulse(schema, job_health(session), schedulers(session), stuck_count(session), outside)
