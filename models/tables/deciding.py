"""Choosing whom to decide for: frozen rankings, and lists prepared for one decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check


class RankingSnapshot(Base):
    """A ranking as it stood at one instant, whole, with its hash; rows are only ever added."""

    __tablename__ = "ranking_snapshot"
    __table_args__ = (
        UniqueConstraint("programme_id", "cycle_id", "award_form", "deciding_unit_id", "number"),
        check("number > 0", "number_is_positive"),
        check("length(hash) = 64", "hash_is_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    cycle_id: Mapped[str]
    award_form: Mapped[str]
    deciding_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JsonText())
    hash: Mapped[str]
    taken_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime]
