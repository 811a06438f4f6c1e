"""What is known of files besides the papers that name them: scans, uploads under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, check


class FileScan(Base):
    """What a virus scanner said of a file, or that none was asked; the last line counts."""

    __tablename__ = "file_scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    verdict: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    scanned_at: Mapped[datetime]


class Upload(Base):
    """A file on its way in, or arrived and not yet put into a paper; its owner's alone."""

    __tablename__ = "upload"
    __table_args__ = (
        check("size > 0", "size_is_positive"),
        check("received >= 0 AND received <= size", "received_is_part_of_it"),
        check("sha256 IS NULL OR received = size", "finished_is_whole"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    file_name: Mapped[str]
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    content_type: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str | None]
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UploadPart(Base):
    """A piece of a file on its way in; gone once the file is whole, or too old."""

    __tablename__ = "upload_part"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True
    )
    begins: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary())
