"""People, how they sign in, and what they are appointed to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from models.words_sign_in import FactorKind
from workflow.vocabulary import Post


class Person(Base):
    """Somebody who works in a unit; may be nominated, may have an account, often both."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    search_key: Mapped[str] = mapped_column(index=True)
    sort_key: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    employer_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    email: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    leader: Mapped[bool] = mapped_column(default=False)


class Account(Base):
    """How a person signs in. `role_version` grows with every change of what they may do."""

    __tablename__ = "account"
    __table_args__ = (check("role_version > 0", "role_version_is_positive"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    role_version: Mapped[int] = mapped_column(default=1)
    must_change: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None]


class Appointment(Base):
    """A post at a unit, from a day to a day, both inclusive."""

    __tablename__ = "appointment"
    __table_args__ = (
        check("valid_to IS NULL OR valid_to >= valid_from", "ends_after_it_begins"),
        Index("ix_appointment_unit_id_post", "unit_id", "post"),
        Index("uq_appointment_start", "person_id", "unit_id", "post", "valid_from", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    post: Mapped[Post]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UserSession(Base):
    """One signed-in browser; only the hash of its token is kept.

    `waits_since`: the password fitted, the second factor is still waited for; nothing opens yet.
    `proved_at`: when the person last proved themselves, `factor` by what besides the password.
    `challenge`: what a passkey is to sign, once.
    """

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"), index=True)
    role_version: Mapped[int]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")
    waits_since: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    factor: Mapped[FactorKind | None]
    challenge: Mapped[str | None]
