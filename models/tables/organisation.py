"""Units, what became of them, and the days nobody works."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from models.words import DayKind
from workflow.vocabulary import UnitKind


class Unit(Base):
    """One unit as it existed from a day to a day; a renamed or merged unit is a new row."""

    __tablename__ = "unit"
    __table_args__ = (
        check("valid_to IS NULL OR valid_to >= valid_from", "ends_after_it_begins"),
        check("parent_id IS NULL OR parent_id <> id", "is_not_its_own_parent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    search_key: Mapped[str] = mapped_column(index=True)
    sort_key: Mapped[str]
    kind: Mapped[UnitKind]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    gso_code: Mapped[str] = mapped_column(default="")
    edoc_code: Mapped[str] = mapped_column(default="")
    scored_by_province: Mapped[bool] = mapped_column(default=False)
    in_quota_base: Mapped[bool] = mapped_column(default=False)


class UnitSuccession(Base):
    """On `since`, `old_id` became part of `new_id`."""

    __tablename__ = "unit_succession"
    __table_args__ = (check("old_id <> new_id", "joins_two_units"),)

    old_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    since: Mapped[date]


Index("ix_unit_succession_new_id", UnitSuccession.new_id)


class CalendarDay(Base):
    """A day that is not what its weekday says (Bộ luật Lao động 2019, điều 112)."""

    __tablename__ = "calendar_day"

    date: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
