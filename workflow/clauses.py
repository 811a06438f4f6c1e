"""The source text of a programme, cut into its own numbered clauses.

A reference is written as people say it: `IV.1.b` is roman part IV, number 1, letter b. The cut
follows the headings of Vietnamese administrative texts (`IV. …`, `1. …`, `a) …`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"^(?P<name>[IVX]+)\. ")
_NUMBER = re.compile(r"^(?P<name>\d+)\. ")
_LETTER = re.compile(r"^(?P<name>[a-zđ])\) ")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause with everything below it; `start` and `end` are offsets into the source."""

    ref: str
    heading: str
    start: int
    end: int

    def contains(self, source: str, quote: str) -> bool:
        """Do these words stand in this clause, letter for letter?"""
        return source.find(quote, self.start, self.end) >= 0


def cut(source: str) -> dict[str, Clause]:
    """All clauses by reference, in the order of the text."""
    marks: list[tuple[str, int, int, str]] = []
    path: list[str] = []
    offset = 0
    for line in source.splitlines(keepends=True):
        for depth, pattern in enumerate((_PART, _NUMBER, _LETTER)):
            found = pattern.match(line)
            if found and len(path) >= depth:
                path = [*path[:depth], found["name"]]
                marks.append((".".join(path), depth, offset, line.strip()))
                break
        offset += len(line)
    clauses: dict[str, Clause] = {}
    for place, (ref, depth, start, heading) in enumerate(marks):
        later = (begin for _, level, begin, _ in marks[place + 1 :] if level <= depth)
        clauses.setdefault(ref, Clause(ref, heading, start, next(later, len(source))))
    return clauses
