"""Papers that do not agree, as a page shows them: both sides with the words around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import url_for

from views import formats
from workflow.verdicts import Evidence, Result
from workflow.words import Value

SIDES: Final = ("left", "right")


@dataclass(frozen=True, slots=True)
class Side:
    """One paper, or the record: what it says, the words around it, and where to open it."""

    source: str
    said: str
    quote: str
    url: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One disagreement: what about, and its two sides."""

    topic: str
    sides: tuple[Side, Side]


def pairs(result: Result, code: str) -> list[Pair]:
    """The disagreements a finding saw, in the dossier `code`."""
    return [
        Pair(
            str(one.text.values["topic"]),
            (_side(one, "left", code), _side(one, "right", code)),
        )
        for one in result.finding.evidence
        if is_one(one)
    ]


def is_one(evidence: Evidence) -> bool:
    """Is this evidence a disagreement of two papers?"""
    return "left_said" in evidence.text.values


def documents_in(evidence: Evidence) -> tuple[int, ...]:
    """The ids of the papers that disagree."""
    found = (evidence.text.values.get(f"{side}_document", 0) for side in SIDES)
    return tuple(dict.fromkeys(one for one in found if isinstance(one, int) and one))


def _side(evidence: Evidence, side: str, code: str) -> Side:
    values = evidence.text.values
    source = str(values[side])
    document = values[f"{side}_document"]
    said = _words(values[f"{side}_said"])
    quote = str(values[f"{side}_quote"])
    return Side(
        f"{source[:1].upper()}{source[1:]}",
        said,
        "" if quote == said else quote,
        url_for("documents.download", code=code, document_id=document) if document else "",
    )


def _words(value: Value) -> str:
    return formats.day(value) if isinstance(value, date) else str(value)
