"""The whole story of a step, in five lines. Views, jobs and commands call these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.decisions import Accepted, Judgement, decide

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.facts import Command
    from workflow.ports import Ledger


def perform(command: Command, *, ledger: Ledger, now: datetime) -> Accepted | Judgement:
    """Carry one dossier one step further, or say why not; both are written down.

    Raises `NotFound` and `Stale` from the ledger.
    """
    opened = ledger.open(command, now=now)
    verdict = decide(opened.rulebook, command, opened.facts, opened.actor, now)
    if isinstance(verdict, Accepted):
        ledger.record(verdict, now=now)
    else:
        ledger.record_refusal(verdict, command, now=now)
    return verdict
