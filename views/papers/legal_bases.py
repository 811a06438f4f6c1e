"""Căn cứ: which instruments a paper cites, by the day it is dated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import yaml

from views.papers.kinds import TEMPLATES
from views.papers.offices import in_a_sentence
from workflow.programme import Programme

FILE: Final = TEMPLATES / "legal-bases.yaml"
ORGANISATION: Final = "organisation"
AWARD: Final = "award"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One instrument as it is cited, with its first and last day in force."""

    topic: str
    cite: str
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Was it in force on that day?"""
        return self.since <= day and (self.until is None or day <= self.until)


@cache
def all_bases() -> tuple[LegalBasis, ...]:
    """The table as it lies in `config/papers/`, in its order."""
    return tuple(LegalBasis(**row) for row in yaml.safe_load(FILE.read_text("utf-8")))


def cited(
    programme: Programme, day: date, topics: Iterable[str], more: Iterable[str] = ()
) -> list[str]:
    """The lines of Căn cứ: each ends with a semicolon, the last one with a full stop.

    The programme itself stands after the law, whatever replaced the law it was written under.
    """
    wanted = set(topics)
    lines = [
        f"Căn cứ {one.cite}" for one in all_bases() if one.topic in wanted and one.holds_on(day)
    ]
    lines.append(f"Căn cứ {programme_words(programme)}")
    lines += more
    return [f"{line}{'.' if line is lines[-1] else ';'}" for line in lines]


def programme_words(programme: Programme) -> str:
    """The programme as a paper names it: the decision that launched it."""
    return (
        f"văn bản {in_a_sentence(programme.issued_on)} của {programme.issued_by} về việc "
        f"{programme.title[:1].lower()}{programme.title[1:]}"
    )
