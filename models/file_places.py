"""Where the bytes of stored files lie: the port, and its adapter for a folder of this machine.

A place keeps content under its SHA-256, whole or not at all, and never changes what it keeps.
`models.file_places_s3` is the other adapter; both pass `tests/models/test_file_places.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from models.failpoints import reach

SHA256: Final = re.compile(r"[0-9a-f]{64}")


class PlaceDown(OSError):
    """The place does not answer; what was asked may work later."""


class FileLost(LookupError):
    """A file the record names is not in the store; `name` is what it was called, where known."""

    def __init__(self, sha256: str, name: str = "") -> None:
        """`sha256` is what it was kept under."""
        super().__init__(f"no file {sha256}")
        self.sha256, self.name = sha256, name


class Place(Protocol):
    """What a store of files needs of where they lie. Every call may raise `PlaceDown`."""

    def keep(self, sha256: str, staged: Path) -> None:
        """Take the whole, synced file at `staged` as the content of this hash.

        `staged` is gone afterwards. Content that is there already stays as it is.
        """

    def fetch(self, sha256: str) -> Path:
        """A file of this machine with the content. Raises `FileLost` when there is none."""

    def hashes(self) -> Iterator[str]:
        """The hashes of everything kept, in no order."""


class FolderPlace:
    """A folder of files named by their SHA-256, two letters of it as sub-folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made when the first file comes."""
        self.folder = folder

    def keep(self, sha256: str, staged: Path) -> None:
        """Rename the staged file to its place, and sync the folders that name it."""
        place = self._place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.chmod(0o440)
        staged.replace(place)
        reach("after_file_renamed")
        _sync(place.parent)
        _sync(self.folder)
        reach("after_folders_synced")

    def fetch(self, sha256: str) -> Path:
        """The file itself."""
        place = self._place(sha256)
        if not place.is_file():
            raise FileLost(sha256)
        return place

    def put_back(self, sha256: str, aside: Path) -> None:
        """Give a file that was put aside its place again; one that came meanwhile stays."""
        place = self._place(sha256)
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            os.link(aside, place)
            _sync(place.parent)
        aside.unlink(missing_ok=True)

    def hashes(self) -> Iterator[str]:
        """What lies in the sub-folders under a name that is a hash."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            if SHA256.fullmatch(path.name):
                yield path.name

    def _place(self, sha256: str) -> Path:
        return self.folder / checked(sha256)[:2] / sha256


def checked(sha256: str) -> str:
    """The hash itself; raises `LookupError` for what is none, such as a path."""
    if not SHA256.fullmatch(sha256):
        raise LookupError(f"not a hash: {sha256!r}")
    return sha256


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
