"""Reports units owe to the province (III.2, V.1), with their signed files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check
from workflow.vocabulary import ReportState


class Report(Base):
    """One report one unit owes. `report_id` is its name in the programme; made once, by a job.

    `version` grows by one with every step; `figures` is what the service knew when it was filed.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("programme_id", "report_id", "unit_id"),
        check("version > 0", "version_is_positive"),
        check("rounds >= 0", "rounds_are_not_negative"),
        check(
            "state NOT IN ('filed', 'accepted') OR"
            " (filed_by IS NOT NULL AND filed_at IS NOT NULL AND figures IS NOT NULL)",
            "filed_by_somebody",
        ),
        check(
            "state <> 'accepted' OR (answered_by IS NOT NULL AND answered_at IS NOT NULL)",
            "accepted_by_somebody",
        ),
        check("state <> 'returned' OR (reason <> '' AND rounds > 0)", "returned_for_a_reason"),
        Index("ix_report_state", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    programme_hash: Mapped[str] = mapped_column(ForeignKey("programme_version.content_hash"))
    report_id: Mapped[str]
    year: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    due_on: Mapped[date]
    due_at: Mapped[datetime]
    state: Mapped[ReportState] = mapped_column(default=ReportState.DUE)
    version: Mapped[int] = mapped_column(default=1)
    rounds: Mapped[int] = mapped_column(default=0)
    results: Mapped[str] = mapped_column(default="")
    shortcomings: Mapped[str] = mapped_column(default="")
    proposals: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    dated: Mapped[date | None]
    figures: Mapped[dict[str, Any] | None] = mapped_column(JsonText())
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    filed_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def code(self) -> str:
        """What people quote: BC-2023-0017."""
        return f"BC-{self.year}-{self.id:04d}"


class ReportDate(Base):
    """The due day of one report of the programme, set anew; version 1 is the programme's file.

    Rows are only ever added (triggers refuse anything else): the highest version counts.
    """

    __tablename__ = "report_date"
    __table_args__ = (
        UniqueConstraint("programme_id", "report_id", "version"),
        check("version > 1", "version_follows_the_file"),
        check("reason <> ''", "reason_is_given"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    report_id: Mapped[str]
    version: Mapped[int]
    due_on: Mapped[date]
    reason: Mapped[str]
    clause: Mapped[str] = mapped_column(default="")
    set_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class ReportFile(Base):
    """One version of a report's signed file; it lies in the store under `sha256`."""

    __tablename__ = "report_file"
    __table_args__ = (
        UniqueConstraint("report_id", "version"),
        check("version > 0", "version_is_positive"),
        check("size > 0", "size_is_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    version: Mapped[int]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=True)


Index(
    "uq_report_file_current",
    ReportFile.report_id,
    unique=True,
    sqlite_where=text("current"),
    postgresql_where=text("current"),
)
