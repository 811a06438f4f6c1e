"""Looking at a copy as it lies there: is every byte the one that was written?"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from models.backup.coding import Code, row_of
from models.backup.making import STEPS, hash_of
from models.backup.manifest import (
    FILES,
    LISTED,
    RECORD,
    Manifest,
    TableCopy,
    file_place,
    table_file,
)
from models.backup.snapshot import Progress


class BrokenCopy(Exception):
    """Something of a copy is not what was written; the message says what, in Vietnamese."""


def faults_of_bytes(folder: Path, manifest: Manifest, progress: Progress) -> list[str]:
    """A sentence for everything that is missing, changed, or of another copy."""
    found = [one for table in manifest.tables for one in _table_faults(folder, table)]
    expected = {table_file(folder, table.name).name for table in manifest.tables}
    record = folder / RECORD
    there = {one.name for one in record.iterdir()} if record.is_dir() else set()
    found += [f"Tệp {name} không thuộc bản sao lưu này." for name in sorted(there - expected)]
    return found + _file_faults(folder, manifest, progress)


def _table_faults(folder: Path, table: TableCopy) -> Iterator[str]:
    path = table_file(folder, table.name)
    if not path.is_file():
        yield f"Thiếu bảng {table.name}."
    elif hash_of(path) != table.sha256:
        yield f"Bảng {table.name} bị sửa, bị cắt hoặc của bản sao lưu khác."


def _file_faults(folder: Path, manifest: Manifest, progress: Progress) -> list[str]:
    try:
        listed = listed_files(folder, manifest)
    except BrokenCopy as broken:
        return [f"{broken}."]
    found = []
    for number, sha256 in enumerate(listed, start=1):
        path = file_place(folder, sha256)
        if not path.is_file():
            found.append(f"Thiếu tệp {sha256}.")
        elif hash_of(path) != sha256:
            found.append(f"Tệp {sha256} bị sửa, không còn đúng mã băm.")
        if number % STEPS == 0 or number == len(listed):
            progress("soát tệp", number, len(listed))
    there = {one.name for one in (folder / FILES).glob("*/*")}
    found += [f"Tệp {name} không thuộc bản sao lưu này." for name in sorted(there - set(listed))]
    return found


def listed_files(folder: Path, manifest: Manifest) -> list[str]:
    """The hashes of the files of a copy. Raises `BrokenCopy` when the list is not the one."""
    path = folder / LISTED
    if not path.is_file():
        raise BrokenCopy(f"Thiếu danh sách tệp {LISTED}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest.files.sha256:
        raise BrokenCopy(f"Danh sách tệp {LISTED} bị sửa hoặc của bản sao lưu khác")
    return [line.split(" ", 1)[0] for line in content.decode().splitlines()]


def rows_of(folder: Path, table: TableCopy, decoders: list[Code]) -> Iterator[list[object]]:
    """Every row of a table. Raises `BrokenCopy` when the lines are not those that were written."""
    count = 0
    try:
        with gzip.open(table_file(folder, table.name), "rb") as lines:
            for line in lines:
                yield row_of(line, decoders)
                count += 1
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BrokenCopy(f"Bảng {table.name}, dòng {count + 1}: không đọc được") from error
    if count != table.rows:
        raise BrokenCopy(f"Bảng {table.name} có {count} dòng, phải có {table.rows}")
