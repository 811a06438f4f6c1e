"""Looking at an uploaded file before anything opens it: what it is, not what it is called.

A PDF has its header and trailer. A DOCX is looked at through its ZIP directory first, because a
small one can unpack to more memory than the machine has; `models.file_depths` looks further.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Final

from models.file_depths import Inside, check_docx, check_pdf

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
MOST_ENTRIES = 2000
LARGEST_UNPACKED = 100 * MEGABYTE
HIGHEST_RATIO = 100
NAME_LENGTH = 150
_HEADER_WITHIN = 1024
_TRAILER_WITHIN = 2048
_REQUIRED = ("[Content_Types].xml", "word/document.xml")
_ENCRYPTED = 0x1
_BROKEN = (ValueError, NotImplementedError, OSError, EOFError, RuntimeError, KeyError)
"""What unpacking something that is no sound archive ends in."""


@dataclass
class FileRefused(Exception):
    """The file named `file` is not taken: `code` for machines, `text` and `remedy` for people."""

    code: str
    text: str
    remedy: str
    file: str = ""

    def __str__(self) -> str:
        """Say which file, why, and what to do."""
        named = f"{self.file}: " if self.file else ""
        return f"{named}{self.text} {self.remedy}"


def check_size(size: int) -> None:
    """Refuse an empty file and one above 10 MB."""
    if size == 0:
        raise FileRefused("FILE_EMPTY", "Tệp rỗng.", "Chọn lại tệp rồi tải lên.")
    if size > LARGEST:
        raise FileRefused(
            "FILE_TOO_LARGE",
            f"Tệp nặng {-(-size // MEGABYTE)} MB, tối đa {LARGEST // MEGABYTE} MB.",
            "Quét lại ở 150 dpi đen trắng hoặc tách phụ lục.",
        )


def content_type_of(file: IO[bytes], size: int) -> str:
    """Find out what the file is; raises `FileRefused` unless it is a sound PDF or DOCX."""
    file.seek(0)
    start = file.read(_HEADER_WITHIN)
    if start.startswith(b"%PDF-"):
        _check_pdf(file, size)
        return PDF
    if start.startswith(b"PK\x03\x04"):
        _check_docx(file)
        return DOCX
    raise FileRefused(
        "FILE_TYPE",
        "Chỉ nhận PDF, DOCX. Nội dung tệp này là loại khác.",
        "Lưu lại từ Word thành PDF rồi tải lên.",
    )


def check_weight_of(archive: bytes) -> None:
    """Refuse a ZIP (such as XLSX) that unpacks to too much; raises `BadZipFile` if it is none."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        _check_weight(opened.infolist())


def display_name(name: str) -> str:
    """A file name fit to be shown: NFC, no path, no control or direction marks, not too long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(mark for mark in last if unicodedata.category(mark)[0] != "C").strip()
    if len(shown) > NAME_LENGTH:
        stem, dot, ending = shown.rpartition(".")
        kept = f"{dot}{ending}" if stem and len(ending) < NAME_LENGTH // 2 else ""
        shown = shown[: NAME_LENGTH - len(kept)] + kept
    return shown or "tep"


def _check_pdf(file: IO[bytes], size: int) -> None:
    file.seek(max(0, size - _TRAILER_WITHIN))
    if b"%%EOF" not in file.read():
        raise _broken()
    file.seek(0)
    try:
        check_pdf(file.read())
    except Inside as found:
        raise FileRefused(found.code, found.what, found.remedy) from None


def _check_docx(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, *_BROKEN):
        raise _broken() from None
    names = [entry.filename for entry in entries]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused(
            "FILE_MACROS", "Tệp có macro.", "Lưu lại thành DOCX không macro, hoặc thành PDF."
        )
    if not set(_REQUIRED) <= set(names):
        raise FileRefused(
            "FILE_TYPE",
            "Chỉ nhận PDF, DOCX. Tệp này là .zip hoặc loại khác.",
            "Lưu lại từ Word thành PDF rồi tải lên.",
        )
    if len(set(names)) != len(names) or any(_leads_outside(name) for name in names):
        raise _unsound()
    _check_weight(entries)
    _look_inside(file)


def _look_inside(file: IO[bytes]) -> None:
    """Unpack what the directory promised; a part that breaks, lies or hides something is out."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            check_docx(archive)
    except Inside as found:
        raise FileRefused(found.code, found.what, found.remedy) from None
    except (zipfile.BadZipFile, zlib.error, *_BROKEN):
        raise _broken() from None


def _check_weight(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    heavy = len(entries) > MOST_ENTRIES or unpacked > LARGEST_UNPACKED
    dense = any(
        entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1) and entry.file_size > MEGABYTE
        for entry in entries
    )
    packed = sum(entry.compress_size for entry in entries)
    dense = dense or (unpacked > MEGABYTE and unpacked > HIGHEST_RATIO * max(packed, 1))
    if heavy or dense or any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise _unsound()


def _leads_outside(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or ":" in path or ".." in path.split("/") or "\0" in path


def _broken() -> FileRefused:
    return FileRefused(
        "FILE_BROKEN", "Tệp mở không được.", "Lưu lại từ Word thành PDF rồi tải lên."
    )


def _unsound() -> FileRefused:
    return FileRefused(
        "FILE_UNSOUND",
        "Tệp DOCX có cấu trúc bất thường (mật khẩu, quá nhiều phần, hoặc nén quá mức).",
        "Mở bằng Word, lưu lại thành PDF rồi tải lên.",
    )
