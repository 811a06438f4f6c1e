"""The shape of what people type: days, numbers, choices. What may be done is the law's matter.

Every fault is collected, each under the name of its field, in the words of the design guide; what
was typed is kept as it was typed, so that a page can show it again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from views.formats import _
from workflow.words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Word = TypeVar("Word", bound=StrEnum)

DAY_FAULT = phrase("Gõ theo ngày/tháng/năm, ví dụ 14/02/2023.")
SCORE_FAULT = phrase("Điểm từ 0 đến 100, dùng dấu phẩy, ví dụ 86,42.")
WHOLE_FAULT = phrase("Gõ một số nguyên từ 0 trở lên, ví dụ 9.")

_APART = re.compile(r"(\d{1,2})\s*[/\-. ]\s*(\d{1,2})\s*[/\-. ]\s*(\d{4}|\d{2})")
_TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})")
_CENTURY = 2000
_SHORT_YEAR = 2
_MOST_POINTS = 100
_MOST_PEOPLE = 10_000
_PLACES = Decimal("0.01")
# What may stand in a line of text only by accident or with intent: controls and bidi marks.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEPT = {"\n", "\t"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; `field` is its name, and the id the summary links to."""

    field: str
    message: str


def clean(text: str) -> str:
    """The text in composed form (NFC), without marks nobody can see, without outer spaces."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    seen = (sign for sign in composed if sign in _KEPT or unicodedata.category(sign) not in _UNSEEN)
    return "".join(seen).strip()


def read_day(text: str) -> date | None:
    """A day as Vietnamese offices write it: 14/02/2023, 14-2-2023, 14.2.23, 140223; else None."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _APART.fullmatch(plain) or _TOGETHER.fullmatch(plain)
    if found is None:
        return None
    day, month, year = found.groups()
    whole = int(year) + (_CENTURY if len(year) == _SHORT_YEAR else 0)
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


def read_number(text: str) -> Decimal | None:
    """A number with a comma or a point before its decimals; None when it is not one."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace(",", ".")
    if not re.fullmatch(r"\d+(\.\d+)?", plain, re.ASCII):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:  # pragma: no cover - the pattern has seen to it
        return None


def read_id(text: str) -> int | None:
    """The number of a row, or a version, as a form of ours carries it; else None."""
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def day_text(day: date | None) -> str:
    """A day as it is shown in a field: 14/02/2023; nothing for none."""
    return day.strftime("%d/%m/%Y") if day else ""


@dataclass
class Answers:
    """What one form was answered with. Ask for each field once; `faults` fill up on the way."""

    given: Mapping[str, str]
    today: date
    faults: list[Fault] = field(default_factory=list)

    def blame(self, name: str, message: str) -> None:
        """Note a fault of a field; only the first of each field counts."""
        if all(fault.field != name for fault in self.faults):
            self.faults.append(Fault(name, message))

    def raw(self, name: str) -> str:
        """What was typed, as it was typed."""
        return self.given.get(name, "")

    def text(self, name: str, missing: str = "", *, most: int = 300) -> str:
        """A line or a paragraph; `missing` is the fault when it is left empty."""
        value = clean(self.raw(name))
        if not value and missing:
            self.blame(name, missing)
        elif len(value) > most:
            self.blame(
                name, _("Viết tối đa {most} ký tự; bạn đã gõ {count}.", most=most, count=len(value))
            )
        return value

    def day(self, name: str, missing: str = "", *, future: str = "") -> date | None:
        """A day; `future` names what may not lie after today, for example "Ngày ký"."""
        typed = self.raw(name).strip()
        if not typed:
            if missing:
                self.blame(name, missing)
            return None
        day = read_day(typed)
        if day is None:
            self.blame(name, DAY_FAULT)
        elif future and day > self.today:
            self.blame(
                name,
                _(
                    "{future} không thể sau hôm nay ({day_text}).",
                    future=future,
                    day_text=day_text(self.today),
                ),
            )
        return day

    def whole(self, name: str, missing: str = "") -> int:
        """A whole number from 0 up; empty counts as 0 unless `missing` is a fault."""
        typed = unicodedata.normalize("NFKC", self.raw(name)).strip()
        if not typed:
            if missing:
                self.blame(name, missing)
            return 0
        if not re.fullmatch(r"\d{1,5}", typed, re.ASCII) or int(typed) > _MOST_PEOPLE:
            self.blame(name, WHOLE_FAULT)
            return 0
        return int(typed)

    def score(self, name: str, missing: str = "") -> Decimal | None:
        """A score on the scale of 100, with two places."""
        typed = self.raw(name).strip()
        if not typed:
            if missing:
                self.blame(name, missing)
            return None
        value = read_number(typed)
        if value is None or value > _MOST_POINTS or value != value.quantize(_PLACES):
            self.blame(name, SCORE_FAULT)
            return None
        return value.quantize(_PLACES)

    def choice(self, name: str, words: type[Word], missing: str = "") -> Word | None:
        """One word of a closed list; anything else counts as not chosen."""
        typed = self.given.get(name)
        if typed is not None:
            for word in words:
                if word.value == typed:
                    return word
        if missing:
            self.blame(name, missing)
        return None

    def one_of(self, name: str, allowed: Iterable[str], missing: str = "") -> str:
        """One of the values the page offered; anything else counts as not chosen."""
        typed = self.raw(name)
        if typed in set(allowed):
            return typed
        if missing:
            self.blame(name, missing)
        return ""

    def ticked(self, name: str, missing: str = "") -> bool:
        """Was the box ticked? `missing` is the fault when it must be."""
        value = bool(self.raw(name))
        if not value and missing:
            self.blame(name, missing)
        return value
