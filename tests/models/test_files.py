"""The store of documents: byte for byte or not at all, and looked at before it is opened."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from docx import Document

from models.file_checks import DOCX, LARGEST, PDF, FileRefused, display_name
from models.files import FileStore
from tests.tiers import SEED, count

A_PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def docx(*more: tuple[str, bytes], without: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "word/document.xml"):
            if name != without:
                archive.writestr(name, b"<x/>")
        for name, content in more:
            archive.writestr(name, content)
    return out.getvalue()


def a_pdf(more: bytes) -> bytes:
    return A_PDF.replace(b"<<>>endobj", b"<<" + more + b">>endobj", 1)


def packed(objects: bytes) -> bytes:
    stream = b"4 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\r\n" + objects
    return a_pdf(b"") + stream + b"\r\nendstream endobj\n%%EOF\n"


def relations(kind: str) -> tuple[str, bytes]:
    address = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    one = f'<Relationship Id="a" Type="{address}/{kind}" Target="x" TargetMode="External"/>'
    return "word/_rels/document.xml.rels", f"<Relationships>{one}</Relationships>".encode()


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.mark.parametrize(("content", "kind"), [(A_PDF, PDF), (docx(), DOCX)])
def test_what_was_put_comes_back(store: FileStore, content: bytes, kind: str) -> None:
    stored = store.put(io.BytesIO(content), "Báo cáo.pdf")
    assert stored.content_type == kind
    assert (stored.sha256, stored.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert store.path_of(stored.sha256).read_bytes() == content
    assert store.path_of(stored.sha256).parent.name == stored.sha256[:2]
    assert store.is_whole(stored.sha256)


def test_the_same_content_is_one_file(store: FileStore) -> None:
    store.put(io.BytesIO(A_PDF), "a.pdf")
    store.put(io.BytesIO(A_PDF), "b.pdf")
    assert len(left(store.folder)) == 1


def test_a_changed_file_is_noticed(store: FileStore) -> None:
    stored = store.put(io.BytesIO(A_PDF), "a.pdf")
    path = store.path_of(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(A_PDF + b" ")
    assert not store.is_whole(stored.sha256)
    assert not store.is_whole("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64])
def test_a_path_is_no_hash(store: FileStore, name: str) -> None:
    with pytest.raises(LookupError):
        store.path_of(name)


REFUSED: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("empty", lambda: b"", "FILE_EMPTY"),
    ("one byte", lambda: b"x", "FILE_TYPE"),
    ("too large", lambda: A_PDF + b" " * LARGEST, "FILE_TOO_LARGE"),
    ("truncated pdf", lambda: A_PDF[:-7], "FILE_BROKEN"),
    ("html", lambda: b"<html><script>alert(1)</script>", "FILE_TYPE"),
    ("svg", lambda: b"<svg xmlns='x'/>", "FILE_TYPE"),
    ("old word", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "FILE_TYPE"),
    ("jpeg", lambda: b"\xff\xd8\xff\xe0" + b"\0" * 600, "FILE_TYPE"),
    ("plain zip", lambda: docx(("a.txt", b"a"), without="word/document.xml"), "FILE_TYPE"),
    ("broken zip", lambda: docx()[:-20], "FILE_BROKEN"),
    ("macros", lambda: docx(("word/vbaProject.bin", b"x")), "FILE_MACROS"),
    ("bomb", lambda: docx(("word/big.xml", b"\0" * 20_000_000)), "FILE_UNSOUND"),
    ("many parts", lambda: docx(*((f"w/{n}", b"") for n in range(2001))), "FILE_UNSOUND"),
    ("climbing name", lambda: docx(("../../evil", b"x")), "FILE_UNSOUND"),
    (
        "entities",
        lambda: docx(("word/a.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>")),
        "FILE_ENTITIES",
    ),
    (
        "entities in two bytes a letter",
        lambda: docx(("word/a.xml", "<!DOCTYPE x><x/>".encode("utf-16"))),
        "FILE_ENTITIES",
    ),
    ("archive inside", lambda: docx(("word/media/a.bin", b"PK\x03\x04")), "FILE_EMBEDDED"),
    (
        "old object",
        lambda: docx(("word/o.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
        "FILE_EMBEDDED",
    ),
    ("template elsewhere", lambda: docx(relations("attachedTemplate")), "FILE_LINKED"),
    ("picture elsewhere", lambda: docx(relations("image")), "FILE_LINKED"),
    (
        "relation spelled in references",
        lambda: docx(("word/_rels/a.rels", b'<Relationship TargetMode="&#69;xternal"/>')),
        "FILE_LINKED",
    ),
    (
        "renamed macros",
        lambda: docx(("[content_types].xml", b"application/vnd.ms-word.document.macroEnabled")),
        "FILE_MACROS",
    ),
    ("locked pdf", lambda: a_pdf(b"/Encrypt 5 0 R"), "FILE_ENCRYPTED"),
    (
        "script in pdf",
        lambda: a_pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        "FILE_SCRIPT",
    ),
    ("script spelled in codes", lambda: a_pdf(b"/S/#4AavaScript"), "FILE_SCRIPT"),
    ("program in pdf", lambda: a_pdf(b"/S/Launch/F(cmd.exe)"), "FILE_LAUNCH"),
    ("file in pdf", lambda: a_pdf(b"/Names<</EmbeddedFiles 4 0 R>>"), "FILE_EMBEDDED"),
    ("form in pdf", lambda: a_pdf(b"/AcroForm<</XFA 4 0 R>>"), "FILE_FORM"),
    ("film in pdf", lambda: a_pdf(b"/Subtype/RichMedia"), "FILE_MEDIA"),
    (
        "script in packed objects",
        lambda: packed(zlib.compress(b"1 0 <</S/JavaScript>>")),
        "FILE_SCRIPT",
    ),
    ("objects packed otherwise", lambda: packed(b"no zlib at all"), "FILE_UNSOUND"),
    ("packed too tight", lambda: packed(zlib.compress(b" " * 21_000_000)), "FILE_UNSOUND"),
    ("many pages", lambda: a_pdf(b"/Type/Page " * 501), "FILE_TOO_LONG"),
    ("many objects", lambda: a_pdf(b"7 0 obj " * 50_001), "FILE_UNSOUND"),
    ("absolute name", lambda: docx(("/etc/evil", b"x")), "FILE_UNSOUND"),
)


@pytest.mark.parametrize(
    ("content", "code"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_bad_file_is_refused_and_leaves_nothing(
    store: FileStore, content: Callable[[], bytes], code: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        store.put(io.BytesIO(content()), "hồ sơ.docx")
    assert refused.value.code == code
    assert refused.value.text
    assert refused.value.remedy
    assert str(refused.value).startswith("hồ sơ.docx: ")
    assert left(store.folder) == []


def test_a_refusal_names_the_size_and_the_limit(store: FileStore) -> None:
    with pytest.raises(FileRefused, match="Tệp nặng 14 MB, tối đa 10 MB"):
        store.put(io.BytesIO(b"%PDF-" + b" " * (14 * 1024 * 1024 - 5)), "a.pdf")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Báo cáo.pdf", "Báo cáo.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\tờ trình.docx", "tờ trình.docx"),
        ("a\u202egnp.pdf", "agnp.pdf"),
        ("a\r\nb\0.pdf", "ab.pdf"),
        ("", "tep"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_shown_name_is_harmless(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_what_offices_make_is_taken(store: FileStore) -> None:
    word = io.BytesIO()
    paper = Document()
    paper.add_paragraph("Tờ trình")
    paper.save(word)
    inside_a_stream = a_pdf(b"") + b"4 0 obj<<>>stream\n/JS /XFA\nendstream endobj\n%%EOF\n"
    linked = docx(relations("hyperlink"))
    plain = packed(zlib.compress(b"1 0 <</Type/Catalog/Pages 2 0 R>>"))
    for content in (word.getvalue(), inside_a_stream, linked, plain):
        assert store.put(io.BytesIO(content), "a").size == len(content)


@pytest.mark.promise("P23")
def test_a_spoilt_file_is_refused_or_kept_as_it_is(
    store: FileStore, tally: Callable[[str, int], None]
) -> None:
    """Cut off and changed in places: never a crash, and never a trace of what was refused."""
    chance = Random(SEED)
    word = io.BytesIO()
    Document().save(word)
    sound = (word.getvalue(), a_pdf(b"/Type/Catalog"), docx(relations("hyperlink")))
    times = count(300, 20_000, 100_000)
    kept = set()
    for number in range(times):
        content = bytearray(sound[number % 3])
        if chance.random() < 0.3:
            content = content[: chance.randrange(len(content))]
        for _ in range(chance.randrange(1, 9)):
            if content:
                content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            kept.add(store.put(io.BytesIO(bytes(content)), "hồ sơ").sha256)
        except FileRefused:
            continue
    assert {path.name for path in left(store.folder)} == kept
    tally("spoilt files", times)
