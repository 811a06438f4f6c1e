"""The store of documents: byte for byte or not at all, and looked at before it is opened."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from models.file_checks import DOCX, LARGEST, PDF, FileRefused, display_name
from models.files import FileStore

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
