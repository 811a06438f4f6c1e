"""What is remembered of a form that was carried out: the mark of what it said.

Each command of a form bears the form's one-time key in its history line, and beside it the mark,
made at the door. The line is written in the transaction of the effect, so the two live or die
together, and what is done twice is told from what only looks like it.
"""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.history import MARK
from models.tables import HistoryLine

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
    told = (json.loads(payload).get(MARK) for payload in found)
    return frozenset(str(mark) for mark in told if mark)
