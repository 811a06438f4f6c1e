"""Everything reminders are about, as the record tells it, and who is due what.

The clock, the forecast and the reconciliation read it here, in a number of statements that does
not grow with the dossiers. `models.subjects.extra_marks`
is where other parts of the service add their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.dossier_subjects import dossier_subjects
from models.queries_inbox import office_calendar
from models.reminding import programmes_in_force
from models.report_subjects import report_subjects
from models.staffing import Staff, staff
from models.subjects import Scope, Subject, extra_marks
from models.unit_subjects import registration_subjects, score_subjects
from workflow.forecast import Holding, Intent, intents
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Due:
    """One intent with the subject it is about."""

    intent: Intent
    subject: Subject


def subjects(session: Session, scope: Scope) -> Iterator[Subject]:
    """Every subject of the scope with its stretches."""
    if scope.dossiers is None or scope.dossiers:
        yield from dossier_subjects(session, office_calendar(session), scope)
    if not scope.others:
        return
    for programme in programmes_in_force(session):
        yield from registration_subjects(session, programme, scope)
        yield from score_subjects(session, programme, scope)
        yield from report_subjects(session, programme, scope)
    for source in extra_marks:
        yield from source(session, scope)


def due(session: Session, scope: Scope, people: Staff | None = None) -> Iterator[Due]:
    """Everything that ever was due up to the end of the scope about its subjects.

    What belongs to stretches that ended by `scope.since` is left out.
    """
    known = people or staff(session)
    for subject in subjects(session, scope):
        for intent in intents(subject.matter, known, scope.until):
            ended = intent.stretch.end
            if ended is None or ended > scope.since:
                yield Due(intent, subject)


def holds(people: Staff, one: Due, now: datetime) -> bool:
    """Does the person still stand in a role the mark is for?"""
    return bool(_held(people, one, now))


def on_behalf(people: Staff, one: Due, now: datetime) -> str:
    """Whose role it is, when the person has it lent; empty for an own one."""
    return next((each.on_behalf for each in _held(people, one, now)), "")


def _held(people: Staff, one: Due, now: datetime) -> list[Holding]:
    person, places = one.intent.person_id, one.subject.matter.places
    if person is None:
        return []
    return people.held_by(person, one.intent.mark, places, office_day(now))
