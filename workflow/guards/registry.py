"""The names a programme file may use, each with its function and the shape of its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from workflow.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from workflow.case import Case
    from workflow.verdicts import Finding

Parameters = TypeVar("Parameters", bound=Table)


class NoParameters(Table):
    """For guards that compare with nothing of their own."""


@dataclass(frozen=True, slots=True)
class GuardSpec:
    """A guard by name: what it asks, what it is asked with, and what the name means."""

    name: str
    parameters: type[Table]
    ask: Callable[[Case, Any], Finding]
    meaning: str


GUARDS: dict[str, GuardSpec] = {}


def guard(
    name: str, parameters: type[Parameters]
) -> Callable[[Callable[[Case, Parameters], Finding]], Callable[[Case, Parameters], Finding]]:
    """Register the decorated function as the guard `name`."""

    def register(
        function: Callable[[Case, Parameters], Finding],
    ) -> Callable[[Case, Parameters], Finding]:
        meaning = (function.__doc__ or "").strip().splitlines()[0]
        GUARDS[name] = GuardSpec(name, parameters, function, meaning)
        return function

    return register
