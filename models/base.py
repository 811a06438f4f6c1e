"""The declarative base: names of constraints, and the column types both engines share."""

from __future__ import annotations

import enum
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Enum, Integer, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

WORD_LENGTH = 40
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is ordered byte by byte, whatever language a database speaks: keys, not words."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out; stored as naive UTC text or as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone: {value!r}")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back UTC, whatever zone the connection speaks in."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class Hundredths(TypeDecorator[Decimal]):
    """A figure with at most two places, stored as a whole number of hundredths, never rounded."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        """Refuse a third place: rounding is not for the database to do."""
        if value is None:
            return None
        scaled = Decimal(value) * 100
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"more than two places: {value}")
        return int(scaled)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> Decimal | None:
        """Give back two places, always."""
        return None if value is None else Decimal(value).scaleb(-2)


class JsonText(TypeDecorator[Any]):
    """JSON as canonical text: the same bytes on both engines."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:  # noqa: ANN401
        """Write sorted keys, no spaces, letters as they are."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:  # noqa: ANN401
        """Read it back."""
        return None if value is None else json.loads(value)


def _values(words: type[enum.Enum]) -> list[str]:
    return [word.value for word in words]


class Base(DeclarativeBase):
    """What every table has: named constraints, text words, UTC instants."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as it stands.
        str: Text(),
        datetime: UtcDateTime(),
        Decimal: Hundredths(),
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            values_callable=_values,
            length=WORD_LENGTH,
        ),
    }


def check(condition: str, name: str) -> CheckConstraint:
    """A rule the database keeps by itself; `name` says what must hold."""
    return CheckConstraint(condition, name=name)
