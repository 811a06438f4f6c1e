"""Where documents lie: under the hash of their content, written whole or not at all.

The file is on the disk, synced, before the row that names it is committed; a file without a row
does no harm, a row without a file never exists.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.file_checks import LARGEST, FileRefused, check_size, content_type_of, display_name

CHUNK = 256 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store; the fields of `models.editing.AddDocument`, but for the kind."""

    sha256: str
    size: int
    content_type: str
    file_name: str


class FileStore:
    """A folder of files named by their SHA-256, two letters of it as sub-folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made when the first file comes."""
        self.folder = folder

    def put(self, source: IO[bytes], name: str) -> StoredFile:
        """Check and store what `source` holds, byte for byte.

        Raises `FileRefused` with code, text and remedy; then nothing stays behind. The same
        content stored twice is one file.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
            path = Path(file.name)
            try:
                sha256, size = _copy(source, file)
                check_size(size)
                content_type = content_type_of(file, size)
                file.flush()
                os.fsync(file.fileno())
                self._settle(path, sha256)
            except FileRefused as refused:
                path.unlink(missing_ok=True)
                refused.file = display_name(name)
                raise
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return StoredFile(sha256, size, content_type, display_name(name))

    def path_of(self, sha256: str) -> Path:
        """Where the file of this hash lies. Raises `LookupError` when it is not there."""
        path = self._place(sha256)
        if not path.is_file():
            raise LookupError(f"no file {sha256}")
        return path

    def is_whole(self, sha256: str) -> bool:
        """Is the file there, with the content its name promises?"""
        try:
            with self.path_of(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except LookupError:
            return False

    def _settle(self, path: Path, sha256: str) -> None:
        place = self._place(sha256)
        place.parent.mkdir(exist_ok=True)
        path.chmod(0o440)
        path.replace(place)
        _sync(place.parent)
        _sync(self.folder)

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise LookupError(f"not a hash: {sha256!r}")
        return self.folder / sha256[:2] / sha256


def _copy(source: IO[bytes], file: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > LARGEST:
            size += _rest(source)
            break
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


def _rest(source: IO[bytes]) -> int:
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
    return size


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
