"""The letters of a season's steps, queued by the service as its ledger would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.deadlines import terms_of, timed
from models.evaluations import to_json
from models.gathering import places_of
from models.letters import Occasion, queue_letters
from models.rulebooks import rulebook_of
from models.tables import Dossier
from workflow.deadlines import deadline_of, next_state
from workflow.effects import Notify
from workflow.vocabulary import Action, State


def deadline_after(session: Session, dossier: Dossier, target: State) -> datetime | None:
    """By when the step after `target` must be taken, as the dossier stands now."""
    following = next_state(target)
    if following is None:
        return None
    programme = rulebook_of(session, dossier.programme_hash).programme
    found = deadline_of(
        programme, timed(dossier, terms_of(session, [dossier])[dossier.id]), following
    )
    return found.instant if found else None


def tell_step(
    session: Session,
    dossier: Dossier,
    step: tuple[Action, State, datetime],
    deadline: datetime | None,
    values: Mapping[str, Any],
    held_for: int | None,
) -> None:
    """Queue the letters of a step just taken: which, from which state, when."""
    action, source, now = step
    programme = rulebook_of(session, dossier.programme_hash).programme
    told = {
        "code": dossier.code,
        "subject": dossier.subject_name,
        "unit": "Đơn vị",
        "cycle": dossier.cycle_id,
        "award": "",
        "step": action.value,
        "clause": "",
        "state": dossier.state.value,
        "actor_id": None,
        "actor": "Mùa thử",
        "comment": "",
        "at": to_json(now),
        **values,
    }
    places = places_of(session, dossier)
    occasion = Occasion(dossier.id, dossier.code, dossier.version, places, told, held_for, deadline)
    for one in programme.steps:
        if (one.action, one.source, one.target) == (action, source, dossier.state):
            notices = [Notify(each.to, each.letter, each.at_end) for each in one.notify]
            queue_letters(session, notices, occasion, now)
            return
