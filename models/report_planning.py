"""What the clock does about reports: every unit has its obligation once a report has opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from models.database import Database
from models.report_obligations import ensure_obligations, lacks_some
from models.rulebooks import rulebook_of
from models.tables import ProgrammeVersion


def keep_obligations(database: Database, now: datetime) -> int:
    """Make what is missing under every programme in force; returns how many are new.

    Most ticks only read.
    """
    with database.reading() as session:
        in_force = select(ProgrammeVersion.content_hash).where(ProgrammeVersion.in_force)
        books = [rulebook_of(session, one) for one in session.scalars(in_force).all()]
        lacking = [book for book in books if lacks_some(session, book, now)]
    made = 0
    for book in lacking:
        with database.writing() as session:
            made += ensure_obligations(session, book, now)
    return made
