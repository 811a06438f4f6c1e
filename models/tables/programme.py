"""Programme versions, the counters their codes come from, and their places."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check


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
        check("base >= 0", "base_is_not_negative"),
        check("cap IS NULL OR used <= cap", "used_is_within_cap"),
    )

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    cycle_id: Mapped[str] = mapped_column(primary_key=True)
    pool: Mapped[str] = mapped_column(primary_key=True)
    deciding_unit_id: Mapped[int] = mapped_column(
        ForeignKey("unit.id"), primary_key=True, autoincrement=False
    )
    base: Mapped[int]
    cap: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
