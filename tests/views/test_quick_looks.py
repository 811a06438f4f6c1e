"""A paper is looked at as light pictures or as text, by whoever may see its dossier."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select

from config.settings import Settings
from models import file_views
from models.database import Database
from models.editing import AddDocument
from models.file_views import HEAVIEST
from models.files import FileStore
from models.guarded import Answer, Failure
from models.tables import Document
from tests.builders import a_registered, change, taken
from tests.signing import Authority, unsigned
from tests.small_files import document, docx, written
from tests.views.conftest import Browser
from workflow.vocabulary import DocumentKind

SignIn = Callable[[str], Browser]
WORDS = "<w:p><w:r><w:t>Đề nghị tặng Bằng khen &lt;b&gt;</w:t></w:r></w:p>"


def noisy() -> bytes:
    """Two pages as a careless scanner makes them."""
    out = io.BytesIO()
    sheets = [Image.effect_noise((1240, 1754), 60).convert("RGB") for _ in range(2)]
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


@pytest.fixture
def bring(sqlite_database: Database, settings: Settings) -> Callable[[bytes], tuple[str, int]]:
    """Put a paper into a fresh dossier: its code, and the id of the paper."""

    def put(content: bytes) -> tuple[str, int]:
        code = a_registered(sqlite_database)
        stored = FileStore(settings.storage_dir).put(io.BytesIO(content), "báo cáo")
        kind = DocumentKind.BAO_CAO_THANH_TICH
        kept = (stored.file_name, stored.content_type, stored.size, stored.sha256)
        taken(change(sqlite_database, code, AddDocument(kind, *kept)))
        with sqlite_database.reading() as session:
            return code, session.scalars(select(Document.id)).one()

    return put


def test_a_pdf_comes_as_light_pictures(
    bring: Callable[[bytes], tuple[str, int]], sign_in: SignIn, settings: Settings
) -> None:
    code, number = bring(noisy())
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}/tai-lieu/{number}/xem")
    sheets = re.findall(r'<img src="([^"]+)"[^>]*loading="lazy"', browser.last)
    assert len(sheets) == 2
    for address in sheets:
        answer = browser.get(address)
        assert answer.mimetype == "image/webp"
        assert len(answer.data) <= HEAVIEST
        assert Image.open(io.BytesIO(answer.data)).width > 400
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert browser.get(address).data == answer.data
    assert browser.get(f"/ho-so/{code}/tai-lieu/{number}/trang/3").status_code == 404
    kept = FileStore(settings.storage_dir)
    assert len(list(kept.hashes())) == 1
    assert all(kept.is_whole(one) for one in kept.hashes())


def test_a_docx_comes_as_its_text_and_never_as_a_page_of_ours(
    bring: Callable[[bytes], tuple[str, int]], sign_in: SignIn
) -> None:
    code, number = bring(docx(("word/document.xml", document(WORDS))))
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}/tai-lieu/{number}/xem")
    assert "<p>Đề nghị tặng Bằng khen &lt;b&gt;</p>" in browser.last
    assert "Bản xem nhanh của tệp Word chỉ có chữ" in browser.last
    assert browser.get(f"/ho-so/{code}/tai-lieu/{number}/trang/1").status_code == 404


def test_only_who_sees_the_dossier_looks(
    bring: Callable[[bytes], tuple[str, int]], sign_in: SignIn
) -> None:
    code, number = bring(written())
    stranger = sign_in("clerk@h026")
    assert stranger.get(f"/ho-so/{code}/tai-lieu/{number}/xem").status_code == 404
    assert stranger.get(f"/ho-so/{code}/tai-lieu/{number}/trang/1").status_code == 404


def test_the_way_to_it_is_on_the_page_of_the_dossier(
    bring: Callable[[bytes], tuple[str, int]], sign_in: SignIn
) -> None:
    code, number = bring(written())
    browser = sign_in("clerk@h029")
    for page in (f"/ho-so/{code}", f"/ho-so/{code}/lap/tai-lieu"):
        browser.get(page)
        assert f'href="/ho-so/{code}/tai-lieu/{number}/xem"' in browser.last


def test_what_cannot_be_drawn_is_said_and_not_kept(
    bring: Callable[[bytes], tuple[str, int]],
    sign_in: SignIn,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, number = bring(written())
    failed = Answer(failure=Failure.CRASH)
    monkeypatch.setattr(file_views, "run_guarded", lambda *_: failed)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}/tai-lieu/{number}/xem")
    assert "Không xem nhanh được" in browser.last
    assert browser.get(f"/ho-so/{code}/tai-lieu/{number}/trang/1").status_code == 404
    assert not list((settings.storage_dir / ".views").rglob("*-[01].json"))


def test_who_signed_is_shown_as_help(
    bring: Callable[[bytes], tuple[str, int]], sign_in: SignIn
) -> None:
    code, number = bring(Authority().signer("Phàn A Lình").sign(unsigned()))
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}/tai-lieu/{number}/xem")
    for words in (
        "Phàn A Lình",
        "Chưa nhận ra nơi cấp",
        "Cơ quan chưa khai nơi cấp chứng thư nào là tin cậy",
        "người kiểm quyết định",
        "chưa quét",
    ):
        assert words in browser.last
