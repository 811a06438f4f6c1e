"""Milestones derived backwards from the day of the decision, to be shown before they are accepted.

The deciding level needs its working days between receiving the dossiers and deciding (data of
the programme: `AwardForm.appraisal`), so the latest day for handing in follows from the day of the
decision. The day of the event is not counted, and a decision on a day off leaves the working days
before it (Bộ luật Dân sự 2015, điều 147). All days are office days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.vocabulary import State
from workflow.working_days import add_working_days, latest_start

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date

    from workflow.programme import AppraisalTable


def derived_milestones(
    appraisal: AppraisalTable,
    decided: date,
    days_off: Container[date],
    swaps: Container[date] = frozenset(),
) -> dict[State, date]:
    """The day of every milestone up to `decided`, in the order of the states."""
    received = latest_start(decided, appraisal.working_days, days_off, swaps)
    return {
        State.SUBMITTED: received,
        State.COUNCIL_REVIEWED: add_working_days(received, appraisal.council, days_off, swaps),
        State.BOARD_CHECKED: add_working_days(received, appraisal.board, days_off, swaps),
        State.DECIDED: decided,
    }
