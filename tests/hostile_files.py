"""More than three hundred files no office should take in, made when asked for (P23)."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Literal, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Encryption, Name, Object, ObjectStreamMode, String

from models.file_checks import LARGEST
from tests.small_files import (
    A_PDF,
    MAIN,
    a_pdf,
    document,
    docx,
    relations,
    types_of,
    written,
    xlsx,
    zipped,
)

ANY = "FILE_"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
TRUNCATED_AT = 50


class Hostile(NamedTuple):
    """A file, its name, and how the code of its refusal begins."""

    label: str
    name: str
    content: Callable[[], bytes]
    code: str


def corpus() -> Iterator[Hostile]:
    """All of them, in the order of the promise."""
    for label, content in _other_types().items():
        for ending in ("pdf", "docx"):
            yield Hostile(f"{label} named {ending}", f"hồ sơ.{ending}", _always(content), ANY)
    for group in (_POLYGLOTS, _SIZES, _PDFS, _WORDS):
        for label, make, code in group:
            yield Hostile(label, "hồ sơ", make, code)
    for label, change, code in _ACTIVE:
        for mode in (ObjectStreamMode.disable, ObjectStreamMode.generate):
            yield Hostile(
                f"{label}, {mode.name}",
                "tờ trình.pdf",
                partial(written, change, object_stream_mode=mode),
                code,
            )
    yield from _truncated("pdf", written())
    yield from _truncated("packed.pdf", written(object_stream_mode=ObjectStreamMode.generate))
    yield from _truncated("docx", docx())


def _truncated(kind: str, whole: bytes) -> Iterator[Hostile]:
    for number in range(TRUNCATED_AT):
        # The last bytes of a PDF are a line end: without them it is still whole.
        end = number * (len(whole) - 8) // TRUNCATED_AT
        yield Hostile(f"{kind} cut at {end}", f"cắt.{kind}", _always(whole[:end]), ANY)


def _other_types() -> dict[str, bytes]:
    return {
        "html": b"<!DOCTYPE html><html><script>alert(1)</script>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "xml": b"<?xml version='1.0'?><x/>",
        "script": b"alert(document.cookie)",
        "shell": b"#!/bin/sh\nrm -rf /\n",
        "php": b"<?php system($_GET['c']); ?>",
        "gif": b"GIF89a" + b"\0" * 60,
        "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
        "jpeg": b"\xff\xd8\xff\xe0" + b"\0" * 60,
        "tiff": b"II*\0" + b"\0" * 60,
        "bmp": b"BM" + b"\0" * 60,
        "webp": b"RIFF\0\0\0\0WEBP",
        "windows program": b"MZ" + b"\0" * 200,
        "linux program": b"\x7fELF" + b"\0" * 200,
        "old word": OLE,
        "rtf": b"{\\rtf1\\ansi Hello}",
        "xlsx": xlsx(),
        "pptx": zipped(("[Content_Types].xml", types_of()), ("ppt/presentation.xml", b"<x/>")),
        "odt": zipped(("mimetype", b"application/vnd.oasis.opendocument.text")),
        "zip": zipped(("a.txt", b"a")),
        "empty zip": zipped(),
        "rar": b"Rar!\x1a\x07\0" + b"\0" * 60,
        "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 60,
        "gzip": b"\x1f\x8b\x08" + b"\0" * 60,
        "java class": b"\xca\xfe\xba\xbe" + b"\0" * 60,
        "mp3": b"ID3\x03" + b"\0" * 60,
        "mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 60,
        "wav": b"RIFF\0\0\0\0WAVEfmt ",
        "letter": b"From: a@example.vn\r\nSubject: x\r\n\r\nx",
        "table": "Đơn vị;Điểm\nVị Xuyên;88,10".encode(),
        "json": b'{"a": 1}',
        "postscript": b"%!PS-Adobe-3.0\n",
        "text": "Báo cáo thành tích".encode(),
        "text in two bytes": "Báo cáo".encode("utf-16"),
        "virus test": EICAR,
        "empty": b"",
        "one byte": b"x",
        "one null": b"\0",
        "pdf header alone": b"%PDF-1.7",
        "zip header alone": b"PK\x03\x04",
    }


_INSIDE = zipped(("evil.exe", b"MZ"))
_POLYGLOTS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("gif and script", lambda: b"GIF89a=1;alert(1)//", "FILE_TYPE"),
    ("gif, then pdf", lambda: b"GIF89a" + A_PDF, "FILE_TYPE"),
    ("page, then pdf", lambda: b"<html><script>alert(1)</script>" + A_PDF, "FILE_TYPE"),
    ("blank, then pdf", lambda: b"\n" + A_PDF, "FILE_TYPE"),
    ("zip, then pdf", lambda: _INSIDE + A_PDF, ANY),
    ("pdf, then zip", lambda: A_PDF + _INSIDE, "FILE_TWO_IN_ONE"),
    ("pdf, then zip, then an end", lambda: A_PDF + _INSIDE + b"\n%%EOF\n", "FILE_TWO_IN_ONE"),
    ("pdf, then page", lambda: A_PDF + b"<html><script>alert(1)</script>", "FILE_TWO_IN_ONE"),
    ("pdf, then program", lambda: A_PDF + b"MZ" + b"\0" * 3000, "FILE_BROKEN"),
    (
        "page in a remark of a pdf",
        lambda: A_PDF.replace(b"\n", b"\n%<script>alert(1)</script>\n", 1),
        "FILE_TWO_IN_ONE",
    ),
    (
        "pdf in the first part of a docx",
        lambda: zipped(("a", A_PDF), ("x", docx()), compression=zipfile.ZIP_STORED),
        ANY,
    ),
    (
        "docx with a pdf in front",
        lambda: zipped(
            ("a.bin", A_PDF),
            ("[Content_Types].xml", types_of()),
            ("word/document.xml", document()),
            compression=zipfile.ZIP_STORED,
        ),
        "FILE_TWO_IN_ONE",
    ),
)
_SIZES: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("pdf of a byte too many", lambda: _padded(LARGEST + 1), "FILE_TOO_LARGE"),
    ("pdf twice too large", lambda: _padded(2 * LARGEST), "FILE_TOO_LARGE"),
    ("nothing too large", lambda: b"\0" * (LARGEST + 1), "FILE_TOO_LARGE"),
)


def _padded(size: int) -> bytes:
    """A sound PDF of exactly this many bytes."""
    head, rest = A_PDF.split(b"\n", 1)
    return head + b"\n%" + b"x" * (size - len(A_PDF) - 2) + b"\n" + rest


def of_size(size: int) -> bytes:
    """A sound PDF of exactly `size` bytes."""
    return _padded(size)


def _act(**action: Any) -> Dictionary:
    return Dictionary(S=Name(f"/{action.pop('S')}"), **action)


_SCRIPT = {"S": "JavaScript", "JS": String("app.alert(1)")}


def _annotated(pdf: pikepdf.Pdf, **note: Any) -> None:
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(Dictionary(Type=Name.Annot, **note))])


def _root(**more: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        for key, value in more.items():
            pdf.Root[f"/{key}"] = pdf.make_indirect(Object.parse(value.unparse()))

    return change


_ACTIVE: tuple[tuple[str, Callable[[pikepdf.Pdf], object], str], ...] = (
    ("script when opened", _root(OpenAction=_act(**_SCRIPT)), "FILE_SCRIPT"),
    ("script when closed", _root(AA=Dictionary(WC=_act(**_SCRIPT))), "FILE_SCRIPT"),
    (
        "script by name",
        _root(Names=Dictionary(JavaScript=Dictionary(Names=Array([String("a"), _act(**_SCRIPT)])))),
        "FILE_SCRIPT",
    ),
    (
        "script of a page",
        lambda pdf: pdf.pages[0].obj.__setitem__("/AA", Dictionary(O=_act(**_SCRIPT))),
        "FILE_SCRIPT",
    ),
    (
        "script of a field",
        lambda pdf: _annotated(pdf, Subtype=Name.Highlight, AA=Dictionary(K=_act(**_SCRIPT))),
        "FILE_SCRIPT",
    ),
    (
        "script of a link",
        lambda pdf: _annotated(pdf, Subtype=Name.Link, A=_act(**_SCRIPT)),
        "FILE_SCRIPT",
    ),
    (
        "script after another action",
        _root(OpenAction=_act(S="GoTo", Next=Array([_act(**_SCRIPT)]))),
        "FILE_SCRIPT",
    ),
    ("program when opened", _root(OpenAction=_act(S="Launch", F=String("cmd"))), "FILE_LAUNCH"),
    (
        "program of a link",
        lambda pdf: _annotated(pdf, Subtype=Name.Link, A=_act(S="Launch", F=String("cmd"))),
        "FILE_LAUNCH",
    ),
    ("data sent away", _root(OpenAction=_act(S="SubmitForm", F=String("x"))), "FILE_LAUNCH"),
    ("data fetched", _root(OpenAction=_act(S="ImportData", F=String("x"))), "FILE_LAUNCH"),
    (
        "file inside",
        _root(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))),
        "FILE_EMBEDDED",
    ),
    (
        "file of a note",
        lambda pdf: _annotated(pdf, Subtype=Name.FileAttachment, FS=Dictionary(EF=Dictionary(F=1))),
        "FILE_EMBEDDED",
    ),
    ("way into a file inside", _root(OpenAction=_act(S="GoToE")), "FILE_EMBEDDED"),
    ("form of xfa", _root(AcroForm=Dictionary(XFA=String("<x/>"))), "FILE_FORM"),
    ("rich media", lambda pdf: _annotated(pdf, Subtype=Name.RichMedia), "FILE_MEDIA"),
    ("film", lambda pdf: _annotated(pdf, Subtype=Name.Movie), "FILE_MEDIA"),
    ("sound", lambda pdf: _annotated(pdf, Subtype=Name.Sound), "FILE_MEDIA"),
    ("model in three dimensions", lambda pdf: _annotated(pdf, Subtype=Name("/3D")), "FILE_MEDIA"),
    ("screen", lambda pdf: _annotated(pdf, Subtype=Name.Screen), "FILE_MEDIA"),
    ("film played", _root(OpenAction=_act(S="Rendition")), "FILE_MEDIA"),
)


def _always(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def locked(revision: Literal[2, 3, 4, 6], user: str) -> bytes:
    """An encrypted PDF."""
    return written(
        encryption=Encryption(
            owner="owner", user=user, R=revision, aes=revision >= 4, metadata=revision >= 4
        )
    )


def _packed(objects: bytes) -> bytes:
    stream = b"4 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\r\n" + objects
    return A_PDF + stream + b"\r\nendstream endobj\n%%EOF\n"


def _with_pages(kids: bytes, count: int, more: bytes = b"") -> bytes:
    pages = b"2 0 obj<</Type/Pages/Kids[" + kids + b"]/Count %d>>endobj\n" % count
    head, _, tail = A_PDF.partition(b"2 0 obj")
    return head + pages + more + tail.partition(b"endobj\n")[2]


def _nested(depth: int) -> bytes:
    return a_pdf(b"/Z " + b"[" * depth + b"]" * depth)


def _looping_table() -> bytes:
    head = A_PDF[: A_PDF.index(b"trailer")]
    at = len(head)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 4/Prev %d>>\n" % at
    return head + table + b"startxref\n%d\n%%%%EOF\n" % at


_REVISIONS: Final[tuple[Literal[2, 3, 4, 6], ...]] = (2, 3, 4, 6)
_PDFS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    *(
        (
            f"locked, revision {revision}, {'with' if user else 'without'} a password to open",
            partial(locked, revision, user),
            "FILE_ENCRYPTED",
        )
        for revision in _REVISIONS
        for user in ("", "open")
    ),
    ("script spelled in codes", lambda: a_pdf(b"/OpenAction<</S/#4AavaScript/#4aS(x)>>"), "FILE_S"),
    ("program spelled in codes", lambda: a_pdf(b"/OpenAction<</S/L#61unch/F(x)>>"), "FILE_LAUNCH"),
    ("a hundred thousand pages", lambda: _with_pages(b"3 0 R " * 100_000, 100_000), ANY),
    ("pages said a hundred thousand times", lambda: a_pdf(b"/Type/Page " * 100_000), ANY),
    ("five hundred and one pages", lambda: _with_pages(b"3 0 R " * 501, 501), ANY),
    ("a page that is its own parent", lambda: _with_pages(b"2 0 R", 1), "FILE_BROKEN"),
    (
        "pages that bite their tail",
        lambda: _with_pages(
            b"4 0 R", 1, b"4 0 obj<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>endobj\n"
        ),
        "FILE_BROKEN",
    ),
    ("a table that refers to itself", _looping_table, ANY),
    ("no pages", lambda: _with_pages(b"", 0), "FILE_BROKEN"),
    ("no objects", lambda: b"%PDF-1.7\ntrailer<<>>\n%%EOF\n", "FILE_BROKEN"),
    ("end alone", lambda: b"%PDF-1.7\n%%EOF\n", "FILE_BROKEN"),
    ("nested a hundred and one deep", lambda: _nested(101), "FILE_UNSOUND"),
    ("nested ten thousand deep", lambda: _nested(10_000), ANY),
    ("sixty thousand objects", lambda: a_pdf(b"") + b"7 0 obj " * 60_000 + b"%%EOF", ANY),
    (
        "sixty thousand packed objects",
        lambda: written(
            lambda pdf: pdf.Root.__setitem__(
                "/Z", Array([pdf.make_indirect(Dictionary(A=n)) for n in range(60_000)])
            ),
            object_stream_mode=ObjectStreamMode.generate,
        ),
        "FILE_UNSOUND",
    ),
    ("objects packed too tight", lambda: _packed(zlib.compress(b" " * 21_000_000)), "FILE_UNSOUND"),
    ("objects packed otherwise", lambda: _packed(b"no zlib at all"), "FILE_UNSOUND"),
    (
        "script in packed objects",
        lambda: _packed(zlib.compress(b"1 0 <</S/JavaScript>>")),
        "FILE_S",
    ),
)


def _twice() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(*_PARTS, _PARTS[1])


def _lying() -> bytes:
    """A part that says it is small and is not."""
    content = bytearray(docx(("word/big.xml", b"<x>" + b" " * 40_000_000 + b"</x>")))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        begin = (
            content.rindex(b"word/big.xml")
            if mark == b"PK\x01\x02"
            else content.index(b"word/big.xml")
        )
        place = content.rindex(mark, 0, begin) + at
        content[place : place + 4] = struct.pack("<I", 1000)
    return bytes(content)


def _many_parts() -> bytes:
    """A directory of a hundred thousand lines, laid by hand: zipfile would take seconds."""
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 6, 0)
    line = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, *[0] * 6)
    names = [b"%06d" % number for number in range(100_000)]
    whole = docx()
    head = whole[: whole.index(b"PK\x01\x02")]
    locals_, lines = (b"".join(one + name for name in names) for one in (local, line))
    counts = (0xFFFF, 0xFFFF, len(lines), len(head) + len(locals_), 0)
    return head + locals_ + lines + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *counts)


def _locked_zip() -> bytes:
    content = bytearray(docx())
    begin = content.index(b"PK\x01\x02")
    content[begin + 8] |= 1
    return bytes(content)


_PARTS = (("[Content_Types].xml", types_of()), ("word/document.xml", document()))
_LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(97 + n)} "{f"&{chr(96 + n)};" * 10}">' for n in range(1, 10))
    + "]><l>&j;</l>"
).encode()
_OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
_RELS = "word/_rels/document.xml.rels"


def _field(words: str) -> bytes:
    return document(f"<w:p><w:r><w:instrText>{words}</w:instrText></w:r></w:p>")


def _made_of(main: str) -> Callable[[], bytes]:
    return lambda: docx(main=main)


def _spoilt_sum() -> bytes:
    content = bytearray(zipped(*_PARTS, compression=zipfile.ZIP_STORED))
    content[content.index(b"w:body") + 1] ^= 1
    return bytes(content)


_WORDS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("bomb of one part", lambda: docx(("word/a.xml", b"\0" * 20_000_000)), "FILE_UNSOUND"),
    (
        "bomb of many parts",
        lambda: docx(*((f"word/{n}.bin", b"\0" * 900_000) for n in range(120))),
        "FILE_UNSOUND",
    ),
    ("part that lies about its size", _lying, ANY),
    ("a hundred thousand parts", _many_parts, "FILE_UNSOUND"),
    ("two thousand and one parts", lambda: docx(*((f"w/{n}", b"") for n in range(2001))), "FILE_U"),
    ("many small paragraphs", lambda: docx(("word/a.xml", _paragraphs())), ANY),
    (
        "xml nested deep",
        lambda: docx(("word/a.xml", b"<a>" * 5000 + b"</a>" * 5000)),
        "FILE_BROKEN",
    ),
    ("entity from a file", lambda: docx(("word/a.xml", _OUTSIDE)), "FILE_ENTITIES"),
    ("entity in the text", lambda: docx(("word/document.xml", _OUTSIDE)), "FILE_ENTITIES"),
    ("entity in the types", lambda: docx(("[Content_Types].xml", _OUTSIDE)), "FILE_ENTITIES"),
    ("entity in the relations", lambda: docx((_RELS, _OUTSIDE)), "FILE_ENTITIES"),
    (
        "entity in two bytes a letter",
        lambda: docx(("word/a.xml", _OUTSIDE.decode().encode("utf-16"))),
        "FILE_ENTITIES",
    ),
    ("billion laughs", lambda: docx(("word/a.xml", _LAUGHS)), "FILE_ENTITIES"),
    ("empty document type", lambda: docx(("word/a.xml", b"<!DOCTYPE x><x/>")), "FILE_ENTITIES"),
    ("template elsewhere", lambda: docx((_RELS, relations("attachedTemplate"))), "FILE_LINKED"),
    (
        "template inside",
        lambda: docx((_RELS, relations("attachedTemplate", mode=""))),
        "FILE_LINKED",
    ),
    *(
        (f"{kind} elsewhere", lambda k=kind: docx((_RELS, relations(k))), "FILE_LINKED")
        for kind in ("image", "oleObject", "frame", "subDocument", "video", "externalLink")
    ),
    (
        "piece of another file",
        lambda: docx((_RELS, relations("aFChunk", mode=""))),
        "FILE_EMBEDDED",
    ),
    (
        "relation spelled in references",
        lambda: docx(
            (_RELS, b'<Relationships><Relationship TargetMode="&#69;xternal"/></Relationships>')
        ),
        "FILE_LINKED",
    ),
    (
        "relation that climbs out",
        lambda: docx((_RELS, relations("image", "../../../etc/passwd", ""))),
        "FILE_UNSOUND",
    ),
    (
        "relation to a share",
        lambda: docx((_RELS, relations("image", "file://host/a.png", ""))),
        "FILE_UNSOUND",
    ),
    ("docm renamed", _made_of("application/vnd.ms-word.document.macroEnabled.main+xml"), "FILE_M"),
    ("dotx renamed", _made_of(MAIN.replace("document.main", "template.main")), "FILE_TYPE"),
    (
        "unknown type",
        lambda: docx(("[Content_Types].xml", types_of(MAIN, "text/html"))),
        "FILE_TYPE",
    ),
    ("macros", lambda: docx(("word/vbaProject.bin", b"x")), "FILE_MACROS"),
    ("macros in capitals", lambda: docx(("word/VBAPROJECT.BIN", b"x")), "FILE_MACROS"),
    (
        "activex",
        lambda: docx(
            ("[Content_Types].xml", types_of(MAIN, "application/vnd.ms-office.activeX+xml"))
        ),
        "FILE_MACROS",
    ),
    (
        "call of a program",
        lambda: docx(("word/document.xml", _field("DDEAUTO c:\\\\cmd"))),
        "FILE_L",
    ),
    (
        "call in lower case",
        lambda: docx(("word/document.xml", _field(" dde c:\\\\cmd"))),
        "FILE_LA",
    ),
    (
        "call in pieces",
        lambda: docx(
            (
                "word/document.xml",
                document(
                    "<w:p>"
                    + "".join(
                        f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in ("DD", "E x")
                    )
                    + "</w:p>"
                ),
            )
        ),
        "FILE_LAUNCH",
    ),
    ("old object", lambda: docx(("word/embeddings/o.bin", OLE)), "FILE_EMBEDDED"),
    ("old object as a workbook", lambda: docx(("word/embeddings/a.xlsx", OLE)), ANY),
    ("archive inside", lambda: docx(("word/media/a.bin", _INSIDE)), "FILE_EMBEDDED"),
    ("program inside", lambda: docx(("word/media/a.png", b"MZ" + b"\0" * 99)), "FILE_EMBEDDED"),
    ("archive as a workbook", lambda: docx(("word/embeddings/a.xlsx", _INSIDE)), "FILE_EMBEDDED"),
    ("docx as a workbook", lambda: docx(("word/embeddings/a.xlsx", docx())), "FILE_EMBEDDED"),
    ("workbook elsewhere", lambda: docx(("word/a.xlsx", xlsx())), "FILE_EMBEDDED"),
    (
        "workbook with macros",
        lambda: docx(("word/embeddings/a.xlsx", xlsx(("xl/vbaProject.bin", b"x")))),
        "FILE_MACROS",
    ),
    (
        "workbook with a workbook",
        lambda: docx(("word/embeddings/a.xlsx", xlsx(("word/embeddings/b.xlsx", xlsx())))),
        "FILE_EMBEDDED",
    ),
    (
        "workbook that is a bomb",
        lambda: docx(("word/embeddings/a.xlsx", xlsx(("xl/a.xml", b"\0" * 20_000_000)))),
        "FILE_UNSOUND",
    ),
    (
        "workbook that links",
        lambda: docx(
            ("word/embeddings/a.xlsx", xlsx(("xl/_rels/a.rels", relations("externalLinkPath"))))
        ),
        "FILE_LINKED",
    ),
    (
        "workbook with entities",
        lambda: docx(("word/embeddings/a.xlsx", xlsx(("xl/a.xml", _OUTSIDE)))),
        "FILE_ENTITIES",
    ),
    ("climbing name", lambda: docx(("../../evil", b"x")), "FILE_UNSOUND"),
    ("climbing name with the other stroke", lambda: docx(("..\\..\\evil", b"x")), "FILE_UNSOUND"),
    ("absolute name", lambda: docx(("/etc/evil", b"x")), "FILE_UNSOUND"),
    ("name of a drive", lambda: docx(("C:\\evil", b"x")), "FILE_UNSOUND"),
    ("name that stands twice", _twice, "FILE_UNSOUND"),
    ("locked part", _locked_zip, "FILE_UNSOUND"),
    ("no types", lambda: docx(without="[Content_Types].xml"), "FILE_TYPE"),
    ("no text", lambda: docx(without="word/document.xml"), "FILE_TYPE"),
    ("text that is no xml", lambda: docx(("word/document.xml", b"hello")), "FILE_BROKEN"),
    ("text cut off", lambda: docx(("word/document.xml", document()[:-9])), "FILE_BROKEN"),
    ("types that are no xml", lambda: docx(("[Content_Types].xml", b"<")), "FILE_BROKEN"),
    ("relations that are no xml", lambda: docx((_RELS, b"<Relationships>")), "FILE_BROKEN"),
    ("part with a wrong sum", _spoilt_sum, "FILE_BROKEN"),
)


def _paragraphs() -> bytes:
    """What once cost a parser eight hundred megabytes."""
    out = io.BytesIO()
    out.write(document()[: -len(b"</w:body></w:document>")])
    out.write(b"<w:p/>" * 5_500_000)
    out.write(b"</w:body></w:document>")
    return out.getvalue()
