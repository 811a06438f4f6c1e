"""Messages on their way out, and what the demonstration's mail catcher caught."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check
from models.words import Channel, MessageStatus
from workflow.vocabulary import ReminderKind


class OutgoingMessage(Base):
    """A letter queued in the transaction that caused it; sent later, once.

    One that is not `alone` waits for the digest of its recipient, a row of its own that
    `digest_id` names. `day` is the office day a reminder was due on; None for other letters.
    """

    __tablename__ = "outgoing_message"
    __table_args__ = (
        check("attempts >= 0 AND fence >= 0", "counts_are_not_negative"),
        check("status <> 'sent' OR sent_at IS NOT NULL", "sent_at_some_time"),
        check(
            "status <> 'claimed' OR (claimed_by <> '' AND lease_until IS NOT NULL)",
            "claimed_by_somebody",
        ),
        check("status <> 'suppressed' OR reason <> ''", "suppressed_for_a_reason"),
        Index("ix_outgoing_message_status", "status", "next_attempt_at"),
        Index("ix_outgoing_message_day", "day"),
        Index("ix_outgoing_message_recipient", "recipient_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    letter: Mapped[str]
    channel: Mapped[Channel]
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str] = mapped_column(default="")
    values: Mapped[dict[str, Any]] = mapped_column(JsonText())
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    status: Mapped[MessageStatus] = mapped_column(default=MessageStatus.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    claimed_by: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    error: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    first_attempt_at: Mapped[datetime | None]
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_message.id"), index=True)
    alone: Mapped[bool] = mapped_column(default=True)
    day: Mapped[date | None]


class ReminderWish(Base):
    """How one person wants one kind of reminder besides the inbox; no row means mail only."""

    __tablename__ = "reminder_wish"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[ReminderKind] = mapped_column(primary_key=True)
    email: Mapped[bool]
    webhook: Mapped[bool]


class DecisionNotice(Base):
    """Somebody has told the winner of the decision; the reminders to do so stop."""

    __tablename__ = "decision_notice"

    dossier_id: Mapped[int] = mapped_column(
        ForeignKey("dossier.id"), primary_key=True, autoincrement=False
    )
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class CaughtMail(Base):
    """A letter as it arrived at the demonstration's mail catcher."""

    __tablename__ = "caught_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    mail_from: Mapped[str]
    rcpt: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    body: Mapped[str]
    message_id: Mapped[str] = mapped_column(default="", index=True)
