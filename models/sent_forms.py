"""What is remembered of a form that was carried out: the mark of what it said.

Each command of a form bears the form's one-time key in its history line, and beside it the mark,
made at the door. The line is written in the transaction of the effect, so the two live or die
together, and what is done twice is told from what only looks like it. What leaves no command in the
history (a note, a table brought in) leaves a row of its own, with the address it led to.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from models.acting import acting
from models.history import MARK
from models.inserting import insert_once
from models.tables import HistoryLine, SentForm

_PARTS: Final = (":", ".")
"""What stands between the key of a form and the number or name of one of its parts."""


def marks_of(session: Session, person_id: int, key: str) -> frozenset[str]:
    """The marks of the forms this person sent with this key and that were carried out.

    Empty when there is none; of lines from before marks were kept, nothing is known.
    """
    column = HistoryLine.command_key
    parts = (column.startswith(f"{key}{part}", autoescape=True) for part in _PARTS)
    found = session.scalars(
        select(HistoryLine.payload).where(
            HistoryLine.actor_id == person_id, or_(column == key, *parts)
        )
    )
    told = [json.loads(payload).get(MARK) for payload in found]
    told += session.scalars(select(SentForm.form_mark).where(*_sent(person_id, key)))
    return frozenset(str(mark) for mark in told if mark)


class AlreadySent(Exception):
    """The form of this person with this key is carried out already, or is being so."""


def claim(session: Session, person_id: int, key: str, now: datetime) -> None:
    """Take the key for this transaction: nobody else carries it out. Raises `AlreadySent`."""
    made = insert_once(
        session,
        SentForm,
        person_id=person_id,
        command_key=key,
        form_mark=acting().form,
        leads_to="",
        at=now,
    )
    if not made:
        raise AlreadySent


def settle(session: Session, person_id: int, key: str, leads_to: str) -> None:
    """Say where the form led; with an empty address it came to nothing and may be sent again."""
    mine = _sent(person_id, key)
    if leads_to:
        session.execute(update(SentForm).where(*mine).values(leads_to=leads_to))
    else:
        session.execute(delete(SentForm).where(*mine))


def led_to(session: Session, person_id: int, key: str) -> str:
    """Where the form led when it was carried out; empty when it was not, or left a command."""
    return session.scalar(select(SentForm.leads_to).where(*_sent(person_id, key))) or ""


def _sent(person_id: int, key: str) -> tuple[ColumnElement[bool], ...]:
    return SentForm.person_id == person_id, SentForm.command_key == key
