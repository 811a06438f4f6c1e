"""The second factor: one-time codes of an authenticator (TOTP, RFC 6238) and recovery codes.

The secret is sealed; every code counts once; recovery codes are random enough (120 bits) that
their plain SHA-256 tells nothing (ASVS 5.0, 6.5.2). A change of the factor ends all sessions.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.account_log import When, note
from models.sealed import Sealer
from models.sessions import end_sessions, renew
from models.tables import Account, Passkey, Person, RecoveryCode, SecondFactor
from models.telling import News, tell
from models.words_sign_in import FactorKind
from workflow.words import phrase

ISSUER: Final = phrase("Hồ sơ Thi đua – Khen thưởng")
STEP: Final = 30
"""Seconds a code is shown for."""
DRIFT: Final = (0, -1, 1)
"""Steps a clock may be off: the code of now, of just before, of just after."""
DIGITS: Final = 6
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 signs nobody mistakes for another; o and l, 0 and 1 are not among them."""
_LENGTH: Final = 24
_GROUP: Final = 6


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has besides a password."""

    codes_since: datetime | None
    begun: bool
    """A secret was made and not confirmed yet."""
    recovery_left: int
    passkeys: tuple[Passkey, ...]

    @property
    def any(self) -> bool:
        """Is there a second factor?"""
        return self.codes_since is not None or bool(self.passkeys)


def factors_of(session: Session, person_id: int) -> Factors:
    """What this person has."""
    totp = session.get(SecondFactor, person_id)
    left = session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    )
    keys = session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    ).all()
    confirmed = totp.confirmed_at if totp else None
    return Factors(confirmed, totp is not None and confirmed is None, left or 0, tuple(keys))


def begin(session: Session, person_id: int, sealer: Sealer, when: When) -> None:
    """Make a secret, to be confirmed by a first code; one that was not confirmed is replaced."""
    session.execute(
        delete(SecondFactor).where(
            SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_(None)
        )
    )
    if session.get(SecondFactor, person_id) is None:
        sealed = sealer.seal(pyotp.random_base32())
        session.execute(
            insert(SecondFactor).values(person_id=person_id, secret=sealed, made_at=when.now)
        )


def begun_secret(session: Session, person_id: int, sealer: Sealer) -> str | None:
    """The secret that waits to be confirmed; a confirmed one is never shown again."""
    found = session.get(SecondFactor, person_id)
    if found is None or found.confirmed_at is not None:
        return None
    return sealer.open(found.secret)


def address_for(secret: str, login: str) -> str:
    """What the picture says to an authenticator (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def confirm(
    session: Session, session_id: int, person_id: int, typed: str, sealer: Sealer, when: When
) -> tuple[str, list[str]] | None:
    """Count the new factor from its first right code on; None for a wrong one.

    Every other session ends, and this one gets a new identifier: returned with the recovery codes.
    """
    found = session.get(SecondFactor, person_id)
    if found is None or found.confirmed_at is not None:
        return None
    step = _step_of(sealer.open(found.secret), typed, when.now)
    if step is None:
        return None
    session.execute(
        update(SecondFactor)
        .where(SecondFactor.person_id == person_id)
        .values(confirmed_at=when.now, last_step=step)
    )
    codes = _new_codes(session, person_id, when.now)
    note(session, "add_factor", person_id, when, {"factor": FactorKind.TOTP.value})
    tell_owner(session, person_id, phrase("Đã bật bước xác thực thứ hai"), when)
    token = changed(session, session_id, person_id, FactorKind.TOTP, when)
    return (token, codes) if token else None


def changed(
    session: Session, session_id: int, person_id: int, factor: FactorKind | None, when: When
) -> str | None:
    """After a change of a factor: every other session ends, this one gets a new identifier."""
    end_sessions(session, person_id, when.now, but=session_id)
    return renew(session, session_id, when.now, factor=factor)


def fits(
    session: Session, person_id: int, typed: str, sealer: Sealer, now: datetime
) -> FactorKind | None:
    """Is this a code of the authenticator, or one of the recovery codes? Right ones are used up."""
    plain = "".join(typed.split()).casefold()
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        return FactorKind.TOTP if _use_step(session, person_id, plain, sealer, now) else None
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _hash(plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return FactorKind.RECOVERY if used.first() is not None else None


def renew_codes(session: Session, person_id: int, when: When) -> list[str]:
    """Make new recovery codes; the old ones are worthless from then on."""
    codes = _new_codes(session, person_id, when.now)
    note(session, "renew_recovery_codes", person_id, when)
    tell_owner(session, person_id, phrase("Đã tạo lại mã dự phòng"), when)
    return codes


def remove(session: Session, session_id: int, person_id: int, when: When) -> str | None:
    """Give up the codes of the authenticator; the session's new token.

    Recovery codes go with the last factor.
    """
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))
    forget_codes_of_nothing(session, person_id)
    note(session, "remove_factor", person_id, when, {"factor": FactorKind.TOTP.value})
    tell_owner(session, person_id, phrase("Đã tắt mã xác thực của ứng dụng"), when)
    return changed(session, session_id, person_id, None, when)


def forget_codes_of_nothing(session: Session, person_id: int) -> None:
    """Recovery codes stand in for a factor: without one they are nothing."""
    if not factors_of(session, person_id).any:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def reset(session: Session, person_id: int, reason: str, by: int, when: When) -> bool:
    """Take every factor from somebody who lost them, as an administrator; False when none.

    Nobody resets their own. All sessions end; the owner gets a letter that names the reason.
    """
    if by == person_id or not factors_of(session, person_id).any:
        return False
    for table in (SecondFactor, RecoveryCode, Passkey):
        session.execute(delete(table).where(table.person_id == person_id))
    session.execute(
        update(Account)
        .where(Account.person_id == person_id)
        .values(role_version=Account.role_version + 1)
    )
    end_sessions(session, person_id, when.now)
    note(session, "reset_factor", person_id, when, {"reason": reason}, by)
    name = session.scalars(select(Person.full_name).where(Person.id == by)).one()
    lines = [
        phrase("{name} (quản trị) đã đặt lại bước xác thực thứ hai của tài khoản này.", name=name),
        phrase("Lý do: {reason}", reason=reason),
        phrase("Nếu Ông/Bà không yêu cầu, báo ngay cho quản trị."),
    ]
    tell_about(session, person_id, phrase("Bước xác thực thứ hai đã được đặt lại"), lines, when)
    return True


def reseal_all(session: Session, sealer: Sealer) -> int:
    """Seal every secret under the first key; returns how many. Raises `Unopenable`."""
    rows = session.scalars(select(SecondFactor)).all()
    for row in rows:
        row.secret = sealer.reseal(row.secret)
    session.flush()
    return len(rows)


def tell_about(
    session: Session, person_id: int, headline: str, lines: Sequence[str], when: When
) -> None:
    """A letter to the owner of an account about what happened to it."""
    key = f"account:{person_id}:{headline}:{when.now.isoformat()}"
    tell(session, {person_id}, News(key, headline, lines, "/tai-khoan"), when.told)


def tell_owner(session: Session, person_id: int, headline: str, when: When) -> None:
    """Tell the owner by letter that a factor of theirs has changed."""
    lines = [
        phrase("{headline} cho tài khoản này.", headline=headline),
        phrase("Nếu không phải Ông/Bà làm, báo ngay cho quản trị."),
    ]
    tell_about(session, person_id, headline, lines, when)


def _new_codes(session: Session, person_id: int, now: datetime) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    plain = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    rows = [{"person_id": person_id, "code_hash": _hash(one), "made_at": now} for one in plain]
    session.execute(insert(RecoveryCode), rows)
    return ["-".join(one[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for one in plain]


def _hash(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()


def _use_step(session: Session, person_id: int, code: str, sealer: Sealer, now: datetime) -> bool:
    """Compare-and-set: of two who bring the same code, one is too late."""
    found = session.get(SecondFactor, person_id)
    if found is None or found.confirmed_at is None:
        return False
    step = _step_of(sealer.open(found.secret), code, now)
    if step is None:
        return False
    used = session.execute(
        update(SecondFactor)
        .where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.person_id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def _step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The half minute whose code this is, near `now`."""
    totp, code = pyotp.TOTP(secret, interval=STEP), "".join(typed.split())
    here = int(now.timestamp()) // STEP
    return next(
        (
            here + drift
            for drift in DRIFT
            if secrets.compare_digest(totp.at((here + drift) * STEP).encode(), code.encode())
        ),
        None,
    )
