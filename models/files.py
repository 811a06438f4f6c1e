"""Where documents lie: under the hash of their content, written whole or not at all.

The file is on the disk, synced, before the row that names it is committed; a file without a row
does no harm, a row without a file never exists.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.failpoints import reach
from models.file_checks import LARGEST, FileRefused, check_size, content_type_of, display_name
from models.file_inspection import inspect
from models.file_places import FolderPlace, Place, PlaceDown
from models.room import is_no_room
from workflow.words import phrase

CHUNK = 256 * 1024
Gate = Callable[[Path, str], None]
"""Looks at a staged file, given its content type; raises `FileRefused`."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store; the fields of `models.editing.AddDocument`, but for the kind."""

    sha256: str
    size: int
    content_type: str
    file_name: str


class FileStore:
    """Files under their hash, looked at before they are kept."""

    def __init__(
        self, folder: Path, place: Place | None = None, gates: Sequence[Gate] = (inspect,)
    ) -> None:
        """Stage in `folder`, and keep in `place`, or in `folder` itself where none is given.

        `gates` come after the checks that need no parser. Only papers the service has made
        itself may do without.
        """
        self.folder = folder
        self.place = FolderPlace(folder) if place is None else place
        self.gates = tuple(gates)

    def put(self, source: IO[bytes], name: str) -> StoredFile:
        """Check and store what `source` holds, byte for byte.

        Raises `FileRefused` with code, text and remedy; then nothing stays behind. The same
        content stored twice is one file.
        """
        try:
            return self._put(source, name)
        except OSError as error:
            if not is_no_room(error):
                raise
            raise FileRefused(
                "FILE_NO_ROOM",
                phrase("Máy chủ hết chỗ lưu nên chưa nhận tệp."),
                phrase("Báo quản trị giải phóng ổ đĩa, rồi gửi lại."),
                display_name(name),
            ) from error

    def _put(self, source: IO[bytes], name: str) -> StoredFile:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
            path = Path(file.name)
            try:
                sha256, size = _copy(source, file)
                check_size(size)
                content_type = content_type_of(file, size)
                file.flush()
                reach("after_file_written")
                for gate in self.gates:
                    gate(path, content_type)
                os.fsync(file.fileno())
                reach("after_file_synced")
                self.place.keep(sha256, path)
            except PlaceDown as down:
                path.unlink(missing_ok=True)
                raise FileRefused(
                    "FILE_NOT_STORED",
                    phrase("Kho lưu tệp đang không trả lời nên chưa nhận tệp."),
                    phrase("Thử lại sau ít phút; nếu vẫn vậy, báo quản trị."),
                    display_name(name),
                ) from down
            except FileRefused as refused:
                path.unlink(missing_ok=True)
                refused.file = display_name(name)
                raise
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return StoredFile(sha256, size, content_type, display_name(name))

    def path_of(self, sha256: str) -> Path:
        """Where the file of this hash lies. Raises `FileLost` when it is not there."""
        return self.place.fetch(sha256)

    def is_whole(self, sha256: str) -> bool:
        """Is the file there, with the content its name promises?"""
        try:
            with self.path_of(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except (LookupError, PlaceDown):
            return False

    def hashes(self) -> Iterator[str]:
        """The hashes of all stored files."""
        return self.place.hashes()


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
