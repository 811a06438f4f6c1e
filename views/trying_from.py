"""A real dossier as the beginning of a case to try: what would it be with one figure otherwise?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from views.forms import day_text
from workflow.guards.indices import scoring_units
from workflow.vocabulary import Action, IndexKind, ScoreKind, SubjectKind
from workflow.working_days import office_day

if TYPE_CHECKING:
    from decimal import Decimal

    from workflow.facts import DossierFacts
    from workflow.programme import Programme
    from workflow.scores import Score

FIRMEST = (ScoreKind.PUBLISHED, ScoreKind.APPRAISED, ScoreKind.SELF)


def typed_from(
    facts: DossierFacts, programme: Programme, ordinary: dict[str, str], years: int
) -> dict[str, str]:
    """The form as the dossier would fill it in; what it has not come to yet stays as is usual.

    How many places are taken is not lent: not everybody who sees a dossier may see that.
    """
    cycle = programme.cycle_by_id[facts.cycle_id]
    typed = ordinary | {
        "dot": facts.cycle_id,
        "hinh-thuc": facts.award_form or ordinary["hinh-thuc"],
        "doi-tuong": facts.subject.kind.value,
        "cap": facts.subject.unit.kind.value,
        "duoc-cham": _box(facts.subject.unit.scored_by_province),
        "dang-ky": day_text(facts.registration.acknowledged_on),
        "nop": _submitted(facts, programme),
        "quyet-dinh": day_text(facts.decision.dated) if facts.decision else "",
        "sang-kien": _box(bool(facts.initiatives)),
        "cong-nhan": day_text(next((one.recognised_on for one in facts.initiatives), None)),
        "ap-dung": _box(any(one.applied for one in facts.initiatives)),
        "trung": _box(bool(facts.twins)),
        "vi-pham": _box(facts.hold is not None),
        **_scores(facts, cycle.year, years),
    }
    if facts.council is not None:
        typed |= {
            "thanh-vien": str(facts.council.members),
            "du-hop": str(facts.council.present),
            "dong-y": str(facts.council.votes_for),
        }
    return typed


def _box(ticked: bool) -> str:  # noqa: FBT001 - what a box says
    return "1" if ticked else ""


def _submitted(facts: DossierFacts, programme: Programme) -> str:
    days = [office_day(act.at, programme.zone) for act in facts.acts if act.action is Action.SUBMIT]
    return day_text(days[0] if days else None)


def _scores(facts: DossierFacts, year: int, years: int) -> dict[str, str]:
    """The figures of whichever unit the law asks, the firmest first."""
    lineage = facts.subject.lineage
    single = facts.subject.kind is SubjectKind.INDIVIDUAL
    units = scoring_units(lineage) if single else lineage[:1]
    known = [one for one in facts.scores if one.unit_id in {unit.id for unit in units}]
    par, sipas = _best(known, IndexKind.PAR, year), _best(known, IndexKind.SIPAS, year)
    firmest = par or sipas
    found = {
        "cchc": _figure(par.value) if par else "",
        "sipas": _figure(sipas.value) if sipas else "",
        "nguon": (firmest.kind if firmest else ScoreKind.PUBLISHED).value,
    }
    for back in range(years):
        one = _best(known, IndexKind.PAR, year - back)
        found[f"loai-{back}"] = one.classification.value if one and one.classification else ""
    return found


def _best(scores: list[Score], index: IndexKind, year: int) -> Score | None:
    fit = [one for one in scores if one.index is index and one.year == year]
    return min(fit, key=lambda one: FIRMEST.index(one.kind), default=None)


def _figure(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")
