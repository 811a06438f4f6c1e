"""The birth of a dossier from its registration, in state `registered`, at version 1."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.codes import next_code
from models.folding import search_key
from models.inserting import insert_once
from models.rulebooks import rulebook_of
from models.tables import Dossier, Registration
from workflow.decisions import Accepted


def bear_dossier(
    session: Session, registration: Registration, accepted: Accepted, now: datetime
) -> int | None:
    """Make the dossier's row; None when the subject has a live one in this cycle already."""
    facts = accepted.before
    programme = rulebook_of(session, registration.programme_hash).programme
    code = next_code(session, programme.code_prefix, registration.year)
    unit_name = facts.subject.unit.name
    made = insert_once(
        session,
        Dossier,
        code=code,
        programme_id=registration.programme_id,
        programme_hash=registration.programme_hash,
        cycle_id=registration.cycle_id,
        subject_kind=registration.subject_kind,
        subject_key=registration.subject_key,
        subject_name=registration.subject_name,
        unit_id=registration.unit_id,
        person_id=registration.person_id,
        proposing_unit_id=facts.proposing_unit.id,
        registration_id=registration.id,
        state=accepted.target,
        version=1,
        entered_state_at=now,
        search_key=search_key(f"{code} {registration.subject_name} {unit_name}"),
        created_at=now,
        updated_at=now,
    )
    if not made:
        return None
    return session.scalars(select(Dossier.id).where(Dossier.code == code)).one()
