"""Who could take the next step of every open dossier now, by the same law, and where nobody can.

A number of statements that does not grow with the dossiers; dossiers with the same places, steps
taken and subject are judged once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from models.everybody import everybody_on
from models.gathering import act_of
from models.people import Places
from models.queries_turns import situation_of, step_due
from models.rulebooks import rulebook_of
from models.surroundings import unit_facts
from models.tables import Dossier, HistoryLine, Registration, Unit
from workflow import facts
from workflow.actors import Actor
from workflow.decisions import Judgement, about_the_actor
from workflow.programme import Programme, StepTable
from workflow.rulebook import Rulebook
from workflow.vocabulary import ENDS, Action
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Answer:
    """One open dossier: its next step, who could take it, and who could not and why."""

    code: str
    subject: str
    unit: str
    programme_id: str
    cycle_id: str
    step: StepTable
    places: Places
    able: tuple[Judgement, ...]
    unable: tuple[Judgement, ...]
    expired: tuple[str, ...] = ()
    locked_out: tuple[str, ...] = ()
    """Where nobody is left: who holds the post but cannot sign in."""

    @property
    def alarm(self) -> bool:
        """Is there nobody?"""
        return not self.able


def who_could(session: Session, now: datetime, only: Collection[int] | None = None) -> list[Answer]:
    """The answer for every open dossier (or those of `only`) that waits for a step, by code."""
    rows = _open_dossiers(session, only)
    books = {one: rulebook_of(session, one) for one in {row[0].programme_hash for row in rows}}
    everybody = everybody_on(session, now, None if only is None else _around(rows))
    acts = _acts(session, books.values(), only)
    units = _units(session, rows)
    judged: dict[tuple[Any, ...], tuple[tuple[Judgement, ...], tuple[Judgement, ...]]] = {}
    found = []
    for dossier, superior in rows:
        book = books[dossier.programme_hash]
        step = step_due(book.programme, situation_of(dossier))
        if step is None:
            continue
        places = Places(
            dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id, superior
        )
        people = everybody.candidates(step.by, places, dossier.id)
        taken = acts.get(dossier.id, ())
        apart = dossier.id if any(of == dossier.id for _, of in everybody.emergencies) else 0
        key = (
            dossier.programme_hash,
            step,
            places,
            dossier.person_id,
            dossier.award_form,
            dossier.cycle_id,
            dossier.subject_kind,
            apart,
            tuple((act.action, act.people) for act in taken),
        )
        if key not in judged:
            stated = _facts(dossier, taken, units)
            judged[key] = _judged(
                book,
                step,
                stated,
                [everybody.actor(one, places, dossier.id) for one in people],
                now,
            )
        able, unable = judged[key]
        found.append(
            Answer(
                dossier.code,
                dossier.subject_name,
                units[dossier.proposing_unit_id].name,
                dossier.programme_id,
                dossier.cycle_id,
                step,
                places,
                able,
                unable,
                () if able else everybody.ran_out(step.by, places),
                () if able else everybody.kept_out(step.by, places),
            )
        )
    return found


def _around(rows: Iterable[tuple[Dossier, int | None]]) -> set[int]:
    """The units of these dossiers whose people a step could fall to."""
    return {
        unit
        for one, superior in rows
        for unit in (one.unit_id, one.proposing_unit_id, one.deciding_unit_id, superior)
        if unit is not None
    }


def _judged(
    book: Rulebook,
    step: StepTable,
    stated: facts.DossierFacts,
    actors: Iterable[Actor],
    now: datetime,
) -> tuple[tuple[Judgement, ...], tuple[Judgement, ...]]:
    verdicts = [about_the_actor(book, step, stated, actor, now) for actor in actors]
    eligible = [one for one in verdicts if not one.refusals]
    able = tuple(one for one in eligible if one.allowed)
    return able, tuple(one for one in eligible if not one.allowed)


def _open_dossiers(
    session: Session, only: Collection[int] | None
) -> list[tuple[Dossier, int | None]]:
    query = (
        select(Dossier, Registration.superior_unit_id)
        .join(Registration, Registration.id == Dossier.registration_id)
        .where(Dossier.state.not_in(ENDS))
        .order_by(Dossier.code)
    )
    if only is not None:
        query = query.where(Dossier.id.in_(only))
    return [(dossier, superior) for dossier, superior in session.execute(query)]


def _acts(
    session: Session, books: Iterable[Rulebook], only: Collection[int] | None
) -> dict[int, tuple[facts.Act, ...]]:
    wanted = {action for book in books for action in kept_apart(book.programme)}
    query = (
        select(
            HistoryLine.dossier_id,
            HistoryLine.action,
            HistoryLine.actor_id,
            HistoryLine.actor_name,
            HistoryLine.at,
            HistoryLine.to_state,
            HistoryLine.on_behalf,
            HistoryLine.dossier_version,
            case((HistoryLine.on_behalf != "", HistoryLine.payload)),
        )
        .join(Dossier, Dossier.id == HistoryLine.dossier_id)
        .where(
            Dossier.state.not_in(ENDS),
            HistoryLine.action.in_([action.value for action in wanted]),
            HistoryLine.actor_id.is_not(None),
        )
        .order_by(HistoryLine.dossier_id, HistoryLine.seq)
    )
    if only is not None:
        query = query.where(HistoryLine.dossier_id.in_(only))
    found: defaultdict[int, list[facts.Act]] = defaultdict(list)
    for dossier_id, *columns in session.execute(query):
        found[dossier_id].append(act_of(*columns))
    return {dossier_id: tuple(acts) for dossier_id, acts in found.items()}


def kept_apart(programme: Programme) -> set[Action]:
    """Every step some rule of the programme keeps apart from others."""
    return {
        Action(action)
        for rule in programme.rules
        if rule.guard == "separate_duties"
        for action in rule.params["between"]
    }


def _units(
    session: Session, rows: Iterable[tuple[Dossier, int | None]]
) -> dict[int, facts.UnitFacts]:
    wanted = {
        unit
        for dossier, _ in rows
        for unit in (dossier.unit_id, dossier.proposing_unit_id, dossier.deciding_unit_id)
    }
    found = session.scalars(select(Unit).where(Unit.id.in_(wanted - {None})))
    return {unit.id: unit_facts(unit) for unit in found}


def _facts(
    dossier: Dossier, acts: tuple[facts.Act, ...], units: Mapping[int, facts.UnitFacts]
) -> facts.DossierFacts:
    """As much of a dossier as the rules about the actor look at."""
    subject = facts.SubjectFacts(
        dossier.subject_kind, dossier.subject_name, (units[dossier.unit_id],), dossier.person_id
    )
    return facts.DossierFacts(
        id=dossier.id,
        code=dossier.code,
        version=dossier.version,
        state=dossier.state,
        programme_hash=dossier.programme_hash,
        cycle_id=dossier.cycle_id,
        award_form=dossier.award_form,
        subject=subject,
        proposing_unit=units[dossier.proposing_unit_id],
        deciding_unit=units[dossier.deciding_unit_id] if dossier.deciding_unit_id else None,
        registration=facts.RegistrationFacts(
            dossier.registration_id, subject.key, 0, "", office_day(dossier.created_at), None
        ),
        acts=acts,
    )
