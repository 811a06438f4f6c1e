"""What lies inside an uploaded file, found without any parser of office files or pages.

A DOCX is unpacked part by part while real bytes are counted; a PDF is searched as bytes, with the
objects its writer packed together unpacked first. Nothing on the server ever runs what is inside:
papers leave as downloads in a sandbox.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from workflow.words import phrase

MEGABYTE: Final = 1024 * 1024
LARGEST_PART: Final = 30 * MEGABYTE
LARGEST_SUM: Final = 100 * MEGABYTE
LARGEST_PACKED: Final = 20 * MEGABYTE
MOST_ENTRIES: Final = 2000
HIGHEST_RATIO: Final = 100
MOST_PAGES: Final = 500
MOST_OBJECTS: Final = 50_000
CHUNK: Final = 256 * 1024
_OVERLAP: Final = 16
_LOCKED: Final = 0x1


@dataclass
class Inside(Exception):
    """Something a paper must not hold: `code` for machines, `what` and `remedy` for people."""

    code: str
    what: str
    remedy: str


_AGAIN: Final = phrase("Mở tệp, in lại thành PDF (Microsoft Print to PDF) rồi tải lên.")
_AS_PDF: Final = phrase("Mở bằng Word, lưu lại thành PDF rồi tải lên.")
_NESTED: Final = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"MZ")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTITIES: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATIONSHIP: Final = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>", re.IGNORECASE)
_EXTERNAL: Final = re.compile(r"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)
_HYPERLINK: Final = re.compile(r"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.IGNORECASE)
_RUNS: Final = re.compile(rb"macroEnabled|activeX|vbaProject", re.IGNORECASE)
_WORKBOOK: Final = re.compile(r"word/embeddings/[^/]+\.xlsx", re.IGNORECASE)
"""The numbers behind a chart, as Word keeps them."""


@dataclass
class _Counted:
    """Bytes unpacked so far, of the paper and of what lies in it together."""

    total: int = 0
    parts: dict[str, bytes] = field(default_factory=dict)


def check_docx(archive: zipfile.ZipFile) -> None:
    """Unpack every part within its limits; raises `Inside`, or `BadZipFile` for a broken part.

    The workbook behind a chart may lie inside, if it passes the same checks; nothing in it may.
    """
    counted = _Counted()
    _check_parts(archive, counted)
    for name, content in counted.parts.items():
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            entries = workbook.infolist()
            check_weight(entries)
            names = [entry.filename for entry in entries]
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise Inside(
                    "FILE_MACROS", phrase("Bảng tính nhúng có macro ({name}).", name=name), _AS_PDF
                )
            if "xl/workbook.xml" not in names or lead_outside(names):
                raise Inside(
                    "FILE_EMBEDDED",
                    phrase("Tệp DOCX có tệp khác bên trong ({name}).", name=name),
                    _AS_PDF,
                )
            _check_parts(workbook, counted, inside=True)


def check_weight(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse by the directory alone what would unpack to too much, or is locked."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    dense = any(
        entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1) and entry.file_size > MEGABYTE
        for entry in entries
    )
    dense = dense or (unpacked > MEGABYTE and unpacked > HIGHEST_RATIO * max(packed, 1))
    heavy = len(entries) > MOST_ENTRIES or unpacked > LARGEST_SUM
    if heavy or dense or any(entry.flag_bits & _LOCKED for entry in entries):
        raise Inside(
            "FILE_UNSOUND",
            phrase("Tệp DOCX có cấu trúc bất thường (mật khẩu, quá nhiều phần, hoặc nén quá mức)."),
            _AS_PDF,
        )


def lead_outside(names: Sequence[str]) -> bool:
    """Does a name climb out of the archive, or stand there twice?"""
    if len(set(names)) != len(names):
        return True
    paths = [name.replace("\\", "/") for name in names]
    return any(
        path.startswith("/") or ":" in path or ".." in path.split("/") or "\0" in path
        for path in paths
    )


def _check_parts(archive: zipfile.ZipFile, counted: _Counted, *, inside: bool = False) -> None:
    for entry in archive.infolist():
        if entry.is_dir():
            continue
        name = entry.filename
        workbook = not inside and bool(_WORKBOOK.fullmatch(name))
        kept = _unpacked(archive, entry, counted, workbook=workbook)
        if workbook:
            counted.parts[name] = kept
        else:
            _check_relations(name, kept)


def _unpacked(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, counted: _Counted, *, workbook: bool
) -> bytes:
    """What of a part is looked at as a whole: relations, content types, a workbook."""
    name = entry.filename.lower()
    keeps = workbook or name.endswith((".rels", "[content_types].xml"))
    size, last, whole = 0, b"", bytearray()
    for piece in _pieces(archive, entry):
        if size == 0 and not workbook:
            _check_start(entry.filename, piece)
        size += len(piece)
        counted.total += len(piece)
        if size > LARGEST_PART or counted.total > LARGEST_SUM:
            raise Inside("FILE_UNSOUND", phrase("Tệp DOCX nén quá mức."), _AS_PDF)
        if name.endswith((".xml", ".rels")) and _ENTITIES.search(_plain(last + piece)):
            raise Inside("FILE_ENTITIES", phrase("Tệp DOCX có khai báo thực thể XML."), _AS_PDF)
        last = piece[-_OVERLAP:]
        if keeps:
            whole += piece
    return bytes(whole)


def check_pdf(content: bytes) -> None:
    """Search a PDF for what runs, hides or locks; raises `Inside`."""
    packed = _packed_objects(content)
    everything = _names_read(content + packed)
    outside = _names_read(_without_streams(content) + packed)
    for pattern, where, code, what, remedy in _FORBIDDEN:
        if re.search(pattern, outside if where == _OUTSIDE else everything):
            raise Inside(code, what, remedy)
    if len(re.findall(rb"/Type\s*/Page(?![A-Za-z])", everything)) > MOST_PAGES:
        raise Inside(
            "FILE_TOO_LONG",
            phrase("Tệp PDF có hơn {count} trang.", count=MOST_PAGES),
            phrase("Tách phụ lục thành tệp khác."),
        )
    if len(re.findall(rb"\b\d{1,10}\s\d{1,5}\sobj\b", everything)) > MOST_OBJECTS:
        raise Inside(
            "FILE_UNSOUND",
            phrase("Tệp PDF có quá nhiều đối tượng."),
            phrase("In lại thành PDF rồi tải lên."),
        )


_OUTSIDE: Final = "outside"
_ANYWHERE: Final = "anywhere"
# Short names happen by chance in packed pictures: they are looked for outside of streams only.
_FORBIDDEN: Final = (
    (
        rb"/Encrypt(?![A-Za-z])",
        _ANYWHERE,
        "FILE_ENCRYPTED",
        phrase("Tệp PDF đặt mật khẩu hoặc mã hóa."),
        phrase("Bỏ mật khẩu rồi tải lên."),
    ),
    (
        rb"/JavaScript(?![A-Za-z])",
        _ANYWHERE,
        "FILE_SCRIPT",
        phrase("Tệp PDF có mã lệnh JavaScript."),
        _AGAIN,
    ),
    (
        rb"/JS(?![A-Za-z])",
        _OUTSIDE,
        "FILE_SCRIPT",
        phrase("Tệp PDF có mã lệnh JavaScript."),
        _AGAIN,
    ),
    (
        rb"/Launch(?![A-Za-z])",
        _ANYWHERE,
        "FILE_LAUNCH",
        phrase("Tệp PDF có lệnh mở chương trình khác."),
        _AGAIN,
    ),
    (
        rb"/EmbeddedFiles?(?![A-Za-z])",
        _ANYWHERE,
        "FILE_EMBEDDED",
        phrase("Tệp PDF có tệp khác đính kèm bên trong."),
        phrase("Tải từng tệp lên riêng."),
    ),
    (rb"/XFA(?![A-Za-z])", _OUTSIDE, "FILE_FORM", phrase("Tệp PDF là biểu mẫu XFA."), _AGAIN),
    (
        rb"/RichMedia(?![A-Za-z])",
        _ANYWHERE,
        "FILE_MEDIA",
        phrase("Tệp PDF có phim hoặc âm thanh."),
        _AGAIN,
    ),
)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(CHUNK):
            yield piece


def _check_start(name: str, start: bytes) -> None:
    if start.startswith(_OLE):
        raise Inside(
            "FILE_EMBEDDED", phrase("Tệp DOCX có đối tượng nhúng ({name}).", name=name), _AS_PDF
        )
    if start.startswith(_NESTED):
        raise Inside(
            "FILE_EMBEDDED", phrase("Tệp DOCX có tệp khác bên trong ({name}).", name=name), _AS_PDF
        )


def _check_relations(name: str, content: bytes) -> None:
    if not content:
        return
    text = _plain(content).decode("utf-8", "replace")
    if name.lower().endswith("[content_types].xml"):
        if _RUNS.search(text.encode()):
            raise Inside(
                "FILE_MACROS",
                phrase("Tệp có macro."),
                phrase("Lưu lại thành DOCX không macro, hoặc thành PDF."),
            )
        return
    # An attribute spelled in character references would read otherwise in Word than here.
    hidden = "&#" in text
    for one in _RELATIONSHIP.findall(text):
        if "attachedTemplate" in one or hidden:
            raise Inside("FILE_LINKED", phrase("Tệp DOCX nối với mẫu ở nơi khác."), _AS_PDF)
        if _EXTERNAL.search(one) and not _HYPERLINK.search(one):
            raise Inside("FILE_LINKED", phrase("Tệp DOCX lấy nội dung từ nơi khác."), _AS_PDF)


def _plain(content: bytes) -> bytes:
    """UTF-16 read as bytes of one letter each: entities are looked for in either."""
    return content.replace(b"\0", b"")


def _without_streams(content: bytes) -> bytes:
    kept, at = bytearray(), 0
    while (begins := content.find(b"stream", at)) >= 0:
        ends = content.find(b"endstream", begins)
        if ends < 0:
            break
        kept += content[at:begins]
        at = ends + len(b"endstream")
    return bytes(kept + content[at:])


def _packed_objects(content: bytes) -> bytes:
    """The objects packed together in object streams, within the limits of a whole paper."""
    found, at = bytearray(), 0
    while (begins := content.find(b"stream", at)) >= 0:
        at = begins + len(b"stream")
        if content[begins - len(b"end") : begins] == b"end":
            continue
        about = _names_read(content[max(content.rfind(b"obj", 0, begins), 0) : begins])
        if b"/ObjStm" not in about:
            continue
        begun = at + 2 if content[at : at + 2] == b"\r\n" else at + 1
        try:
            piece = zlib.decompressobj().decompress(
                memoryview(content)[begun:], LARGEST_PACKED - len(found) + 1
            )
        except zlib.error:
            raise Inside("FILE_UNSOUND", phrase("Tệp PDF giấu nội dung khó đọc."), _AGAIN) from None
        found += piece
        if len(found) > LARGEST_PACKED:
            raise Inside("FILE_UNSOUND", phrase("Tệp PDF nén quá mức."), _AGAIN)
    return bytes(found)


def _names_read(content: bytes) -> bytes:
    """Names as a reader of PDF sees them: #4A is J."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)
