"""Programme versions, the counters their codes come from, and their places."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from models.words import PlaceMove


class ProgrammeVersion(Base):
    """One version of a programme as loaded; a dossier stays with the version it began under."""

    __tablename__ = "programme_version"

    content_hash: Mapped[str] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    document: Mapped[str]
    source: Mapped[str]
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    in_force: Mapped[bool] = mapped_column(default=False)


Index(
    "uq_programme_version_in_force",
    ProgrammeVersion.programme_id,
    unique=True,
    sqlite_where=text("in_force"),
    postgresql_where=text("in_force"),
)


class CodeCounter(Base):
    """The last number given out for a prefix and a year."""

    __tablename__ = "code_counter"
    __table_args__ = (check("last > 0", "last_is_positive"),)

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Quota(Base):
    """Places of a pool in a cycle; the CHECK is what keeps two deciders below the cap."""

    __tablename__ = "quota"
    __table_args__ = (
        check("used >= 0", "used_is_not_negative"),
        check("reserved >= 0", "reserved_is_not_negative"),
        check("base >= 0", "base_is_not_negative"),
        check("cap IS NULL OR used + reserved <= cap", "places_are_within_cap"),
    )

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    cycle_id: Mapped[str] = mapped_column(primary_key=True)
    pool: Mapped[str] = mapped_column(primary_key=True)
    deciding_unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    base: Mapped[int | None]
    cap: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)


class PlaceMovement(Base):
    """One place kept, taken or given back; the sums of a pool are the sums of its movements.

    `used` and `reserved` say by how much the sums moved. Rows are only ever added.
    """

    __tablename__ = "place_movement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "cycle_id", "pool", "deciding_unit_id"],
            ["quota.programme_id", "quota.cycle_id", "quota.pool", "quota.deciding_unit_id"],
        ),
        check(
            "(kind = 'reserve' AND used = 0 AND reserved = 1)"
            " OR (kind = 'consume' AND used = 1 AND reserved IN (0, -1))"
            " OR (kind = 'release' AND used + reserved = -1 AND used * reserved = 0)",
            "moves_one_place",
        ),
        Index("ix_place_movement_pool", "programme_id", "cycle_id", "pool", "deciding_unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    cycle_id: Mapped[str]
    pool: Mapped[str]
    deciding_unit_id: Mapped[int]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    kind: Mapped[PlaceMove]
    used: Mapped[int]
    reserved: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
