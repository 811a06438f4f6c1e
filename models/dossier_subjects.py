"""Dossiers as matters of reminders: every phase of each, by the rules it began under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, load_only

from models.deadlines import terms_of
from models.people import Places
from models.phases import Phase, phases, turns_of
from models.rulebooks import rulebook_of
from models.subjects import LOOKING_BACK, Scope, Subject
from models.tables import Decision, DecisionNotice, Dossier, Registration, Unit
from workflow.forecast import Matter, Stretch, joined
from workflow.programme import Programme
from workflow.reminders import Calendar, LiveDossier, Mark, marks
from workflow.vocabulary import ENDS

_NEEDED: Final = (
    Dossier.code,
    Dossier.programme_id,
    Dossier.programme_hash,
    Dossier.cycle_id,
    Dossier.award_form,
    Dossier.subject_name,
    Dossier.unit_id,
    Dossier.proposing_unit_id,
    Dossier.deciding_unit_id,
    Dossier.state,
    Dossier.entered_state_at,
    Dossier.extended_until,
)


def dossier_subjects(session: Session, calendar: Calendar, scope: Scope) -> Iterator[Subject]:
    """Dossiers, each by the rules of the version it began under and by its own history."""
    query = (
        select(
            Dossier,
            Registration.superior_unit_id,
            Unit.name,
            DecisionNotice.at,
            Decision.published_at,
        )
        .outerjoin(Decision, Decision.id == Dossier.decision_id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .join(Unit, Unit.id == Dossier.unit_id)
        .outerjoin(DecisionNotice, DecisionNotice.dossier_id == Dossier.id)
        .order_by(Dossier.code)
        .options(load_only(*_NEEDED, raiseload=True))
    )
    if scope.dossiers is not None:
        query = query.where(Dossier.id.in_(scope.dossiers))
    else:
        recent = scope.live_at - LOOKING_BACK
        query = query.where(or_(Dossier.state.not_in(ENDS), Dossier.updated_at >= recent))
    rows = session.execute(query).all()
    dossiers = [row[0] for row in rows]
    terms = terms_of(session, dossiers)
    turns = turns_of(session, [one.id for one in dossiers])
    for dossier, superior, unit, notified_at, published_at in rows:
        programme = rulebook_of(session, dossier.programme_hash).programme
        rules = _Rules(dossier.programme_hash, programme)
        live = replace(_live(dossier), terms=terms[dossier.id])
        found = phases(live, turns.get(dossier.id, ()), notified_at, published_at)
        places = Places(
            dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id, superior
        )
        yield Subject(
            Matter(
                subject=dossier.code,
                places=places,
                stretches=joined(_stretch(rules, one, calendar) for one in found),
                dossier_id=dossier.id,
            ),
            _dossier_values(programme, dossier, unit),
        )


@dataclass(frozen=True)
class _Rules:
    """A programme that is told from others by its hash."""

    content_hash: str
    programme: Programme = field(compare=False)


@lru_cache(maxsize=50_000)
def _marks(rules: _Rules, live: LiveDossier, calendar: Calendar) -> tuple[Mark, ...]:
    """The marks of a phase: kept, for nothing they are made of changes while it is the same."""
    return marks(rules.programme, live, calendar)


def _stretch(rules: _Rules, phase: Phase, calendar: Calendar) -> Stretch:
    live = phase.live
    return Stretch(
        marks=_marks(rules, live, calendar),
        series=live.series,
        start=phase.start,
        end=phase.end,
        because=phase.because,
    )


def _live(dossier: Dossier) -> LiveDossier:
    """How it stands, without its name: dossiers that stand alike have their marks made once."""
    return LiveDossier(
        dossier_id=0,
        code="",
        cycle_id=dossier.cycle_id,
        state=dossier.state,
        entered_state_at=dossier.entered_state_at,
        extended_until=dossier.extended_until,
        award_form=dossier.award_form,
    )


def _dossier_values(programme: Programme, dossier: Dossier, unit: str) -> dict[str, Any]:
    award = programme.award_by_id.get(dossier.award_form)
    return {
        "code": dossier.code,
        "subject": dossier.subject_name,
        "unit": unit,
        "cycle": programme.cycle_by_id[dossier.cycle_id].label,
        "award": award.title if award else "",
        "state": dossier.state.value,
    }
