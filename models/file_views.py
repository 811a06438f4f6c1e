"""What is shown of a stored file instead of the file: pictures of pages, or its text.

Made in a guarded process when first asked for, kept under the hash of the original, and thrown
away without loss: everything here can be made again.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from models.file_seals import Seals, TrustList, read_seals, signed
from models.file_text import FileText, understood
from models.files import FileStore
from models.guarded import Answer, run_guarded
from workflow.words import phrase

log = structlog.get_logger()

WIDTH: Final = 1100
HEAVIEST: Final = 120_000
"""Bytes of one picture: what a line of 50 kbit/s brings in twenty seconds."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as WebP; `None` for a page that cannot be drawn."""

    content: bytes
    width: int
    height: int


class FileViews:
    """Pictures and texts of the files of a store, beside them in its folder."""

    def __init__(self, store: FileStore) -> None:
        """Keep what is made in a folder of its own, which may be emptied at any time."""
        self.store = store
        self.folder = store.folder / ".views"

    def page(self, sha256: str, number: int) -> PagePicture | None:
        """One page, counted from 1. Raises `LookupError` when the file is not there."""
        wanted = {"page": number, "width": WIDTH, "bytes": HEAVIEST}
        found = self._kept(sha256, f"{number}", lambda path: run_guarded("picture", path, wanted))
        if found is None or "webp" not in found:
            return None
        return PagePicture(base64.b64decode(found["webp"]), found["width"], found["height"])

    def pages(self, sha256: str) -> int:
        """How many pages a PDF has; 0 for what cannot be drawn."""
        wanted = {"page": 0, "width": WIDTH, "bytes": HEAVIEST}
        found = self._kept(sha256, "0", lambda path: run_guarded("picture", path, wanted))
        return 0 if found is None else int(found["pages"])

    def seals(self, sha256: str, trust: TrustList, now: datetime) -> Seals:
        """The signatures in a PDF, judged by this list on this day."""
        wanted = {**trust.told, "now": now.isoformat()}

        def make(path: Path) -> Answer:
            if not signed(path):
                return Answer({"seals": []})
            return run_guarded("seals", path, wanted)

        what = f"seals-{trust.name[:16]}-{now:%Y%m%d}"
        found = self._kept(sha256, what, make)
        return Seals() if found is None else read_seals(found)

    def text(self, sha256: str) -> FileText:
        """The text of a file, or why there is none."""
        found = self._kept(sha256, "text", lambda path: run_guarded("text", path))
        return understood(Answer(failure=None, content=found)) if found else _NOT_NOW

    def _kept(
        self, sha256: str, what: str, make: Callable[[Path], Answer]
    ) -> dict[str, Any] | None:
        """What was made before, or made and kept now; nothing is kept of a failure."""
        original = self.store.path_of(sha256)
        place = self.folder / sha256[:2] / f"{sha256}-{what}.json"
        try:
            read: dict[str, Any] = json.loads(place.read_bytes())
        except (OSError, ValueError):
            answer = make(original)
            if answer.failure is not None:
                log.warning("not seen", what=what, failure=answer.failure, detail=answer.detail)
                return None
            read = dict(answer.content)
            _write(place, json.dumps(read).encode())
        return read


_NOT_NOW: Final = FileText(not_read=phrase("máy không đọc xong trong giới hạn"))


def _write(place: Path, content: bytes) -> None:
    """All of it or nothing; two who make the same write the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(place)
