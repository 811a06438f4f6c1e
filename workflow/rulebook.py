"""A programme made ready to judge: rules bound to guards, and the machine, once per version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.machine import WorkflowMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workflow.case import Case
    from workflow.programme import Programme
    from workflow.rule_tables import RuleTable
    from workflow.verdicts import Finding


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule of the file with its guard and its checked parameters filled in."""

    table: RuleTable
    ask: Callable[[Case], Finding]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything needed to judge a dossier of one programme version."""

    programme: Programme
    rules: Mapping[str, BoundRule]
    machine: WorkflowMachine

    @property
    def content_hash(self) -> str:
        """The version a dossier stores."""
        return self.programme.content_hash


def bind(programme: Programme, rules: Mapping[str, BoundRule]) -> Rulebook:
    """Build the rulebook of a programme whose rules were bound by `workflow.parsing`."""
    return Rulebook(programme, rules, WorkflowMachine(programme))
