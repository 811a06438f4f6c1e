"""Vietnamese office words as keys: the same name written in another way has the same key.

Composed and decomposed letters, capitals, the place of the tone mark (hoà, hòa), y and i at the
end of a syllable, "Uỷ ban nhân dân" and "UBND" make no difference. A tone or a letter does: Nam
and Năm are two people.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final

_TONES: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_ENDS_IN_Y: Final = re.compile(r"(h|k|l|m|s|t|v|qu)y")
_WORDS: Final = re.compile(r"\w+")
_DOTTED: Final = re.compile(r"\b(TP|TX|TT|P|Q|X|T|U\.B\.N\.D|UBND)\.(?=\s?\w)", re.IGNORECASE)

DAY: Final = (
    r"(?:(?P<d{n}>\d{{1,2}})\s{{0,3}}tháng\s{{0,3}}(?P<m{n}>\d{{1,2}})\s{{0,3}}năm\s{{0,3}}(?P<y{n}>\d{{4}})"
    r"|(?P<e{n}>\d{{1,2}})\s?[/.\-]\s?(?P<n{n}>\d{{1,2}})\s?[/.\-]\s?(?P<z{n}>\d{{4}})(?!\d))"
)
"""A day as offices write it, after the word "ngày"; the groups are read by `day_in`."""


def day_pattern(number: int = 0) -> str:
    """`DAY` with groups of its own, so that two days may stand in one pattern."""
    return DAY.format(n=number)


def day_in(found: re.Match[str], number: int = 0) -> date | None:
    """The day a pattern with `day_pattern(number)` found; None when there is no such day."""
    groups = found.groupdict()
    parts = [groups[f"{name}{number}"] for name in "ymd"]
    if parts[0] is None:
        parts = [groups[f"{name}{number}"] for name in "zne"]
    try:
        return date(*(int(part) for part in parts))
    except (TypeError, ValueError):
        return None


def composed(text: str) -> str:
    """The text as everything here expects it: composed letters, plain spaces and dashes."""
    plain = unicodedata.normalize("NFC", text)
    for mark in "\u00a0\u2007\u202f\u2009\t":
        plain = plain.replace(mark, " ")
    for dash in "\u2010\u2011\u2012\u2013\u2014\u2212":
        plain = plain.replace(dash, "-")
    plain = plain.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")
    return plain.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


def around(text: str, start: int, end: int, more: int = 50, most: int = 160) -> str:
    """The words from `start` to `end` with some before and after, whole words, on one line."""
    first, last = max(0, start - more), min(len(text), end + more)
    words = text[first:last]
    if first:
        words = words.partition(" ")[2] if " " in words[: start - first] else words
    if last < len(text) and " " in words[-more:]:
        words = words.rpartition(" ")[0]
    shown = one_line(words)[:most].strip()
    return f"{'… ' if first else ''}{shown}{' …' if last < len(text) else ''}"


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """What of a name counts: words without case, each with its tone at the end."""
    return " ".join(_word_key(word) for word in _WORDS.findall(composed(text)))


@lru_cache(maxsize=1024)
def bare(text: str) -> str:
    """The key without any mark: what a hurried typist would still get right."""
    plain = key(text).replace("đ", "d")
    parts = unicodedata.normalize("NFD", plain)
    return "".join(
        part for part in parts if not unicodedata.combining(part) and part not in "12345"
    )


@lru_cache(maxsize=4096)
def _word_key(word: str) -> str:
    tone, letters = "", []
    for part in unicodedata.normalize("NFD", word.casefold()):
        if part in _TONES:
            tone = _TONES[part]
        else:
            letters.append(part)
    base = unicodedata.normalize("NFC", "".join(letters))
    if _ENDS_IN_Y.fullmatch(base):
        base = f"{base[:-1]}i"
    return base + tone


def without_dots(text: str) -> str:
    """Without the full stops of abbreviations: "TP. Hà Giang" is no end of a sentence."""
    return _DOTTED.sub(lambda found: found.group(1).replace(".", "") + " ", text)


_COMMITTEE: Final = re.compile(r"\buy2? ban nhân dân\b")
_TOWN: Final = re.compile(r"\btp\b(?= )")


@lru_cache(maxsize=4096)
def unit_key(text: str) -> str:
    """The key of a unit: the committee's words are one, `tp` is `thành phố`."""
    plain = key(without_dots(composed(text)))
    plain = _COMMITTEE.sub("ubnd", plain)
    return one_line(_TOWN.sub(f"{_word_key('thành')} {_word_key('phố')}", plain))


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, add or leave out to get from one to the other; `most + 1` when more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for column, against in enumerate(other, 1):
            changed = before + (letter != against)
            before = row[column]
            row[column] = min(changed, row[column] + 1, row[column - 1] + 1)
    return min(row[-1], most + 1)


def alike(one: str, other: str) -> bool:
    """Two different names that look like one mistyped: only marks differ, or one letter does."""
    if key(one) == key(other):
        return False
    first, second = bare(one), bare(other)
    return len(first) >= _SHORTEST and distance(first, second, 1) <= 1


_SHORTEST: Final = 6
"""Shorter names are alike by chance."""
