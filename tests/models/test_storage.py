"""The store against the record: what is lost is named, what nobody needs goes after a day."""

from __future__ import annotations

import io
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.clock import real_now
from models import storage
from models.database import Database
from models.files import FileStore
from models.tables import Document
from tests import builders as build
from tests.evidence import PDF, a_store, stored_papers

NOW = real_now()
OLD = NOW - storage.GRACE - timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    kept = a_store(tmp_path / "files")
    kept.folder.mkdir()
    monkeypatch.setattr(build, "a_paper", stored_papers(kept))
    return kept


def stray(store: FileStore, since: datetime, filling: bytes = b"x") -> Path:
    """A stored file no row names, that came at `since`."""
    content = PDF.replace(b"trailer", b"% " + filling + b"\ntrailer")
    return aged(store.path_of(store.put(io.BytesIO(content), "lạc.pdf").sha256), since)


def aged(path: Path, since: datetime) -> Path:
    os.utime(path, (since.timestamp(), since.timestamp()))
    return path


def lost(database: Database, store: FileStore) -> list[str]:
    with database.reading() as session:
        return storage.lost_files(session, store)


def left(database: Database, store: FileStore) -> list[Path]:
    with database.reading() as session:
        return [one.path for one in storage.leftovers(session, store)]


def test_a_lost_and_a_changed_file_are_named_with_their_dossier(
    database: Database, store: FileStore
) -> None:
    code = build.a_submitted(database)
    assert lost(database, store) == []
    (path,) = [store.path_of(sha256) for sha256 in store.hashes()]
    whole = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(whole + b" ")
    (told,) = lost(database, store)
    assert f"bị sửa, không còn đúng mã băm: hồ sơ {code}, bao_cao_thanh_tich" in told
    path.unlink()
    (told,) = lost(database, store)
    assert "bị mất" in told


def test_only_what_nobody_names_goes_and_only_after_a_day(
    database: Database, store: FileStore
) -> None:
    build.a_submitted(database)
    (needed,) = [store.path_of(sha256) for sha256 in store.hashes()]
    aged(needed, OLD)
    old, young = stray(store, OLD, b"old"), stray(store, NOW - timedelta(hours=23), b"young")
    broken, uploading = (store.folder / f"{storage.STAGED}{one}" for one in ("old", "young"))
    for path, since in ((broken, OLD), (uploading, NOW)):
        path.write_bytes(b"half")
        aged(path, since)
    assert set(left(database, store)) == {old, young, broken, uploading}
    assert storage.sweep(database, store, NOW) == storage.Swept(gone=2)
    assert [path.exists() for path in (needed, old, young, broken, uploading)] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert storage.sweep(database, store, NOW) == storage.Swept()
    assert lost(database, store) == []


def test_a_sweep_that_was_killed_is_finished_and_what_is_needed_comes_back(
    sqlite_database: Database, store: FileStore
) -> None:
    build.a_submitted(sqlite_database)
    (needed,) = [store.path_of(sha256) for sha256 in store.hashes()]
    old = stray(store, OLD)
    for path in (aged(needed, OLD), old):
        path.rename(store.folder / f"{storage.ASIDE}{path.name}")
    assert "storage sweep" in lost(sqlite_database, store)[0]
    assert storage.sweep(sqlite_database, store, NOW) == storage.Swept(gone=1, back=1)
    assert (needed.exists(), old.exists()) == (True, False)
    assert lost(sqlite_database, store) == []
    assert not list(store.folder.glob(f"{storage.ASIDE}*"))


def test_a_file_uploaded_while_it_is_swept_stays(
    sqlite_database: Database, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same content comes again between looking and moving, and between moving and removing."""
    old = stray(store, OLD)
    content = old.read_bytes()
    finish = storage._finish
    times: list[int] = []

    def again(*args: object) -> storage.Swept:
        times.append(1)
        stored = store.put(io.BytesIO(content), "lại.pdf")
        assert store.path_of(stored.sha256) == old
        return finish(sqlite_database, store, NOW)

    monkeypatch.setattr(storage, "_finish", again)
    storage.sweep(sqlite_database, store, NOW)
    assert len(times) == 1
    aged(old, OLD)
    storage.sweep(sqlite_database, store, NOW)
    assert old.read_bytes() == content
    assert old.stat().st_mtime > OLD.timestamp()


def test_a_file_that_turns_out_to_be_new_is_put_back(
    sqlite_database: Database, store: FileStore
) -> None:
    young = stray(store, NOW)
    young.rename(store.folder / f"{storage.ASIDE}{young.name}")
    assert storage.sweep(sqlite_database, store, NOW) == storage.Swept(back=1)
    assert young.exists()


def test_reports_and_templates_need_their_files_too() -> None:
    """A new table that names files of the store must be added to `named_files`."""
    naming = {
        name
        for name, table in Document.metadata.tables.items()
        if "sha256" in table.columns and "content" not in table.columns
    }
    naming -= {"file_scan", "paper_reading"}  # They tell of content, whether it is kept or not.
    assert naming == storage.NAMING
