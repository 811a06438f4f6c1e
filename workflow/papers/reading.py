"""From the text of a paper to what it says. Nothing here fails: what is not understood is not said.

All patterns look a bounded way ahead, and a text is cut at `LONGEST` signs, so that a hostile
paper costs no more time than a long one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from workflow.papers import days, heads, nominees, votes
from workflow.papers.vietnamese import composed
from workflow.statements import MOST, Line, Statement, Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

READER: Final = 1
"""Number of this way of reading; a file read by an older one is read again."""
LONGEST: Final = 200_000
LONGEST_SENTENCE: Final = 500
_SENTENCE_ENDS: Final = re.compile(r"[.;:/]\s{0,3}\n")
_PAGE_NUMBER: Final = re.compile(r"^\s{0,9}\d{1,4}\s{0,9}(?:\n|$)")
ENOUGH_LETTERS: Final = 40
"""A file with fewer letters is a picture of a paper."""


def is_legible(lines: Iterable[Line]) -> bool:
    """Is there text in the file, or only pictures?"""
    letters = 0
    for line in lines:
        letters += sum(sign.isalpha() for sign in line.text[:2000])
        if letters >= ENOUGH_LETTERS:
            return True
    return False


def read(lines: Iterable[Line]) -> tuple[Statement, ...]:
    """What the paper says, each thing once, in the order of its topics."""
    text = _cut(lines)
    if not text:
        return ()
    found: dict[tuple[Topic, str, str], Statement] = {}
    for statement in _all(text):
        found.setdefault((statement.topic, statement.value, statement.about), statement)
        if len(found) == MOST:
            break
    return tuple(found.values())


def paged(pages: Iterable[str]) -> list[Line]:
    """The pages of a file as lines, a sentence cut by the end of a page whole on the next one."""
    found: list[Line] = []
    begun = ""
    for number, page in enumerate(pages, 1):
        text = f"{begun}{_PAGE_NUMBER.sub('', page)}"
        ends = list(_SENTENCE_ENDS.finditer(text[-LONGEST_SENTENCE:]))
        cut = max(0, len(text) - LONGEST_SENTENCE) + ends[-1].end() if ends else len(text)
        begun = f"{text[cut:]}\n" if text[cut:].strip() else ""
        found.append(Line(text[:cut], page=number))
    if begun and found:
        found[-1] = Line(f"{found[-1].text}\n{begun}", page=found[-1].page)
    return found


def _all(lines: Sequence[Line]) -> Iterator[Statement]:
    zones = heads.zones(lines)
    yield from heads.head_statements(lines)
    yield from heads.signature_statements(lines)
    yield from days.meeting_statements(lines)
    yield from days.cited_statements(lines)
    yield from days.form_statements(lines)
    yield from days.award_statements(lines, zones.title)
    yield from days.year_statements(lines, zones.title)
    yield from votes.vote_statements(lines)
    yield from nominees.title_statements(zones.title, zones.line)
    yield from nominees.labelled_statements(lines)
    yield from nominees.proposing_statements(lines)
    yield from nominees.table_statements(lines)
    yield from nominees.row_statements(lines)


def _cut(lines: Iterable[Line]) -> list[Line]:
    kept: list[Line] = []
    size = 0
    for line in lines:
        text = composed(line.text)[: LONGEST - size]
        size += len(text)
        cells = tuple(composed(cell) for cell in line.cells)
        if text.strip():
            kept.append(Line(text, line.page, line.paragraph, cells, line.table))
        if size >= LONGEST:
            break
    return kept
