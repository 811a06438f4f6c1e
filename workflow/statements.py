"""What a paper says, read from its text: plain statements with the place they were found.

`workflow.papers` reads them and holds them against each other; here is only what they are, so that
the facts of a dossier can carry them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST: Final = 400
"""Statements kept of one paper; of a paper with so many nothing is concluded from a silence."""


class Topic(StrEnum):
    """What a statement is about."""

    ISSUER = "issuer"
    NUMBER = "number"
    DATED = "dated"
    SIGNER = "signer"
    NOMINEE = "nominee"
    PROPOSED = "proposed"
    """A nominee named in a sentence, which in a report may be about others."""
    UNIT = "unit"
    AWARD = "award"
    YEAR = "year"
    FORM = "form"
    MEETING = "meeting"
    MINUTES = "minutes"
    MEMBERS = "members"
    PRESENT = "present"
    ABSENT = "absent"
    VOTES = "votes"
    AGAINST = "against"
    OTHERWISE = "otherwise"
    SHARE = "share"
    RECOGNITION = "recognition"


class Legibility(StrEnum):
    """Whether the text of a file could be read."""

    PENDING = "pending"
    READ = "read"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a paper says. `value` is what it says, `quote` the words around it.

    Days are ISO dates, counts are `8/9` or `8/`, a share is `8/9=88.9`. `page` counts from 1 in a
    file with pages, `paragraph` from 1 in one without. `about` is the nominee it is said of, as
    the paper writes the name. `exact` says that nothing around could belong to the value: a cell
    of a table, or words up to a full stop. `complete` says of a nominee that the paper names no
    others than those it was read to name.
    """

    topic: Topic
    value: str
    quote: str
    page: int = 0
    paragraph: int = 0
    about: str = ""
    exact: bool = False
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a paper's text: a paragraph, a row of a table (`cells`), or a whole page."""

    text: str
    page: int = 0
    paragraph: int = 0
    cells: tuple[str, ...] = ()
    table: int = 0
