"""Secrets that must be read again: encrypted with keys derived from SECRET_KEY.

The first key seals, every key opens: a new SECRET_KEY stands first, the one before behind it in
SECRET_KEY_FALLBACKS until everything is sealed anew (`flask --app wsgi accounts reseal`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE: Final = b"award-dossiers: secrets of accounts, 1"


class Unopenable(Exception):
    """No key at hand opens this: it was sealed under a SECRET_KEY that is gone."""


class Sealer:
    """Seals with the first of the keys, opens with any. `keys` are the service's own secrets."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Derive one key from each secret (HKDF-SHA256), so that no purpose shares a key."""
        self._keys = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, text: str) -> str:
        """Encrypt and authenticate a text (Fernet: AES-128-CBC with HMAC-SHA256)."""
        return self._keys.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Read a sealed text. Raises `Unopenable` when it is forged or its key is gone."""
        try:
            return self._keys.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Unopenable("sealed under another SECRET_KEY") from error

    def reseal(self, sealed: str) -> str:
        """The same text under the first key. Raises `Unopenable`."""
        return self.seal(self.open(sealed))


def _derived(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
