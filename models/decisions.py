"""Decisions on paper: one number per unit and year, several subjects under one decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from models.inserting import insert_once
from models.tables import Decision, Dossier
from workflow import facts
from workflow.ports import NumberTaken
from workflow.vocabulary import RevocationGround


@dataclass(frozen=True, slots=True)
class Entry:
    """Who writes a decision down, when; whether it is published at once; what it revokes for."""

    actor: facts.Actor
    now: datetime
    publish: bool = True
    ground: RevocationGround | None = None


def keep_decision(
    session: Session, dossier: Dossier, decision: facts.Decision, entry: Entry
) -> int:
    """Store a decision of the dossier's deciding unit, or find it if it is stored already.

    With a ground, it revokes the decision the dossier has. Raises `NumberTaken` when the unit has
    another decision of that number in that year, or has published this one: names are added to a
    decision before it is published or not at all.
    """
    unit_id = decision.unit_id or dossier.deciding_unit_id
    if unit_id is None:
        raise LookupError(f"{dossier.code} has no deciding unit")
    content = {
        "dated": decision.dated,
        "signer": decision.signer,
        "capacity": decision.capacity,
        "revokes_id": dossier.decision_id if entry.ground else None,
        "ground": entry.ground,
    }
    published = entry.now if entry.publish or entry.ground else None
    insert_once(
        session,
        Decision,
        unit_id=unit_id,
        year=decision.dated.year,
        number=decision.number,
        entered_by=entry.actor.person_id,
        entered_at=entry.now,
        published_at=published,
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
        .with_for_update()
    ).one()
    if _stands_empty(session, stored):
        fresh = {**content, "published_at": published, "entered_by": entry.actor.person_id}
        session.execute(update(Decision).where(Decision.id == stored.id).values(**fresh))
        session.refresh(stored)
    same = all(getattr(stored, name) == value for name, value in content.items())
    if not same or (entry.ground is None and stored.published_at != published):
        raise NumberTaken(dossier.code, decision.number)
    return stored.id


def _stands_empty(session: Session, decision: Decision) -> bool:
    """Was it left unpublished, with every name taken out again? Then its number is free."""
    if decision.published_at is not None or decision.ground is not None:
        return False
    return not session.scalar(select(exists().where(Dossier.decision_id == decision.id)))
