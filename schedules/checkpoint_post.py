"""Signing the end of the log when that is due, and bringing it to the places outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import structlog
from sqlalchemy import select

from config.checkpoint_settings import CheckpointSettings
from models import checkpoint_files
from models.checkpoints import delivered, make_due, not_delivered, waiting
from models.database import Database
from models.outbox import Letter, remember
from models.sealing import seal_new_lines
from models.signed_notes import Signer
from models.tables import LogCheckpoint, OutgoingMessage
from models.words import MessageStatus
from schedules.relay import FinallyRefused, TemporarilyRefused
from schedules.summary import Summary
from schedules.webhook import Gateway

LETTER: Final = "checkpoint"
MOST_BATCHES: Final = 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outside:
    """With what checkpoints are signed, and where they go."""

    signer: Signer
    folder: Path | None = None
    mail: str = ""
    gateway: Gateway | None = None

    @classmethod
    def from_settings(cls, wanted: CheckpointSettings) -> Self | None:
        """What is set up; None without a key. Raises `ValueError` for a key that is none."""
        if not wanted.key:
            return None
        return cls(
            Signer.read(wanted.name, wanted.key),
            wanted.folder,
            wanted.mail,
            Gateway.from_settings(wanted.webhook_url, wanted.webhook_secret),
        )

    @property
    def places(self) -> tuple[str, ...]:
        """The names of the places."""
        there = {"file": self.folder, "mail": self.mail, "webhook": self.gateway}
        return tuple(name for name, value in there.items() if value)


def keep_checkpoints(
    database: Database, outside: Outside, now: datetime, office_now: datetime
) -> Summary:
    """Seal, sign if due, deliver. `now` is real time; `office_now` the clock letters leave by."""
    for _ in range(MOST_BATCHES):
        with database.writing() as session:
            if not seal_new_lines(session, office_now):
                break
    with database.writing() as session:
        made = make_due(session, outside.signer, outside.places, now)
    done = Summary(signed=1 if made else 0)
    if outside.folder is not None:
        folder = outside.folder
        done += _deliver(database, "file", lambda one: checkpoint_files.put(folder, one), now)
    if outside.gateway is not None:
        gateway = outside.gateway
        done += _deliver(database, "webhook", lambda one: gateway.send(_payload(one), now), now)
    if outside.mail:
        done += _post(database, outside.mail, now, office_now)
    return done


def _deliver(
    database: Database, place: str, bring: Callable[[LogCheckpoint], None], now: datetime
) -> Summary:
    """Bring a place what it lacks, in order; the first failure ends the round."""
    with database.reading() as session:
        lacking = waiting(session, place, now)
    done = 0
    for found in lacking:
        try:
            bring(found)
        except (
            OSError,
            FinallyRefused,
            TemporarilyRefused,
            checkpoint_files.OtherCheckpoint,
        ) as error:
            told = f"{type(error).__name__}: {error}"
            log.warning("checkpoint not delivered", place=place, size=found.size, error=told)
            with database.writing() as session:
                not_delivered(session, found.size, place, told, now)
            return Summary(delivered=done, undelivered=1)
        with database.writing() as session:
            delivered(session, found.size, place, now)
        done += 1
    return Summary(delivered=done)


def _post(database: Database, address: str, now: datetime, office_now: datetime) -> Summary:
    """Queue the letters of checkpoints, and look what became of those queued before."""
    done = Summary()
    with database.writing() as session:
        for found in waiting(session, "mail", now):
            letter = _letter(found, address, office_now)
            if remember(session, letter, office_now):
                done += Summary(queued=1)
            status, error = session.execute(
                select(OutgoingMessage.status, OutgoingMessage.error).where(
                    OutgoingMessage.dedupe_key == letter.dedupe_key
                )
            ).one()
            if status is MessageStatus.SENT:
                delivered(session, found.size, "mail", now)
                done += Summary(delivered=1)
            elif status in {MessageStatus.FAILED, MessageStatus.SUPPRESSED} or error:
                not_delivered(session, found.size, "mail", error or status.value, now)
    return done


def _letter(found: LogCheckpoint, address: str, office_now: datetime) -> Letter:
    return Letter(
        dedupe_key=f"{LETTER}:{found.size}:email",
        letter=LETTER,
        due_at=office_now,
        address=address,
        values={
            "headline": f"Mốc nhật ký {found.size}",
            "lines": found.note.splitlines(),
            "page": "/moc-nhat-ky",
            "code": "",
            "subject": "",
        },
    )


def _payload(found: LogCheckpoint) -> dict[str, str]:
    return {
        "id": f"{LETTER}:{found.size}",
        "size": str(found.size),
        "head": found.head_hash,
        "note": found.note,
    }
