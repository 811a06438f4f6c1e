"""What appraisers looked at, and what they typed by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from workflow.vocabulary import Classification, IndexKind


class CheckMarkDocument(Base):
    """A document version a human check looked at."""

    __tablename__ = "check_mark_document"

    mark_id: Mapped[int] = mapped_column(ForeignKey("check_mark.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)


class TypedScore(Base):
    """A published score one person typed by hand, for the body `body_id` that scores the unit.

    `open` until a second person of the same body says the same, or the typist takes it back.
    """

    __tablename__ = "typed_score"
    __table_args__ = (
        check("value >= 0 AND value <= 10000", "value_is_on_the_scale"),
        check("year >= 2000 AND year <= 2100", "year_is_plausible"),
        check("(confirmed_by IS NULL) = (confirmed_at IS NULL)", "confirmed_by_somebody"),
        check("confirmed_by <> by_id", "confirmed_by_another"),
        check("confirmed_by IS NULL OR NOT open", "confirmed_is_closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    index_kind: Mapped[IndexKind]
    year: Mapped[int]
    body_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    value: Mapped[Decimal]
    classification: Mapped[Classification | None]
    published_on: Mapped[date]
    source: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    open: Mapped[bool] = mapped_column(default=True)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]


Index(
    "uq_typed_score_open",
    TypedScore.unit_id,
    TypedScore.index_kind,
    TypedScore.year,
    TypedScore.by_id,
    unique=True,
    sqlite_where=text("open"),
    postgresql_where=text("open"),
)


class LastLook(Base):
    """The version of a dossier one appraiser saw last, for what has changed since."""

    __tablename__ = "last_look"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    version: Mapped[int]
    at: Mapped[datetime]
