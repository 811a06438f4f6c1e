"""What people do to their accounts, written down: one stream for each account.

Tries of somebody who is not signed in stand in a stream of their own, whether the account is known
or not: the work, and so the time, is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.history import Happening, append_to_stream
from models.tables import Person
from workflow.words import phrase

DOOR: Final = "door"
NOBODY_YET: Final = phrase("Người chưa đăng nhập")


@dataclass(frozen=True, slots=True)
class When:
    """Two clocks: sessions, codes and limits are judged by `now`; the record tells `told`.

    They differ in a demonstration only, whose day can be moved.
    """

    now: datetime
    told: datetime


def note(
    session: Session,
    action: str,
    person_id: int,
    when: When,
    told: Mapping[str, object] | None = None,
    by: int | None = None,
) -> None:
    """Add a line to the stream of an account; `by` is its owner unless told."""
    actor = person_id if by is None else by
    name = session.scalars(select(Person.full_name).where(Person.id == actor)).one()
    payload = {"person": person_id, **(told or {})}
    stream = f"account:{person_id}"
    append_to_stream(session, Happening(stream, when.told, actor, name, action, payload=payload))


def note_at_the_door(session: Session, action: str, when: When, told: Mapping[str, object]) -> None:
    """Add a line about somebody who has not proved who they are."""
    append_to_stream(
        session, Happening(DOOR, when.told, None, NOBODY_YET, action, payload=dict(told))
    )
