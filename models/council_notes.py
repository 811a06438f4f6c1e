"""What a member notes beside each dossier of a session: for nobody else, in no paper or file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.tables import BallotNote

LONGEST_NOTE: Final = 2000


def notes_of(session: Session, seat_id: int) -> dict[int, str]:
    """The notes of one seat by agenda item."""
    rows = session.execute(
        select(BallotNote.item_id, BallotNote.text).where(BallotNote.seat_id == seat_id)
    )
    return {row.item_id: row.text for row in rows}


def put_notes(session: Session, seat_id: int, notes: Mapping[int, str], now: datetime) -> None:
    """Set the notes on these items; an empty one is taken away, one on another item stays."""
    before = notes_of(session, seat_id)
    changed = {key: text for key, text in notes.items() if text != before.get(key, "")}
    if not changed:
        return
    session.execute(
        delete(BallotNote).where(
            BallotNote.seat_id == seat_id, BallotNote.item_id.in_(list(changed))
        )
    )
    new = [
        {"item_id": key, "seat_id": seat_id, "text": text, "written_at": now}
        for key, text in changed.items()
        if text
    ]
    if new:
        session.execute(insert(BallotNote), new)
