"""All papers of a dossier as one file, and the versions of one side by side."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from config.settings import Settings
from models.database import Database
from models.editing import AddDocument, Particulars
from models.files import FileStore
from tests.builders import a_registered, change, taken
from tests.small_files import A_PDF
from tests.views.conftest import Browser
from workflow.vocabulary import DocumentKind

SignIn = Callable[[str], Browser]
PDF = A_PDF


@pytest.fixture
def code(sqlite_database: Database, settings: Settings) -> str:
    """A dossier with two versions of its report and a Tờ trình."""
    code = a_registered(sqlite_database)
    store = FileStore(settings.storage_dir)
    report, proposal = DocumentKind.BAO_CAO_THANH_TICH, DocumentKind.TO_TRINH
    for kind, more, signer in (
        (report, b"", "Phàn A Lình"),
        (report, b" ", "Lý Thị Mai"),
        (proposal, b"  ", "Phàn A Lình"),
    ):
        stored = store.put(io.BytesIO(PDF + more), "báo cáo.pdf")
        added = AddDocument(kind, stored.file_name, stored.content_type, stored.size, stored.sha256)
        written = Particulars("86/TTr", date(2023, 11, 10), signer)
        taken(change(sqlite_database, code, replace(added, particulars=written)))
    return code


def test_every_version_is_in_the_archive_byte_for_byte(code: str, sign_in: SignIn) -> None:
    answer = sign_in("clerk@h029").get(f"/ho-so/{code}/toan-bo.zip")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    names = archive.namelist()
    assert names[0] == "muc-luc.txt"
    assert set(names[1:]) == {
        "Tờ trình (bản 1) báo cáo.pdf",
        "Báo cáo thành tích (bản 2) báo cáo.pdf",
        "Bản trước/Báo cáo thành tích (bản 1) báo cáo.pdf",
    }
    index = archive.read("muc-luc.txt").decode()
    for name in names[1:]:
        assert f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}" in index
    assert archive.infolist()[1].date_time[0] == 2023


def test_versions_stand_side_by_side(code: str, sign_in: SignIn) -> None:
    clerk = sign_in("clerk@h029")
    page = clerk.get(f"/ho-so/{code}/tai-lieu/so-sanh/BAO_CAO_THANH_TICH").get_data(as_text=True)
    for words in ("Bản 1", "Bản 2", "Phàn A Lình", "Lý Thị Mai", "khác nhau"):
        assert words in page
    dossier = clerk.get(f"/ho-so/{code}").get_data(as_text=True)
    assert f"/ho-so/{code}/toan-bo.zip" in dossier
    assert f"/ho-so/{code}/tai-lieu/so-sanh/BAO_CAO_THANH_TICH" in dossier
    assert clerk.get(f"/ho-so/{code}/tai-lieu/so-sanh/BIEN_BAN").status_code == 404


def test_strangers_get_neither(code: str, sign_in: SignIn) -> None:
    stranger = sign_in("clerk@h026")
    for page in ("toan-bo.zip", "tai-lieu/so-sanh/BAO_CAO_THANH_TICH"):
        assert stranger.get(f"/ho-so/{code}/{page}").status_code == 404


def test_a_lost_file_is_trouble_before_anything_is_sent(
    code: str, sign_in: SignIn, settings: Settings
) -> None:
    lost = next(path for path in settings.storage_dir.rglob("*") if path.is_file())
    lost.unlink()
    assert sign_in("clerk@h029").get(f"/ho-so/{code}/toan-bo.zip").status_code == 410
