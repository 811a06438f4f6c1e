"""Words of signing in that the database keeps."""

from __future__ import annotations

from enum import StrEnum


class FactorKind(StrEnum):
    """What somebody proved themselves with besides a password."""

    TOTP = "totp"
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    PROVIDER = "provider"


class CodePurpose(StrEnum):
    """What a one-time code is for."""

    INVITE = "invite"
    RESET = "reset"


class GuessKind(StrEnum):
    """What was tried."""

    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    FACTOR = "factor"
    CODE = "code"
    REQUEST = "request"
