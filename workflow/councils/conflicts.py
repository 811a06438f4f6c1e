"""Who does not vote on which dossier, and why (reading Q40).

A nominee never votes on the own dossier. Membership of the nominated unit bars a member of the
provincial council; it cannot bar a unit's own council, whose members all belong to the unit. Who
does not vote stays in the number of members (domain brief, 5.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.councils.kinds import MACHINERY
from workflow.vocabulary import SubjectKind
from workflow.words import Sentence, say

if TYPE_CHECKING:
    from workflow.councils.sitting import Item, Seat, Sitting
    from workflow.vocabulary import SessionKind


def conflict(kind: SessionKind, seat: Seat, item: Item) -> Sentence | None:
    """Why this member does not vote on this dossier; None when the member does."""
    if item.person_id is not None and item.person_id == seat.person_id:
        return say("{name} là người được đề nghị khen.", name=seat.name)
    if MACHINERY[kind].own_unit_bars and item.unit_id in seat.unit_ids:
        if item.subject_kind is SubjectKind.COLLECTIVE:
            return say("{name} thuộc {unit}.", name=seat.name, unit=item.unit_name)
        return say(
            "{name} cùng đơn vị công tác với người được đề nghị: {unit}.",
            name=seat.name,
            unit=item.unit_name,
        )
    return None


def conflicts(sitting: Sitting) -> dict[tuple[int, int], Sentence]:
    """Every member who does not vote on a dossier, by seat and item, with the reason."""
    found: dict[tuple[int, int], Sentence] = {}
    for item in sitting.items:
        for seat in sitting.members:
            why = conflict(sitting.kind, seat, item)
            if why is not None:
                found[seat.id, item.id] = why
    return found
