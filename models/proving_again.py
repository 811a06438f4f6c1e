"""Proving again who one is, before what cannot be taken back (ASVS 5.0, 7.5.1)."""

from __future__ import annotations

from sqlalchemy import select

from models import factors, passkeys
from models.account_log import note
from models.database import Database
from models.passkeys import Site
from models.passwords import password_fits
from models.sessions import SignedIn, renew
from models.signing_in import Door, SignInRefused, begin_factor_try, begin_password_try
from models.tables import Account
from models.throttling import succeeded
from models.words_sign_in import FactorKind


def prove_again(database: Database, who: SignedIn, typed: str, door: Door) -> str | SignInRefused:
    """Compare the password, or a code of the authenticator; the session's new token.

    Guesses count as those at the door do. A right code is used up, a wrong one written down.
    """
    plain = "".join(typed.split())
    if who.has_factor and plain.isascii() and plain.isdigit() and len(plain) == factors.DIGITS:
        return _by_code(database, who, plain, door)
    return _by_password(database, who, typed, door)


def prove_by_key(
    database: Database, who: SignedIn, answer: str, site: Site, door: Door
) -> str | SignInRefused:
    """Judge what one of the person's passkeys signed; the session's new token.

    What was asked of the key counts once, whatever the answer. Tries count as codes do.
    """
    with database.writing() as session:
        guess = begin_factor_try(session, who.person_id, who.login, door)
        if guess is None:
            return SignInRefused.TOO_MANY
        if not passkeys.fits(session, who.session_id, who.person_id, answer, site, door.when):
            note(session, "refuse_proof", who.person_id, door.when, {"by": "passkey"})
            return SignInRefused.WRONG
        succeeded(session, guess)
        note(session, "prove_again", who.person_id, door.when, {"by": "passkey"})
        passkey = FactorKind.PASSKEY
        return renew(session, who.session_id, door.now, factor=passkey) or SignInRefused.GONE


def _by_code(database: Database, who: SignedIn, code: str, door: Door) -> str | SignInRefused:
    with database.writing() as session:
        guess = begin_factor_try(session, who.person_id, who.login, door)
        if guess is None:
            return SignInRefused.TOO_MANY
        kind = factors.fits(session, who.person_id, code, door.sealer, door.now)
        if kind is None:
            note(session, "refuse_proof", who.person_id, door.when, {"by": "factor"})
            return SignInRefused.WRONG
        succeeded(session, guess)
        note(session, "prove_again", who.person_id, door.when, {"by": kind.value})
        return renew(session, who.session_id, door.now, factor=kind) or SignInRefused.GONE


def _by_password(
    database: Database, who: SignedIn, password: str, door: Door
) -> str | SignInRefused:
    with database.writing() as session:
        guess = begin_password_try(session, who.person_id, who.login, door)
        stored = session.scalar(
            select(Account.password_hash).where(Account.person_id == who.person_id)
        )
    if guess is None:
        return SignInRefused.TOO_MANY
    fits = password_fits(stored, password)
    with database.writing() as session:
        if not fits:
            note(session, "refuse_proof", who.person_id, door.when, {"by": "password"})
            return SignInRefused.WRONG
        succeeded(session, guess)
        note(session, "prove_again", who.person_id, door.when, {"by": "password"})
        return renew(session, who.session_id, door.now) or SignInRefused.GONE
