"""Looking at an uploaded file before anything opens it: what it is, not what it is called.

A PDF has its header and trailer. A DOCX is looked at through its ZIP directory first, because a
small one can unpack to more memory than the machine has; `models.file_depths` looks further.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final

from models.file_depths import (
    MOST_ENTRIES,
    Inside,
    check_docx,
    check_pdf,
    check_weight,
    lead_outside,
)
from workflow.words import phrase

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
NAME_LENGTH = 150
_HEADER_WITHIN = 1024
_DIRECTORY_WITHIN = 66 * 1024
_TRAILER_WITHIN = 2048
_REQUIRED = ("[Content_Types].xml", "word/document.xml")
_BLANK = b" \t\r\n\0\x1a"
_PAGE_OF_A_BROWSER = re.compile(rb"<\s*(?:html|script|svg|body|iframe)\b", re.IGNORECASE)
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
        raise FileRefused("FILE_EMPTY", phrase("Tệp rỗng."), phrase("Chọn lại tệp rồi tải lên."))
    if size > LARGEST:
        raise FileRefused(
            "FILE_TOO_LARGE",
            phrase(
                "Tệp nặng {size} MB, tối đa {largest} MB.",
                size=-(-size // MEGABYTE),
                largest=LARGEST // MEGABYTE,
            ),
            phrase("Quét lại ở 150 dpi đen trắng hoặc tách phụ lục."),
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
        phrase("Chỉ nhận PDF, DOCX. Nội dung tệp này là loại khác."),
        phrase("Lưu lại từ Word thành PDF rồi tải lên."),
    )


def check_weight_of(archive: bytes) -> None:
    """Refuse a ZIP (such as XLSX) that unpacks to too much; raises `BadZipFile` if it is none."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        _refusing(lambda: check_weight(opened.infolist()))


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
    """A PDF and nothing else: with its end where it belongs, and no second kind hidden in it."""
    file.seek(max(0, size - _TRAILER_WITHIN))
    _, end, after = file.read().rpartition(b"%%EOF")
    if not end:
        raise _broken()
    file.seek(0)
    content = file.read()
    if after.strip(_BLANK) or _PAGE_OF_A_BROWSER.search(content[:_HEADER_WITHIN]):
        raise _two_in_one()
    if zipfile.is_zipfile(file):
        raise _two_in_one()
    _refusing(lambda: check_pdf(content))


def _check_docx(file: IO[bytes]) -> None:
    file.seek(0)
    if b"%PDF-" in file.read(_HEADER_WITHIN):
        raise _two_in_one()
    if _parts_promised(file) > MOST_ENTRIES:
        raise _unsound()
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, *_BROKEN):
        raise _broken() from None
    names = [entry.filename for entry in entries]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefused(
            "FILE_MACROS",
            phrase("Tệp có macro."),
            phrase("Lưu lại thành DOCX không macro, hoặc thành PDF."),
        )
    if not set(_REQUIRED) <= set(names):
        raise FileRefused(
            "FILE_TYPE",
            phrase("Chỉ nhận PDF, DOCX. Tệp này là .zip hoặc loại khác."),
            phrase("Lưu lại từ Word thành PDF rồi tải lên."),
        )
    if lead_outside(names):
        raise _unsound()
    _refusing(lambda: check_weight(entries))
    _look_inside(file)


def _parts_promised(file: IO[bytes]) -> int:
    """How many parts the end of an archive speaks of: reading a long directory costs seconds."""
    file.seek(0, io.SEEK_END)
    file.seek(max(0, file.tell() - _DIRECTORY_WITHIN))
    last = file.read()
    at = last.rfind(b"PK\x05\x06")
    return int.from_bytes(last[at + 10 : at + 12], "little") if at >= 0 else 0


def _look_inside(file: IO[bytes]) -> None:
    """Unpack what the directory promised; a part that breaks, lies or hides something is out."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            _refusing(lambda: check_docx(archive))
    except (zipfile.BadZipFile, zlib.error, *_BROKEN):
        raise _broken() from None


def _refusing(check: Callable[[], None]) -> None:
    try:
        check()
    except Inside as found:
        raise FileRefused(found.code, found.what, found.remedy) from None


def _broken() -> FileRefused:
    return FileRefused(
        "FILE_BROKEN",
        phrase("Tệp mở không được."),
        phrase("Lưu lại từ Word thành PDF rồi tải lên."),
    )


def _two_in_one() -> FileRefused:
    return FileRefused(
        "FILE_TWO_IN_ONE",
        phrase("Tệp chứa hai loại nội dung trong một, hoặc có dữ liệu lạ sau phần kết thúc."),
        phrase("Mở tệp, in lại thành PDF (Microsoft Print to PDF) rồi tải lên."),
    )


def _unsound() -> FileRefused:
    return FileRefused(
        "FILE_UNSOUND",
        phrase("Tệp DOCX có cấu trúc bất thường (mật khẩu, quá nhiều phần, hoặc nén quá mức)."),
        phrase("Mở bằng Word, lưu lại thành PDF rồi tải lên."),
    )
