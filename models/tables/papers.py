"""What a dossier holds: initiatives, documents, and the notes people leave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check
from workflow.statements import Legibility
from workflow.vocabulary import DocumentKind


class Initiative(Base):
    """An initiative, solution or new way of working, with its recognition (IV.1.b)."""

    __tablename__ = "initiative"
    __table_args__ = (check("title <> ''", "has_a_title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    title: Mapped[str]
    recognised_by: Mapped[str] = mapped_column(default="")
    recognition_number: Mapped[str] = mapped_column(default="")
    recognised_on: Mapped[date | None]
    applied: Mapped[bool] = mapped_column(default=False)
    used_before_in: Mapped[str] = mapped_column(default="")
    entered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class Document(Base):
    """One version of one paper; the file lies in the store under `sha256`."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("dossier_id", "kind", "version"),
        check("version > 0", "version_is_positive"),
        check("size > 0", "size_is_positive"),
        check("length(sha256) = 64", "hash_is_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    kind: Mapped[DocumentKind]
    version: Mapped[int]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(default="")
    dated: Mapped[date | None]
    signer: Mapped[str] = mapped_column(default="")
    confirmed: Mapped[bool] = mapped_column(default=False)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=True)


Index(
    "uq_document_current",
    Document.dossier_id,
    Document.kind,
    unique=True,
    sqlite_where=text("current"),
    postgresql_where=text("current"),
)


class PaperReading(Base):
    """What the text of one file says, read once; a file that waits to be read is `pending`.

    `statements` are rows of `models.paper_readings`, `reader` the way they were read, `reason`
    the Vietnamese words why a file cannot be read.
    """

    __tablename__ = "paper_reading"
    __table_args__ = (
        check("length(sha256) = 64", "hash_is_whole"),
        check("tries >= 0", "tries_are_counted"),
    )

    sha256: Mapped[str] = mapped_column(primary_key=True)
    legibility: Mapped[Legibility] = mapped_column(default=Legibility.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    reader: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    statements: Mapped[list[list[Any]]] = mapped_column(JsonText, default=list)
    read_at: Mapped[datetime | None]


Index(
    "ix_paper_reading_pending",
    PaperReading.sha256,
    sqlite_where=text("legibility = 'pending'"),
    postgresql_where=text("legibility = 'pending'"),
)


class Note(Base):
    """A word between the people working on a dossier; it changes nothing."""

    __tablename__ = "note"
    __table_args__ = (check("text <> ''", "says_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    text: Mapped[str]


class PaperTemplate(Base):
    """One version of a template an office has changed; none `current` means the one that came."""

    __tablename__ = "paper_template"
    __table_args__ = (
        UniqueConstraint("kind", "version"),
        check("version > 0", "version_is_positive"),
        check("size > 0", "size_is_positive"),
        check("length(sha256) = 64", "hash_is_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    version: Mapped[int]
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=False)


Index(
    "uq_paper_template_current",
    PaperTemplate.kind,
    unique=True,
    sqlite_where=text("current"),
    postgresql_where=text("current"),
)
