"""Scores of units as facts: as somebody stated them, or typed by one person so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from workflow.vocabulary import Classification, IndexKind, ScoreKind


@dataclass(frozen=True, slots=True)
class Score:
    """One index of one unit for one year, as somebody stated it."""

    unit_id: int
    unit_name: str
    index: IndexKind
    year: int
    kind: ScoreKind
    value: Decimal
    classification: Classification | None = None
    published_on: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class TypedScore:
    """A published score typed by hand by one person, until a second one says the same."""

    unit_id: int
    unit_name: str
    index: IndexKind
    year: int
    value: Decimal
    by_id: int
    by: str
    at: datetime
    classification: Classification | None = None
    published_on: date | None = None
