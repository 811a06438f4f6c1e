"""Deadlines of a cycle: settings of that cycle, moved only by a recorded extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.deadlines import deadline_of
from workflow.guards.registry import guard
from workflow.programme import Table
from workflow.verdicts import Finding, met, not_applicable, not_met
from workflow.vocabulary import Role, State
from workflow.words import Value, say

if TYPE_CHECKING:
    from workflow.case import Case


class Milestone(Table):
    """The state whose milestone is asked about."""

    of: State


@guard("before_milestone", Milestone)
def before_milestone(case: Case, params: Milestone) -> Finding:
    """The step is taken not later than the cycle's day for it, or within an extension."""
    deadline = deadline_of(case.programme, case.facts, params.of)
    if deadline is None:
        return not_applicable(say("Đợt này không đặt hạn cho bước này."))
    words: dict[str, Value] = {"due": deadline.instant, "cycle": case.cycle.label}
    if case.now <= deadline.instant:
        return met(
            say("Còn trong hạn đến {due} của “{cycle}”.", **words),
            value=case.now,
            threshold=deadline.instant,
        )
    return not_met(
        "TOO_LATE",
        say("Đã quá hạn {due} của “{cycle}”.", **words),
        remedy=say("Xin nộp muộn; người thẩm định gia hạn kèm lý do."),
        who=Role.APPRAISER,
        value=case.now,
        threshold=deadline.instant,
    )
