"""Vietnamese text as keys: one for searching without marks, one for sorting as people expect."""

from __future__ import annotations

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANKS = {letter: f"{rank:02d}" for rank, letter in enumerate(_LETTERS, start=10)}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_NO_TONE = "0"


def search_key(text: str) -> str:
    """Fold for searching: đ as d, no marks, no case, single spaces."""
    plain = text.replace("đ", "d").replace("Đ", "d")
    parts = unicodedata.normalize("NFD", plain)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(bare.casefold().split())


def words_key(text: str) -> str:
    """Fold for searching by words: as `search_key`, signs between and within words as spaces."""
    folded = search_key(text)
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())


def sort_key(text: str) -> str:
    """Build a key that sorts by the Vietnamese alphabet; tones decide between equal letters.

    The tones in their order: none, huyền, hỏi, ngã, sắc, nặng.
    """
    letters: list[str] = []
    tones: list[str] = []
    for letter in unicodedata.normalize("NFC", text).casefold():
        base, tone = _without_tone(letter)
        letters.append(_RANKS.get(base) or _other(base))
        tones.append(tone)
    return "".join(letters) + "-" + "".join(tones)


def person_sort_key(full_name: str) -> str:
    """Sort people by given name, the last word, then by the rest."""
    words = full_name.split()
    return sort_key(" ".join([*words[-1:], *words[:-1]]))


def _other(base: str) -> str:
    """Before all letters: spaces, then other signs; nothing for a tone that stands alone."""
    return "00" if base.isspace() else "".join(f"05{ord(sign):06d}" for sign in base)


def _without_tone(letter: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", letter)
    tone = next((_TONES[part] for part in parts if part in _TONES), _NO_TONE)
    rest = "".join(part for part in parts if part not in _TONES)
    return unicodedata.normalize("NFC", rest), tone
