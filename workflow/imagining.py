"""A dossier that does not exist, judged step by step by the law itself; nothing is stored.

What somebody imagines of a unit or person becomes the facts a guard looks at, and each forward
step of the programme is asked with `workflow.decisions.judge`, as for a real dossier. There is no
rule here: only what an ordinary dossier looks like on the day of each step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from workflow.deadlines import deadline_of
from workflow.decisions import judge, quota_of
from workflow.facts import (
    Act,
    Actor,
    Approval,
    CouncilResult,
    Decision,
    Document,
    DossierFacts,
    Mark,
    Quota,
)
from workflow.guards.places import cap_of
from workflow.imagined import beginning
from workflow.marks import covered_by, human_rules
from workflow.results import RankingResult
from workflow.statements import Legibility
from workflow.terms import Terms
from workflow.vocabulary import (
    PROGRESS,
    Action,
    DocumentKind,
    Outcome,
    State,
)
from workflow.words import phrase
from workflow.working_days import closing_instant, office_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from workflow.decisions import Judgement
    from workflow.imagined import Imagined, Naming
    from workflow.programme import Programme, StepTable
    from workflow.rulebook import Rulebook

_PAPER: Final = "document"
"""The guard that asks whether a paper is there."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One step of the way: on which office day it was tried, and what the law says of it."""

    step: StepTable
    day: date
    judgement: Judgement


def way(programme: Programme) -> tuple[StepTable, ...]:
    """The forward steps in their order, from registering to the decision."""
    return tuple(
        step
        for source, target in zip((None, *PROGRESS[:-1]), PROGRESS, strict=True)
        for step in programme.steps
        if step.source is source and step.target is target
    )


def attempt(rulebook: Rulebook, case: Imagined, naming: Naming) -> tuple[Tried, ...]:
    """Judge every forward step, each as if those before it had been taken.

    Raises `KeyError` when the programme has no such cycle.
    """
    first = beginning(rulebook.programme, case, naming)
    found: list[Tried] = []
    for number, step in enumerate(way(rulebook.programme), start=1):
        day = _day_of(rulebook.programme, case, step.target, found[-1].day if found else None)
        facts = _as_left(rulebook.programme, first, step, found)
        facts = _on_the_day(rulebook, case, facts, step, day)
        actor = _actor(case, facts, step, number, naming)
        now = _closing(rulebook.programme, day)
        found.append(Tried(step, day, judge(rulebook, step.action, facts, actor, now)))
    return tuple(found)


def _day_of(programme: Programme, case: Imagined, target: State, before: date | None) -> date:
    """The day imagined, else the last day the cycle leaves for the step, never before the last."""
    if target is State.REGISTERED and case.registered_on:
        return case.registered_on
    given = {State.SUBMITTED: case.submitted_on, State.DECIDED: case.decided_on}.get(target)
    if given is not None:
        return given
    cycle = programme.cycle_by_id[case.cycle_id]
    deadline = deadline_of(programme, _timed(case), target)
    last = office_day(deadline.instant, programme.zone) if deadline else cycle.snapshot
    return max(last, before) if before else last


@dataclass(frozen=True, slots=True)
class _Timed:
    """What a deadline is asked about before there are facts."""

    cycle_id: str
    award_form: str
    terms: Terms
    extended_until: datetime | None = None


def _timed(case: Imagined) -> _Timed:
    return _Timed(case.cycle_id, case.award_form, case.terms)


def _closing(programme: Programme, day: date) -> datetime:
    return closing_instant(day, programme.closing_time, programme.zone)


# --- What each step adds -------------------------------------------------------------------------


def _as_left(
    programme: Programme, first: DossierFacts, step: StepTable, before: list[Tried]
) -> DossierFacts:
    """The dossier as the steps before have left it."""
    acts = tuple(
        Act(
            each.step.action,
            each.judgement.actor.person_id,
            each.judgement.actor.name,
            _closing(programme, each.day),
            each.step.target,
        )
        for each in before
        if each.step.source is not None
    )
    approvals = tuple(
        Approval(each.step.target, _closing(programme, each.day), each.judgement.actor.name, ())
        for each in before
        if each.step.covers
    )
    return replace(
        first,
        state=step.source,
        acts=acts,
        approvals=approvals,
        entered_state_at=_closing(programme, before[-1].day) if before else None,
        council=before[-1].judgement.facts.council if before else None,
        documents=before[-1].judgement.facts.documents if before else (),
    )


def _on_the_day(
    rulebook: Rulebook, case: Imagined, facts: DossierFacts, step: StepTable, day: date
) -> DossierFacts:
    """The dossier with what whoever takes the step brings along."""
    programme = rulebook.programme
    arriving = tuple(_arriving(rulebook, case, facts, step, day))
    facts = replace(facts, documents=facts.documents + arriving)
    if step.action is Action.RECORD_COUNCIL_RESULT:
        against = max(case.present - case.votes_for, 0)
        council = CouncilResult(day, case.members, case.present, case.votes_for, against)
        facts = replace(facts, council=council)
    if step.action is Action.CONFIRM_CHECK and case.looked_at:
        facts = replace(facts, marks=tuple(_marks(programme, facts, _closing(programme, day))))
    if step.action is Action.DECIDE:
        signed = Decision("01/QĐ", day, phrase("Người ký"), unit_id=_deciding_id(facts))
        facts = replace(
            facts,
            decision=signed,
            ranking=_ranking(programme, case, day),
            quota=_quota(rulebook, case, facts),
        )
    return facts


def _deciding_id(facts: DossierFacts) -> int | None:
    return facts.deciding_unit.id if facts.deciding_unit else None


def _arriving(
    rulebook: Rulebook, case: Imagined, facts: DossierFacts, step: StepTable, day: date
) -> Iterator[Document]:
    """The papers this step is the first to ask for, signed on its day."""
    rules = rulebook.programme.rule_by_id
    asked = {
        str(rules[use.rule].params["kind"]) for use in step.rules if rules[use.rule].guard == _PAPER
    }
    known = {paper.kind for paper in facts.documents}
    for number, kind in enumerate(DocumentKind, start=1):
        if kind in case.papers and kind.value in asked and kind not in known:
            yield Document(
                number,
                kind,
                1,
                f"{number:064}",
                f"{kind.value.lower().replace('_', '-')}.pdf",
                number="01",
                dated=day,
                signer=phrase("Người ký"),
                confirmed=True,
                legibility=Legibility.UNREADABLE,
            )


def _marks(programme: Programme, facts: DossierFacts, at: datetime) -> Iterator[Mark]:
    for rule in human_rules(programme, facts.subject.kind):
        code = str(rule.params["code"])
        covered = covered_by(programme, code, facts)
        yield Mark(code, Outcome.MET, phrase("Người thẩm định"), at, "", covered, facts.version)


def _ranking(programme: Programme, case: Imagined, day: date) -> RankingResult | None:
    award = programme.award_by_id.get(case.award_form)
    cycle = programme.cycle_by_id[case.cycle_id]
    if not case.ranked or award is None or cycle.kind not in award.provincial_ranking:
        return None
    everybody = case.members
    return RankingResult(
        phrase("thử"),
        day,
        everybody,
        everybody,
        everybody,
        mean_rank=Decimal(1),
        place=1,
    )


def _quota(rulebook: Rulebook, case: Imagined, facts: DossierFacts) -> Quota | None:
    table = quota_of(rulebook.programme.award_by_id.get(case.award_form), facts, rulebook)
    if table is None:
        return None
    if table.percent is None:
        return Quota(table.pool, None, case.cap, case.used)
    return Quota(table.pool, case.base, cap_of(table, case.base), case.used)


def _actor(
    case: Imagined, facts: DossierFacts, step: StepTable, number: int, naming: Naming
) -> Actor:
    """Whoever takes the step: another person each time, from outside, unless imagined otherwise."""
    person = 100 if case.same_person else 100 + number
    inside = frozenset({facts.subject.unit.id, facts.proposing_unit.id})
    return Actor(
        person,
        naming.person(step.by[0]),
        frozenset(step.by),
        inside if case.insider else frozenset(),
        facts.proposing_unit.id if case.insider else None,
    )
