"""What papers say, read once for each file in a guarded process, and kept as a row.

A file that comes in is noted as waiting in the transaction that keeps its document; the job
`read_papers` reads it, outside of any transaction. A file that cannot be read is kept as such: no
reader of a dossier ever waits for a parser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final, TypedDict

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.file_places import PlaceDown
from models.file_text import FileText, understood
from models.files import FileStore
from models.guarded import Failure, run_guarded
from models.inserting import insert_once
from models.rows import AnyRow
from models.tables import PaperReading
from workflow.papers.reading import READER, is_legible, paged, read
from workflow.statements import Legibility, Line, Statement, Topic

AT_ONCE: Final = 20
"""Files read in one run of the job."""
MOST_TRIES: Final = 3
"""A reader that ran out of time or memory is given this many chances."""
LOST: Final = "không thấy tệp trong kho"


class Said(TypedDict):
    """The fields of `workflow.facts.Document` that come from reading its file."""

    legibility: Legibility
    statements: tuple[Statement, ...]


def said_by(row: AnyRow) -> Said:
    """What a file says by its `legibility` and `statements`; nothing while it was not read."""
    if row.legibility is None:
        return Said(legibility=Legibility.PENDING, statements=())
    statements = tuple(Statement(Topic(one[0]), *one[1:]) for one in row.statements)
    return Said(legibility=row.legibility, statements=statements)


def ask_to_read(session: Session, sha256: str) -> None:
    """Note that the file is to be read, unless it was asked for before."""
    waiting = {"legibility": Legibility.PENDING, "tries": 0, "reader": 0, "reason": ""}
    insert_once(session, PaperReading, sha256=sha256, statements=[], read_at=None, **waiting)


def ask_again(session: Session) -> int:
    """Have every file read again that was read in an older way; how many."""
    asked = session.execute(
        update(PaperReading)
        .where(PaperReading.reader < READER, PaperReading.legibility != Legibility.PENDING)
        .values(legibility=Legibility.PENDING, tries=0)
        .returning(PaperReading.sha256)
    )
    return len(asked.all())


def read_waiting(database: Database, files: FileStore, clock: Callable[[], datetime]) -> int:
    """Read some of the files that wait; how many were settled. `clock` tells UTC instants."""
    with database.reading() as session:
        waiting = session.scalars(
            select(PaperReading.sha256)
            .where(PaperReading.legibility == Legibility.PENDING)
            .order_by(PaperReading.tries, PaperReading.sha256)
            .limit(AT_ONCE)
        ).all()
    return sum(_read_one(database, files, sha256, clock()) for sha256 in waiting)


def _read_one(database: Database, files: FileStore, sha256: str, now: datetime) -> bool:
    try:
        answer = run_guarded("text", files.path_of(sha256))
    except PlaceDown:
        return False
    except (LookupError, OSError):
        found = FileText(not_read=LOST)
    else:
        if answer.failure is Failure.BUSY:
            return False
        found = understood(answer)
        if answer.failure is not None:
            with database.writing() as session:
                if not _gave_up(session, sha256):
                    return False
    with database.writing() as session:
        keep_reading(session, sha256, lines_of(found), found.not_read, now)
    return True


def _gave_up(session: Session, sha256: str) -> bool:
    """Count one more try that ended without an answer; was it the last?"""
    tries = session.scalars(
        update(PaperReading)
        .where(PaperReading.sha256 == sha256)
        .values(tries=PaperReading.tries + 1)
        .returning(PaperReading.tries)
    ).one()
    return tries >= MOST_TRIES


def keep_reading(
    session: Session, sha256: str, lines: Sequence[Line], reason: str, now: datetime
) -> None:
    """Write down what the file says; the row is there since the file was asked for."""
    legible = not reason and is_legible(lines)
    statements = [_row(one) for one in read(lines)] if legible else []
    session.execute(
        update(PaperReading)
        .where(PaperReading.sha256 == sha256)
        .values(
            legibility=Legibility.READ if legible else Legibility.UNREADABLE,
            reader=READER,
            reason=reason if not legible else "",
            statements=statements,
            read_at=now,
        )
    )


def lines_of(text: FileText) -> list[Line]:
    """The text of a file as the law reads it: paragraphs and rows, or whole pages."""
    if text.pages:
        by_page = groupby(text.blocks, key=lambda block: block.page or 0)
        told = {page: "\n".join(one.paragraph for one in blocks) for page, blocks in by_page}
        return paged(told.get(number, "") for number in range(1, text.pages + 1))
    return list(_paragraphs(text))


def _paragraphs(text: FileText) -> Iterable[Line]:
    table = 0
    for number, block in enumerate(text.blocks, 1):
        if not block.table:
            yield Line(block.paragraph, paragraph=number)
            continue
        table += 1
        for row in block.table:
            yield Line("\n".join(row), paragraph=number, cells=row, table=table)


def _row(one: Statement) -> list[Any]:
    return [
        one.topic.value,
        one.value,
        one.quote,
        one.page,
        one.paragraph,
        one.about,
        one.exact,
        one.complete,
    ]
