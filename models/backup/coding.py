"""Rows as lines of JSON that are the same bytes on both engines, and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, String
from sqlalchemy.types import TypeEngine

Code: TypeAlias = Callable[[Any], Any]
_AS_IT_IS: Final = (Boolean, Integer, String)
ENGINES: Final = ("sqlite", "postgresql")


class UnknownKind(Exception):
    """A column of a kind copies cannot carry; the message names it."""


def line_of(values: Sequence[Any], encoders: Sequence[Code]) -> bytes:
    """One row as a line: an array of its values, in the order of the columns."""
    row = [
        None if value is None else encode(value)
        for value, encode in zip(values, encoders, strict=True)
    ]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def row_of(line: bytes, decoders: Sequence[Code]) -> list[Any]:
    """The values of a line. Raises `ValueError` for one that is no row of these columns."""
    found = json.loads(line)
    if not isinstance(found, list) or len(found) != len(decoders):
        raise ValueError("not a row of this table")
    return [
        None if value is None else decode(value)
        for value, decode in zip(found, decoders, strict=True)
    ]


def encoders(columns: Sequence[Column[Any]]) -> list[Code]:
    """How the values of each column are written. Raises `UnknownKind`."""
    return [_encoder(column) for column in columns]


def decoders(columns: Sequence[Column[Any]], engine: str) -> list[Code]:
    """How they are read for a table on `engine`. Raises `UnknownKind`."""
    return [_decoder(column, engine) for column in columns]


def _encoder(column: Column[Any]) -> Code:
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, DateTime):
        return _instant
    if isinstance(kind, Date):
        return date.isoformat
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    if isinstance(kind, _AS_IT_IS):
        return _same
    raise UnknownKind(f"{column.table.name}.{column.name}: {kind!r}")


def _decoder(column: Column[Any], engine: str) -> Code:
    kind: TypeEngine[Any] = column.type
    if isinstance(kind, DateTime):
        return _naive if engine == "sqlite" else _aware
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64decode(value, validate=True)
    if isinstance(kind, _AS_IT_IS):
        return _same
    raise UnknownKind(f"{column.table.name}.{column.name}: {kind!r}")


def _same(value: object) -> object:
    return value


def _instant(value: datetime) -> str:
    """UTC, to the microsecond; SQLite keeps instants without their zone."""
    known = value if value.tzinfo else value.replace(tzinfo=UTC)
    return known.astimezone(UTC).isoformat(timespec="microseconds")


def _aware(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _naive(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
