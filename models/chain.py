"""The form in which a line is hashed, and how each hash holds on to the one before.

`hash = SHA-256(tag ‖ 0 ‖ previous hash ‖ 0 ‖ canonical JSON)`. Whoever wants to check the
record without this software needs only this page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

LINE_TAG = b"history-line-1"
SEAL_TAG = b"sealed-line-1"
FIRST = ""
"""What stands for the previous hash at the beginning of a stream."""


def canonical(value: object) -> str:
    """Write JSON in the one form that is hashed.

    Sorted keys, no spaces, letters as they are, days as ISO dates, instants as ISO UTC,
    decimals as text.
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )


def line_hash(previous: str, body: Mapping[str, object]) -> str:
    """Hash one history line on top of the hash before it."""
    return _hash(LINE_TAG, previous, body)


def seal_hash(previous: str, seq: int, stream: str, line_seq: int, line: str) -> str:
    """Hash one sealed line: its place in the order of all lines, and the line's own hash."""
    body = {"seq": seq, "stream": stream, "line_seq": line_seq, "line_hash": line}
    return _hash(SEAL_TAG, previous, body)


def digest(value: object) -> str:
    """Hash a value by itself."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _hash(tag: bytes, previous: str, body: Mapping[str, object]) -> str:
    return hashlib.sha256(
        b"\0".join((tag, previous.encode(), canonical(body).encode()))
    ).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"no canonical form for {type(value).__name__}")
