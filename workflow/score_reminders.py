"""When the province is reminded of scores it has not published: pure, from programme and terms.

A deadline that was in force for a while reminds in that while only, whatever came later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING

from workflow.forecast import CYCLE_OVER, DEADLINE_MOVED, SCORES_IN, Stretch, joined
from workflow.reminders import score_marks
from workflow.working_days import closing_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.programme import Cycle, Programme
    from workflow.terms import Terms


def score_stretches(
    programme: Programme, cycle: Cycle, terms: Terms, whole_at: datetime | None
) -> tuple[Stretch, ...]:
    """When scores of the cycle were missing, cut where the office moved a deadline.

    `whole_at` is when the last score came in (UTC), or None while some are missing.
    """
    return joined(_stretches(programme, cycle, terms, whole_at))


def _stretches(
    programme: Programme, cycle: Cycle, terms: Terms, whole_at: datetime | None
) -> Iterator[Stretch]:
    opens = closing_instant(programme.starts, time(0), programme.zone)
    cuts = sorted({one.at for one in terms.milestones if one.at > opens})
    for start, moved in pairwise([opens, *cuts, None]):
        if start is None or (whole_at is not None and whole_at <= start):
            return
        known = tuple(one for one in terms.milestones if one.at <= start)
        found = score_marks(programme, cycle, replace(terms, milestones=known))
        last = max((mark.deadline for mark in found), default=_end_of(programme, cycle))
        ends = [(last, CYCLE_OVER), (whole_at, SCORES_IN), (moved, DEADLINE_MOVED)]
        end, because = min(
            ((at, why) for at, why in ends if at is not None), key=lambda one: one[0]
        )
        if end > start:
            yield Stretch(found, opens, start, end, because)


def _end_of(programme: Programme, cycle: Cycle) -> datetime:
    return closing_instant(cycle.milestones.decided, programme.closing_time, programme.zone)
