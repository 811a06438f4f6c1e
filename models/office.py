"""Writing down what the office does outside of any dossier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.history import OFFICE, Happening, append_to_stream
from models.tables import Person

SYSTEM = "Hệ thống"
"""Who did it when nobody did: a job, or the installation."""


def write_down_of(
    session: Session, person: int, action: str, told: Mapping[str, object], now: datetime
) -> None:
    """Add a line to the stream of one person: what they read, took, or were refused."""
    name = session.scalar(select(Person.full_name).where(Person.id == person))
    append_to_stream(
        session,
        Happening(
            stream=f"person:{person}",
            at=now,
            actor_id=person,
            actor_name=name or "",
            action=action,
            payload=told,
        ),
    )


def write_down(
    session: Session, action: str, told: Mapping[str, object], by: int | None, now: datetime
) -> None:
    """Add a line to the stream of the office; `by` is a person's id, or None for the system."""
    name = session.scalar(select(Person.full_name).where(Person.id == by)) if by else None
    append_to_stream(
        session,
        Happening(
            stream=OFFICE,
            at=now,
            actor_id=by,
            actor_name=name or SYSTEM,
            action=action,
            payload=told,
        ),
    )
