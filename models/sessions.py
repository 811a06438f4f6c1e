"""The sessions the server keeps: random tokens, of which only hashes are stored.

A session ends after some time without a request and at some age in any case, as the policy of the
day says (`config/accounts.yaml`), and at once when the account is disabled or what the person may
do has changed (`role_version`). A session that
waits for the second factor opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from models.tables import Account, Passkey, Person, SecondFactor, UserSession
from models.words_sign_in import FactorKind
from workflow.sign_in_policy import SessionLimits, SignInPolicy

TOKEN_BYTES = 32
AGENT_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from, as far as it can be known; `device` is the token of a cookie."""

    address: str = ""
    user_agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in. `wants_touch` asks the door to call `touch`."""

    session_id: int
    person_id: int
    name: str
    login: str
    must_change: bool
    has_factor: bool
    last_seen_at: datetime
    proved_at: datetime
    """When the person last proved who they are."""
    wants_touch: bool
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose password fitted and whose second factor is waited for."""

    session_id: int
    person_id: int
    login: str


def has_factor() -> ColumnElement[bool]:
    """SQL over `Account`: is there a second factor, confirmed codes or a passkey?"""
    codes = exists().where(
        SecondFactor.person_id == Account.person_id, SecondFactor.confirmed_at.is_not(None)
    )
    return or_(codes, exists().where(Passkey.person_id == Account.person_id))


def open_session(
    session: Session,
    person_id: int,
    visit: Visit,
    now: datetime,
    *,
    factor: FactorKind | None = None,
    waits: bool = False,
) -> str:
    """Begin a session for an account and return its token, which is stored nowhere.

    `waits`: the second factor is still to come, and until then the session opens nothing.
    """
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
            waits_since=now if waits else None,
            proved_at=now,
            factor=factor,
        )
    )
    return token


def signed_in(
    session: Session, token: str, now: datetime, limits: SessionLimits
) -> SignedIn | None:
    """Who holds this token, if the session still stands at `now`."""
    row = session.execute(
        _SIGNED_IN,
        {"token": token_hash(token), "seen": now - limits.idle, "made": now - limits.absolute},
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
        has_factor=row.has_factor,
        last_seen_at=found.last_seen_at,
        proved_at=found.proved_at or found.created_at,
        wants_touch=now - found.last_seen_at >= limits.touch_every,
        language=row.language,
    )


def _stands() -> ColumnElement[bool]:
    return and_(
        UserSession.token_hash == bindparam("token"),
        UserSession.ended_at.is_(None),
        UserSession.last_seen_at >= bindparam("seen"),
        UserSession.created_at >= bindparam("made"),
        UserSession.role_version == Account.role_version,
        Account.disabled_at.is_(None),
        Person.active,
    )


_SIGNED_IN = (
    select(
        UserSession,
        Account.login,
        Account.must_change,
        Account.language,
        Person.full_name,
        has_factor().label("has_factor"),
    )
    .join(Account, Account.person_id == UserSession.person_id)
    .join(Person, Person.id == UserSession.person_id)
    .where(
        _stands(),
        UserSession.waits_since.is_(None),
        or_(UserSession.factor.is_not(None), ~has_factor()),
    )
)
"""Asked with every request, so built once. Where there is a second factor, it was given."""

_WAITING = (
    select(UserSession.id, UserSession.person_id, Account.login)
    .join(Account, Account.person_id == UserSession.person_id)
    .join(Person, Person.id == UserSession.person_id)
    .where(_stands(), UserSession.waits_since >= bindparam("waits"))
)


def waiting(session: Session, token: str, policy: SignInPolicy, now: datetime) -> Waiting | None:
    """Whose second factor this token waits for; None when it waits for none, or did too long."""
    row = session.execute(
        _WAITING,
        {
            "token": token_hash(token),
            "seen": now - policy.sessions.idle,
            "made": now - policy.sessions.absolute,
            "waits": now - policy.between,
        },
    ).first()
    return Waiting(row.id, row.person_id, row.login) if row else None


def renew(
    session: Session, session_id: int, now: datetime, *, factor: FactorKind | None = None
) -> str | None:
    """Give a session a new identifier because its holder proved themselves; its age stays.

    `factor` is what they proved themselves with besides the password, if with anything. None when
    the session has ended meanwhile.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values: dict[str, object] = {
        "token_hash": token_hash(token),
        "waits_since": None,
        "proved_at": now,
        "last_seen_at": now,
        "challenge": None,
    }
    if factor is not None:
        values["factor"] = factor
    renewed = session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(**values)
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    return token if renewed.first() is not None else None


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Note that the session was used; a session that ended is not brought back."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
        .values(last_seen_at=now)
    )


def sign_out(session: Session, token: str, now: datetime) -> int | None:
    """End the session of this token, worthless from then on; returns whose it was."""
    return session.scalar(
        update(UserSession)
        .where(UserSession.token_hash == token_hash(token), UserSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(UserSession.person_id)
        .execution_options(synchronize_session=False)
    )


def end_sessions(session: Session, person_id: int, now: datetime, *, but: int | None = None) -> int:
    """End all sessions of a person, but this one if told; returns how many."""
    ended = session.execute(
        update(UserSession)
        .where(
            UserSession.person_id == person_id,
            UserSession.ended_at.is_(None),
            UserSession.id != (but or 0),
        )
        .values(ended_at=now)
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def token_hash(token: str) -> str:
    """What is stored of a token: enough to know it again, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
