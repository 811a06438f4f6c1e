"""What is hashed anew in every copy, and how."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from models.chain import LINE_TAG
from models.stamping.templates import Filled, Values, fill


@dataclass(frozen=True, slots=True)
class Judged:
    """An evaluation: where its digest goes, and what is hashed."""

    slot: str
    content: Filled


@dataclass(frozen=True, slots=True)
class Chained:
    """A line: where its hash goes, that of the line before it, and what is hashed."""

    slot: str
    before: str
    body: Filled
    stream: Filled
    seq: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A personal value a record speaks of as a hash."""

    slot: str
    number: int
    table: str
    row_key: Filled
    field: str
    value: Filled


@dataclass(slots=True)
class Recorded:
    """The record of one transaction: its key, its content, and the values it keeps."""

    number: int
    content: Filled
    at: Filled
    kept: list[Kept]


def digest_of(judged: Judged, values: Values) -> str:
    """The digest of an evaluation."""
    return hashlib.sha256(fill(judged.content, values).encode()).hexdigest()


def link(line: Chained, values: Values) -> str:
    """The hash of a line, over that of the line before it."""
    before = values[line.before] if line.before else ""
    body = fill(line.body, values)
    return hashlib.sha256(b"\0".join((LINE_TAG, before.encode(), body.encode()))).hexdigest()
