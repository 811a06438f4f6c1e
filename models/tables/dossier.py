"""The dossier itself: one row, one version, changed by nobody but the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BYTEWISE, Base, JsonText, check
from models.folding import person_sort_key, sort_key
from workflow.vocabulary import State, SubjectKind

LIVE = "state NOT IN ('rejected', 'withdrawn', 'revoked')"
"""SQL: the dossier still counts (`workflow.vocabulary.FALLEN`)."""

_PAST_HANDING_IN = "('submitted', 'council_reviewed', 'board_checked', 'decided', 'revoked')"


def name_sort_key(name: str, kind: SubjectKind) -> str:
    """The place of a subject in the order of names: units by theirs, people by the given name."""
    return person_sort_key(name) if kind is SubjectKind.INDIVIDUAL else sort_key(name)


def _sort_key(context: DefaultExecutionContext) -> str:
    given = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return name_sort_key(given["subject_name"], SubjectKind(given["subject_kind"]))


class Dossier(Base):
    """One subject asking for one award in one cycle.

    `version` grows by one with every accepted step; `head_hash` and `history_count` are the end
    of its history. Every change goes through `models.ledger` or `models.editing`.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        check("version > 0", "version_is_positive"),
        check("history_count >= 0", "history_count_is_not_negative"),
        check("supplement_rounds >= 0", "rounds_are_not_negative"),
        check("(subject_kind = 'individual') = (person_id IS NOT NULL)", "person_if_individual"),
        check(
            "state NOT IN ('decided', 'revoked') OR decision_id IS NOT NULL",
            "decided_with_a_decision",
        ),
        check("state <> 'revoked' OR revocation_id IS NOT NULL", "revoked_with_a_decision"),
        check(
            "state NOT IN ('registered', 'submitted', 'council_reviewed', 'board_checked')"
            " OR decision_id IS NULL",
            "no_decision_before_its_time",
        ),
        check(
            f"state NOT IN {_PAST_HANDING_IN} OR"
            " (award_form <> '' AND deciding_unit_id IS NOT NULL)",
            "handed_in_with_an_award",
        ),
        check("(hold_since IS NULL) = (hold_source = '')", "hold_with_a_source"),
        check("supplement IS NULL OR supplement_rounds > 0", "supplement_has_a_round"),
        Index("ix_dossier_state", "state", "cycle_id"),
        Index("ix_dossier_sort_key", "sort_key", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[str]
    programme_hash: Mapped[str] = mapped_column(ForeignKey("programme_version.content_hash"))
    cycle_id: Mapped[str]
    award_form: Mapped[str] = mapped_column(default="")
    subject_kind: Mapped[SubjectKind]
    subject_key: Mapped[str]
    subject_name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    proposing_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    deciding_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    state: Mapped[State]
    version: Mapped[int] = mapped_column(default=1)
    entered_state_at: Mapped[datetime]
    presented_at: Mapped[datetime | None]
    extended_until: Mapped[datetime | None]
    hold_source: Mapped[str] = mapped_column(default="")
    hold_reason: Mapped[str] = mapped_column(default="")
    hold_since: Mapped[datetime | None]
    supplement: Mapped[dict[str, Any] | None] = mapped_column(JsonText())
    supplement_rounds: Mapped[int] = mapped_column(default=0)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    revocation_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    profile_text: Mapped[str] = mapped_column(default="")
    achievements_text: Mapped[str] = mapped_column(default="")
    prior_awards_text: Mapped[str] = mapped_column(default="")
    head_hash: Mapped[str] = mapped_column(default="")
    history_count: Mapped[int] = mapped_column(default=0)
    search_key: Mapped[str] = mapped_column(default="")
    sort_key: Mapped[str] = mapped_column(BYTEWISE, default=_sort_key, server_default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


Index(
    "uq_dossier_live_subject",
    Dossier.programme_id,
    Dossier.cycle_id,
    Dossier.subject_key,
    unique=True,
    sqlite_where=text(LIVE),
    postgresql_where=text(LIVE),
)
