"""Signing in: password, then the second factor where there is one; every try counted and told.

Passwords are hashed outside of transactions, so that nobody who guesses keeps writers waiting.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from models import factors
from models.account_log import When, note, note_at_the_door
from models.database import Database
from models.passwords import hash_password_again, is_outdated, password_fits
from models.sealed import Sealer
from models.sessions import (
    TOKEN_BYTES,
    Visit,
    Waiting,
    has_factor,
    open_session,
    renew,
    sign_out,
    token_hash,
    waiting,
)
from models.tables import Account, KnownDevice, Person, UserSession
from models.throttling import Try, begin_try, succeeded
from models.words_sign_in import FactorKind, GuessKind
from workflow.sign_in_policy import SignInPolicy

LONGEST_LOGIN = 200


class SignInRefused(StrEnum):
    """Why somebody could not sign in; a wrong name and a wrong password look the same."""

    WRONG = "wrong"
    TOO_MANY = "too_many"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Entered:
    """A session was begun. `waits`: for the second factor. `device`: a token for this browser."""

    token: str
    waits: bool = False
    device: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """What every try is judged by: where it comes from, the policy, the clocks, the keys."""

    visit: Visit
    policy: SignInPolicy
    when: When
    sealer: Sealer

    @property
    def now(self) -> datetime:
        """The instant sessions and limits are judged by."""
        return self.when.now


@dataclass(frozen=True, slots=True)
class _Knocked:
    guess: int
    person_id: int | None
    password_hash: str | None


def folded(login: str) -> str:
    """A login as accounts are found by."""
    return login.strip().casefold()[:LONGEST_LOGIN]


def sign_in(
    database: Database,
    given: tuple[str, str],
    door: Door,
    *,
    before: str = "",
) -> Entered | SignInRefused:
    """Check login and password, `given`; `before` is the session this browser had, which ends."""
    login, password = folded(given[0]), given[1]
    with database.writing() as session:
        knocked = _knock(session, login, door)
    if knocked is None:
        return SignInRefused.TOO_MANY
    fits = password_fits(knocked.password_hash, password)
    outdated = fits and knocked.password_hash is not None and is_outdated(knocked.password_hash)
    renewed = hash_password_again(password) if outdated else None
    with database.writing() as session:
        if knocked.person_id is None or not fits or not _still(session, knocked, renewed):
            note_refused(session, knocked.person_id, "password", door)
            return SignInRefused.WRONG
        succeeded(session, knocked.guess)
        if before:
            sign_out(session, before, door.now)
        return let_in(session, knocked.person_id, door)


def prove_factor(database: Database, token: str, typed: str, door: Door) -> Entered | SignInRefused:
    """The second step: a code for the session that waits under this token."""
    with database.writing() as session:
        found = waiting(session, token, door.policy, door.now)
        if found is None:
            return SignInRefused.GONE
        guess = begin_factor_try(session, found.person_id, found.login, door)
        if guess is None:
            return SignInRefused.TOO_MANY
        kind = factors.fits(session, found.person_id, typed, door.sealer, door.now)
        if kind is None:
            note_refused(session, found.person_id, "factor", door)
            return SignInRefused.WRONG
        succeeded(session, guess)
        return finish(session, found, kind, door) or SignInRefused.GONE


def finish(session: Session, found: Waiting, kind: FactorKind, door: Door) -> Entered | None:
    """The second factor was right: the session opens under a new identifier."""
    token = renew(session, found.session_id, door.now, factor=kind)
    if token is None:
        return None
    return _entered(session, found.person_id, token, door, kind)


def begin_factor_try(session: Session, person_id: int, login: str, door: Door) -> int | None:
    """Count a try at somebody's second factor; None when there were too many."""
    device = known_device(session, person_id, door)
    wanted = Try(GuessKind.FACTOR, login, door.visit.address, device)
    return begin_try(session, wanted, door.policy.guesses, door.now)


def note_refused(session: Session, person_id: int | None, by: str, door: Door) -> None:
    """Write down that somebody at the door did not prove who they are, and by what they tried."""
    told = {"person": person_id, "address": door.visit.address, "by": by}
    note_at_the_door(session, "refuse_sign_in", door.when, told)


def begin_password_try(session: Session, person_id: int, login: str, door: Door) -> int | None:
    """Count a try at the password of somebody signed in; None when there were too many."""
    device = known_device(session, person_id, door)
    wanted = Try(GuessKind.PASSWORD, login, door.visit.address, device)
    return begin_try(session, wanted, door.policy.guesses, door.now)


def known_device(session: Session, person_id: int | None, door: Door) -> str:
    """The hash of this browser's token when this very person signed in by it; else empty."""
    if not door.visit.device or person_id is None:
        return ""
    since = door.now.timestamp() - door.policy.device_days * 86400
    found = session.scalar(
        select(KnownDevice).where(
            KnownDevice.token_hash == token_hash(door.visit.device),
            KnownDevice.person_id == person_id,
        )
    )
    return found.token_hash if found and found.used_at.timestamp() >= since else ""


def leave(session: Session, token: str, when: When) -> None:
    """Sign out: end the session of this token and write it down."""
    person_id = sign_out(session, token, when.now)
    if person_id is not None:
        note(session, "sign_out", person_id, when)


def _knock(session: Session, login: str, door: Door) -> _Knocked | None:
    account = _account(session, login)
    person = account.person_id if account else None
    device = known_device(session, person, door)
    # An account has one count, whichever of its names is typed.
    name = account.login if account else login
    wanted = Try(GuessKind.PASSWORD, name, door.visit.address, device)
    guess = begin_try(session, wanted, door.policy.guesses, door.now)
    if guess is None:
        return None
    return _Knocked(guess, person, account.password_hash if account else None)


def _account(session: Session, typed: str) -> Account | None:
    """The account with this login, else the only one with this official mail."""
    found = session.scalars(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .where(
            or_(Account.login == typed, func.lower(Person.email) == typed),
            Account.disabled_at.is_(None),
            Person.active,
        )
        .limit(3)
    ).all()
    exact = [one for one in found if one.login == typed]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def _still(session: Session, knocked: _Knocked, renewed: str | None) -> bool:
    """Is the account as it was when its password was compared? Stores the renewed hash."""
    values = {"password_hash": renewed or knocked.password_hash}
    kept = session.execute(
        update(Account)
        .where(
            Account.person_id == knocked.person_id,
            Account.password_hash == knocked.password_hash,
            Account.disabled_at.is_(None),
        )
        .values(**values)
        .returning(Account.person_id)
        .execution_options(synchronize_session=False)
    )
    return kept.first() is not None


def let_in(session: Session, person_id: int, door: Door) -> Entered:
    """Begin a session for somebody whose password, or whose provider, spoke for them."""
    asks = session.scalars(select(has_factor()).where(Account.person_id == person_id)).one()
    token = open_session(session, person_id, door.visit, door.now, waits=asks)
    if asks:
        return Entered(token, waits=True)
    return _entered(session, person_id, token, door, None)


def _entered(
    session: Session, person_id: int, token: str, door: Door, kind: FactorKind | None
) -> Entered:
    number = session.scalars(
        select(UserSession.id).where(UserSession.token_hash == token_hash(token))
    ).one()
    told = {"session": number, "address": door.visit.address, "factor": kind.value if kind else ""}
    note(session, "sign_in", person_id, door.when, told)
    return Entered(token, device=_remember_device(session, person_id, door))


def _remember_device(session: Session, person_id: int, door: Door) -> str:
    """The token this browser is known by from now on: the one it has, if it is ours, or a new one.

    People who share a browser share its token; each is known by it for themselves.
    """
    known = session.scalars(
        select(KnownDevice.person_id).where(KnownDevice.token_hash == token_hash(door.visit.device))
    ).all()
    token = door.visit.device if known else secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token_hash": token_hash(token), "person_id": person_id}
    if person_id in known:
        session.execute(update(KnownDevice).filter_by(**row).values(used_at=door.now))
    else:
        session.execute(insert(KnownDevice).values(**row, made_at=door.now, used_at=door.now))
    return token
