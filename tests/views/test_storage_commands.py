"""The store of files at the terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from config.clock import real_now
from config.settings import Settings
from models import storage
from models.database import Database
from tests import builders as build
from tests.evidence import PDF, a_store, stored_papers

Run = Callable[..., Result]


@pytest.fixture
def run(
    app: Flask, settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Commands over a store with one paper and one file nobody names, both two days old."""
    store = a_store(settings.storage_dir)
    monkeypatch.setattr(build, "a_paper", stored_papers(store))
    build.a_submitted(sqlite_database)
    store.put(io.BytesIO(PDF), "lạc.pdf")
    old = (real_now() - 2 * storage.GRACE).timestamp()
    for sha256 in store.hashes():
        os.utime(store.path_of(sha256), (old, old))
    return lambda *words: app.test_cli_runner().invoke(args=["storage", *words])


def test_the_store_is_checked_and_swept(run: Run) -> None:
    told = run("check")
    assert told.exit_code == 0
    assert "1 tệp không bản ghi nào nhắc tới, 1 tệp quá 24 giờ" in told.output
    assert "Mọi bản ghi đều có tệp" in told.output
    assert run("sweep", "--dry-run").output.startswith("Sẽ xóa ")
    assert run("sweep").output == "Đã xóa 1 tệp, trả lại 0 tệp.\n"
    assert run("sweep").output == "Đã xóa 0 tệp, trả lại 0 tệp.\n"
    assert run("check").output == "Mọi bản ghi đều có tệp, đúng từng byte.\n"


def test_a_lost_file_is_a_fault(run: Run, settings: Settings) -> None:
    for path in settings.storage_dir.glob("??/*"):
        path.unlink()
    told = run("check")
    assert told.exit_code == 1
    assert "bị mất: hồ sơ HS-2023-0001, bao_cao_thanh_tich đã ký.pdf (bản 1)" in told.output
