"""Copies of the record that were made, and what was brought back from one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check


class BackupRun(Base):
    """One attempt to make a copy. Instants are real ones, in UTC.

    `slot` makes two schedulers one: the office day of a nightly copy, or an id of its own.
    """

    __tablename__ = "backup_run"
    __table_args__ = (
        check("ended_at IS NULL OR ended_at >= started_at", "ends_after_it_begins"),
        check("copied_rows >= 0 AND files >= 0 AND file_bytes >= 0", "counts_are_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(default="")
    copy_id: Mapped[str] = mapped_column(default="")
    copied_rows: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    file_bytes: Mapped[int] = mapped_column(BigInteger(), default=0)
    checkpoint: Mapped[str] = mapped_column(default="")
    verified_at: Mapped[datetime | None]
    faults: Mapped[list[str]] = mapped_column(JsonText(), default=list)
    error: Mapped[str] = mapped_column(default="")


class Restoration(Base):
    """The record was brought back from a copy; letters wait until somebody says what was sent.

    `restored_at` is an instant of the clock letters are judged by; `copy_made_at` a real one.
    """

    __tablename__ = "restoration"
    __table_args__ = (
        check("(resumed_at IS NULL) = (answer = '')", "resumed_with_an_answer"),
        check("sent_again >= 0 AND dropped >= 0", "counts_are_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    restored_at: Mapped[datetime]
    copy_id: Mapped[str]
    copy_made_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]
    resumed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(default="")
    sent_again: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[int] = mapped_column(default=0)
