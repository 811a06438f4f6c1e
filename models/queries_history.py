"""What has happened to one dossier, and the papers and words it holds."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.letters import version_told
from models.tables import Decision, Document, HistoryLine, Note, OutgoingMessage, Person
from models.words import Channel, MessageStatus
from workflow.vocabulary import State


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history with its payload read."""

    at: datetime
    actor: str
    role: str
    action: str
    from_state: str | None
    to_state: str | None
    told: dict[str, Any]
    version: int | None
    on_behalf: str = ""
    actor_id: int | None = None

    @property
    def moved(self) -> bool:
        """Did the dossier change its state?"""
        return self.from_state != self.to_state


@dataclass(frozen=True, slots=True)
class Said:
    """One note with who wrote it."""

    at: datetime
    by: str
    position: str
    text: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of a paper with who brought it."""

    document: Document
    by: str


def lines_of(session: Session, dossier_id: int) -> list[Line]:
    """The history of a dossier, newest first."""
    rows = session.scalars(
        select(HistoryLine)
        .where(HistoryLine.dossier_id == dossier_id)
        .order_by(HistoryLine.at.desc(), HistoryLine.seq.desc())
    )
    return [
        Line(
            at=row.at,
            actor=row.actor_name,
            role=row.role,
            action=row.action,
            from_state=row.from_state,
            to_state=row.to_state,
            told=json.loads(row.payload) if row.payload else {},
            version=row.dossier_version,
            on_behalf=row.on_behalf,
            actor_id=row.actor_id,
        )
        for row in rows
    ]


def told_of(session: Session, dossier_id: int) -> dict[int, tuple[str, ...]]:
    """Whom each step told by letter, by the version it made: names, each once, in order."""
    rows = session.execute(
        select(OutgoingMessage.dedupe_key, OutgoingMessage.values)
        .where(
            OutgoingMessage.dossier_id == dossier_id,
            OutgoingMessage.day.is_(None),
            OutgoingMessage.channel == Channel.EMAIL,
            OutgoingMessage.status.in_(
                (MessageStatus.WAITING, MessageStatus.CLAIMED, MessageStatus.SENT)
            ),
        )
        .order_by(OutgoingMessage.id)
    )
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for key, values in rows:
        version = version_told(key)
        if version is not None and not values.get("at_end") and values.get("recipient"):
            found[version][str(values["recipient"])] = None
    return {version: tuple(names) for version, names in found.items()}


def entries(lines: list[Line]) -> dict[State, datetime]:
    """When the dossier entered each state it has been in, the last time."""
    found: dict[State, datetime] = {}
    for line in lines:
        if line.moved and line.to_state in set(State):
            found.setdefault(State(line.to_state), line.at)
    return found


def notes_of(session: Session, dossier_id: int) -> list[Said]:
    """Notes of a dossier, newest first."""
    rows = session.execute(
        select(Note.at, Person.full_name, Person.position, Note.text)
        .join(Person, Person.id == Note.by_id)
        .where(Note.dossier_id == dossier_id)
        .order_by(Note.at.desc(), Note.id.desc())
    )
    return [Said(*row) for row in rows]


def papers_of(session: Session, dossier_id: int) -> list[Paper]:
    """All versions of all papers, by kind, newest first."""
    rows = session.execute(
        select(Document, Person.full_name)
        .join(Person, Person.id == Document.uploaded_by)
        .where(Document.dossier_id == dossier_id)
        .order_by(Document.kind, Document.version.desc())
    )
    return [Paper(*row) for row in rows]


def decisions_of(session: Session, *ids: int | None) -> dict[int, Decision]:
    """Decisions by id, in one statement."""
    wanted = [each for each in ids if each is not None]
    rows = session.scalars(select(Decision).where(Decision.id.in_(wanted)))
    return {row.id: row for row in rows}
