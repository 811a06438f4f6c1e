"""Papers going out: to whoever may see the dossier, as a download and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from config.settings import Settings
from models.database import Database
from models.editing import AddDocument, Particulars
from models.files import FileStore
from models.tables import Document
from tests.builders import a_paper, a_registered, change, taken
from tests.small_files import A_PDF
from tests.views.conftest import Browser
from workflow.vocabulary import DocumentKind

SignIn = Callable[[str], Browser]
PDF = A_PDF


@pytest.fixture
def paper(sqlite_database: Database, settings: Settings) -> tuple[str, int]:
    """A dossier's code and the id of a paper whose file is in the store."""
    code = a_registered(sqlite_database)
    stored = FileStore(settings.storage_dir).put(io.BytesIO(PDF), "Báo cáo “xã”.pdf")
    added = AddDocument(
        kind=DocumentKind.BAO_CAO_THANH_TICH,
        file_name=stored.file_name,
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        particulars=Particulars(),
    )
    taken(change(sqlite_database, code, added))
    with sqlite_database.reading() as session:
        return code, session.scalars(select(Document.id)).one()


def test_a_paper_is_downloaded_and_never_opened_in_place(
    paper: tuple[str, int], sign_in: SignIn
) -> None:
    code, number = paper
    answer = sign_in("clerk@h029").get(f"/ho-so/{code}/tai-lieu/{number}")
    assert answer.status_code == 200
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''B%C3%A1o%20c%C3%A1o%20%E2%80%9Cx%C3%A3%E2%80%9D.pdf" in disposition


def test_strangers_and_wrong_addresses_get_the_same_answer(
    paper: tuple[str, int], sqlite_database: Database, sign_in: SignIn
) -> None:
    code, number = paper
    other = a_registered(sqlite_database, "H026")
    stranger = sign_in("clerk@h026")
    for address in (
        f"/ho-so/{code}/tai-lieu/{number}",
        f"/ho-so/{other}/tai-lieu/{number}",
        f"/ho-so/{other}/tai-lieu/999",
    ):
        assert stranger.get(address).status_code == 404


def test_an_old_version_stays_readable(
    paper: tuple[str, int], sqlite_database: Database, sign_in: SignIn
) -> None:
    code, number = paper
    taken(change(sqlite_database, code, a_paper(DocumentKind.BAO_CAO_THANH_TICH)))
    assert sign_in("clerk@h029").get(f"/ho-so/{code}/tai-lieu/{number}").data == PDF


def test_nobody_downloads_without_signing_in(paper: tuple[str, int], browser: Browser) -> None:
    code, number = paper
    answer = browser.get(f"/ho-so/{code}/tai-lieu/{number}")
    assert answer.status_code == 303
    assert answer.location.startswith("/dang-nhap")


def test_the_page_of_a_missing_file_tells_no_path(
    sqlite_database: Database, sign_in: SignIn, settings: Settings
) -> None:
    code = a_registered(sqlite_database)
    taken(change(sqlite_database, code, a_paper(DocumentKind.TO_TRINH)))
    with sqlite_database.reading() as session:
        number = session.scalars(select(Document.id)).one()
    browser = sign_in("clerk@h029")
    assert browser.get(f"/ho-so/{code}/tai-lieu/{number}").status_code == 410
    assert str(settings.storage_dir) not in browser.last
