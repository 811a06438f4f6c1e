"""Signed notes: a text with an Ed25519 signature below it, as C2SP signed-note lays it out.

The text ends with an empty line; a signature line is an em dash, the name of the key, and the
base64 of four bytes that tell the key and of the signature. A public key is written
`name+eight hex digits+base64 of one byte for the algorithm and of the key`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519: Final = b"\x01"
_SEED: Final = 32
_NAME: Final = re.compile(r"[^\s+]+")
_SIGNED: Final = re.compile(r"— (\S+) (\S+)")


class UnusableKey(ValueError):
    """A key or its name is not written as it must be; the message does not repeat it."""


class UnsoundNote(ValueError):
    """A note is not laid out as one, or no known key has signed it."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name; `text` is how it is written down."""

    name: str
    key: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `name+id+key`; raises `UnusableKey`."""
        name, _, rest = text.strip().partition("+")
        told, _, written = rest.partition("+")
        try:
            raw = base64.b64decode(written, validate=True)
        except ValueError as wrong:
            raise UnusableKey("not base64") from wrong
        if not _NAME.fullmatch(name) or raw[:1] != _ED25519 or len(raw) != _SEED + 1:
            raise UnusableKey("not a name and an Ed25519 key")
        found = cls(name, raw[1:])
        if told != found.id.hex():
            raise UnusableKey("the id is of another key")
        return found

    @property
    def id(self) -> bytes:
        """The four bytes that tell this key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4]

    @property
    def text(self) -> str:
        """How the key is written down and shown."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Was this text signed with the private half?"""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key with its name. Never shown."""

    def __init__(self, name: str, seed: bytes) -> None:
        """`seed` are the 32 bytes of an Ed25519 key; raises `UnusableKey`."""
        if not _NAME.fullmatch(name) or len(seed) != _SEED:
            raise UnusableKey("a name without spaces or +, and 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    @classmethod
    def read(cls, name: str, text: str) -> Self:
        """Read a private key as `new_seed` writes it; raises `UnusableKey`."""
        try:
            seed = base64.b64decode(text.strip(), validate=True)
        except ValueError as wrong:
            raise UnusableKey("not base64") from wrong
        return cls(name, seed)

    def sign(self, text: str) -> str:
        """The note: the text, an empty line, the signature."""
        if not text.endswith("\n"):
            raise ValueError("a signed text ends with a new line")
        blob = base64.b64encode(self.verifier.id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.verifier.name} {blob}\n"


def new_seed() -> str:
    """A new private key, in base64."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def opened(note: str, verifiers: Iterable[Verifier]) -> tuple[str, Verifier]:
    """The text of a note and the key that signed it; raises `UnsoundNote`.

    Signatures of keys nobody named are passed over, as the layout wants it.
    """
    text, found, below = note.partition("\n\n")
    if not found:
        raise UnsoundNote("there is no signature below the text")
    text += "\n"
    known = {(one.name, one.id): one for one in verifiers}
    for line in below.splitlines():
        signed = _SIGNED.fullmatch(line)
        if signed is None:
            raise UnsoundNote("a line below the text is no signature")
        try:
            blob = base64.b64decode(signed[2], validate=True)
        except ValueError as wrong:
            raise UnsoundNote("a signature is not base64") from wrong
        verifier = known.get((signed[1], blob[:4]))
        if verifier is None:
            continue
        if not verifier.holds(text, blob[4:]):
            raise UnsoundNote("the signature is not of this text")
        return text, verifier
    raise UnsoundNote("no known key has signed it")
