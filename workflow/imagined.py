"""What somebody imagines of a unit or person, as the facts a dossier would begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from workflow.facts import (
    DossierFacts,
    Hold,
    Initiative,
    RegistrationFacts,
    SubjectFacts,
    Twin,
    UnitFacts,
)
from workflow.guards.indices import scoring_units
from workflow.scores import Score
from workflow.terms import Terms
from workflow.vocabulary import (
    Classification,
    DocumentKind,
    IndexKind,
    ScoreKind,
    State,
    SubjectKind,
    UnitKind,
)
from workflow.words import phrase
from workflow.working_days import closing_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workflow.programme import AwardForm, Cycle, Programme
    from workflow.vocabulary import Role


CODE: Final = "HS-0000-0000"
"""A code no dossier bears: numbers begin at one."""
_ABOVE: Final = {
    UnitKind.DEPARTMENT: UnitKind.PROVINCE,
    UnitKind.DISTRICT: UnitKind.PROVINCE,
    UnitKind.COMMUNE: UnitKind.DISTRICT,
}
"""Whose a unit is; a division belongs to whoever decides on its award, or proposes it."""


@dataclass(frozen=True, slots=True)
class Imagined:
    """What somebody imagines. Days are office days; a step without one is taken on its last day.

    `unit` is the level of the unit to be honoured, or of the one the person works in. `classes`
    are those of the review year and the years before it, newest first. `papers` are those that
    will be there, complete, when first asked for; `base` counts the units a share is taken of,
    `cap` is the number the deciding head sets where none is.
    """

    cycle_id: str
    award_form: str
    kind: SubjectKind
    unit: UnitKind
    name: str
    scored: bool = True
    registered_on: date | None = None
    submitted_on: date | None = None
    decided_on: date | None = None
    par: Decimal | None = None
    sipas: Decimal | None = None
    firmness: ScoreKind = ScoreKind.PUBLISHED
    classes: tuple[Classification | None, ...] = ()
    declared: bool = True
    recognised_on: date | None = None
    applied: bool = True
    papers: frozenset[DocumentKind] = frozenset()
    members: int = 9
    present: int = 9
    votes_for: int = 9
    ranked: bool = True
    looked_at: bool = True
    base: int | None = None
    cap: int | None = None
    used: int = 0
    twin: bool = False
    held: bool = False
    same_person: bool = False
    insider: bool = False
    terms: Terms = field(default_factory=Terms)
    """What the office decided about the time of this cycle."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How units and people who do not exist are called: by their level, by their role."""

    unit: Callable[[UnitKind], str]
    person: Callable[[Role], str]


def lineage_of(award: AwardForm | None, unit: UnitKind) -> tuple[UnitKind, ...]:
    """The levels above a unit, nearest first; a division's is the one its award is about."""
    line = [unit]
    if unit is UnitKind.DIVISION:
        wanted = (award.decider_unit, *award.proposers) if award else ()
        line.append(next((each for each in wanted if each in _ABOVE), UnitKind.DEPARTMENT))
    while line[-1] in _ABOVE:
        line.append(_ABOVE[line[-1]])
    return tuple(line)


def beginning(programme: Programme, case: Imagined, naming: Naming) -> DossierFacts:
    """The dossier before its first step. Raises `KeyError` when there is no such cycle."""
    cycle = programme.cycle_by_id[case.cycle_id]
    award = programme.award_by_id.get(case.award_form)
    units = tuple(_units(case, award, naming))
    subject = SubjectFacts(
        case.kind, case.name, units, 1 if case.kind is SubjectKind.INDIVIDUAL else None
    )
    proposers = award.proposers if award else ()
    proposing = next((one for one in units if one.kind in proposers), units[0])
    deciding = next((one for one in units if award and one.kind is award.decider_unit), None)
    day = case.registered_on or cycle.registration_closes
    since = closing_instant(day, programme.closing_time, programme.zone)
    return DossierFacts(
        id=0,
        code=CODE,
        version=1,
        state=None,
        programme_hash=programme.content_hash,
        cycle_id=case.cycle_id,
        award_form=case.award_form,
        subject=subject,
        proposing_unit=proposing,
        deciding_unit=deciding,
        registration=RegistrationFacts(
            0, subject.key, cycle.year, units[-1].name, day, case.registered_on
        ),
        scores=tuple(_scores(case, cycle, units)),
        initiatives=tuple(_initiatives(case, units[-1])),
        hold=Hold(phrase("Trường hợp thử"), "", since) if case.held else None,
        terms=case.terms,
        twins=(Twin(CODE, case.award_form, State.REGISTERED),) if case.twin else (),
    )


def _units(case: Imagined, award: AwardForm | None, naming: Naming) -> Iterator[UnitFacts]:
    for number, kind in enumerate(lineage_of(award, case.unit), start=1):
        own = number == 1 and case.kind is SubjectKind.COLLECTIVE
        name = case.name if own else naming.unit(kind)
        scored = case.scored if number == 1 else kind in {UnitKind.DEPARTMENT, UnitKind.DISTRICT}
        yield UnitFacts(number, kind.value, name, kind, scored_by_province=scored)


def _scores(case: Imagined, cycle: Cycle, units: tuple[UnitFacts, ...]) -> Iterator[Score]:
    """The figures imagined, as those of whichever unit the law asks."""
    one = scoring_units(units)[-1] if case.kind is SubjectKind.INDIVIDUAL else units[0]
    out = cycle.registration_opens if case.firmness is ScoreKind.PUBLISHED else None
    rating = case.classes[0] if case.classes else None
    for index, value in ((IndexKind.PAR, case.par), (IndexKind.SIPAS, case.sipas)):
        if value is not None:
            own = rating if index is IndexKind.PAR else None
            yield Score(one.id, one.name, index, cycle.year, case.firmness, value, own, out)
    for back, past in enumerate(case.classes):
        if back and past is not None:
            # No guard asks for the figure of an earlier year, only for its class.
            day = cycle.registration_opens
            year, kind = cycle.year - back, ScoreKind.PUBLISHED
            yield Score(one.id, one.name, IndexKind.PAR, year, kind, Decimal(0), past, day)


def _initiatives(case: Imagined, top: UnitFacts) -> Iterator[Initiative]:
    if not case.declared:
        return
    title = phrase("Sáng kiến thử")
    if case.recognised_on is None:
        yield Initiative(1, title, applied=case.applied)
        return
    yield Initiative(1, title, top.name, "01/QĐ", case.recognised_on, case.applied)
