"""Keeping refused attempts on reports, as those on dossiers are kept: inputs, facts, reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.tables import Evaluation
from workflow.facts import Actor
from workflow.reports_due import ReportCommand, ReportFacts, ReportRefused


@dataclass(frozen=True, slots=True)
class Seen:
    """What was looked at: the report, who asked, under which version of the programme."""

    facts: ReportFacts
    actor: Actor
    programme_hash: str


def keep_refusal(
    session: Session,
    refused: ReportRefused,
    command: ReportCommand,
    seen: Seen,
    now: datetime,
) -> None:
    """Store what was tried, on what, and why not; the report is untouched.

    The row names the report by its code in `facts`: it is about no dossier and no registration.
    """
    facts = seen.facts
    told = {
        "code": facts.code,
        "report": facts.table.id,
        "unit_id": facts.unit_id,
        "state": facts.state.value,
        "version": facts.version,
        "due_at": facts.due_at,
        "rounds": facts.rounds,
        "has_file": facts.has_file,
        "text": facts.text,
    }
    tried = {"text": command.text, "new_file": command.new_file}
    session.execute(
        insert(Evaluation).values(
            action=f"report_{command.action.value}",
            at=now,
            by_id=command.person_id,
            allowed=False,
            programme_hash=seen.programme_hash,
            facts={
                "report": to_json(told),
                "actor": to_json(seen.actor),
                "inputs": to_json(tried),
                "extra": {},
            },
            results=[],
            refusals=to_json(refused.refusals),
            comment=command.comment,
        )
    )
