"""What the office decided about time: milestones set anew, clocks stopped, calendars given out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from workflow.vocabulary import DayRule, State


class MilestoneVersion(Base):
    """One milestone of one cycle, set anew; version 1 is what the programme file says.

    `instant` is UTC and inclusive, `zone` is where its day is read. An empty `award_form` means
    every form of award. Rows are only ever added (triggers refuse anything else): the highest
    version among those for a dossier's form of award is the one that counts.
    """

    __tablename__ = "milestone_version"
    __table_args__ = (
        UniqueConstraint("programme_id", "cycle_id", "state", "version"),
        check("version > 1", "version_follows_the_file"),
        check("reason <> ''", "reason_is_given"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    cycle_id: Mapped[str]
    award_form: Mapped[str] = mapped_column(default="")
    state: Mapped[State]
    version: Mapped[int]
    instant: Mapped[datetime]
    zone: Mapped[str]
    day_rule: Mapped[DayRule]
    reason: Mapped[str]
    clause: Mapped[str] = mapped_column(default="")
    set_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class Suspension(Base):
    """The clock of one dossier stood still from `since` to `until`, both office days inclusive."""

    __tablename__ = "suspension"
    __table_args__ = (
        check("until >= since", "ends_after_it_begins"),
        check("reason <> ''", "reason_is_given"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]
    reason: Mapped[str]
    clause: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]


class CalendarFeed(Base):
    """A secret address of one person's calendar; only the hash of its token is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        check("revoked_at IS NULL OR revoked_at >= created_at", "ends_after_it_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


Index(
    "uq_calendar_feed_live",
    CalendarFeed.person_id,
    unique=True,
    sqlite_where=text("revoked_at IS NULL"),
    postgresql_where=text("revoked_at IS NULL"),
)
