"""Tables people bring, in three movements: read everything, show what would change, then do it.

Reading never writes: a dry run is simply reading. All errors come at once, each with its line;
with errors nothing is applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from models.sheets import RowError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """What a table says: rows to apply, and what is wrong with the others."""

    changes: tuple[T, ...]
    errors: tuple[RowError, ...]


class HasErrors(Exception):
    """A plan with errors is not applied."""


def applicable(plan: Plan[T]) -> tuple[T, ...]:
    """The changes of a plan without errors. Raises `HasErrors`."""
    if plan.errors:
        raise HasErrors(f"{len(plan.errors)} dòng có lỗi")
    return plan.changes
