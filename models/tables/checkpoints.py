"""Signed ends of the sealed chain, and what became of them at the places outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check


class LogCheckpoint(Base):
    """One end of the sealed chain, signed: `size` lines, of which the last has `head_hash`."""

    __tablename__ = "log_checkpoint"
    __table_args__ = (
        check("size > 0", "says_something"),
        check("length(head_hash) = 64", "hash_is_whole"),
        check("because IN ('clock', 'decision')", "reason_is_known"),
    )

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    head_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    because: Mapped[str]
    """`decision` when a decision was among the lines since the one before, else `clock`."""
    verifier: Mapped[str]
    """The public key it is signed for, in the form `name+id+key`."""
    note: Mapped[str]
    """The signed text as it is sent outside."""


class CheckpointDelivery(Base):
    """One checkpoint on its way to one place outside, until that place has it."""

    __tablename__ = "checkpoint_delivery"
    __table_args__ = (
        check("attempts >= 0", "attempts_are_counted"),
        check("place IN ('file', 'mail', 'webhook')", "place_is_known"),
    )

    size: Mapped[int] = mapped_column(
        ForeignKey("log_checkpoint.size"), primary_key=True, autoincrement=False
    )
    place: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
