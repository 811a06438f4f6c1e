"""Decisions on paper: one number per unit and year, several subjects under one decision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.tables import Decision, Dossier
from workflow import facts
from workflow.ports import NumberTaken
from workflow.vocabulary import RevocationGround


def keep_decision(
    session: Session,
    dossier: Dossier,
    decision: facts.Decision,
    actor: facts.Actor,
    now: datetime,
    ground: RevocationGround | None = None,
) -> int:
    """Store a decision of the dossier's deciding unit, or find it if it is stored already.

    With a ground, it revokes the decision the dossier has. Raises `NumberTaken` when the unit
    has another decision of that number in that year.
    """
    unit_id = decision.unit_id or dossier.deciding_unit_id
    if unit_id is None:
        raise LookupError(f"{dossier.code} has no deciding unit")
    content = {
        "dated": decision.dated,
        "signer": decision.signer,
        "capacity": decision.capacity,
        "revokes_id": dossier.decision_id if ground else None,
        "ground": ground,
    }
    insert_once(
        session,
        Decision,
        unit_id=unit_id,
        year=decision.dated.year,
        number=decision.number,
        entered_by=actor.person_id,
        entered_at=now,
        **content,
    )
    stored = session.scalars(
        select(Decision)
        .where(
            Decision.unit_id == unit_id,
            Decision.year == decision.dated.year,
            Decision.number == decision.number,
        )
        .execution_options(populate_existing=True)
    ).one()
    if any(getattr(stored, name) != value for name, value in content.items()):
        raise NumberTaken(dossier.code, decision.number)
    return stored.id
