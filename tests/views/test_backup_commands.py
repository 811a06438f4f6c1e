"""Copies at the terminal: made, listed, verified, brought back; then letters are let go again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from config.settings import Settings
from models.backup.manifest import file_place
from models.database import Database, open_database
from models.outbox import Letter, remember
from models.reminding import note_planned
from tests import builders as build
from tests.builders import NOW
from tests.evidence import a_store, stored_papers
from tests.views.conftest import Hands
from views import create_app

Run = Callable[..., Result]


@pytest.fixture
def service(
    app: Flask, settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """A dossier handed in, its paper in the store, four letters on their way: two of the step."""
    monkeypatch.setattr(build, "a_paper", stored_papers(a_store(settings.storage_dir)))
    build.a_submitted(sqlite_database)
    with sqlite_database.writing() as session:
        for name in ("một", "hai"):
            letter = Letter(f"test:{name}", "test", NOW - timedelta(hours=1), f"{name}@example.vn")
            assert remember(session, letter, NOW)
    return app


@pytest.fixture
def elsewhere(settings: Settings, clock: Hands, tmp_path: Path) -> Iterator[Flask]:
    """The service on another machine, in an empty place."""
    there = replace(settings, storage_dir=tmp_path / "there" / "files")
    (tmp_path / "there").mkdir()
    with closing(open_database(f"sqlite:///{tmp_path / 'there' / 'record.sqlite'}")) as database:
        yield create_app(there, database, clock)


def told(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def test_a_service_moves_by_a_copy_and_letters_rest(
    service: Flask, elsewhere: Flask, tmp_path: Path, clock: Hands
) -> None:
    copies = tmp_path / "copies"
    made = told(service, "backup", "--keep", 2, copies)
    assert made.exit_code == 0, made.output
    assert "Đã soát và khôi phục thử: không có lỗi." in made.output
    assert re.search(r"tốt, soát \d\d/\d\d/\d{4}", told(service, "backup", "list", copies).output)
    verified = told(service, "backup", "verify", copies)
    assert verified.exit_code == 0
    assert "nguyên vẹn" in verified.output

    refused = told(service, "restore", copies)
    assert refused.exit_code == 1
    assert "chỉ khôi phục vào cơ sở dữ liệu trống" in refused.output

    restored = told(elsewhere, "restore", copies)
    assert restored.exit_code == 0, restored.output
    assert "Mọi kiểm tra đều đạt." in restored.output
    assert told(elsewhere, "doctor").exit_code == 0
    assert "4 thư có thể đã gửi" in told(elsewhere, "sending", "status").output

    early = told(elsewhere, "sending", "resume", "--sent-before")
    assert "Chưa xếp xong thư nhắc" in early.output
    with elsewhere.extensions["desk"].database.writing() as session:
        note_planned(session, clock.now + timedelta(days=20_000))
    assert told(elsewhere, "sending", "resume").exit_code == 1
    listed = told(elsewhere, "sending", "letters").output
    number = re.search(r"^(\d+) .* hai@example\.vn", listed, re.MULTILINE)
    assert number, listed
    done = told(elsewhere, "sending", "resume", "--send", number[1])
    assert "gửi 1 thư, coi như đã gửi 3 thư" in done.output
    assert "Thư vẫn gửi như thường" in told(elsewhere, "sending", "status").output
    assert told(elsewhere, "sending", "resume", "--send-all").exit_code == 1


def test_a_damaged_copy_is_named(service: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    assert told(service, "backup", "verify", copies).exit_code == 1
    told(service, "backup", "--no-verify", copies)
    (copy,) = (one for one in copies.iterdir() if one.is_dir())
    (path,) = (copy / "files").glob("*/*")
    assert path == file_place(copy, path.name)
    path.unlink()
    found = told(service, "backup", "verify", copies)
    assert found.exit_code == 1
    assert f"Thiếu tệp {path.name}." in found.output
    assert "hỏng, 1 lỗi" in told(service, "backup", "list", copies).output
    refused = told(elsewhere, "restore", copies)
    assert refused.exit_code == 1
    assert "chưa ghi gì vào cơ sở dữ liệu" in refused.output
    assert not elsewhere.extensions["desk"].settings.storage_dir.exists()


def test_an_outside_checkpoint_newer_than_the_copy_is_told(service: Flask, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    told(service, "backup", copies)
    found = told(service, "backup", "verify", copies, "--checkpoint", f"99:{'a' * 64}")
    assert found.exit_code == 1
    assert "bị cắt đuôi" in found.output
