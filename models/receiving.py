"""Files on their way in: parts that survive a broken line, and files that wait for their form.

An upload belongs to one person; to everybody else it is not there. A part is taken only where
the last one ended. What nobody finishes, or puts into a paper, is forgotten after `KEPT`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.file_checks import display_name
from models.files import StoredFile
from models.tables import Upload, UploadPart

KEPT: Final = timedelta(hours=20)
"""Less than the day after which a file no row names is swept (`models.storage`)."""
MOST_OPEN: Final = 20
"""Uploads one person may have under way or waiting."""
LARGEST_PART: Final = 1024 * 1024


class NoSuchUpload(LookupError):
    """It was never there, is another person's, or has been forgotten."""


@dataclass
class OtherOffset(Exception):
    """A part begins elsewhere than the last one ended, at `received`."""

    received: int


class TooManyUploads(Exception):
    """The person has as many uploads open as anybody may."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is; `stored` once it has been checked and kept."""

    id: str
    file_name: str
    size: int
    received: int
    expires_at: datetime
    stored: StoredFile | None = None

    @property
    def is_whole(self) -> bool:
        """Has everything come?"""
        return self.received == self.size


def begin(session: Session, person_id: int, name: str, size: int, now: datetime) -> Progress:
    """Open an upload of `size` bytes. Raises `TooManyUploads`."""
    forget_expired(session, now)
    opened = session.scalar(select(func.count()).where(Upload.person_id == person_id)) or 0
    if opened >= MOST_OPEN:
        raise TooManyUploads
    upload = Upload(
        id=secrets.token_hex(16),
        person_id=person_id,
        file_name=display_name(name),
        size=size,
        received=0,
        begun_at=now,
        expires_at=now + KEPT,
    )
    session.add(upload)
    session.flush()
    return _progress(upload)


def progress(session: Session, upload_id: str, person_id: int, now: datetime) -> Progress:
    """How far the person's upload is. Raises `NoSuchUpload`."""
    return _progress(_own(session, upload_id, person_id, now))


def append(
    session: Session, upload_id: str, person_id: int, part: tuple[int, bytes], now: datetime
) -> Progress:
    """Take one part, given with its offset, in one transaction with the new end.

    Raises `NoSuchUpload`, and `OtherOffset` for a part that does not begin where the last ended
    or goes beyond the size that was said; then nothing is kept of it.
    """
    offset, content = part
    seen = _own(session, upload_id, person_id, now)
    if offset + len(content) > seen.size or seen.sha256 is not None:
        raise OtherOffset(seen.received)
    moved = session.execute(
        update(Upload)
        .where(Upload.id == upload_id, Upload.received == offset, Upload.sha256.is_(None))
        .values(received=offset + len(content), expires_at=now + KEPT)
        .returning(Upload.received)
    ).first()
    if moved is None:
        raise OtherOffset(seen.received)
    if content:
        session.execute(
            insert(UploadPart).values(upload_id=upload_id, begins=offset, content=content)
        )
    session.expire(seen)
    return _progress(seen)


def content_of(session: Session, upload_id: str) -> BytesIO:
    """All parts together, in order; at most as large as an upload may be."""
    parts = session.scalars(
        select(UploadPart.content)
        .where(UploadPart.upload_id == upload_id)
        .order_by(UploadPart.begins)
    )
    return BytesIO(b"".join(parts))


def settle(session: Session, upload_id: str, stored: StoredFile) -> None:
    """Note where the whole file lies now, and forget its parts. Safe to repeat."""
    session.execute(
        update(Upload)
        .where(Upload.id == upload_id)
        .values(sha256=stored.sha256, content_type=stored.content_type)
    )
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))


def hold(session: Session, person_id: int, stored: StoredFile, now: datetime) -> str:
    """Let a stored file wait for the form it came with to be sent again; its id."""
    upload_id = secrets.token_hex(16)
    session.add(
        Upload(
            id=upload_id,
            person_id=person_id,
            file_name=stored.file_name,
            size=stored.size,
            received=stored.size,
            content_type=stored.content_type,
            sha256=stored.sha256,
            begun_at=now,
            expires_at=now + KEPT,
        )
    )
    return upload_id


def forget(session: Session, upload_id: str, person_id: int) -> None:
    """Give up an upload, with its parts. Raises `NoSuchUpload`."""
    mine = (Upload.id == upload_id, Upload.person_id == person_id)
    if session.scalar(select(Upload.id).where(*mine)) is None:
        raise NoSuchUpload(upload_id)
    _forget(session, [upload_id])


def forget_expired(session: Session, now: datetime) -> int:
    """Forget what has waited too long; how many."""
    old = list(session.scalars(select(Upload.id).where(Upload.expires_at <= now)))
    _forget(session, old)
    return len(old)


def _forget(session: Session, ids: list[str]) -> None:
    if ids:
        session.execute(delete(UploadPart).where(UploadPart.upload_id.in_(ids)))
        session.execute(delete(Upload).where(Upload.id.in_(ids)))


def _own(session: Session, upload_id: str, person_id: int, now: datetime) -> Upload:
    found = session.scalar(
        select(Upload).where(
            Upload.id == upload_id, Upload.person_id == person_id, Upload.expires_at > now
        )
    )
    if found is None:
        raise NoSuchUpload(upload_id)
    return found


def _progress(upload: Upload) -> Progress:
    stored = None
    if upload.sha256 is not None:
        stored = StoredFile(upload.sha256, upload.size, upload.content_type, upload.file_name)
    return Progress(
        upload.id, upload.file_name, upload.size, upload.received, upload.expires_at, stored
    )
