"""Until a decision is published it may be changed; afterwards only revoked (I.2.c, Q39)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.guards.registry import NoParameters, guard
from workflow.verdicts import Finding, met, not_met
from workflow.vocabulary import Role
from workflow.words import say

if TYPE_CHECKING:
    from workflow.case import Case


@guard("decision_published", NoParameters)
def decision_published(case: Case, params: NoParameters) -> Finding:
    """The decision of this dossier is published: who is honoured has been told."""
    del params
    decision = case.facts.decision
    if decision is None or decision.published:
        return met(say("Quyết định đã công bố."))
    return not_met(
        "NOT_PUBLISHED",
        say("Quyết định số {number} chưa công bố.", number=decision.number),
        remedy=say("Đưa hồ sơ ra khỏi quyết định; chưa công bố thì không phải hủy bỏ."),
        who=Role.DECIDER,
        value=decision.number,
    )


@guard("decision_unpublished", NoParameters)
def decision_unpublished(case: Case, params: NoParameters) -> Finding:
    """The decision of this dossier is not published yet, so it may still be changed."""
    del params
    decision = case.facts.decision
    if decision is None or not decision.published:
        return met(say("Quyết định chưa công bố."))
    return not_met(
        "PUBLISHED",
        say("Quyết định số {number} đã công bố.", number=decision.number),
        remedy=say("Chỉ còn cách hủy bỏ theo bốn căn cứ của luật."),
        who=Role.DECIDER,
        value=decision.number,
    )
