"""Whole steps through the use case, and the same statements by the bare driver."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from benchmarks.recording import Bare, Said, taken_down
from benchmarks.records import DATE, Engines, Record
from models.database import Database, open_database
from models.ledger import SqlLedger
from models.tables import Appointment, Dossier, Person
from workflow.decisions import Accepted
from workflow.facts import Command, Decision, DecisionInput, Inputs, MarkInput
from workflow.use_cases import perform
from workflow.vocabulary import Action, Outcome, Post, State, SubjectKind

NOW: Final = datetime.fromisoformat(DATE)
MARKS: Final = ("papers_in_order", "outstanding", "initiative_quality")
STEPS_EACH: Final = len(MARKS) + 2


@dataclass(frozen=True, slots=True)
class Walk:
    """One dossier that goes from its council's review to the decision, and who takes it there."""

    code: str
    version: int
    appraiser: int
    head: int
    signer: str
    number: str


class Refused(Exception):
    """The law refused a step of the benchmark; the message has the reasons."""


def walks(database: Database, most: int) -> list[Walk]:
    """Dossiers of departments' own certificates that are ready to be checked and decided."""
    head = select(Appointment.unit_id, Person.id, Person.full_name).join(Person)
    with database.reading() as session:
        heads = {
            unit: (person, name)
            for unit, person, name in session.execute(head.where(Appointment.post == Post.HEAD))
        }
        checkers = dict(
            session.execute(
                select(Appointment.unit_id, Appointment.person_id).where(
                    Appointment.post == Post.APPRAISER
                )
            ).all()
        )
        found = session.scalars(
            select(Dossier)
            .where(
                Dossier.state == State.COUNCIL_REVIEWED,
                Dossier.award_form == "GIAY_KHEN_CO_QUAN",
                Dossier.subject_kind == SubjectKind.INDIVIDUAL,
                # With its letter: the one that came by a session of the council lacks it.
                Dossier.version == 9,  # noqa: PLR2004
            )
            .order_by(Dossier.id)
            .limit(most)
        ).all()
        return [
            Walk(
                one.code,
                one.version,
                checkers[one.proposing_unit_id],
                *heads[one.proposing_unit_id],
                f"B{one.id}/QĐ",
            )
            for one in found
        ]


def commands(walk: Walk) -> list[Command]:
    """The five steps: three marks, the check, the decision."""
    paper = Decision(walk.number, date(2023, 12, 5), walk.signer)
    wanted: list[tuple[Action, int, Inputs | None]] = [
        (Action.MARK_CHECK, walk.appraiser, MarkInput(code, Outcome.MET)) for code in MARKS
    ]
    wanted += [
        (Action.CONFIRM_CHECK, walk.appraiser, None),
        (Action.DECIDE, walk.head, DecisionInput(paper)),
    ]
    return [
        Command(
            walk.code, by, action, walk.version + place, "", inputs, f"bench-{walk.code}-{place}"
        )
        for place, (action, by, inputs) in enumerate(wanted)
    ]


def take(database: Database, walk: Walk) -> tuple[float, float]:
    """Take all steps of one dossier, each in its transaction; seconds, and those of processor."""
    asked = commands(walk)
    at, busy = time.perf_counter(), time.process_time()
    for command in asked:
        with database.writing() as session:
            told = perform(command, ledger=SqlLedger(session), now=NOW)
        if not isinstance(told, Accepted):
            raise Refused(f"{walk.code} {command.action}: {told.blocking} {told.refusals}")
    return time.perf_counter() - at, time.process_time() - busy


def measure(engines: Engines, record: Record, dossiers: int) -> dict[str, Any]:
    """Each dossier in turn by the service and by the bare driver, on copies of one record."""
    urls = [engines.copied(record, mark) for mark in ("taken", "ours", "bare")]
    taken, ours = open_database(urls[0]), open_database(urls[1])
    bare = Bare(urls[2])
    try:
        found = walks(taken, dossiers + 1)
        said: list[Said] = []
        for walk in found:
            with taken_down(taken.engine) as one:
                take(taken, walk)
            said.append(one)
        # The first warms caches up and counts for nobody.
        take(ours, found[0])
        bare.say(said[0])
        pairs = []
        for place, (walk, one) in enumerate(zip(found[1:], said[1:], strict=True)):
            if place % 2:
                (mine, busy), limit = take(ours, walk), bare.say(one)
            else:
                limit = bare.say(one)
                mine, busy = take(ours, walk)
            pairs.append(tuple(each / STEPS_EACH for each in (mine, limit, busy)))
    finally:
        bare.close()
        for database in (taken, ours):
            database.close()
        for url in urls:
            engines.drop(url)
    statements = sum(one.statements for one in said) / (len(said) * STEPS_EACH)
    return {"pairs": pairs, "statements": statements}
