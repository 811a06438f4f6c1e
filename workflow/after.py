"""What the facts of a dossier are once an accepted step has been written down.

The ledgers write rows; this says the same of plain facts, for the twin in the tests and for the
exploration of a programme (`workflow.proving`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workflow import effects
from workflow.facts import Act, Approval
from workflow.ports import NoSeatLeft
from workflow.vocabulary import State

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.decisions import Accepted
    from workflow.facts import Actor, DossierFacts


def facts_after(accepted: Accepted, now: datetime) -> DossierFacts:
    """The facts one version on. Raises `NoSeatLeft` when the step takes a place that is gone."""
    facts, actor = accepted.before, accepted.judgement.actor
    lender = actor.principal.person_id if actor.principal else None
    act = Act(
        accepted.command.action,
        actor.person_id,
        actor.signature,
        now,
        accepted.target,
        lender,
        facts.version + 1,
        accepted.command.extra.get("part", ""),
    )
    changed = replace(
        facts,
        state=accepted.target,
        version=facts.version + 1,
        acts=(*facts.acts, act),
        entered_state_at=facts.entered_state_at if accepted.target is accepted.source else now,
    )
    for effect in accepted.effects:
        changed = _apply(changed, effect, actor, now)
    if _gives_back(accepted):
        changed = _seat(changed, -1)
    return changed


def _gives_back(accepted: Accepted) -> bool:
    """Before the decision only a place kept for it can go back, and these facts keep none."""
    given = any(isinstance(effect, effects.ReleaseSeat) for effect in accepted.effects)
    return given and accepted.before.state is State.DECIDED


def _apply(  # noqa: C901, PLR0911, PLR0912 - one case for each effect.
    facts: DossierFacts, effect: effects.Effect, actor: Actor, now: datetime
) -> DossierFacts:
    match effect:
        case effects.Notify() | effects.StoreRevocation():
            return facts
        case effects.Approve(gave, covered):
            others = _without(facts, (gave,))
            return replace(facts, approvals=(*others, Approval(gave, now, actor.name, covered)))
        case effects.DropApprovals(gave=fallen):
            council = None if State.COUNCIL_REVIEWED in fallen else facts.council
            ranking = None if State.BOARD_CHECKED in fallen else facts.ranking
            standing = _without(facts, fallen)
            return replace(facts, approvals=standing, council=council, ranking=ranking)
        case effects.StoreCouncilResult(result):
            return replace(facts, council=result)
        case effects.StoreRanking(result):
            return replace(facts, ranking=result)
        case effects.StoreMark(mark):
            marks = tuple(one for one in facts.marks if one.code != mark.code)
            return replace(facts, marks=(*marks, mark))
        case effects.StoreDecision(decision, publish):
            return replace(facts, decision=replace(decision, published=publish))
        case effects.ClearDecision():
            return replace(facts, decision=None)
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
        case effects.ConsumeSeat():
            return _seat(facts, +1)
        case effects.ReleaseSeat():
            return facts


def _without(facts: DossierFacts, gave: tuple[State, ...]) -> tuple[Approval, ...]:
    return tuple(approval for approval in facts.approvals if approval.gave not in gave)


def _seat(facts: DossierFacts, by: int) -> DossierFacts:
    quota = facts.quota
    if quota is None:
        return facts
    used = quota.used + by
    if quota.cap is not None and used > quota.cap:
        raise NoSeatLeft(facts.code, quota.pool)
    return replace(facts, quota=replace(quota, used=used))
