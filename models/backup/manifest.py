"""What a copy says of itself: how it was made, and the hash of everything in it."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SEAL: Final = "manifest.sha256"
RECORD: Final = "record"
FILES: Final = "files"
LISTED: Final = "files.txt"
PARTIAL: Final = ".partial"
_HASH = r"^[0-9a-f]{64}$"
_NAME = r"^[a-z][a-z0-9_]*$"


class BrokenManifest(Exception):
    """A folder that is no whole copy; the message says why, in Vietnamese."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableCopy(_Part):
    """One table: its columns in the order of the rows, and what its lines come to."""

    name: str = Field(pattern=_NAME)
    columns: tuple[str, ...]
    rows: int = Field(ge=0)
    sha256: str = Field(pattern=_HASH)
    """Of the file as it lies there."""
    counter: int | None = None
    """The last number the database gave out for this table; None where it keeps none."""


class FileCopies(_Part):
    """The stored files the rows name."""

    count: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=_HASH)
    """Of the list of their names and sizes."""
    missing: tuple[str, ...] = ()
    """Hashes the rows name, of files that were gone or spoilt when the copy was made."""


class Manifest(_Part):
    """Everything a copy says of itself."""

    format: int
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    version: str
    """Of the application that made it."""
    made_at: AwareDatetime
    engine: str
    revision: str
    sealed_lines: int = Field(ge=0)
    seal: str
    """The end of the sealed chain: with `sealed_lines` the checkpoint of the copy."""
    tables: tuple[TableCopy, ...]
    files: FileCopies

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def checkpoint(self) -> str:
        """`SIZE:HASH`, as `audit verify --checkpoint` takes it."""
        return f"{self.sealed_lines}:{self.seal}"


def table_file(folder: Path, name: str) -> Path:
    """Where the rows of a table lie."""
    return folder / RECORD / f"{name}.jsonl.gz"


def file_place(folder: Path, sha256: str) -> Path:
    """Where a stored file lies."""
    return folder / FILES / sha256[:2] / sha256


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its hash, and wait until both are on the disk."""
    content = manifest.model_dump_json(indent=1).encode() + b"\n"
    durable(folder / MANIFEST, content)
    durable(folder / SEAL, f"{hashlib.sha256(content).hexdigest()}\n".encode())


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest. Raises `BrokenManifest` when it is not the one that was written."""
    try:
        content = (folder / MANIFEST).read_bytes()
        seal = (folder / SEAL).read_bytes()
    except FileNotFoundError as missing:
        name = Path(missing.filename).name
        raise BrokenManifest(
            f"{folder.name}: thiếu tệp {name}, không phải bản sao lưu đủ"
        ) from None
    if seal != f"{hashlib.sha256(content).hexdigest()}\n".encode():
        raise BrokenManifest(f"{folder.name}: {MANIFEST} bị sửa, không còn đúng mã băm")
    try:
        found = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise BrokenManifest(f"{folder.name}: {MANIFEST} không đọc được ({error})") from None
    if found.format != FORMAT:
        raise BrokenManifest(
            f"{folder.name}: bản sao lưu dạng {found.format}, bản phần mềm này đọc dạng {FORMAT}"
        )
    return found


def name_of(instant: datetime) -> str:
    """The name of a copy made at this instant (UTC); later ones sort after earlier ones."""
    return f"{instant:%Y%m%dT%H%M%S}Z"


def durable(path: Path, content: bytes) -> None:
    """Write a file of a copy, and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
