"""Signatures in PDFs, as far as the authorities an office trusts can tell: help, never a decision.

The originals are read only. Which authorities count is what lies in one folder, named by a hash,
so that a verdict says by which list it was found.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_MARK: Final = b"/ByteRange"
_LISTS: Final = {".crl"}


class SealVerdict(StrEnum):
    """What was found of one signature."""

    GOOD = "good"
    """Whole file covered, nothing changed since, signer known by a trusted authority."""
    ALTERED = "altered"
    PARTIAL = "partial"
    """Good as far as it goes, but bytes follow that no signature covers."""
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Seal:
    """One signature; instants as the file or a trusted time stamp tells them."""

    verdict: SealVerdict
    signer: str = ""
    issuer: str = ""
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    valid_to: datetime | None = None
    whole: bool = False
    """Does it cover the file to its last byte?"""


@dataclass(frozen=True, slots=True)
class Seals:
    """All signatures of a file; `checked` is false when the check itself did not end."""

    found: Sequence[Seal] = ()
    checked: bool = False


@dataclass(frozen=True, slots=True)
class TrustList:
    """Certificates and revocation lists; `name` is the hash of all of them."""

    name: str = "0" * 64
    told: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"roots": (), "lists": ()})
    faults: Sequence[str] = ()
    """Files of the folder that are neither certificate nor list."""

    @property
    def authorities(self) -> int:
        """How many authorities are trusted."""
        return len(self.told["roots"])


def read_trust_list(folder: Path | None) -> TrustList:
    """Read what lies in `folder`: PEM or DER, `.crl` for lists, everything else a certificate."""
    roots: list[bytes] = []
    lists: list[bytes] = []
    faults: list[str] = []
    files = sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []
    for path in files:
        if not path.is_file() or path.name.startswith("."):
            continue
        try:
            if path.suffix.lower() in _LISTS:
                lists.append(_list(path.read_bytes()))
            else:
                roots += _certificates(path.read_bytes())
        except (OSError, ValueError):
            faults.append(path.name)
    digest = hashlib.sha256(b"\0".join([*sorted(roots), b"", *sorted(lists)])).hexdigest()
    told = {"roots": tuple(map(_text, roots)), "lists": tuple(map(_text, lists))}
    return TrustList(digest, told, tuple(faults))


def signed(path: Path) -> bool:
    """Could there be a signature in this file?"""
    return _MARK in path.read_bytes()


def read_seals(content: Mapping[str, Any]) -> Seals:
    """The answer of the task `seals`."""
    return Seals([_seal(one) for one in content["seals"]], checked=True)


def _seal(one: Mapping[str, Any]) -> Seal:
    return Seal(
        verdict=SealVerdict(one["verdict"]),
        signer=one.get("signer", ""),
        issuer=one.get("issuer", ""),
        signed_at=_instant(one.get("signed_at")),
        stamped_at=_instant(one.get("stamped_at")),
        valid_to=_instant(one.get("valid_to")),
        whole=bool(one.get("whole")),
    )


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else None


def _certificates(content: bytes) -> list[bytes]:
    if b"-----BEGIN" in content:
        found = x509.load_pem_x509_certificates(content)
    else:
        found = [x509.load_der_x509_certificate(content)]
    return [one.public_bytes(Encoding.DER) for one in found]


def _list(content: bytes) -> bytes:
    pem = b"-----BEGIN" in content
    found = x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)
    return found.public_bytes(Encoding.DER)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
