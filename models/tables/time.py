"""Time as data: the demonstration's clock, and how the jobs of the clock go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check


class DemonstrationClock(Base):
    """The clock a demonstration runs on: `base` was the time at the real instant `set_at`."""

    __tablename__ = "demonstration_clock"
    __table_args__ = (check("id = 1", "there_is_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base: Mapped[datetime]
    set_at: Mapped[datetime]


class JobRun(Base):
    """The last run of a job; `slot` is `latest`, or the name of the scheduler whose run it is."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
