"""Choosing whom to decide for: frozen rankings, and lists prepared for one decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check
from models.words import ListState


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


class DecisionList(Base):
    """Dossiers of one award form and cycle, gathered by one unit for one decision."""

    __tablename__ = "decision_list"
    __table_args__ = (
        check("(state = 'committed') = (decision_id IS NOT NULL)", "committed_with_a_decision"),
        check("(state = 'open') = (closed_at IS NULL)", "closed_some_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str]
    cycle_id: Mapped[str]
    award_form: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    state: Mapped[ListState] = mapped_column(default=ListState.OPEN)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    command_key: Mapped[str] = mapped_column(default="")


class ListedDossier(Base):
    """A dossier on such a list; while it stands there, a place is kept for it."""

    __tablename__ = "listed_dossier"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("decision_list.id"), index=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    standing: Mapped[bool] = mapped_column(default=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]


Index(
    "uq_listed_dossier_standing",
    ListedDossier.dossier_id,
    unique=True,
    sqlite_where=text("standing"),
    postgresql_where=text("standing"),
)


class HeldLetter(Base):
    """A letter that waits for a decision to be published."""

    __tablename__ = "held_letter"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("outgoing_message.id"), primary_key=True, autoincrement=False
    )
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
