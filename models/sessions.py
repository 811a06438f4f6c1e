"""Signing in, and the sessions the server keeps: random tokens, of which only hashes are stored.

A session ends after 30 minutes without a request, after 12 hours in any case, and at once when
the account is disabled or what the person may do has changed (`role_version`).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from models.passwords import hash_password, is_outdated, password_fits
from models.tables import Account, Person, SignInAttempt, UserSession

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 32
AGENT_LENGTH = 300
LIMITS = (
    (timedelta(minutes=1), 5, SignInAttempt.login),
    (timedelta(hours=1), 20, SignInAttempt.login),
    (timedelta(minutes=1), 30, SignInAttempt.address),
)
"""Failed attempts allowed within a time, per login and per address; nobody is locked out."""


class SignInRefused(StrEnum):
    """Why somebody could not sign in; a wrong name and a wrong password look the same."""

    WRONG = "wrong"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from, as far as it can be known."""

    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in. `wants_touch` asks the door to call `touch`."""

    session_id: int
    person_id: int
    name: str
    login: str
    must_change: bool
    last_seen_at: datetime
    wants_touch: bool
    language: str | None = None


def sign_in(
    session: Session, login: str, password: str, visit: Visit, now: datetime
) -> str | SignInRefused:
    """Check name and password; the new session's token, or why not. Commit both outcomes."""
    login = login.strip().casefold()
    if _too_many(session, login, visit.address, now):
        return SignInRefused.TOO_MANY
    account = session.scalar(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .where(Account.login == login, Account.disabled_at.is_(None), Person.active)
    )
    fits = password_fits(account.password_hash if account else None, password)
    session.execute(
        insert(SignInAttempt).values(login=login, address=visit.address, at=now, succeeded=fits)
    )
    if account is None or not fits:
        return SignInRefused.WRONG
    if is_outdated(account.password_hash):
        account.password_hash = hash_password(password)
    return open_session(session, account.person_id, visit, now)


def open_session(session: Session, person_id: int, visit: Visit, now: datetime) -> str:
    """Begin a session for an account and return its token, which is stored nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    version = session.scalars(
        select(Account.role_version).where(Account.person_id == person_id)
    ).one()
    session.execute(
        insert(UserSession).values(
            token_hash=token_hash(token),
            person_id=person_id,
            role_version=version,
            created_at=now,
            last_seen_at=now,
            address=visit.address,
            user_agent=visit.user_agent[:AGENT_LENGTH],
        )
    )
    return token


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who holds this token, if the session still stands at `now`."""
    row = session.execute(
        _SIGNED_IN,
        {"token": token_hash(token), "seen": now - IDLE, "made": now - ABSOLUTE},
    ).first()
    if row is None:
        return None
    found: UserSession = row[0]
    return SignedIn(
        session_id=found.id,
        person_id=found.person_id,
        name=row.full_name,
        login=row.login,
        must_change=row.must_change,
        last_seen_at=found.last_seen_at,
        wants_touch=now - found.last_seen_at >= TOUCH_EVERY,
        language=row.language,
    )


_SIGNED_IN = (
    select(UserSession, Account.login, Account.must_change, Account.language, Person.full_name)
    .join(Account, Account.person_id == UserSession.person_id)
    .join(Person, Person.id == UserSession.person_id)
    .where(
        UserSession.token_hash == bindparam("token"),
        UserSession.ended_at.is_(None),
        UserSession.last_seen_at >= bindparam("seen"),
        UserSession.created_at >= bindparam("made"),
        UserSession.role_version == Account.role_version,
        Account.disabled_at.is_(None),
        Person.active,
    )
)
"""Asked with every request, so built once."""


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Note that the session was used; a session that ended is not brought back."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(last_seen_at=now)
    )


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the session of this token; the token is worthless from then on."""
    session.execute(
        update(UserSession)
        .where(UserSession.token_hash == token_hash(token), UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(session: Session, person_id: int, now: datetime) -> None:
    """End all sessions of a person."""
    session.execute(
        update(UserSession)
        .where(UserSession.person_id == person_id, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def token_hash(token: str) -> str:
    """What is stored of a token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _too_many(session: Session, login: str, address: str, now: datetime) -> bool:
    for span, most, column in LIMITS:
        value = login if column is SignInAttempt.login else address
        if not value:
            continue
        failed = session.scalar(
            select(func.count())
            .select_from(SignInAttempt)
            .where(
                column == value,
                SignInAttempt.at > now - span,
                SignInAttempt.succeeded.is_(False),
            )
        )
        if (failed or 0) >= most:
            return True
    return False
