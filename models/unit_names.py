"""Finding a unit by its name as people write it: any tone placement, with or without its level.

“Huyện Quản Bạ”, “UBND huyện Quản Bạ” and “Quan Ba” are one unit; “Xã Tả Lủng” is two until its
district is named. What is close to a name that nobody has is suggested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from rapidfuzz import fuzz, process
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.folding import search_key
from models.tables import Unit
from workflow.vocabulary import UnitKind

MOST_SUGGESTED: Final = 3
CLOSE: Final = 75.0
WORDS_CLOSE: Final = 90.0
"""How alike a suggestion is at least, out of 100."""
_COMMITTEE: Final = re.compile(r"\b(?:ubnd|uy ban nhan dan)\s+")
_CITY: Final = re.compile(r"^tp\.?\s*")
_SHORT: Final = ((re.compile(r"^h\.\s*"), "huyen "), (re.compile(r"^tt\.\s*"), "thi tran "))
_LEVEL: Final = re.compile(r"^(?:tinh|huyen|thanh pho|thi tran|xa|phuong|so)\s+")


class UnitNames:
    """The units that existed at some time from `first` to `last`, by every way to write them."""

    def __init__(self, session: Session, first: date, last: date) -> None:
        """Read them all, in one statement."""
        units = session.scalars(
            select(Unit)
            .where(Unit.valid_from <= last, or_(Unit.valid_to.is_(None), Unit.valid_to >= first))
            .order_by(Unit.sort_key, Unit.id)
        ).all()
        self.units = {unit.id: unit for unit in units}
        known: defaultdict[str, list[int]] = defaultdict(list)
        for unit in units:
            for way in self._ways(unit):
                known[way].append(unit.id)
        scored = {unit.id for unit in units if unit.scored_by_province}
        self.known = _rather_scored(known, scored)
        self.shown: dict[int, str] = {unit.id: self._full(unit) for unit in units}

    def find(self, name: str) -> list[int]:
        """The units a name can mean; several where it says too little."""
        return self.known.get(written(name), []) if name else []

    def suggest(self, name: str) -> list[str]:
        """Names of units close to this one, the closest first."""
        wanted = written(name)
        if not wanted:
            return []
        ids = [unit for way in closest(wanted, self.known) for unit in self.known[way]]
        return [self.shown[unit] for unit in dict.fromkeys(ids)][:MOST_SUGGESTED]

    def _ways(self, unit: Unit) -> set[str]:
        full = written(unit.name)
        ways = {search_key(unit.code), full, _LEVEL.sub("", full)}
        parent = self.units.get(unit.parent_id or 0)
        if unit.kind in {UnitKind.COMMUNE, UnitKind.DIVISION} and parent is not None:
            above = written(parent.name)
            ways |= {f"{full} {above}", f"{full} {_LEVEL.sub('', above)}"}
        return ways

    def _full(self, unit: Unit) -> str:
        """The name as it is never mistaken: communes and divisions with the unit above them."""
        parent = self.units.get(unit.parent_id or 0)
        if unit.kind in {UnitKind.COMMUNE, UnitKind.DIVISION} and parent is not None:
            return f"{unit.name} ({parent.name})"
        return unit.name


def closest(wanted: str, ways: Iterable[str]) -> list[str]:
    """The ways to write a name that are close to this one, the closest first; all folded."""
    known = list(ways)
    letters = process.extract(wanted, known, scorer=fuzz.ratio, limit=12, score_cutoff=CLOSE)
    found = [(score, way) for way, score, _ in letters]
    if " " in wanted:
        # One has all words of the other: “Văn hóa, Thể thao” of “Sở Văn hóa, Thể thao và Du lịch”.
        whole = [way for way in known if " " in way]
        words = process.extract(
            wanted, whole, scorer=fuzz.token_set_ratio, limit=12, score_cutoff=WORDS_CLOSE
        )
        found += [(score * 0.9, way) for way, score, _ in words]
    return list(dict.fromkeys(way for _, way in sorted(found, key=lambda one: (-one[0], one[1]))))


def _rather_scored(known: Mapping[str, list[int]], scored: set[int]) -> dict[str, list[int]]:
    """Where a bare name could mean several, a body the province scores itself is meant."""
    return {
        way: [unit for unit in ids if unit in scored] or ids if len(ids) > 1 else ids
        for way, ids in known.items()
    }


def written(name: str) -> str:
    """A name folded to what tells units apart: no marks, no brackets, no “UBND”."""
    folded = re.sub(r"[(),;]", " ", search_key(name))
    words = re.sub(r"\s*[-–]\s*", "-", " ".join(folded.split()))
    words = _CITY.sub("thanh pho ", _COMMITTEE.sub("", words))
    for pattern, full in _SHORT:
        words = pattern.sub(full, words)
    return words.strip(" .:")
