"""What the office decided about time, as plain facts: dates set anew, more time, stopped clocks.

Instants are aware UTC and inclusive; days are office days (`Asia/Ho_Chi_Minh`). The programme's
own file is version 1 of every milestone and is not repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workflow.vocabulary import DayRule, State


@dataclass(frozen=True, slots=True)
class MilestoneSet:
    """One milestone of the cycle set anew; an empty `award_form` means every form of award."""

    state: State
    version: int
    instant: datetime
    by: str
    at: datetime
    reason: str
    rule: DayRule = DayRule.AS_SET
    clause: str = ""
    award_form: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """An extension given to this dossier, and by whom."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """The clock of this dossier stood still from `since` to `until`, both days inclusive."""

    since: date
    until: date
    reason: str
    by: str
    at: datetime
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """All of it for one dossier. `days_off` and `working_swaps` are kept for a stopped clock."""

    milestones: tuple[MilestoneSet, ...] = ()
    grants: tuple[Grant, ...] = ()
    stops: tuple[Stop, ...] = ()
    days_off: tuple[date, ...] = ()
    working_swaps: tuple[date, ...] = ()
