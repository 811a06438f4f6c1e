"""The last look before a letter leaves: does it still make sense, and what is due now?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models.matters import due
from models.reminding import Standing, may_receive, standing_dossiers
from models.rulebooks import rulebook_of
from models.staffing import staff
from models.tables import OutgoingMessage
from schedules.planner import LEFT, reason_of, scope_of
from workflow.deadlines import Deadline, deadline_of, next_state
from workflow.forecast import DEADLINE_MOVED, MOVED_ON, NOT_THEIRS

NO_LONGER_DUE: Final = "việc được nhắc không còn"


@dataclass(frozen=True, slots=True)
class Look:
    """With a reason the letter is not sent; `ahead` is the dossier's next deadline, if any."""

    because: str = ""
    ahead: Deadline | None = None


def look_again(session: Session, message: OutgoingMessage, now: datetime) -> Look:
    """Judge a letter by how things stand at `now`.

    A reminder must still be one the planner would write; a letter about a step that happened
    always goes, unless the person has left.
    """
    because = reasons(session, [message], now)[message.id]
    standing = None
    if message.dossier_id is not None:
        standing = next(iter(standing_dossiers(session, {message.dossier_id})), None)
    return Look(because, _ahead(session, standing))


def reasons(session: Session, messages: Sequence[OutgoingMessage], now: datetime) -> dict[int, str]:
    """For each letter why it is not to be sent any more; empty when it is."""
    told = [one for one in messages if "rule" in one.values]
    found = _reminders(session, told, now) if told else {}
    for one in messages:
        gone = one.recipient_id is not None and not may_receive(session, one.recipient_id)
        found[one.id] = LEFT if gone else found.get(one.id, "")
    return found


def _reminders(
    session: Session, messages: Iterable[OutgoingMessage], now: datetime
) -> dict[int, str]:
    listed = list(messages)
    dossiers = {one.dossier_id for one in listed if one.dossier_id is not None}
    others = any(one.dossier_id is None for one in listed)
    scope = replace(scope_of(session, now), dossiers=dossiers, others=others)
    people = staff(session)
    keys: dict[str, str] = {}
    standing: set[str] = set()
    for one in due(session, scope, people):
        keys[one.intent.key] = reason_of(one, people, now)
        if one.intent.stretch.end is None or one.intent.stretch.end > now:
            standing.add(one.intent.mark_key)
    return {one.id: _reason(one, keys, standing) for one in listed}


def _reason(message: OutgoingMessage, keys: dict[str, str], standing: set[str]) -> str:
    # The key, not the values: letters written by an older release have fewer of them.
    key = message.dedupe_key.rpartition(":")[0]
    if key in keys:
        return keys[key]
    if key.rpartition(":")[0] in standing:
        return NOT_THEIRS
    return DEADLINE_MOVED if message.dossier_id is not None else NO_LONGER_DUE


def _ahead(session: Session, standing: Standing | None) -> Deadline | None:
    following = next_state(standing.live.state) if standing else None
    if standing is None or following is None:
        return None
    programme = rulebook_of(session, standing.programme_hash).programme
    return deadline_of(programme, standing.live, following)


__all__ = ["DEADLINE_MOVED", "LEFT", "MOVED_ON", "NOT_THEIRS", "Look", "look_again", "reasons"]
