"""Sentences with places to fill: what the law says, before anybody formats or translates it.

The source language is Vietnamese (ADR 0010): the template is the message id. A view fills it in
with the reader's date and number forms; the record stores template and values, so that an old
evaluation can be read again in any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Self, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from workflow.working_days import OFFICE_ZONE

Value: TypeAlias = str | int | Decimal | date | datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template and the values for its `{places}`."""

    template: str
    values: dict[str, Value] = field(default_factory=dict)


def say(template: str, /, **values: Value) -> Sentence:
    """Build a sentence; marks `template` for extraction by the translation catalogue."""
    return Sentence(template, values)


class Phrase(str):  # noqa: SLOT000 - it has values of its own
    """A Vietnamese text that still knows its template and values, and can be said otherwise.

    Code that knows nothing of languages uses, joins and stores it as the text it is; the edge
    looks the template up in the reader's language and fills it in again.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object] | None = None) -> Self:
        """Fill in the template; without values it is the text, braces and all."""
        said = {name: _plainly(value) for name, value in (values or {}).items()}
        made = super().__new__(cls, template.format(**said) if values else template)
        made.template = template
        made.values = values or {}
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[str, Mapping[str, object]]]:
        """Keep template and values in a copy."""
        return type(self), (self.template, self.values)


def _plainly(value: object) -> object:
    """A value as a Vietnamese sentence has it."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(OFFICE_ZONE)).strftime("%H:%M ngày %d/%m/%Y")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value).replace(".", ",") if isinstance(value, Decimal) else value


def phrase(template: str, /, **values: object) -> str:
    """A text for a person; marks `template` for the catalogues."""
    return Phrase(template, values)


def joined(parts: Iterable[str], between: str = ", ") -> str:
    """Several texts in a row that stay phrases each."""
    named = {f"part{number}": part for number, part in enumerate(parts)}
    return Phrase(between.join(f"{{{name}}}" for name in named), named)


Key = TypeVar("Key")


def phrases(table: Mapping[Key, str]) -> dict[Key, str]:
    """A table of texts for a person, each of them a phrase."""
    return {key: Phrase(text) for key, text in table.items()}


def percent(value: Decimal) -> str:
    """A share as people write it: 20, not 20.00; it is not a score."""
    return f"{value.normalize():f}".replace(".", ",")
