"""Passwords: argon2id, and the same work for unknown people as for known ones."""

from __future__ import annotations

import threading
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from workflow.words import phrase

LONGEST = 256
SHORTEST = 12

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash a password of `SHORTEST` to `LONGEST` characters; raises `ValueError` otherwise."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(
            phrase(
                "Mật khẩu dài từ {shortest} đến {longest} ký tự.",
                shortest=SHORTEST,
                longest=LONGEST,
            )
        )
    with _AT_ONCE:
        return _HASHER.hash(password)


def hash_password_again(password: str) -> str:
    """Hash a password that fitted an older hash, whatever length was allowed then."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Does the password fit the stored hash? Takes as long when nothing is stored."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _NOBODY, password)
        except VerifyMismatchError:
            return False
        except InvalidHashError:
            # A locked account has no hash: it must not be told by an answer that comes sooner.
            with suppress(VerifyMismatchError):
                _HASHER.verify(_NOBODY, password)
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Was this hash made with other costs than today's?"""
    return _HASHER.check_needs_rehash(stored)
