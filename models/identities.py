"""Identities at a provider (OpenID Connect): whose account is whose, and signing in by one.

A provider stands in for the password only: whoever has a second factor is asked for it here as
well, and whoever needs one sets it up first. No account is ever made by a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.account_log import When, note, note_at_the_door
from models.accounts import LOCKED
from models.factors import tell_about
from models.sessions import sign_out
from models.signing_in import Door, Entered, let_in
from models.tables import Account, LinkedIdentity, Person
from workflow.words import phrase

LONGEST: Final = 255
"""Signs of a subject (OpenID Connect Core, 2)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the provider says of somebody, after its signature was checked."""

    issuer: str
    subject: str
    email: str = ""
    """Only when the provider has verified it."""


def enter(session: Session, who: Claimed, door: Door, *, before: str = "") -> Entered | None:
    """Sign in by an identity; None when no account belongs to it.

    An identity nobody linked yet is linked to the one account with its verified address, unless
    that account has another identity at this provider. `before` is this browser's old session.
    """
    person = _linked(session, who)
    if person is None:
        person = _by_address(session, who)
        if person is not None:
            link(session, person, who.issuer, who.subject, door.when)
    if person is None:
        told = {"address": door.visit.address, "by": "provider"}
        note_at_the_door(session, "refuse_sign_in", door.when, told)
        return None
    if before:
        sign_out(session, before, door.now)
    # Nobody set a password for such an account: there is none to change.
    session.execute(
        update(Account)
        .where(Account.person_id == person, Account.password_hash == LOCKED)
        .values(must_change=False)
    )
    return let_in(session, person, door)


def link(
    session: Session,
    person_id: int,
    issuer: str,
    subject: str,
    when: When,
    by: int | None = None,
) -> bool:
    """Say who an account is at a provider; False when the identity is somebody else's already."""
    owner = session.scalar(
        select(LinkedIdentity.person_id).where(
            LinkedIdentity.issuer == issuer, LinkedIdentity.subject == subject
        )
    )
    if owner is not None:
        return owner == person_id
    unlink(session, person_id, issuer, when, by, told=False)
    session.execute(
        insert(LinkedIdentity).values(
            person_id=person_id, issuer=issuer, subject=subject, linked_at=when.now, linked_by=by
        )
    )
    note(session, "link_identity", person_id, when, {"issuer": issuer}, by)
    lines = [
        phrase("Từ nay đăng nhập được vào tài khoản này qua {issuer}.", issuer=issuer),
        phrase("Nếu không phải Ông/Bà làm, báo ngay cho quản trị."),
    ]
    headline = phrase("Đã liên kết danh tính đăng nhập")
    tell_about(session, person_id, headline, lines, when)
    return True


def unlink(
    session: Session,
    person_id: int,
    issuer: str,
    when: When,
    by: int | None = None,
    *,
    told: bool = True,
) -> bool:
    """Take the identity away; False when there was none."""
    gone = session.execute(
        delete(LinkedIdentity)
        .where(LinkedIdentity.person_id == person_id, LinkedIdentity.issuer == issuer)
        .returning(LinkedIdentity.id)
    ).first()
    if gone is not None and told:
        note(session, "unlink_identity", person_id, when, {"issuer": issuer}, by)
    return gone is not None


def subject_of(session: Session, person_id: int, issuer: str) -> str:
    """Who the account is at this provider; empty when nobody."""
    found = session.scalar(
        select(LinkedIdentity.subject).where(
            LinkedIdentity.person_id == person_id, LinkedIdentity.issuer == issuer
        )
    )
    return found or ""


def _linked(session: Session, who: Claimed) -> int | None:
    return session.scalar(
        select(LinkedIdentity.person_id)
        .join(Account, Account.person_id == LinkedIdentity.person_id)
        .join(Person, Person.id == LinkedIdentity.person_id)
        .where(
            LinkedIdentity.issuer == who.issuer,
            LinkedIdentity.subject == who.subject,
            Account.disabled_at.is_(None),
            Person.active,
        )
    )


def _by_address(session: Session, who: Claimed) -> int | None:
    if not who.email:
        return None
    others = select(LinkedIdentity.person_id).where(LinkedIdentity.issuer == who.issuer)
    taken = select(LinkedIdentity.id).where(
        LinkedIdentity.issuer == who.issuer, LinkedIdentity.subject == who.subject
    )
    if session.scalar(taken) is not None:
        return None
    found = session.scalars(
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            func.lower(Person.email) == who.email.lower(),
            Account.disabled_at.is_(None),
            Person.active,
        )
        .limit(2)
    ).all()
    if len(found) != 1 or session.scalar(others.where(LinkedIdentity.person_id == found[0])):
        return None
    return found[0]
