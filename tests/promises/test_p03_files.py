"""P3: a file and its record live or die together, wherever the process that uploads is killed.

A process stores a file and records it as a paper, and is killed at one of six points on the way.
Then every record has its file byte for byte, a paper that was acknowledged is there, and what is
left over without a record goes after a day and not before.
"""

from __future__ import annotations

import io
import multiprocessing
import random
import shutil
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.clock import real_now
from models import failpoints, storage
from models.database import Database, open_database
from models.editing import AddDocument, edit
from models.files import FileStore
from models.stepping import in_transaction
from models.tables import Document
from tests import builders as build
from tests.evidence import PDF, a_store
from tests.tiers import SEED, count
from workflow.facts import Command
from workflow.vocabulary import Action, DocumentKind

POINTS = (
    "after_file_written",
    "after_file_synced",
    "after_file_renamed",
    "after_folders_synced",
    "after_document_row",
    "before_commit",
)
KILLS = count(12, 1200, 6000)
FEW = 6
"""Kills between two sweeps."""


def upload(url: str, folder: Path, code: str, content: bytes, point: str, acknowledge: str) -> None:
    """Store one file, record it, say so; end at `point` if one is armed."""
    database, store = open_database(url), a_store(folder)
    failpoints.arm(point)
    stored = store.put(io.BytesIO(content), "báo cáo.pdf")
    paper = AddDocument(
        DocumentKind.BAO_CAO_THANH_TICH,
        stored.file_name,
        stored.content_type,
        stored.size,
        stored.sha256,
    )
    version = build.the_dossier(database, code).version
    command = Command(code, build.who(database, "clerk@H029"), Action.EDIT, version)
    build.taken(in_transaction(database, lambda db: edit(db, command, paper, build.AUTUMN)))
    Path(acknowledge).write_text(stored.sha256)


@pytest.mark.promise("P3")
@pytest.mark.slow
def test_whatever_is_killed_records_and_files_agree(
    database_url: str, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    database, chance = open_database(database_url), random.Random(SEED)
    code, store = build.a_registered(database), a_store(tmp_path / "files")
    store.folder.mkdir()
    acknowledged: set[str] = set()
    for number in range(KILLS):
        point = POINTS[number % len(POINTS)]
        content = PDF.replace(b"trailer", f"% {number // 4} {chance.random()}\ntrailer".encode())
        told = tmp_path / f"told-{number}"
        killed(database_url, store.folder, code, content, point, told)
        if number % FEW == FEW - 1:
            whole = tmp_path / f"told-whole-{number}"
            assert ended(database_url, store.folder, code, content, "", whole) == 0
            acknowledged.add(whole.read_text())
            look(database, store, acknowledged)
    tally("kills of an upload", KILLS)
    database.close()


def killed(url: str, folder: Path, code: str, content: bytes, point: str, told: Path) -> None:
    assert ended(url, folder, code, content, point, told) == -signal.SIGKILL, point
    assert not told.exists(), "killed, and yet it said it was done"


def ended(url: str, folder: Path, code: str, content: bytes, point: str, told: Path) -> int | None:
    child = multiprocessing.get_context("fork").Process(
        target=upload, args=(url, folder, code, content, point, str(told))
    )
    child.start()
    child.join(60)
    return child.exitcode


def look(database: Database, store: FileStore, acknowledged: set[str]) -> None:
    """Nothing lost, nothing wrong, nothing acknowledged gone; leftovers stay a day, then go."""
    now = real_now()
    with database.reading() as session:
        assert storage.lost_files(session, store) == []
        named = set(session.scalars(select(Document.sha256)))
        assert acknowledged <= named
        before = storage.leftovers(session, store)
    assert storage.sweep(database, store, now) == storage.Swept()
    done = storage.sweep(database, store, now + storage.GRACE + timedelta(minutes=5))
    assert (done.gone, done.back) == (len(before), 0)
    assert before, "six kills, and nothing was left over"
    with database.reading() as session:
        assert storage.lost_files(session, store) == []
        assert storage.leftovers(session, store) == []
    assert set(store.hashes()) == named


@pytest.mark.promise("P3")
@pytest.mark.planted
def test_the_check_sees_a_row_written_before_its_file(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """The planted fault: whoever writes the row first leaves a record without a file."""
    code, store = build.a_registered(sqlite_database), a_store(tmp_path / "files")
    other = a_store(tmp_path / "other")
    content = PDF.replace(b"trailer", b"% row first\ntrailer")
    stored = other.put(io.BytesIO(content), "báo cáo.pdf")
    kind = DocumentKind.BAO_CAO_THANH_TICH
    paper = AddDocument(kind, "báo cáo.pdf", stored.content_type, stored.size, stored.sha256)
    build.taken(build.change(sqlite_database, code, paper))
    with sqlite_database.reading() as session:
        (told,) = storage.lost_files(session, store)
    assert code in told
    shutil.rmtree(other.folder)
