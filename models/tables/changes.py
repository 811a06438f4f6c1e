"""What was changed, field by field: one record for each transaction that changed something."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check


class CapturedChange(Base):
    """A row as a trigger saw it change; gone when its transaction has written its change set.

    Rows that stay were written past the service.
    """

    __tablename__ = "captured_change"
    __table_args__ = (
        check("verb IN ('insert', 'update', 'delete')", "verb_is_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tx: Mapped[str] = mapped_column(index=True)
    table_name: Mapped[str]
    verb: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]


class ChangeSet(Base):
    """The audit record of one transaction: who, from where, and every field before and after.

    `content` is canonical JSON; personal data stand in it as salted hashes, whose values are in
    `kept_value`. `hash` covers stream and content, and is sealed like a line of its own stream.
    """

    __tablename__ = "change_set"
    __table_args__ = (
        check("length(hash) = 64", "hash_is_whole"),
        Index("ix_change_set_at", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    content: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)


class ChangeSetLine(Base):
    """Which history lines a change set was written with; a line has one."""

    __tablename__ = "change_set_line"

    line_id: Mapped[int] = mapped_column(
        ForeignKey("history_line.id"), primary_key=True, autoincrement=False
    )
    change_set_id: Mapped[int] = mapped_column(ForeignKey("change_set.id"), index=True)


class KeptValue(Base):
    """A personal value a change set speaks of as a hash: SHA-256(salt, 0, place, 0, value).

    Taking the row away erases value and salt; the hash in the record stays and says nothing.
    """

    __tablename__ = "kept_value"
    __table_args__ = (
        check("length(commitment) = 64", "commitment_is_whole"),
        Index("ix_kept_value_place", "table_name", "row_key"),
    )

    commitment: Mapped[str] = mapped_column(primary_key=True)
    change_set_id: Mapped[int] = mapped_column(ForeignKey("change_set.id"), index=True)
    table_name: Mapped[str]
    row_key: Mapped[str]
    field: Mapped[str]
    salt: Mapped[str]
    value: Mapped[str]


class Erasure(Base):
    """Personal data of one person taken away by law: asked by one person, granted by another."""

    __tablename__ = "erasure"
    __table_args__ = (
        check("reason <> '' AND legal_basis <> ''", "says_why"),
        check("answered_by_id IS NULL OR answered_by_id <> asked_by_id", "takes_two_people"),
        check("(granted IS NULL) = (answered_at IS NULL)", "answered_at_some_time"),
        check("values_erased >= 0", "values_are_counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str]
    legal_basis: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    values_erased: Mapped[int] = mapped_column(default=0)
