"""One situation, one value: facts without what no rule can tell apart.

Two histories that every guard judges alike from here on become equal: versions and distances in
time go, a paper's number says only whether an approval covers it still, a human check of something
edited since is none (`attested`), and an edit counts only as the answer to an open supplement
(`supplement_changed_something`). What is kept is what some guard reads; that it is enough is not
believed but tried: the conformance test walks the same steps through the real record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from workflow.marks import about_of, overtaken
from workflow.vocabulary import Action, State

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.facts import Act, Approval, Document, DossierFacts
    from workflow.programme import Programme

STEP: Final = timedelta(minutes=1)
GONE: Final = -1
"""The number of every paper that an approval covers and that was replaced since."""


def duties_of(programme: Programme) -> frozenset[Action]:
    """The steps some rule forbids one person to combine."""
    return frozenset(
        Action(name)
        for rule in programme.rules
        if rule.guard == "separate_duties"
        for name in rule.params["between"]
    )


def canonical(facts: DossierFacts, programme: Programme, now: datetime) -> DossierFacts:
    """The representative of all situations that are judged like this one; taken at `now`."""
    if not any(step.source is facts.state for step in programme.steps):
        return _closed(facts)
    asked = facts.supplement
    return replace(
        facts,
        version=0,
        acts=_acts(facts, duties_of(programme), now),
        marks=tuple(
            replace(mark, at=now - STEP, by="", note="", covered=(), version=0)
            for mark in sorted(facts.marks, key=lambda one: one.code)
            if not overtaken(mark, about_of(programme, mark.code), facts.documents, facts.acts)
        ),
        hold=replace(facts.hold, since=now) if facts.hold else None,
        supplement=replace(asked, at=now - 3 * STEP, by="", round=1, items=("x",), again="")
        if asked
        else None,
        supplement_rounds=min(
            facts.supplement_rounds, programme.supplement_most or programme.supplement_limit + 1
        ),
        extended_until=None,
        terms=replace(facts.terms, stops=()),
        entered_state_at=None,
        documents=_papers(facts),
        approvals=_approvals(facts, now),
    )


def _closed(facts: DossierFacts) -> DossierFacts:
    """Nothing leads on from here, so nothing but the state and the place it holds matters."""
    return replace(
        facts,
        version=0,
        acts=(),
        marks=(),
        documents=(),
        approvals=(),
        council=None,
        hold=None,
        supplement=None,
        supplement_rounds=0,
        decision=None,
        extended_until=None,
        entered_state_at=None,
        terms=replace(facts.terms, stops=()),
    )


def _acts(facts: DossierFacts, duties: frozenset[Action], now: datetime) -> tuple[Act, ...]:
    """Who did which duty, once each; and that the supplement asked for was worked on."""
    kept = {
        (act.action.value, act.person_id): replace(
            act, state=None, at=now - 4 * STEP, version=0, part=""
        )
        for act in facts.acts
        if act.action in duties
    }
    asked = facts.supplement
    worked_on = [
        act
        for act in facts.acts
        if asked is not None and act.action is Action.EDIT and act.at >= asked.at
    ]
    edit = (
        (
            replace(
                worked_on[-1],
                person_id=0,
                name="",
                state=None,
                at=now - 2 * STEP,
                version=0,
                part="",
            ),
        )
        if worked_on
        else ()
    )
    return (*(kept[key] for key in sorted(kept)), *edit)


def _papers(facts: DossierFacts) -> tuple[Document, ...]:
    """Papers numbered by their kind."""
    ordered = sorted(facts.documents, key=lambda one: one.kind.value)
    return tuple(replace(paper, id=place, version=1) for place, paper in enumerate(ordered, 1))


def _approvals(facts: DossierFacts, now: datetime) -> tuple[Approval, ...]:
    """Approvals that name papers as `_papers` numbers them; what is gone, by one number below."""
    ordered = sorted(facts.documents, key=lambda one: one.kind.value)
    numbers = {paper.id: place for place, paper in enumerate(ordered, 1)}
    return tuple(
        replace(
            one,
            at=now,
            by="",
            covered=tuple(sorted(numbers.get(paper, GONE) for paper in one.covered)),
        )
        for one in sorted(facts.approvals, key=lambda one: list(State).index(one.gave))
    )
