"""What reminders are about, with what their letters say; and where others add theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy.orm import Session

from models.people import Places
from workflow.forecast import Matter

LOOKING_BACK: Final = timedelta(days=62)
"""Matters that came to an end are still asked about for so long."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One matter with what its letters say; days and instants in `values` are tagged."""

    matter: Matter[Places]
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read: everything that was live at or after `live_at`, or less of it.

    Stretches that ended by `since` are nobody's business: the service did not plan yet.
    `dossiers` narrows to these dossiers; `others` leaves everything out that is no dossier.
    """

    since: datetime
    until: datetime
    live_at: datetime
    dossiers: Collection[int] | None = None
    others: bool = True


Source: TypeAlias = Callable[[Session, Scope], Iterable[Subject]]

extra_marks: Final[list[Source]] = []
"""Sources of further matters (reports due); a module that has some adds itself here."""
