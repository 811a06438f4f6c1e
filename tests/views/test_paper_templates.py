"""Templates of papers: taken, changed, tried, put in use; a broken one is told by name."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import Settings
from models.database import Database
from models.tables import HistoryLine, PaperTemplate
from tests import builders as build
from tests.small_files import A_PDF
from tests.views.conftest import Browser

SignIn = Callable[[str], Browser]
ROOM = "/quan-tri/mau-van-ban"
PAGE = f"{ROOM}/to-trinh"


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(f"administrator@{build.PROVINCE}".casefold())


def with_words(original: bytes, *texts: str) -> bytes:
    """The template as somebody changed it in Word."""
    paper = Document(BytesIO(original))
    for text in texts:
        paper.add_paragraph(text)
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def bring(admin: Browser, content: bytes, name: str = "mẫu mới.docx", **more: Any) -> TestResponse:
    admin.get(PAGE)
    key = admin.carried_key()
    return admin.post(PAGE, {"key": key, "file": (BytesIO(content), name), **more})


def put_in_use(admin: Browser, version: str) -> None:
    admin.get(PAGE)
    answer = admin.post(f"{PAGE}/dung", {"key": admin.carried_key(), "ban": version})
    assert answer.status_code == 303


def test_a_changed_template_is_tried_and_then_used(
    admin: Browser, sqlite_database: Database, sign_in: SignIn
) -> None:
    original = admin.get(f"{PAGE}/goc.docx").data
    changed = with_words(original, "Bản của huyện, {{ don_vi }}.")
    assert bring(admin, changed, note="thêm dòng cuối").status_code == 303
    assert admin.get(f"{PAGE}/ban-1.docx").data == changed
    tried = admin.get(f"{PAGE}/xem-thu.docx?ban=1").data
    assert Document(BytesIO(tried)).paragraphs[-1].text == (
        "Bản của huyện, Ủy ban nhân dân huyện Quản Bạ."
    )
    code = build.a_written(sqlite_database)
    clerk = sign_in("clerk@h029")

    def last_line() -> str:
        answer = clerk.get(f"/ho-so/{code}/van-ban/to-trinh.docx")
        return Document(BytesIO(answer.data)).paragraphs[-1].text

    assert not last_line().startswith("Bản của huyện"), "not in use before somebody says so"
    put_in_use(admin, "1")
    assert last_line().startswith("Bản của huyện")
    put_in_use(admin, "")
    assert not last_line().startswith("Bản của huyện"), "back to the one that came"
    with sqlite_database.reading() as session:
        told = session.scalars(
            select(HistoryLine.action).where(HistoryLine.action.like("%template"))
        ).all()
        kept = session.scalars(select(PaperTemplate.current)).all()
    assert told == ["add_template", "use_template", "use_template"]
    assert kept == [False], "the version stays"


def test_a_broken_placeholder_is_told_by_name_and_nothing_is_kept(
    admin: Browser, sqlite_database: Database, settings: Settings
) -> None:
    original = admin.get(f"{PAGE}/goc.docx").data
    answer = bring(admin, with_words(original, "{{ ten_huyen }}"), "mẫu sai.docx", note="của tôi")
    assert answer.status_code == 422
    assert "mẫu sai.docx: Mẫu dùng {{ ten_huyen }}" in admin.last
    assert 'value="của tôi"' in admin.last, "what was typed stays"
    with sqlite_database.reading() as session:
        assert session.scalars(select(PaperTemplate)).all() == []
    assert [one for one in settings.storage_dir.rglob("*") if one.is_file()] == []


def test_what_is_left_out_is_told(admin: Browser) -> None:
    answer = bring(admin, with_words(_empty(), "{{ don_vi }}"))
    assert answer.status_code == 303
    told = admin.get(PAGE).get_data(as_text=True)
    assert "Mẫu không còn dùng:" in told
    assert "nguoi_ky" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (A_PDF, "mẫu phải là tệp Word (.docx)"),
        (b"", "Tệp rỗng"),
        (b"PK\x03\x04 nothing more", "Tệp mở không được"),
    ],
)
def test_something_else_than_word_is_refused(admin: Browser, content: bytes, told: str) -> None:
    assert bring(admin, content).status_code == 422
    assert told in admin.last


def test_templates_are_the_administrators(sign_in: SignIn, browser: Browser) -> None:
    clerk = sign_in("clerk@h029")
    for address in (ROOM, PAGE, f"{PAGE}/goc.docx", f"{PAGE}/xem-thu.docx"):
        assert clerk.get(address).status_code == 403
        assert browser.get(address).status_code == 303
    assert clerk.post(PAGE, {"key": "k" * 16}).status_code == 403


def test_the_room_lists_every_paper(admin: Browser) -> None:
    told = admin.get(ROOM).get_data(as_text=True)
    assert told.count("Mẫu gốc") == 8
    assert admin.get(f"{ROOM}/khong-co").status_code == 404
    assert "nguoi_quyet_dinh" in admin.get(PAGE).get_data(as_text=True)


def _empty() -> bytes:
    out = BytesIO()
    Document().save(out)
    return out.getvalue()
