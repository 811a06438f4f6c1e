"""The ledger in memory: the second real implementation of `workflow.ports.Ledger`.

It passes the same contract as the SQL one, so tests of the law may use it without a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from workflow import effects
from workflow.decisions import Accepted, Judgement
from workflow.facts import Act, Actor, Approval, Command, DossierFacts
from workflow.ports import NoSeatLeft, NotFound, Opened, Repeated, Stale
from workflow.rulebook import Rulebook
from workflow.vocabulary import State


@dataclass
class MemoryLedger:
    """Dossiers by code, people by id; whoever is not among `people` sees nothing."""

    rulebook: Rulebook
    dossiers: dict[str, DossierFacts]
    people: dict[int, Actor]
    letters: list[tuple[str, effects.Notify]] = field(default_factory=list)
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
        command, actor = accepted.command, accepted.judgement.actor
        facts = self.dossiers[command.code]
        if facts.version != accepted.before.version:
            raise self._stale(facts, accepted.before.version)
        act = Act(command.action, actor.person_id, actor.name, now, accepted.target)
        entered = facts.entered_state_at if accepted.target is accepted.source else now
        changed = replace(
            facts,
            state=accepted.target,
            version=facts.version + 1,
            acts=(*facts.acts, act),
            entered_state_at=entered,
        )
        for effect in accepted.effects:
            changed = self._apply(changed, effect, actor, now)
        self.dossiers[command.code] = changed
        if command.key:
            self.done[command.person_id, command.key] = command.code

    def record_refusal(self, judgement: Judgement, command: Command, *, now: datetime) -> None:
        """Keep the attempt."""
        self.refusals.append((command, judgement))

    def _apply(  # noqa: C901, PLR0911, PLR0912 - one case for each effect.
        self, facts: DossierFacts, effect: effects.Effect, actor: Actor, now: datetime
    ) -> DossierFacts:
        match effect:
            case effects.Notify():
                self.letters.append((facts.code, effect))
                return facts
            case effects.Approve(gave, covered):
                others = _without(facts, (gave,))
                return replace(facts, approvals=(*others, Approval(gave, now, actor.name, covered)))
            case effects.DropApprovals(gave=fallen):
                council = None if State.COUNCIL_REVIEWED in fallen else facts.council
                return replace(facts, approvals=_without(facts, fallen), council=council)
            case effects.StoreCouncilResult(result):
                return replace(facts, council=result)
            case effects.StoreMark(mark):
                marks = tuple(one for one in facts.marks if one.code != mark.code)
                return replace(facts, marks=(*marks, mark))
            case effects.StoreDecision(decision):
                return replace(facts, decision=decision)
            case effects.StoreRevocation():
                return facts
            case effects.OpenSupplement(supplement):
                return replace(facts, supplement=supplement, supplement_rounds=supplement.round)
            case effects.CloseSupplement():
                return replace(facts, supplement=None)
            case effects.Extend(until):
                return replace(facts, extended_until=until)
            case effects.StopClock(stop):
                stops = (*facts.terms.stops, stop)
                return replace(facts, terms=replace(facts.terms, stops=stops))
            case effects.PlaceHold(hold):
                return replace(facts, hold=hold)
            case effects.LiftHold():
                return replace(facts, hold=None)
            case effects.ConsumeSeat(pool):
                return _seat(facts, pool, +1)
            case effects.ReleaseSeat(pool):
                return _seat(facts, pool, -1)

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


def _without(facts: DossierFacts, gave: tuple[State, ...]) -> tuple[Approval, ...]:
    return tuple(approval for approval in facts.approvals if approval.gave not in gave)


def _seat(facts: DossierFacts, pool: str, by: int) -> DossierFacts:
    quota = facts.quota
    if quota is None:
        return facts
    used = quota.used + by
    if quota.cap is not None and used > quota.cap:
        raise NoSeatLeft(facts.code, pool)
    return replace(facts, quota=replace(quota, used=used))
