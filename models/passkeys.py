"""Passkeys (WebAuthn) as a second factor: a key of a device or a security key, for this site only.

What a key is to sign is kept with the session, and counts once. `py_webauthn` judges the answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import webauthn
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from models import factors
from models.account_log import When, note
from models.tables import Passkey, UserSession
from models.words_sign_in import FactorKind
from workflow.words import phrase

MOST: Final = 10
LONGEST_NAME: Final = 60
_REFUSED: Final = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Site:
    """The site keys are bound to: its host (`example.vn`) and origin (`https://example.vn`)."""

    host: str
    origin: str


def begin_adding(
    session: Session, session_id: int, person_id: int, login: str, site: Site
) -> str | None:
    """What the browser is to ask of a new key, as JSON; None when there are too many keys."""
    known = session.scalars(select(Passkey).where(Passkey.person_id == person_id)).all()
    if len(known) >= MOST:
        return None
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=factors.ISSUER,
        user_id=str(person_id).encode(),
        user_name=login,
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    _keep(session, session_id, options.challenge)
    return webauthn.options_to_json(options)


def add(
    session: Session,
    session_id: int,
    person_id: int,
    given: tuple[str, str],
    site: Site,
    when: When,
) -> tuple[str, list[str]] | None:
    """Take a new key, `given` as its name and the browser's answer; None when it does not fit.

    Returns the session's new token, and recovery codes when this is the first factor.
    """
    name, answer = given
    challenge = _taken(session, session_id)
    if challenge is None:
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=_json(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except _REFUSED:
        return None
    number = bytes_to_base64url(made.credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == number)) is not None:
        return None
    first = not factors.factors_of(session, person_id).any
    session.execute(
        insert(Passkey).values(
            person_id=person_id,
            credential_id=number,
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            name=name,
            made_at=when.now,
        )
    )
    note(session, "add_passkey", person_id, when, {"name": name})
    factors.tell_owner(session, person_id, phrase("Đã thêm khóa bảo mật"), when)
    codes = factors.renew_codes(session, person_id, when) if first else []
    token = factors.changed(session, session_id, person_id, FactorKind.PASSKEY, when)
    return (token, codes) if token else None


def begin_proving(session: Session, session_id: int, person_id: int, site: Site) -> str | None:
    """What the browser is to ask of the person's keys, as JSON; None without any."""
    known = session.scalars(select(Passkey).where(Passkey.person_id == person_id)).all()
    if not known:
        return None
    options = webauthn.generate_authentication_options(
        rp_id=site.host, allow_credentials=_described(known)
    )
    _keep(session, session_id, options.challenge)
    return webauthn.options_to_json(options)


def fits(
    session: Session, session_id: int, person_id: int, answer: str, site: Site, when: When
) -> bool:
    """Did one of the person's own keys sign what this session asked? Each question counts once."""
    challenge = _taken(session, session_id)
    if challenge is None:
        return False
    try:
        credential = _json(answer)
        known = session.scalar(
            select(Passkey).where(
                Passkey.person_id == person_id, Passkey.credential_id == credential["id"]
            )
        )
        if known is None:
            return False
        signed = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(known.public_key),
            credential_current_sign_count=known.sign_count,
        )
    except _REFUSED:
        return False
    session.execute(
        update(Passkey)
        .where(Passkey.id == known.id)
        .values(sign_count=signed.new_sign_count, used_at=when.now)
    )
    return True


def remove(
    session: Session, session_id: int, person_id: int, passkey_id: int, when: When
) -> str | None:
    """Give a key up: every other session ends. The session's new token; None when not theirs."""
    gone = session.scalar(
        delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.person_id == person_id)
        .returning(Passkey.name)
    )
    if gone is None:
        return None
    factors.forget_codes_of_nothing(session, person_id)
    note(session, "remove_passkey", person_id, when, {"name": gone})
    factors.tell_owner(session, person_id, phrase("Đã bỏ khóa bảo mật"), when)
    return factors.changed(session, session_id, person_id, None, when)


def how_many(session: Session, person_id: int) -> int:
    """How many keys the person has."""
    counted = select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)
    return session.scalar(counted) or 0


def _described(keys: Any) -> list[PublicKeyCredentialDescriptor]:  # noqa: ANN401
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential_id)) for one in keys]


def _json(answer: str) -> dict[str, Any]:
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _keep(session: Session, session_id: int, challenge: bytes) -> None:
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id)
        .values(challenge=bytes_to_base64url(challenge))
    )


def _taken(session: Session, session_id: int) -> bytes | None:
    """Take the question away, so that no answer counts twice."""
    found = session.scalar(
        select(UserSession.challenge).where(UserSession.id == session_id).with_for_update()
    )
    session.execute(update(UserSession).where(UserSession.id == session_id).values(challenge=None))
    return base64url_to_bytes(found) if found else None
