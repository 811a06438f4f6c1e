"""The store of documents: byte for byte or not at all, and looked at before it is opened."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from docx import Document
from pikepdf import Array, Dictionary, ObjectStreamMode

from models import file_inspection
from models.file_checks import DOCX, LARGEST, PDF, FileRefused, display_name
from models.files import FileStore
from models.guarded import Answer, Failure, run_guarded
from tests.hostile_files import corpus, of_size
from tests.small_files import A_PDF, document, docx, relations, written, xlsx, zipped
from tests.tiers import SEED, count


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


@pytest.mark.promise("P23")
def test_every_hostile_file_is_refused_and_leaves_nothing(
    tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    """With a code, words that name file, rule and remedy, and a validator that stays small."""
    store, used, tried = FileStore(tmp_path / "files"), Used(), 0
    store.gates = (used.inspect,)
    for label, name, content, code in corpus():
        why = refusal(store, content(), name)
        assert why is not None, label
        assert why.code.startswith(code), (label, why.code)
        assert why.text.endswith("."), label
        assert why.remedy.endswith("."), label
        assert str(why).startswith(f"{name}: "), label
        tried += 1
    assert tried >= 300
    assert used.files >= 30
    assert left(store.folder) == []
    tally("hostile files", tried)


def refusal(store: FileStore, content: bytes, name: str) -> FileRefused | None:
    try:
        store.put(io.BytesIO(content), name)
    except FileRefused as refused:
        return refused
    return None


@dataclass
class Used:
    """Inspects as the store does, and fails as soon as that costs too much."""

    files: int = 0

    def inspect(self, path: Path, content_type: str) -> None:
        answer = run_guarded("inspect", path, file_inspection.LIMITS)
        assert answer.failure is None, answer
        assert answer.cpu_seconds <= 5
        assert answer.memory <= 150 * 1024 * 1024
        self.files += 1
        file_inspection.judge(answer, content_type)


@pytest.mark.parametrize("size", [LARGEST - 1, LARGEST])
def test_a_file_may_be_as_large_as_is_said(store: FileStore, size: int) -> None:
    assert store.put(io.BytesIO(of_size(size)), "a.pdf").size == size


def test_what_parsers_choke_on_stays_small_or_is_refused(store: FileStore) -> None:
    chance = Random(SEED)
    marks = "".join(f'<w:p w:a="{chance.getrandbits(40):x}"/>' for _ in range(300_000))
    heavy = docx(("word/document.xml", document(marks)))
    many = written(
        lambda pdf: pdf.Root.__setitem__(
            "/Z", Array([pdf.make_indirect(Dictionary(A=n)) for n in range(49_000)])
        )
    )
    used = Used()
    store.gates = (used.inspect,)
    for content in (heavy, many):
        store.put(io.BytesIO(content), "a")
    assert used.files == 2


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Failure.TIMEOUT, "FILE_NOT_CHECKED"),
        (Failure.MEMORY, "FILE_NOT_CHECKED"),
        (Failure.CRASH, "FILE_NOT_CHECKED"),
        (Failure.BUSY, "FILE_WAITS"),
    ],
)
def test_what_could_not_be_checked_is_not_taken(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, failure: Failure, code: str
) -> None:
    monkeypatch.setattr(file_inspection, "run_guarded", lambda *_: Answer(failure=failure))
    with pytest.raises(FileRefused) as refused:
        store.put(io.BytesIO(A_PDF), "a.pdf")
    assert refused.value.code == code
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
        ("Bi\u00ean b\u1ea3n.pdf", "Bi\u00ean b\u1ea3n.pdf"),
        ("Bie\u0302n ba\u0309n.pdf", "Bi\u00ean b\u1ea3n.pdf"),
    ],
)
def test_a_shown_name_is_harmless(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_what_offices_make_is_taken(store: FileStore) -> None:
    word = io.BytesIO()
    paper = Document()
    paper.add_paragraph("Tờ trình")
    paper.save(word)
    inside_a_stream = A_PDF + b"4 0 obj<<>>stream\n/JS /XFA\nendstream endobj\n%%EOF\n"
    linked = docx(("word/_rels/document.xml.rels", relations("hyperlink")))
    charted = docx(("word/embeddings/Microsoft_Excel_Worksheet.xlsx", xlsx()))
    packed = written(object_stream_mode=ObjectStreamMode.generate)
    for content in (word.getvalue(), inside_a_stream, linked, charted, packed):
        assert store.put(io.BytesIO(content), "a").size == len(content)


@pytest.mark.promise("P23")
def test_a_spoilt_file_is_refused_or_kept_as_it_is(
    store: FileStore, tally: Callable[[str, int], None]
) -> None:
    """Cut off and changed in places: never a crash, and never a trace of what was refused."""
    chance = Random(SEED)
    word = io.BytesIO()
    Document().save(word)
    sound = (word.getvalue(), written(), docx(), A_PDF)
    times = count(60, 20_000, 100_000)
    kept = set()
    for number in range(times):
        content = spoilt(sound[number % len(sound)], chance)
        try:
            kept.add(store.put(io.BytesIO(content), "hồ sơ").sha256)
        except FileRefused:
            continue
    assert {path.name for path in left(store.folder)} == kept
    assert kept
    tally("spoilt files", times)


def spoilt(content: bytes, chance: Random) -> bytes:
    """Cut off, or changed in places; often within what an archive packs, with its sum put right."""
    if content.startswith(b"PK") and chance.random() < 0.5:
        return _repacked(content, chance)
    changed = bytearray(content)
    if chance.random() < 0.1:
        changed = changed[: chance.randrange(len(changed))]
    for _ in range(chance.randrange(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _repacked(content: bytes, chance: Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    changed = bytearray(parts[name])
    for _ in range(chance.randrange(1, 5)):
        changed[chance.randrange(len(changed))] = chance.randrange(32, 127)
    return zipped(*(parts | {name: bytes(changed)}).items())
