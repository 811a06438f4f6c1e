"""What has changed in a dossier since the version somebody was looking at, as they may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.concealing import conceal, lines_told
from models.last_looks import Changed, Replaced, differences
from models.queries_history import Line, lines_of
from models.tables import Dossier
from models.visibility import visible_to
from workflow.ports import NotFound
from workflow.vocabulary import Action, State
from workflow.working_days import office_day

PARTS: Final = {
    Action.PRESENT: "presented",
    Action.RECORD_COUNCIL_RESULT: "council_result",
    Action.MARK_CHECK: "marks",
    Action.RECORD_RANKING: "ranking",
    Action.DECIDE: "decision",
    Action.RETRACT: "decision",
    Action.REQUEST_SUPPLEMENT: "supplement",
    Action.SEND_SUPPLEMENT: "supplement",
    Action.GRANT_EXTENSION: "extended_until",
    Action.SUSPEND: "suspensions",
    Action.HOLD: "hold",
    Action.RELEASE_HOLD: "hold",
    Action.REVOKE: "revocation",
}
"""What each step changes besides the state; an edit names its parts itself."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A dossier that moved on while somebody looked at it at version `yours`.

    `last` is the newest thing that happened since and that this person may know of; None when
    there is none. `fields` names what is different: `state`, parts of `PARTS`, kinds of papers,
    `initiatives`, `award_form` and the texts of the report.
    """

    code: str
    state: State
    version: int
    yours: int
    last: Line | None
    fields: tuple[str, ...]
    papers: tuple[Replaced, ...]
    values: tuple[Changed, ...]


def conflict_of(
    session: Session, code: str, person_id: int, version: int, now: datetime
) -> Conflict:
    """Compare the dossier with what it was at `version`. Raises `NotFound` as for any look."""
    day = office_day(now)
    dossier = session.scalar(
        select(Dossier).where(Dossier.code == code, visible_to(person_id, day))
    )
    if dossier is None:
        raise NotFound(code)
    conceal(session, [dossier], person_id, day)
    lines = lines_told(session, dossier, lines_of(session, dossier.id), person_id, day)
    later = [line for line in lines if (line.version or 0) > version]
    papers, values = differences(lines, version)
    return Conflict(
        code=code,
        state=dossier.state,
        version=dossier.version,
        yours=version,
        last=later[0] if later else None,
        fields=tuple(dict.fromkeys(_fields(later, papers, values))),
        papers=papers,
        values=values,
    )


def _fields(
    later: Sequence[Line], papers: Iterable[Replaced], values: Iterable[Changed]
) -> Iterable[str]:
    if later and later[0].to_state != later[-1].from_state:
        yield "state"
    for line in reversed(later):
        part = PARTS.get(Action(line.action)) if line.action in set(Action) else None
        if part is not None:
            yield part
    for paper in papers:
        yield paper.kind
    for value in values:
        yield "initiatives" if value.part == "initiatives" else value.name
