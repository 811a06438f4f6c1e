"""Sentences with places to fill: what the law says, before anybody formats or translates it.

The source language is Vietnamese (ADR 0010): the template is the message id. A view fills it in
with the reader's date and number forms; the record stores template and values, so that an old
evaluation can be read again in any language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = str | int | Decimal | date | datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template and the values for its `{places}`."""

    template: str
    values: dict[str, Value] = field(default_factory=dict)


def say(template: str, /, **values: Value) -> Sentence:
    """Build a sentence; marks `template` for extraction by the translation catalogue."""
    return Sentence(template, values)


def percent(value: Decimal) -> str:
    """A share as people write it: 20, not 20.00; it is not a score."""
    return f"{value.normalize():f}".replace(".", ",")
