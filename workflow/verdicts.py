"""What a guard says: five outcomes, with evidence, remedy, who can act, and the clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.vocabulary import Outcome, Role
from workflow.words import Sentence, Value, say

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing the system saw: the sentence, and the figures behind it for machines."""

    text: Sentence
    value: Value | None = None
    threshold: Value | None = None
    record: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one guard to one case."""

    outcome: Outcome
    code: str
    evidence: tuple[Evidence, ...]
    remedy: Sentence | None = None
    who: Role | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A finding under the rule that asked for it, ready to be shown, stored and cited."""

    rule: str
    title: str
    finding: Finding
    clause: str
    quote: str
    readings: tuple[str, ...]
    tolerated: bool

    @property
    def outcome(self) -> Outcome:
        """Shorthand for `finding.outcome`."""
        return self.finding.outcome

    @property
    def blocks(self) -> bool:
        """Does this result stop the step?"""
        return self.outcome not in {Outcome.MET, Outcome.NOT_APPLICABLE} and not self.tolerated


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step cannot be taken, apart from the rules: wrong role, wrong state."""

    code: str
    text: Sentence
    remedy: Sentence | None = None
    roles: tuple[Role, ...] = ()


def met(text: Sentence, **more: Value | None) -> Finding:
    """The rule holds, and this is what shows it."""
    return Finding(Outcome.MET, "MET", (_evidence(text, more),))


def not_met(
    code: str, text: Sentence, *, remedy: Sentence, who: Role, **more: Value | None
) -> Finding:
    """The rule does not hold; say what is seen, how to mend it and who can."""
    return Finding(Outcome.NOT_MET, code, (_evidence(text, more),), remedy, who)


def not_applicable(text: Sentence) -> Finding:
    """The rule does not concern this case; the reason is kept."""
    return Finding(Outcome.NOT_APPLICABLE, "NOT_APPLICABLE", (Evidence(text),))


def not_yet_known(
    code: str, text: Sentence, *, remedy: Sentence, who: Role, **more: Value | None
) -> Finding:
    """The source is not there yet: neither passed nor failed."""
    return Finding(Outcome.NOT_YET_KNOWN, code, (_evidence(text, more),), remedy, who)


def not_looked_at(code: str, text: Sentence, *, remedy: Sentence, who: Role) -> Finding:
    """A human check nobody has made yet."""
    return Finding(Outcome.NOT_LOOKED_AT, code, (Evidence(text),), remedy, who)


_WORST_FIRST = (
    Outcome.NOT_MET,
    Outcome.NOT_LOOKED_AT,
    Outcome.NOT_YET_KNOWN,
    Outcome.MET,
    Outcome.NOT_APPLICABLE,
)


def together(findings: Iterable[Finding]) -> Finding:
    """Several findings of one rule as one: the worst outcome, all the evidence."""
    ranked = sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.outcome))
    if not ranked:
        return not_applicable(say("Không có nội dung phải kiểm."))
    worst = ranked[0]
    evidence = tuple(piece for finding in ranked for piece in finding.evidence)
    return Finding(worst.outcome, worst.code, evidence, worst.remedy, worst.who)


def _evidence(text: Sentence, more: dict[str, Value | None]) -> Evidence:
    return Evidence(
        text,
        value=more.get("value"),
        threshold=more.get("threshold"),
        record=str(more.get("record") or ""),
        whose=str(more.get("whose") or ""),
    )
