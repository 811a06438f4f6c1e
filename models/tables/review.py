"""What reviewers recorded: council results, approvals, checks, decisions; and published scores."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BYTEWISE, Base, check
from models.folding import words_key
from workflow.vocabulary import (
    Classification,
    IndexKind,
    Outcome,
    RevocationGround,
    ScoreKind,
    SigningCapacity,
    State,
    VoteMethod,
)


class CouncilResult(Base):
    """What the proposing unit's council resolved in one round; the last one stands."""

    __tablename__ = "council_result"
    __table_args__ = (
        UniqueConstraint("dossier_id", "round"),
        check("round > 0", "round_is_positive"),
        check("members > 0", "has_members"),
        check("present >= 0 AND present <= members", "present_are_members"),
        check(
            "votes_for >= 0 AND votes_against >= 0 AND votes_blank >= 0 AND recused >= 0",
            "votes_are_not_negative",
        ),
        check("votes_for + votes_against + votes_blank + recused <= members", "votes_add_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    round: Mapped[int]
    held_on: Mapped[date]
    members: Mapped[int]
    present: Mapped[int]
    votes_for: Mapped[int]
    votes_against: Mapped[int] = mapped_column(default=0)
    votes_blank: Mapped[int] = mapped_column(default=0)
    method: Mapped[VoteMethod]
    recused: Mapped[int] = mapped_column(default=0)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    standing: Mapped[bool] = mapped_column(default=True)


Index(
    "uq_council_result_standing",
    CouncilResult.dossier_id,
    unique=True,
    sqlite_where=text("standing"),
    postgresql_where=text("standing"),
)


class Approval(Base):
    """An approval that gave a state; falls when a paper it covered changes."""

    __tablename__ = "approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    gave: Mapped[State]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    standing: Mapped[bool] = mapped_column(default=True)


Index(
    "uq_approval_standing",
    Approval.dossier_id,
    Approval.gave,
    unique=True,
    sqlite_where=text("standing"),
    postgresql_where=text("standing"),
)


class ApprovalDocument(Base):
    """A document version an approval covered."""

    __tablename__ = "approval_document"

    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)


class CheckMark(Base):
    """One human check by the appraiser, and the version of the dossier it made.

    `standing` marks the last one of its code.
    """

    __tablename__ = "check_mark"
    __table_args__ = (
        UniqueConstraint("dossier_id", "code", "round"),
        check("round > 0", "round_is_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    code: Mapped[str]
    round: Mapped[int]
    outcome: Mapped[Outcome]
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    standing: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int | None]


Index(
    "uq_check_mark_standing",
    CheckMark.dossier_id,
    CheckMark.code,
    unique=True,
    sqlite_where=text("standing"),
    postgresql_where=text("standing"),
)


def _number_key(context: DefaultExecutionContext) -> str:
    return words_key(context.get_current_parameters()["number"])  # type: ignore[no-untyped-call]


class Decision(Base):
    """A decision on paper; numbers begin anew each year, and one may honour several subjects.

    Until `published_at` nobody outside the deciding unit knows of it, and it may be changed.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "number"),
        check("number <> '' AND signer <> ''", "is_signed"),
        check("(revokes_id IS NULL) = (ground IS NULL)", "revokes_on_a_ground"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    number: Mapped[str]
    dated: Mapped[date]
    signer: Mapped[str]
    capacity: Mapped[SigningCapacity] = mapped_column(default=SigningCapacity.SELF)
    revokes_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    ground: Mapped[RevocationGround | None]
    entered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    number_key: Mapped[str] = mapped_column(
        BYTEWISE, default=_number_key, server_default="", index=True
    )


class IndexScore(Base):
    """One index of one unit for one year; `value` on a scale of 100 (reading Q2)."""

    __tablename__ = "index_score"
    __table_args__ = (
        UniqueConstraint("unit_id", "index_kind", "year", "kind"),
        check("value >= 0 AND value <= 10000", "value_is_on_the_scale"),
        check("kind <> 'published' OR published_on IS NOT NULL", "published_on_a_day"),
        check("year >= 2000 AND year <= 2100", "year_is_plausible"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    index_kind: Mapped[IndexKind]
    year: Mapped[int]
    kind: Mapped[ScoreKind]
    value: Mapped[Decimal]
    classification: Mapped[Classification | None]
    published_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
