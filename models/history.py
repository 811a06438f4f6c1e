"""Adding lines to the history: one stream per dossier, registration, report, and for the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from models.acting import acting
from models.chain import FIRST, canonical, line_hash
from models.inserting import insert_once
from models.rows import rows
from models.tables import HistoryLine, HistoryStream

OFFICE = "office"
MARK = "form"
"""Under which name a payload carries the mark of the form that did it (`models.sent_forms`)."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a stream: how many lines, and the hash of the last."""

    count: int = 0
    hash: str = FIRST


@dataclass(frozen=True, slots=True)
class Happening:
    """What is to be written down. `actor_id` is None when a job did it."""

    stream: str
    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    role: str = ""
    on_behalf: str = ""
    from_state: str | None = None
    to_state: str | None = None
    dossier_id: int | None = None
    dossier_version: int | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    evaluation_id: int | None = None
    command_key: str | None = None


def dossier_stream(dossier_id: int) -> str:
    """Name the stream of a dossier."""
    return f"dossier:{dossier_id}"


def registration_stream(registration_id: int) -> str:
    """Name the stream of a registration."""
    return f"registration:{registration_id}"


def report_stream(report_id: int) -> str:
    """Name the stream of a unit's report."""
    return f"report:{report_id}"


def append_line(session: Session, happening: Happening, head: Head) -> Head:
    """Add a line after `head`; the caller holds the stream (by the dossier's version).

    Returns the new end, which the caller stores. Two writers cannot both follow the same line:
    `UNIQUE(stream, prev_hash)`.
    """
    seq = head.count + 1
    columns = _columns(happening)
    line = line_hash(head.hash, hashed_body(seq, columns))
    written = {"seq": seq, "prev_hash": head.hash, "hash": line, **columns}
    rows(session, _APPEND, written)
    return Head(seq, line)


_APPEND = insert(HistoryLine)


def append_to_stream(session: Session, happening: Happening) -> Head:
    """Add a line to a stream that is no dossier's; holds the stream until the commit."""
    stream = HistoryStream.stream == happening.stream
    insert_once(session, HistoryStream, stream=happening.stream, count=0, head_hash=FIRST)
    count, last = session.execute(
        update(HistoryStream)
        .where(stream)
        .values(count=HistoryStream.count + 1)
        .returning(HistoryStream.count, HistoryStream.head_hash)
    ).one()
    head = append_line(session, happening, Head(count - 1, last))
    session.execute(update(HistoryStream).where(stream).values(head_hash=head.hash))
    return head


def _columns(happening: Happening) -> dict[str, object]:
    payload, mark = happening.payload, acting().form
    if happening.command_key and mark:
        payload = {**payload, MARK: mark}
    return {
        "stream": happening.stream,
        "dossier_id": happening.dossier_id,
        "at": happening.at,
        "actor_id": happening.actor_id,
        "actor_name": happening.actor_name,
        "role": happening.role,
        "on_behalf": happening.on_behalf,
        "action": happening.action,
        "from_state": happening.from_state,
        "to_state": happening.to_state,
        "dossier_version": happening.dossier_version,
        "payload": canonical(payload),
        "evaluation_id": happening.evaluation_id,
        "command_key": happening.command_key or None,
    }


def hashed_body(seq: int, columns: Mapping[str, object]) -> dict[str, object]:
    """Everything of a line its hash covers: all columns but the row number and the hashes."""
    return {"seq": seq, **columns}


def body_of(line: HistoryLine) -> dict[str, object]:
    """Read a stored line back into what its hash covers."""
    names = (column.key for column in HistoryLine.__table__.c if column.key not in _UNHASHED)
    return {name: getattr(line, name) for name in names}


_UNHASHED = {"id", "prev_hash", "hash"}
