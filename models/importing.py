"""Tables people bring, in three movements: read everything, show what would change, then do it.

Reading never writes: a dry run is simply reading. All errors come at once, each with its line and
column; with errors nothing is applied. A plan has a digest of everything it would change, before
and after: who confirms one confirms that and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from models.chain import digest
from models.sheets import RowError
from workflow.words import Sentence, phrase

T = TypeVar("T")


class Effect(StrEnum):
    """What a line of a table does to the record."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a line says, and what the record says of it now; both in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What one line would change: about whom, and field by field what differs."""

    line: int
    about: str
    effect: Effect
    fields: tuple[Field, ...] = ()


def plainly(said: Sentence) -> str:
    """A sentence with its values as they are."""
    return said.template.format(**said.values)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who brings a table, when, and what the table does not say itself.

    With `hold` the rows a plan is compared with stay locked until the end of the transaction.
    `tell` puts a sentence of the law into the reader's words.
    """

    by: int | None
    now: datetime
    options: Mapping[str, str] = field(default_factory=dict)
    hold: bool = False
    tell: Callable[[Sentence], str] = plainly


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """What a table says: rows to apply, and what is wrong with the others."""

    changes: tuple[T, ...]
    errors: tuple[RowError, ...]
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    """What was passed over, in words: hidden sheets, sums, formulas read as their last value."""

    @property
    def digest(self) -> str:
        """One hash of everything that would change."""
        return digest(
            [
                [one.line, one.about, one.effect.value]
                + [[each.label, each.before, each.after] for each in one.fields]
                for one in self.differences
            ]
        )

    @property
    def effects(self) -> Counter[Effect]:
        """How many lines are new, change something, and say what is known."""
        return Counter(one.effect for one in self.differences)


class HasErrors(Exception):
    """A plan with errors is not applied."""


def applicable(plan: Plan[T]) -> tuple[T, ...]:
    """The changes of a plan without errors. Raises `HasErrors`."""
    if plan.errors:
        raise HasErrors(phrase("{count} dòng có lỗi", count=len(plan.errors)))
    return plan.changes


def compared(
    line: int, about: str, before: Mapping[str, str] | None, after: Mapping[str, str]
) -> Difference:
    """The difference between two states in words; `before` is None for what is new."""
    if before is None:
        fields = tuple(Field(name, "", value) for name, value in after.items() if value)
        return Difference(line, about, Effect.NEW, fields)
    fields = tuple(
        Field(name, before.get(name, ""), value)
        for name, value in after.items()
        if value != before.get(name, "")
    )
    return Difference(line, about, Effect.CHANGED if fields else Effect.SAME, fields)
