"""Is the record there, at which migration, and does the scheduler still breathe?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from models.tables import JobRun


@dataclass(frozen=True, slots=True)
class Pulse:
    """What health is judged by; `beat_at` is the last start of any job."""

    schema: str | None
    beat_at: datetime | None


def pulse(session: Session) -> Pulse:
    """Look once. Raises what the database raises when it is not there."""
    session.execute(text("SELECT 1"))
    tables = set(inspect(session.connection()).get_table_names())
    schema = None
    if "alembic_version" in tables:
        schema = session.scalar(text("SELECT version_num FROM alembic_version"))
    beat = session.scalar(select(func.max(JobRun.started_at))) if "job_run" in tables else None
    return Pulse(schema, beat)
