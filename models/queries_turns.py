"""Whose turn it is: read from the steps of each programme version, in SQL and in Python alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.people import RELATIONS
from models.rulebooks import rulebook_of
from models.tables import Dossier, ProgrammeVersion, Registration
from workflow.deadlines import next_state
from workflow.programme import Programme, StepTable
from workflow.vocabulary import PROGRESS, Action, Post, Role, State

_COLUMNS: dict[str, InstrumentedAttribute[int] | InstrumentedAttribute[int | None]] = {
    "subject_unit_id": Dossier.unit_id,
    "proposing_unit_id": Dossier.proposing_unit_id,
    "deciding_unit_id": Dossier.deciding_unit_id,
    "superior_unit_id": Registration.superior_unit_id,
}


_VERSIONS = select(ProgrammeVersion.content_hash)


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whose turn it is: the state, an open supplement, a hold."""

    state: State
    supplement: bool = False
    held: bool = False


def programmes(session: Session) -> dict[str, Programme]:
    """All programme versions by hash."""
    hashes = session.scalars(_VERSIONS)
    return {each: rulebook_of(session, each).programme for each in hashes}


def forward_step(programme: Programme, state: State) -> StepTable | None:
    """The step that takes a dossier to its next state; None at an end."""
    target = next_state(state)
    found = (step for step in programme.steps if step.source is state and step.target is target)
    return next((step for step in found if target is not None), None)


def step_due(programme: Programme, situation: Situation) -> StepTable | None:
    """The step the dossier waits for: out of a hold, back from a supplement, or forward."""
    wanted: Action | None = None
    if situation.held:
        wanted = Action.RELEASE_HOLD
    elif situation.supplement:
        wanted = Action.SEND_SUPPLEMENT
    if wanted is not None:
        return next(iter(programme.steps_from(situation.state, wanted)), None)
    return forward_step(programme, situation.state)


def situation_of(dossier: Dossier) -> Situation:
    """The situation of a stored dossier."""
    return Situation(dossier.state, dossier.supplement is not None, dossier.hold_since is not None)


def waits_for(
    known: dict[str, Programme], pairs_for: Callable[[Action], frozenset[tuple[Post, int]]]
) -> ColumnElement[bool]:
    """SQL over `Dossier` joined with `Registration`: does it wait for somebody with these posts?

    `pairs_for` tells the posts that count for one action: a delegation may lend only some steps.
    """
    turns: list[ColumnElement[bool]] = []
    for content_hash, programme in known.items():
        here: list[ColumnElement[bool]] = []
        for state in PROGRESS:
            for situation in (Situation(state), *_turned_back(state)):
                step = step_due(programme, situation)
                theirs = _posts_make(step.by, pairs_for(step.action)) if step else []
                if theirs:
                    here.append(and_(_stands_so(situation), or_(*theirs)))
        if here:
            turns.append(and_(Dossier.programme_hash == content_hash, or_(*here)))
    return or_(false(), *turns)


def _turned_back(state: State) -> tuple[Situation, Situation]:
    """A hold comes first, whether or not a supplement is open as well."""
    return Situation(state, supplement=True), Situation(state, held=True)


def stands_in(roles: Iterable[Role], pairs: frozenset[tuple[Post, int]]) -> ColumnElement[bool]:
    """SQL over `Dossier` joined with `Registration`: do these posts make one of the roles?"""
    return or_(false(), *_posts_make(roles, pairs))


def _posts_make(
    roles: Iterable[Role], pairs: frozenset[tuple[Post, int]]
) -> list[ColumnElement[bool]]:
    """The ways in which these posts make one of the roles; none when they never do."""
    found: list[ColumnElement[bool]] = []
    for role in roles:
        relation = RELATIONS[role]
        units = sorted({unit for post, unit in pairs if post in relation.posts})
        if units and not relation.at:
            return [true()]
        if units:
            found += [_COLUMNS[name].in_(units) for name in relation.at]
    return found


def _stands_so(situation: Situation) -> ColumnElement[bool]:
    here, asked, held = (
        Dossier.state == situation.state,
        Dossier.supplement,
        Dossier.hold_since,
    )
    if situation.held:
        return and_(here, held.is_not(None))
    return and_(
        here,
        asked.is_not(None) if situation.supplement else asked.is_(None),
        held.is_(None),
    )
