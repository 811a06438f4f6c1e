"""Trao đổi: words between people working on a dossier; they change nothing in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.tables import Dossier, Note
from models.visibility import visible_to
from workflow.ports import NotFound
from workflow.words import phrase
from workflow.working_days import office_day

LONGEST = 2000


def leave_note(session: Session, code: str, person_id: int, text: str, now: datetime) -> int:
    """Leave a note on a dossier the person may see; returns its id.

    Raises `NotFound`, and `ValueError` (in Vietnamese) for an empty or overlong text.
    """
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise ValueError(phrase("Ghi từ 1 đến {longest} ký tự.", longest=LONGEST))
    dossier_id = session.scalar(
        select(Dossier.id).where(Dossier.code == code, visible_to(person_id, office_day(now)))
    )
    if dossier_id is None:
        raise NotFound(code)
    made = insert(Note).values(dossier_id=dossier_id, by_id=person_id, at=now, text=words)
    return session.execute(made.returning(Note.id)).scalar_one()
