"""Papers are read once for each file, by the job, and what cannot be read is no error."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from models import paper_readings
from models.database import Database
from models.demonstration.papers import word_paper
from models.editing import AddDocument, Particulars
from models.files import FileStore, StoredFile
from models.gathering import facts_of
from models.guarded import Answer, Failure
from models.paper_readings import AT_ONCE, MOST_TRIES, ask_again, read_waiting
from models.tables import Dossier, PaperReading
from tests.builders import NOW, a_paper, a_written, change, taken
from workflow.facts import Document
from workflow.papers.reading import READER
from workflow.statements import Legibility, Topic
from workflow.vocabulary import DocumentKind

REPORT = DocumentKind.BAO_CAO_THANH_TICH


def put(files: FileStore, *paragraphs: str) -> StoredFile:
    paper = word_paper("UBND huyện Quản Bạ", "Báo cáo thành tích", paragraphs, "Phàn A Lình")
    return files.put(BytesIO(paper), "bao-cao.docx")


def added(stored: StoredFile) -> AddDocument:
    return AddDocument(
        REPORT,
        stored.file_name,
        stored.content_type,
        stored.size,
        stored.sha256,
        Particulars("", date(2023, 11, 20), "Phàn A Lình", confirmed=True),
    )


def report_of(database: Database, code: str) -> Document:
    with database.reading() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        found = facts_of(session, dossier).document(REPORT)
    assert found is not None
    return found


def row_of(database: Database, sha256: str) -> PaperReading:
    with database.reading() as session:
        return session.get_one(PaperReading, sha256)


def read(database: Database, files: FileStore) -> int:
    return read_waiting(database, files, lambda: NOW)


def test_a_paper_is_read_once_and_its_words_become_facts(
    database: Database, tmp_path: Path
) -> None:
    files = FileStore(tmp_path)
    code = a_written(database)
    read(database, files)
    stored = put(files, "Tên tập thể: UBND huyện Quản Bạ.", "Theo mẫu số 07.")
    taken(change(database, code, added(stored)))
    assert report_of(database, code).legibility is Legibility.PENDING
    assert read(database, files) == 1
    found = report_of(database, code)
    assert found.legibility is Legibility.READ
    said = {one.topic: one for one in found.statements}
    assert said[Topic.FORM].value == "07"
    assert said[Topic.NOMINEE].value == "UBND huyện Quản Bạ"
    assert said[Topic.NOMINEE].quote == "Tên tập thể: UBND huyện Quản Bạ."
    assert said[Topic.NOMINEE].paragraph == 5
    assert read(database, files) == 0, "a second look finds nothing to do"
    taken(change(database, code, added(stored)))
    assert read(database, files) == 0, "the same file under a new version is known"
    assert report_of(database, code).statements == found.statements


def test_a_file_that_is_gone_or_has_no_words_is_unreadable_and_nothing_fails(
    sqlite_database: Database, tmp_path: Path
) -> None:
    files = FileStore(tmp_path)
    code = a_written(sqlite_database)
    assert read(sqlite_database, files) == 1
    assert row_of(sqlite_database, "a" * 64).reason == paper_readings.LOST
    assert report_of(sqlite_database, code).legibility is Legibility.UNREADABLE
    empty = files.put(BytesIO(word_paper("", "", (), "")), "trang.docx")
    assert read_one(sqlite_database, files, code, empty) is Legibility.READ


def read_one(database: Database, files: FileStore, code: str, stored: StoredFile) -> Legibility:
    taken(change(database, code, added(stored)))
    read(database, files)
    return report_of(database, code).legibility


def test_a_reader_that_gives_up_is_asked_again_and_then_no_more(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = FileStore(tmp_path)
    code = a_written(sqlite_database)
    taken(change(sqlite_database, code, added(put(files, "Mẫu số 07."))))
    answers = {"now": Answer(failure=Failure.BUSY)}
    monkeypatch.setattr(paper_readings, "run_guarded", lambda *_: answers["now"])
    read(sqlite_database, files)
    sha256 = report_of(sqlite_database, code).sha256
    assert (row_of(sqlite_database, sha256).tries, report_of(sqlite_database, code).legibility) == (
        0,
        Legibility.PENDING,
    )
    answers["now"] = Answer(failure=Failure.TIMEOUT)
    for tries in range(1, MOST_TRIES):
        assert read(sqlite_database, files) == 0
        assert row_of(sqlite_database, sha256).tries == tries
    assert read(sqlite_database, files) == 1
    assert report_of(sqlite_database, code).legibility is Legibility.UNREADABLE
    assert row_of(sqlite_database, sha256).reason
    assert read(sqlite_database, files) == 0


def test_a_new_way_of_reading_reads_old_files_again(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = FileStore(tmp_path)
    code = a_written(sqlite_database)
    taken(change(sqlite_database, code, added(put(files, "Mẫu số 07."))))
    taken(change(sqlite_database, code, a_paper(REPORT, filling="d")))
    assert read(sqlite_database, files) == 3 <= AT_ONCE
    with sqlite_database.writing() as session:
        assert ask_again(session) == 0
    monkeypatch.setattr(paper_readings, "READER", READER + 1)
    with sqlite_database.writing() as session:
        assert ask_again(session) == 3
    assert read(sqlite_database, files) == 3
