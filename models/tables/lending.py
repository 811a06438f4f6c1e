"""Power used by somebody who does not hold it: delegations, emergencies, posts to be confirmed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check
from workflow.vocabulary import Post, Role

NEVER_LENT = "('administrator', 'auditor')"


class Delegation(Base):
    """From `first_day` to `last_day`, both office days inclusive, one person acts for another.

    `post` and `unit_id` narrow it to one post, `actions` to some steps; empty means all of them.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        check("giver_id <> delegate_id", "is_between_two_people"),
        check("last_day >= first_day", "ends_after_it_begins"),
        check("reason <> ''", "has_a_reason"),
        check("(post IS NULL) = (unit_id IS NULL)", "names_a_post_with_its_unit"),
        check(f"post IS NULL OR post NOT IN {NEVER_LENT}", "lends_no_watching_post"),
        check("(ended_at IS NULL) = (ended_by IS NULL)", "ended_by_somebody"),
        Index("ix_delegation_delegate_id", "delegate_id", "last_day"),
        Index("ix_delegation_giver_id", "giver_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post: Mapped[Post | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    actions: Mapped[list[str]] = mapped_column(JsonText())
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str]
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class EmergencyAccess(Base):
    """One role towards one dossier for some hours: asked for by one person, opened by another."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        check("answered_by IS NULL OR answered_by <> person_id", "needs_two_people"),
        check("hours BETWEEN 1 AND 24", "lasts_some_hours"),
        check("reason <> ''", "has_a_reason"),
        check(f"role NOT IN {NEVER_LENT}", "gives_a_role_of_the_process"),
        check(
            "(answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (granted IS NULL)",
            "is_answered_whole",
        ),
        check("(granted IS TRUE) = (expires_at IS NOT NULL)", "expires_once_opened"),
        check("(ended_at IS NULL) = (ended_by IS NULL)", "ended_by_somebody"),
        Index("ix_emergency_access_person_id", "person_id", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    reason: Mapped[str]
    hours: Mapped[int]
    asked_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AppointmentRequest(Base):
    """A post that counts only once a second administrator has confirmed it."""

    __tablename__ = "appointment_request"
    __table_args__ = (
        check("answered_by IS NULL OR answered_by <> asked_by", "needs_two_people"),
        check(
            "(answered_at IS NULL) = (answered_by IS NULL)"
            " AND (answered_at IS NULL) = (granted IS NULL)",
            "is_answered_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    post: Mapped[Post]
    valid_from: Mapped[date]
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
