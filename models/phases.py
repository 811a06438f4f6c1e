"""How a dossier stood, phase by phase, read back from its history.

A phase ends when something changes that counts for reminders: the state, a deadline, a request
for supplement, a hold, the notice of the decision. Instants are aware UTC.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.evaluations import from_json
from models.tables import HistoryLine
from workflow.forecast import (
    DEADLINE_MOVED,
    HELD,
    MOVED_ON,
    NOTIFIED,
    PUBLISHED,
    RELEASED,
    SUPPLEMENT_OPENED,
    SUPPLEMENT_SENT,
)
from workflow.reminders import LiveDossier
from workflow.terms import Terms
from workflow.vocabulary import PROGRESS, Action, State

_WITH_INPUTS: Final = (Action.REQUEST_SUPPLEMENT.value, Action.GRANT_EXTENSION.value)
_TELLING: Final = (
    *_WITH_INPUTS,
    Action.REGISTER.value,
    Action.SEND_SUPPLEMENT.value,
    Action.HOLD.value,
    Action.RELEASE_HOLD.value,
)
_NAMED_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """One history line that counts for reminders."""

    at: datetime
    action: str
    to_state: State
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """How the dossier stood from `start` to `end`, and why that ended."""

    live: LiveDossier
    start: datetime
    end: datetime | None
    because: str


def turns_of(session: Session, ids: Sequence[int]) -> dict[int, list[Turn]]:
    """The lines that count, of many dossiers in one statement, in the order of each history."""
    query = select(
        HistoryLine.dossier_id,
        HistoryLine.at,
        HistoryLine.action,
        HistoryLine.to_state,
        HistoryLine.payload,
    ).where(
        HistoryLine.dossier_id.is_not(None),
        HistoryLine.to_state.is_not(None),
        or_(
            HistoryLine.action.in_(_TELLING),
            HistoryLine.from_state.is_distinct_from(HistoryLine.to_state),
        ),
    )
    if len(ids) <= _NAMED_AT_MOST:
        query = query.where(HistoryLine.dossier_id.in_(ids))
    found: defaultdict[int, list[Turn]] = defaultdict(list)
    for dossier_id, at, action, to_state, payload in session.execute(
        query.order_by(HistoryLine.stream, HistoryLine.seq)
    ):
        if dossier_id is None or to_state is None:
            continue
        inputs = json.loads(payload).get("inputs") if action in _WITH_INPUTS else None
        found[dossier_id].append(Turn(at, action, State(to_state), inputs or {}))
    return found


def phases(
    now_as: LiveDossier,
    turns: Sequence[Turn],
    notified_at: datetime | None,
    published_at: datetime | None = None,
) -> list[Phase]:
    """Every phase of the dossier that stands as `now_as`, oldest first; the last is open.

    `published_at` is when its decision was: until then there is no result to pass on.
    """
    found: list[Phase] = []
    for at, live, because in _told(now_as, turns, notified_at, published_at):
        if found:
            found[-1] = replace(found[-1], end=max(at, found[-1].start), because=because)
        found.append(Phase(live, at, None, ""))
    return [one for each in found for one in _split(each, now_as.terms)]


def _told(
    now_as: LiveDossier,
    turns: Sequence[Turn],
    notified_at: datetime | None,
    published_at: datetime | None,
) -> Iterator[tuple[datetime, LiveDossier, str]]:
    live: LiveDossier | None = None
    for number, turn in enumerate(turns):
        before = live or replace(
            now_as,
            entered_state_at=turn.at,
            extended_until=None,
            since=None,
            supplement_due=None,
            supplement_asked_at=None,
            held=False,
            notified=False,
        )
        live, because = _after(before, turn, first=live is None)
        if turn.to_state is State.DECIDED:
            retracted = number + 1 < len(turns) and turns[number + 1].to_state in PROGRESS
            public = None if retracted else published_at
            if public is None or public > turn.at:
                yield turn.at, replace(live, notified=True), because
                if public is None:
                    continue
                live = replace(live, entered_state_at=public, since=public)
                yield public, live, PUBLISHED
                continue
        yield turn.at, live, because
    if live is not None and notified_at is not None and live.state is State.DECIDED:
        yield notified_at, replace(live, notified=True), NOTIFIED


def _after(before: LiveDossier, turn: Turn, *, first: bool) -> tuple[LiveDossier, str]:
    live, because = before, MOVED_ON
    match turn.action:
        case Action.REQUEST_SUPPLEMENT.value:
            due = _instant(turn.inputs["due"])
            live = replace(before, supplement_due=due, supplement_asked_at=turn.at, since=turn.at)
            because = SUPPLEMENT_OPENED
        case Action.SEND_SUPPLEMENT.value:
            live = replace(before, supplement_due=None, supplement_asked_at=None, since=turn.at)
            because = SUPPLEMENT_SENT
        case Action.GRANT_EXTENSION.value:
            live = replace(before, extended_until=_instant(turn.inputs["until"]))
            because = DEADLINE_MOVED
        case Action.HOLD.value:
            live, because = replace(before, held=True), HELD
        case Action.RELEASE_HOLD.value:
            live, because = replace(before, held=False, since=turn.at), RELEASED
        case _:
            pass
    if first or turn.to_state is not before.state:
        live = replace(
            live,
            state=turn.to_state,
            entered_state_at=turn.at,
            since=turn.at,
            supplement_due=None,
            supplement_asked_at=None,
        )
    return live, because


def _split(phase: Phase, terms: Terms) -> Iterator[Phase]:
    """Cut a phase where the office moved a deadline; each part knows only what was known then."""
    decided = [*(one.at for one in terms.milestones), *(one.at for one in terms.stops)]
    cuts = sorted(
        {at for at in decided if phase.start < at and (phase.end is None or at < phase.end)}
    )
    edges = [phase.start, *cuts]
    for number, start in enumerate(edges):
        then = _known(terms, start)
        known = phase.live if phase.live.terms is then else replace(phase.live, terms=then)
        last = number == len(cuts)
        end = phase.end if last else edges[number + 1]
        yield Phase(known, start, end, phase.because if last else DEADLINE_MOVED)


def _known(terms: Terms, at: datetime) -> Terms:
    if not (terms.milestones or terms.stops or terms.grants):
        return terms
    return replace(
        terms,
        milestones=tuple(one for one in terms.milestones if one.at <= at),
        stops=tuple(one for one in terms.stops if one.at <= at),
        grants=tuple(one for one in terms.grants if one.at <= at),
    )


def _instant(written: object) -> datetime:
    return cast("datetime", from_json(written))
