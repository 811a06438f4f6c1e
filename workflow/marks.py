"""What a human check looked at, and whether it still speaks of the dossier as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workflow.facts import Act, Document, DossierFacts, Mark
    from workflow.programme import Programme
    from workflow.rule_tables import RuleTable
    from workflow.verdicts import Result
    from workflow.vocabulary import SubjectKind

ATTESTED = "attested"
AGREED = "papers_agree"
MARKED = frozenset({ATTESTED, AGREED})
"""Guards a person answers with a mark: always, or only when something does not agree."""


def human_rules(programme: Programme, kind: SubjectKind) -> tuple[RuleTable, ...]:
    """The rules of the check that only a person can judge, for this kind of subject."""
    asked = [
        use.rule
        for step in programme.steps
        if step.action is Action.CONFIRM_CHECK
        for use in step.rules
    ]
    rules = (programme.rule_by_id[name] for name in dict.fromkeys(asked))
    return tuple(rule for rule in rules if rule.guard == ATTESTED and kind in rule.subjects)


def answered_rules(programme: Programme, results: Iterable[Result]) -> tuple[RuleTable, ...]:
    """The rules of a judged check that a person has to answer, or has answered."""
    rules = programme.rule_by_id
    return tuple(
        rules[result.rule]
        for result in results
        if rules[result.rule].guard == AGREED and result.finding.code in {DISAGREE, ANSWERED}
    )


DISAGREE = "PAPERS_DISAGREE"
ANSWERED = "PAPERS_ANSWERED"


def about_of(programme: Programme, code: str) -> tuple[str, ...]:
    """The parts of a dossier the question `code` is about; none means all of them."""
    return next(
        (
            tuple(rule.params.get("about", ()))
            for rule in programme.rules
            if rule.guard in MARKED and rule.params.get("code") == code
        ),
        (),
    )


def covered_by(programme: Programme, code: str, facts: DossierFacts) -> tuple[int, ...]:
    """The ids of the documents somebody looks at who answers the question `code`."""
    about = about_of(programme, code)
    return tuple(paper.id for paper in facts.documents if _concerns(about, paper.kind.value))


def overtaken(
    mark: Mark, about: Iterable[str], documents: Iterable[Document], acts: Iterable[Act]
) -> bool:
    """Was anything the mark looked at changed since? Other parts of the dossier may change."""
    parts = tuple(about)
    current = {paper.id for paper in documents}
    return not current.issuperset(mark.covered) or last_change(mark, parts, acts) is not None


def last_change(mark: Mark, about: tuple[str, ...], acts: Iterable[Act]) -> Act | None:
    """The newest edit, after the mark, of a part the mark is about."""
    later = [
        act
        for act in acts
        if act.action is Action.EDIT and act.version > mark.version and _concerns(about, act.part)
    ]
    return later[-1] if later else None


def _concerns(about: tuple[str, ...], part: str) -> bool:
    """Nothing named means everything; an edit that does not say its part touches everything."""
    return not about or not part or part in about
