"""What waits for an appraiser's check: the queue, in statements that do not grow with its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models.gathering import acts_of, marks_of
from models.people import RELATIONS
from models.queries_dossiers import Row, fetch, rows_where
from models.queries_people import Reader
from models.queries_turns import stands_in
from models.tables import Document, Dossier, HistoryLine
from models.visibility import visible_to
from workflow.facts import Document as PaperFacts
from workflow.marks import human_rules, overtaken
from workflow.programme import Programme
from workflow.vocabulary import Action, Role, State

MOST = 200
ASKED_AT_CHECK = (State.COUNCIL_REVIEWED, State.BOARD_CHECKED)


@dataclass(frozen=True, slots=True)
class Back:
    """A dossier that came back from a supplement asked for at the check."""

    at: datetime
    items: int


def appraises(reader: Reader) -> bool:
    """Does the reader check dossiers of any level, or stand in for somebody who does?"""
    posts = RELATIONS[Role.APPRAISER].posts
    return any(post in posts for post, _ in reader.pairs_for(Action.CONFIRM_CHECK))


def waiting_rows(
    session: Session, reader: Reader, known: Mapping[str, Programme], day: date
) -> tuple[Row, ...]:
    """Dossiers whose check is due from this reader, oldest first: no supplement open, not held."""
    return _rows(session, reader, day, _checked_from(known))


def coming_rows(session: Session, reader: Reader, day: date) -> tuple[Row, ...]:
    """Dossiers that stand before their council and come to this reader after it."""
    return _rows(session, reader, day, Dossier.state == State.SUBMITTED)


def held_or_out(
    session: Session, reader: Reader, known: Mapping[str, Programme], day: date
) -> tuple[Row, ...]:
    """Dossiers in the check that wait for their unit, or for the end of a hold."""
    out = or_(Dossier.supplement.is_not(None), Dossier.hold_since.is_not(None))
    return _rows(session, reader, day, _checked_from(known), out)


def _rows(
    session: Session,
    reader: Reader,
    day: date,
    here: ColumnElement[bool],
    *more: ColumnElement[bool],
) -> tuple[Row, ...]:
    free = (Dossier.supplement.is_(None), Dossier.hold_since.is_(None))
    query = rows_where(
        visible_to(reader.person_id, day),
        here,
        stands_in((Role.APPRAISER,), reader.pairs_for(Action.CONFIRM_CHECK)),
        *(more or free),
    )
    ordered = query.order_by(Dossier.entered_state_at, Dossier.code).limit(MOST)
    return fetch(session, ordered, reader.person_id, day)


def _checked_from(known: Mapping[str, Programme]) -> ColumnElement[bool]:
    """SQL: the dossier stands where its programme has the step of confirming the check."""
    found = [
        and_(Dossier.programme_hash == content_hash, Dossier.state == step.source)
        for content_hash, programme in known.items()
        for step in programme.steps
        if step.action is Action.CONFIRM_CHECK
    ]
    return or_(*found) if found else Dossier.id.is_(None)


def looked_at(
    session: Session, rows: Sequence[Row], known: Mapping[str, Programme]
) -> dict[int, tuple[int, int]]:
    """Of each dossier, how many of the human checks stand, and how many there are."""
    ids = [row.dossier.id for row in rows]
    marks, edits = marks_of(session, ids), acts_of(session, ids, Action.EDIT)
    papers: dict[int, list[PaperFacts]] = {each: [] for each in ids}
    for paper in session.scalars(
        select(Document).where(Document.dossier_id.in_(ids), Document.current)
    ):
        papers[paper.dossier_id].append(
            PaperFacts(paper.id, paper.kind, paper.version, paper.sha256, paper.file_name)
        )
    found = {}
    for row in rows:
        one = row.dossier
        rules = human_rules(known[one.programme_hash], one.subject_kind)
        about = {str(rule.params["code"]): tuple(rule.params.get("about", ())) for rule in rules}
        standing = [
            mark
            for mark in marks[one.id]
            if mark.code in about
            and not overtaken(mark, about[mark.code], papers[one.id], edits[one.id])
        ]
        found[one.id] = (len(standing), len(rules))
    return found


def came_back(session: Session, ids: Sequence[int]) -> dict[int, Back]:
    """Dossiers that came back from a supplement of the check and wait to be looked at again."""
    wanted = (Action.REQUEST_SUPPLEMENT, Action.SEND_SUPPLEMENT, Action.CONFIRM_CHECK)
    lines = session.execute(
        select(
            HistoryLine.dossier_id,
            HistoryLine.action,
            HistoryLine.at,
            HistoryLine.payload,
        )
        .where(
            HistoryLine.dossier_id.in_(ids),
            HistoryLine.action.in_([action.value for action in wanted]),
            HistoryLine.from_state.in_([state.value for state in ASKED_AT_CHECK]),
        )
        .order_by(HistoryLine.seq)
    )
    asked: dict[int, int] = {}
    found: dict[int, Back] = {}
    for dossier_id, action, at, payload in lines:
        if dossier_id is None:
            continue
        if action == Action.REQUEST_SUPPLEMENT.value:
            inputs = json.loads(payload or "{}").get("inputs") or {}
            asked[dossier_id] = len(inputs.get("items", ()))
        elif action == Action.SEND_SUPPLEMENT.value:
            found[dossier_id] = Back(at, asked.get(dossier_id, 0))
        else:
            found.pop(dossier_id, None)
    return found
