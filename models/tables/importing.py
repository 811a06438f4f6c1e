"""Tables that were brought in: the file, what it would do, and whether it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonText, check


class ImportRun(Base):
    """One table somebody brought; it is read again whenever it is looked at, until it is done.

    `digest` names the changes the bringer was shown last. A run that is done is never done again.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        check("size > 0", "size_is_positive"),
        check("length(sha256) = 64", "hash_is_whole"),
        check("(done_at IS NULL) = (changed IS NULL)", "done_with_a_count"),
        Index("ix_import_run_brought_by", "brought_by", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(JsonText())
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    brought_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    brought_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    changed: Mapped[int | None]
