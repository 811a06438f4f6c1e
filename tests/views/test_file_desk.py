"""What the door does with files: hostile ones in a form, the scanner's word, the doctor's."""

from __future__ import annotations

import io
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from config.file_settings import FileSettings
from config.settings import Settings
from models.database import Database
from models.file_checks import FileRefused
from models.files import FileStore
from models.tables import Document, FileScan
from tests.builders import NOW, a_registered
from tests.hostile_files import EICAR, corpus
from tests.models.test_file_scanning import Clamd
from tests.small_files import A_PDF, docx
from tests.views.conftest import Browser
from views import create_app, file_desk
from workflow.vocabulary import DocumentKind

SignIn = Callable[[str], Browser]
KIND = DocumentKind.BAO_CAO_THANH_TICH.value


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[str]:
    """A scanner of our own."""
    server = socketserver.ThreadingUnixStreamServer(str(tmp_path / "clamd"), Clamd)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"unix:{tmp_path / 'clamd'}"
    server.shutdown()
    server.server_close()


def bring(browser: Browser, code: str, content: bytes, name: str) -> int:
    address = f"/ho-so/{code}/lap/tai-lieu"
    browser.get(address)
    form = {**browser.carried(), "kind": KIND, f"{KIND}-signer": "Phàn A Lình"}
    return browser.post(address, {**form, f"{KIND}-file": (io.BytesIO(content), name)}).status_code


@pytest.mark.promise("P23")
def test_a_hostile_file_in_a_form_is_told_and_what_was_typed_stays(
    sqlite_database: Database, sign_in: SignIn, settings: Settings
) -> None:
    """One of each kind of refusal; the whole corpus goes through the store itself."""
    code, browser, seen = a_registered(sqlite_database), sign_in("clerk@h029"), set()
    for _, name, content, refusal in corpus():
        if refusal in seen or refusal in {"FILE_", "FILE_TOO_LARGE"}:
            continue
        seen.add(refusal)
        assert bring(browser, code, content(), name) == 422
        assert f"{name}: " in browser.last
        assert 'value="Phàn A Lình"' in browser.last
        assert "-held" not in browser.last
    assert len(seen) > 12
    assert list(FileStore(settings.storage_dir).hashes()) == []
    with sqlite_database.reading() as session:
        assert session.scalars(select(Document)).all() == []


def test_what_nobody_scanned_is_recorded_as_such_and_said(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code, browser = a_registered(sqlite_database), sign_in("clerk@h029")
    assert bring(browser, code, docx(), "báo cáo.docx") == 303
    with sqlite_database.reading() as session:
        said = session.scalars(select(FileScan.verdict)).all()
    assert said == ["none"]
    browser.get(f"/ho-so/{code}/lap/tai-lieu")
    assert "Máy chủ không quét vi-rút" in browser.last


def test_the_scanners_word_is_recorded_and_shown(
    sqlite_database: Database, settings: Settings, clamd: str
) -> None:
    scanned = replace(settings, files=FileSettings(clamd_url=clamd))
    made = create_app(scanned, sqlite_database, lambda: NOW)
    with made.test_request_context():
        file_desk.take(io.BytesIO(A_PDF), "a.pdf")
        told, _ = file_desk.doctor_lines()
    assert "Máy quét vi-rút: ClamAV 1.4.3/27800/Mon Dec  4 2023." in told
    with sqlite_database.reading() as session:
        assert session.scalars(select(FileScan.verdict)).all() == ["clean"]
    assert made.jinja_env.globals["scan_note"] == "Tệp được quét vi-rút khi nhận."
    infected = A_PDF.replace(b"\n", b"\n%" + EICAR + b"\n", 1)
    with made.test_request_context(), pytest.raises(FileRefused, match="Eicar"):
        file_desk.take(io.BytesIO(infected), "a.pdf")


def test_what_is_missing_is_said(browser: Browser, sqlite_database: Database) -> None:
    app = browser.client.application
    assert json.loads(browser.client.get("/healthz").data)["scanner"] == "none"
    with app.test_request_context():
        told, warnings = file_desk.doctor_lines()
    assert any("không có máy quét vi-rút" in one for one in warnings)
    assert any("SIGNATURE_ROOTS_DIR" in one for one in warnings)
    assert any(one.startswith(("Tiến trình kiểm tra tệp", "Tệp lưu")) for one in told)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"CLAMD_URL": "http://x"}, "CLAMD_URL"),
        ({"CLAMD_DOWN": "maybe"}, "CLAMD_DOWN"),
        ({"S3_URL": "s3://kho"}, "S3_ACCESS_KEY_ID"),
        ({"S3_URL": "kho"}, "S3_URL"),
        ({"S3_ENDPOINT": "kho"}, "S3_ENDPOINT"),
        ({"SIGNATURE_ROOTS_DIR": "nowhere"}, "SIGNATURE_ROOTS_DIR"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, str], told: str) -> None:
    faults: list[str] = []
    FileSettings.from_environment(wrong, faults)
    assert any(told in one for one in faults)
