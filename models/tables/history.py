"""What happened and why: lines that are only ever added (triggers refuse anything else)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check


class Evaluation(Base):
    """What each rule found when somebody tried a step, with the facts it looked at."""

    __tablename__ = "evaluation"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    action: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    allowed: Mapped[bool]
    programme_hash: Mapped[str] = mapped_column(ForeignKey("programme_version.content_hash"))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText())
    results: Mapped[list[Any]] = mapped_column(JsonText())
    refusals: Mapped[list[Any]] = mapped_column(JsonText())
    comment: Mapped[str] = mapped_column(default="")


class HistoryLine(Base):
    """One thing that happened, chained to the one before it in its stream."""

    __tablename__ = "history_line"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        UniqueConstraint("stream", "prev_hash"),
        UniqueConstraint("actor_id", "command_key"),
        check("seq > 0", "seq_is_positive"),
        check("length(hash) = 64", "hash_is_whole"),
        check("command_key <> ''", "command_key_says_something"),
        Index("ix_history_line_at", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str]
    seq: Mapped[int]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    actor_name: Mapped[str]
    role: Mapped[str] = mapped_column(default="")
    on_behalf: Mapped[str] = mapped_column(default="")
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    dossier_version: Mapped[int | None]
    payload: Mapped[str]
    evaluation_id: Mapped[int | None] = mapped_column(ForeignKey("evaluation.id"))
    command_key: Mapped[str | None]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class HistoryStream(Base):
    """The end of every stream that is not a dossier's (those keep it in their own row)."""

    __tablename__ = "history_stream"
    __table_args__ = (check("count >= 0", "count_is_not_negative"),)

    stream: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[str] = mapped_column(default="")


class SealedLine(Base):
    """One line of all streams together, in the order they were sealed."""

    __tablename__ = "sealed_line"
    __table_args__ = (
        UniqueConstraint("stream", "line_seq"),
        UniqueConstraint("prev_hash"),
        check("length(hash) = 64", "hash_is_whole"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream: Mapped[str]
    line_seq: Mapped[int]
    line_hash: Mapped[str]
    prev_hash: Mapped[str]
    hash: Mapped[str]
    sealed_at: Mapped[datetime]


class SentForm(Base):
    """A form that was carried out and left no command in the history: its key, and its answer.

    Written in the transaction of what it did. `form_mark` says what the form said, `leads_to`
    where its sender was sent; rows go when nobody can be repeating them any more.
    """

    __tablename__ = "sent_form"
    __table_args__ = (UniqueConstraint("person_id", "command_key"), Index("ix_sent_form_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    command_key: Mapped[str]
    form_mark: Mapped[str]
    leads_to: Mapped[str]
    at: Mapped[datetime]
