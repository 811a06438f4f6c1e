"""The copy of every night: made once, tried again when it failed, never where nobody wants one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from config.backup_settings import BackupSettings
from models.backup import book, collection
from models.database import Database
from models.files import FileStore
from schedules import nightly_copy
from schedules.nightly_copy import FailedCopy, copy_if_due, night_of
from schedules.summary import Summary
from tests.evidence import a_store
from tests.schedules.cases import at

Copy = Callable[[datetime], Summary]


@pytest.fixture
def wanted(tmp_path: Path) -> BackupSettings:
    return BackupSettings(tmp_path / "copies", time(2), keep=2)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return a_store(tmp_path / "files")


@pytest.fixture
def copy(
    sqlite_database: Database,
    store: FileStore,
    wanted: BackupSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Copy:
    def tried(now: datetime) -> Summary:
        monkeypatch.setattr(nightly_copy, "real_now", lambda: now)
        return copy_if_due(sqlite_database, store, wanted, now)

    return tried


def test_a_night_begins_at_its_hour(wanted: BackupSettings) -> None:
    assert night_of(wanted, at(12, 5, 2)).isoformat() == "2023-12-05"
    assert night_of(wanted, at(12, 5, 1, 59)).isoformat() == "2023-12-04"


def test_one_copy_a_night_and_as_many_as_wanted_stay(copy: Copy, wanted: BackupSettings) -> None:
    assert wanted.folder is not None
    for day in (5, 6, 7):
        assert copy(at(12, day, 2)) == Summary(copied=1)
        assert copy(at(12, day, 2, 5)) == Summary()
    names = [one.name for one in collection.copies_in(wanted.folder)]
    assert names == ["20231205T190000Z", "20231206T190000Z"]


def test_what_failed_is_tried_again_after_an_hour(
    copy: Copy, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("models.backup.rounds.faults_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            copy(at(12, 5, 2))
    assert copy(at(12, 5, 2, 30)) == Summary()
    with sqlite_database.reading() as session:
        assert book.state(session).has_failed
    assert copy(at(12, 5, 3)) == Summary(copied=1)
    with sqlite_database.reading() as session:
        found = book.state(session)
        assert not found.has_failed
        assert not found.is_old(at(12, 6, 3), timedelta(hours=26))
        assert found.is_old(at(12, 6, 6), timedelta(hours=26))


def test_a_copy_that_is_not_good_is_a_failure(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.backup.rounds.faults_of", lambda *_: ["Thiếu bảng person."])
    with pytest.raises(FailedCopy, match="Thiếu bảng person"):
        copy(at(12, 5, 2))


def test_where_no_folder_is_set_nothing_is_made(
    sqlite_database: Database, store: FileStore, wanted: BackupSettings
) -> None:
    nowhere = replace(wanted, folder=None)
    assert copy_if_due(sqlite_database, store, nowhere, at(12, 5, 2)) == Summary()
    with sqlite_database.reading() as session:
        assert book.state(session).last is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKUP_AT", "hai giờ"),
        ("BACKUP_AT", "02:00:30"),
        ("BACKUP_KEEP", "0"),
        ("BACKUP_HOURS", "một ngày"),
        ("BACKUP_DIR", "var/files/copies"),
    ],
)
def test_an_unusable_setting_is_named(name: str, value: str) -> None:
    faults: list[str] = []
    BackupSettings.from_environment({"STORAGE_DIR": "var/files", name: value}, faults)
    assert [one.partition(":")[0] for one in faults] == [name]
