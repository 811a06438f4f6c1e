"""What people prove themselves with besides a password, and what they are slowed down by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check
from models.words_sign_in import CodePurpose, GuessKind


class SecondFactor(Base):
    """The secret of a person's one-time codes, sealed; it counts once it was confirmed.

    `last_step` is the last half minute whose code was used: no code counts twice.
    """

    __tablename__ = "second_factor"
    __table_args__ = (check("last_step >= 0", "last_step_is_not_negative"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"), primary_key=True)
    secret: Mapped[str]
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """A code that stands in once for the second factor; only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key of a device or a security key (WebAuthn): only its public half is kept."""

    __tablename__ = "passkey"
    __table_args__ = (
        check("sign_count >= 0", "sign_count_is_not_negative"),
        check("name <> ''", "name_says_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int]
    name: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LinkedIdentity(Base):
    """Who an account is at an identity provider (OpenID Connect): one at each."""

    __tablename__ = "linked_identity"
    __table_args__ = (
        Index("uq_linked_identity_issuer_subject", "issuer", "subject", unique=True),
        Index("uq_linked_identity_person_id_issuer", "person_id", "issuer", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"))
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]
    linked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class OneTimeCode(Base):
    """An invitation or a reset: short, once, for at most an hour; only its hash is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = (check("expires_at > made_at", "expires_after_it_is_made"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"), index=True)
    purpose: Mapped[CodePurpose]
    code_hash: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CodeRequest(Base):
    """Somebody asked for a reset: answered by a job, so that asking tells nothing."""

    __tablename__ = "code_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


class KnownDevice(Base):
    """A browser in which a person signed in before; only the hash of its token is kept."""

    __tablename__ = "known_device"
    __table_args__ = (
        Index("uq_known_device_token_hash_person_id", "token_hash", "person_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("account.person_id"), index=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime]


class Guess(Base):
    """One try to prove oneself or to ask for a code, so that guessing can be slowed down."""

    __tablename__ = "guess"
    __table_args__ = (
        Index("ix_guess_login_at", "login", "at"),
        Index("ix_guess_address_at", "address", "at"),
        Index("ix_guess_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[GuessKind]
    login: Mapped[str]
    address: Mapped[str]
    device: Mapped[str]
    at: Mapped[datetime]
    failed: Mapped[bool]
