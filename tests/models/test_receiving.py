"""Parts of a file are taken in order, from their owner only, once; what nobody finishes goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import receiving
from models.database import Database
from models.files import FileStore
from models.receiving import KEPT, MOST_OPEN, NoSuchUpload, OtherOffset, TooManyUploads
from models.tables import Person, UploadPart
from tests.builders import NOW
from tests.small_files import A_PDF

HALF = len(A_PDF) // 2


@pytest.fixture
def people(database: Database) -> tuple[int, int]:
    """Somebody who uploads, and somebody else."""
    with database.reading() as session:
        first, second = session.scalars(select(Person.id).order_by(Person.id).limit(2))
    return first, second


def begun(database: Database, person: int) -> str:
    with database.writing() as session:
        return receiving.begin(session, person, "Báo cáo.pdf", len(A_PDF), NOW).id


def add(database: Database, upload: str, person: int, offset: int, content: bytes) -> int:
    with database.writing() as session:
        return receiving.append(session, upload, person, (offset, content), NOW).received


def parts(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(UploadPart)) or 0


def test_a_file_comes_in_parts_and_waits_for_its_form(
    database: Database, people: tuple[int, int], tmp_path: Path
) -> None:
    me, other = people
    upload = begun(database, me)
    assert add(database, upload, me, 0, A_PDF[:HALF]) == HALF
    assert add(database, upload, me, HALF, A_PDF[HALF:]) == len(A_PDF)
    with database.reading() as session:
        content = receiving.content_of(session, upload)
    assert content.getvalue() == A_PDF
    stored = FileStore(tmp_path / "files").put(content, "Báo cáo.pdf")
    with database.writing() as session:
        receiving.settle(session, upload, stored)
    with database.reading() as session:
        assert receiving.progress(session, upload, me, NOW).stored == stored
        with pytest.raises(NoSuchUpload):
            receiving.progress(session, upload, other, NOW)
    assert parts(database) == 0
    with pytest.raises(OtherOffset):
        add(database, upload, me, len(A_PDF), b"")


def test_a_part_begins_where_the_last_one_ended(
    database: Database, people: tuple[int, int]
) -> None:
    upload = begun(database, people[0])
    add(database, upload, people[0], 0, A_PDF[:HALF])
    for offset in (0, HALF - 1, HALF + 1, len(A_PDF)):
        with pytest.raises(OtherOffset) as other:
            add(database, upload, people[0], offset, b"x")
        assert other.value.received == HALF
    with pytest.raises(OtherOffset):
        add(database, upload, people[0], HALF, A_PDF)
    assert parts(database) == 1


def test_another_person_finds_nothing(database: Database, people: tuple[int, int]) -> None:
    me, other = people
    upload = begun(database, me)
    with pytest.raises(NoSuchUpload):
        add(database, upload, other, 0, b"x")
    with database.writing() as session, pytest.raises(NoSuchUpload):
        receiving.forget(session, upload, other)
    assert add(database, upload, me, 0, b"%PDF") == 4


def test_the_same_part_sent_by_two_at_once_counts_once(
    database: Database, people: tuple[int, int]
) -> None:
    upload = begun(database, people[0])

    def send(_number: int) -> str:
        try:
            add(database, upload, people[0], 0, A_PDF[:HALF])
        except OtherOffset:
            return "other"
        return "taken"

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(send, range(4)))
    assert said == ["other", "other", "other", "taken"]
    assert parts(database) == 1


def test_what_nobody_finishes_is_forgotten(database: Database, people: tuple[int, int]) -> None:
    me = people[0]
    upload = begun(database, me)
    add(database, upload, me, 0, A_PDF[:HALF])
    later = NOW + KEPT
    with database.reading() as session, pytest.raises(NoSuchUpload):
        receiving.progress(session, upload, me, later)
    with database.writing() as session:
        assert receiving.forget_expired(session, later - timedelta(seconds=1)) == 0
        assert receiving.forget_expired(session, later) == 1
    assert parts(database) == 0


def test_nobody_opens_uploads_without_end(database: Database, people: tuple[int, int]) -> None:
    for _ in range(MOST_OPEN):
        begun(database, people[0])
    with pytest.raises(TooManyUploads):
        begun(database, people[0])
    assert begun(database, people[1])
