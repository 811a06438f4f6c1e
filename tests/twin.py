"""The ledger in memory: the second real implementation of `workflow.ports.Ledger`.

It passes the same contract as the SQL one, so tests of the law may use it without a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from workflow.after import facts_after
from workflow.decisions import Accepted, Judgement
from workflow.effects import Notify
from workflow.facts import Actor, Command, DossierFacts
from workflow.ports import NotFound, Opened, Repeated, Stale
from workflow.rulebook import Rulebook


@dataclass
class MemoryLedger:
    """Dossiers by code, people by id; whoever is not among `people` sees nothing."""

    rulebook: Rulebook
    dossiers: dict[str, DossierFacts]
    people: dict[int, Actor]
    letters: list[tuple[str, Notify]] = field(default_factory=list)
    refusals: list[tuple[Command, Judgement]] = field(default_factory=list)
    done: dict[tuple[int, str], str] = field(default_factory=dict)

    def open(self, command: Command, *, now: datetime) -> Opened:
        """Look the dossier up; raise `NotFound`, `Repeated` or `Stale`."""
        facts = self.dossiers.get(command.code)
        actor = self.people.get(command.person_id)
        if facts is None or actor is None:
            raise NotFound(command.code)
        if command.key and (command.person_id, command.key) in self.done:
            raise Repeated(self.done[command.person_id, command.key])
        if facts.version != command.expected_version:
            raise self._stale(facts, command.expected_version)
        return Opened(facts, actor, self.rulebook)

    def record(self, accepted: Accepted, *, now: datetime) -> None:
        """Apply every effect to the facts; raise `Stale` when another writer came first."""
        command = accepted.command
        facts = self.dossiers[command.code]
        if facts.version != accepted.before.version:
            raise self._stale(facts, accepted.before.version)
        self.dossiers[command.code] = facts_after(replace(accepted, before=facts), now)
        notices = (one for one in accepted.effects if isinstance(one, Notify))
        self.letters += [(facts.code, notice) for notice in notices]
        if command.key:
            self.done[command.person_id, command.key] = command.code

    def record_refusal(self, judgement: Judgement, command: Command, *, now: datetime) -> None:
        """Keep the attempt."""
        self.refusals.append((command, judgement))

    def _stale(self, facts: DossierFacts, expected: int) -> Stale:
        last = facts.acts[-1] if facts.acts else None
        return Stale(
            code=facts.code,
            expected_version=expected,
            current_version=facts.version,
            by=last.name if last else "",
            role="",
            action=last.action if last else None,
            at=last.at if last else None,
        )
