"""Texts and rows with holes: what differs from copy to copy is a slot, the rest stands as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from operator import itemgetter
from typing import Any, Final, TypeAlias

Values: TypeAlias = Mapping[str, Any]
"""What stands in each slot of one copy."""
_IN, _OUT, _WORD = "\ue000", "\ue001", "\ue002"
"""Around the name of a slot in JSON, until it becomes a hole; private letters nobody types.

`_WORD` begins one that stays a text.
"""
_INSTANT: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?"
_A_HASH: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes. `slots` names what goes into each, in order."""

    text: str
    slots: tuple[str, ...]
    take: Callable[[Values], Any]

    def fill(self, values: Values) -> Any:  # noqa: ANN401 - a hole alone keeps the kind of its value
        """The text of one copy."""
        if len(self.slots) == 1:
            return self.take(values) if self.text == "%s" else self.text % (self.take(values),)
        return self.text % self.take(values)


Filled: TypeAlias = "Template | str | int | bool | None"


def fill(what: Filled, values: Values) -> Any:  # noqa: ANN401
    """A template filled, anything else as it is."""
    return what.fill(values) if isinstance(what, Template) else what


def hole(slot: str) -> Template:
    """A slot alone."""
    return Template("%s", (slot,), itemgetter(slot))


@dataclass(slots=True)
class RowTemplate:
    """A row whose columns at `holes` are filled anew in every copy."""

    table: str
    columns: tuple[str, ...]
    row: list[Any]
    holes: list[tuple[int, Template]]

    def fill(self, values: Values) -> tuple[Any, ...]:
        """The row of one copy."""
        made = self.row.copy()
        for place, template in self.holes:
            made[place] = template.fill(values)
        return tuple(made)


@dataclass(slots=True)
class Vocabulary:
    """What is replaced: rows by table and key, words by what they are, instants by the minute."""

    owned: set[tuple[str, int]] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    """A word as it stands now, and its slot."""
    codes: dict[str, str] = field(default_factory=dict)
    """Codes of units that are copied, replaced only where a unit is described."""
    instants: set[datetime] = field(default_factory=set)
    told: dict[str, Any] = field(default_factory=dict)
    """What stood in each slot that was used."""
    moments: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """Slots of instants: the instant as it was, and how it is written."""
    _pattern: re.Pattern[str] | None = None

    def own(self, table: str, key: int) -> str:
        """Let every copy have a key of its own in this table."""
        self.owned.add((table, key))
        slot = f"{table}:{key}"
        self.told[slot] = key
        return slot

    def say(self, word: str, slot: str) -> None:
        """Let every copy have a word of its own in this place."""
        if word:
            self.words[word] = slot
            self.told[slot] = word
            if not _A_HASH.fullmatch(word):
                self._pattern = None

    def key(self, table: str, value: object) -> Template | None:
        """The hole for a key, if this row is copied."""
        if isinstance(value, int) and (table, value) in self.owned:
            return hole(f"{table}:{value}")
        return None

    def text(self, written: str) -> Filled:
        """A text with holes for everything that differs."""
        table, _, key = written.partition(":")
        if key.isdecimal() and (table, int(key)) in self.owned:
            return Template(f"{table}:%s", (f"{table}:{key}",), itemgetter(f"{table}:{key}"))
        parts: list[str] = []
        slots: list[str] = []
        end = 0
        for found in self._finder().finditer(written):
            slot = self._slot(found)
            if slot is None:
                continue
            parts += (written[end : found.start()].replace("%", "%%"), "%s")
            slots.append(slot)
            end = found.end()
        if not slots:
            return written
        parts.append(written[end:].replace("%", "%%"))
        return Template("".join(parts), tuple(slots), itemgetter(*slots))

    def json(self, value: object, marked: Callable[[object], object] | None = None) -> Filled:
        """Canonical JSON of a value with holes; `marked` puts keys that are copied in brackets."""
        return self.text(_canonical((marked or self.mark)(value)))

    def mark(self, value: object, key: str = "", above: str = "") -> object:
        """The same value with every key of a copied row in brackets."""
        if isinstance(value, dict):
            return {name: self.mark(inner, name, key) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.mark(inner, key, above) for inner in value]
        if isinstance(value, str):
            if key == "code" and above in _UNITS and value in self.codes:
                return f"{_WORD}{self.codes[value]}{_OUT}"
            return self.marked_name(value)
        if isinstance(value, int) and not isinstance(value, bool):
            table = _TABLES.get(key) or (_BY_PARENT.get(above) if key == "id" else None)
            return self.marked_key(table, value) if table else value
        return value

    def marked_key(self, table: str, value: object) -> object:
        """A key in brackets, if its row is copied."""
        if isinstance(value, int) and (table, value) in self.owned:
            return f"{_IN}{table}:{value}{_OUT}"
        return value

    def marked_slot(self, slot: str) -> str:
        """Brackets around the slot of a figure."""
        return f"{_IN}{slot}{_OUT}"

    def marked_word(self, table: str, value: int) -> str:
        """A key in brackets that stays a text, if its row is copied."""
        known = (table, value) in self.owned
        return f"{_WORD}{table}:{value}{_OUT}" if known else str(value)

    def marked_name(self, value: str) -> str:
        """`table:key` with the key in brackets, if the row is copied."""
        table, _, key = value.partition(":")
        if key.isdecimal() and (table, int(key)) in self.owned:
            return f"{table}:{_WORD}{value}{_OUT}"
        return value

    def moment(self, at: datetime, style: str) -> str | None:
        """The slot of an instant, if it moves with the copy. `style` is a text to write it like."""
        if at not in self.instants:
            return None
        slot = f"at:{at.isoformat()}:{style}"
        self.moments[slot] = (at, style)
        self.told[slot] = written_like(at, style)
        return slot

    def _slot(self, found: re.Match[str]) -> str | None:
        if found["key"] or found["inner"]:
            return str(found["key"] or found["inner"])
        if found["word"]:
            return self.words[found["word"]]
        if found["hash"]:
            return self.words.get(found["hash"])
        written = found["at"]
        at = datetime.fromisoformat(written)
        return self.moment(at if at.tzinfo else at.replace(tzinfo=UTC), _style(written))

    def _finder(self) -> re.Pattern[str]:
        if self._pattern is None:
            named = (one for one in self.words if not _A_HASH.fullmatch(one))
            words = sorted(map(re.escape, named), key=len, reverse=True)
            any_word = "|".join(words) or "(?!)"
            self._pattern = re.compile(
                f'\\\\?"{_IN}(?P<key>[^{_OUT}]+){_OUT}\\\\?"|{_WORD}(?P<inner>[^{_OUT}]+){_OUT}'
                f"|(?P<at>{_INSTANT})|(?P<hash>{_A_HASH.pattern})|(?P<word>{any_word})"
            )
        return self._pattern


_UNITS: Final = {"lineage", "proposing_unit", "deciding_unit"}
_TABLES: Final = {
    "person_id": "person",
    "actor_id": "person",
    "on_behalf_of": "person",
    "employer_id": "unit",
    "unit_id": "unit",
    "unit_ids": "unit",
    "places": "unit",
    "covered": "document",
}
"""Names under which JSON of the record speaks of a row."""
_BY_PARENT: Final = {
    "dossier": "dossier",
    "registration": "registration",
    "documents": "document",
    "initiatives": "initiative",
    "initiative": "initiative",
    **dict.fromkeys(_UNITS, "unit"),
}
"""What an `id` is the key of, by the name of what it stands in."""


def rows_of(
    table: str,
    columns: Iterable[str],
    values: Iterable[object],
    convert: Callable[[str, object], Filled],
) -> RowTemplate:
    """A row with holes where `convert` (column, value) makes one."""
    names = tuple(columns)
    row: list[Any] = []
    holes: list[tuple[int, Template]] = []
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        made = convert(name, value)
        if isinstance(made, Template):
            holes.append((place, made))
        row.append(None if isinstance(made, Template) else made)
    return RowTemplate(table, names, row, holes)


def plain(value: object) -> Any:  # noqa: ANN401 - whatever the drivers take
    """A value as both drivers take it: days and instants as text."""
    return value.isoformat() if isinstance(value, date) else value


def written_like(at: datetime, style: str) -> str:
    """An instant as text, in the way `_style` found another written."""
    separator, fraction, zone = style[0], style[1] == ".", style[2:]
    if zone and zone != "Z":
        at = at.astimezone(_zone(zone))
    bare = at.replace(tzinfo=None)
    return bare.isoformat(separator, "microseconds" if fraction else "seconds") + zone


def _style(written: str) -> str:
    zone = "Z" if written.endswith("Z") else written[-6:] if written[-6] in "+-" else ""
    return f"{written[10]}{'.' if '.' in written else ' '}{zone}"


def _zone(written: str) -> timezone:
    sign = -1 if written[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(written[1:3]), minutes=int(written[4:])))


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
