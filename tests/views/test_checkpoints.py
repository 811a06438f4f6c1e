"""Mốc nhật ký: anybody looks up the short form on a paper, and an invented one is told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from flask import Flask
from sqlalchemy import update

from config.checkpoint_settings import CheckpointSettings
from config.settings import Settings
from models import sealing
from models.append_only import unprotect
from models.checkpoints import Mark, make_due
from models.database import Database
from models.signed_notes import Signer
from models.tables import SealedLine
from tests import builders as build
from tests.views.conftest import Browser

SignIn = Callable[[str], Browser]
PAGE = "/moc-nhat-ky"
SIGNER = Signer("vi-du.example.vn", bytes(range(32)))


@pytest.fixture
def mark(sqlite_database: Database) -> Mark:
    with sqlite_database.writing() as session:
        sealing.seal_new_lines(session, build.NOW)
        made = make_due(session, SIGNER, ("file", "mail"), build.NOW)
        assert made is not None
        return Mark(made.size, made.head_hash)


def test_anybody_looks_up_the_mark_of_a_paper(
    sqlite_database: Database, browser: Browser, mark: Mark
) -> None:
    browser.get(f"{PAGE}?ma={mark.short}")
    assert f"Mốc {mark.short} có thật" in browser.last
    assert "vẫn khớp" in browser.last
    assert browser.get(f"{PAGE}/{mark.size}.txt").text.startswith("vi-du.example.vn\n")
    invented = mark.short[:-1] + ("0" if mark.short[-1] != "0" else "1")
    for typed in (invented, "9" * 30, "1-2", f"{mark.size}-", "<b>"):
        assert browser.get(PAGE, query_string={"ma": typed}).status_code == 404
        assert "Không có mốc nào" in browser.last
    assert "Nơi giữ bên ngoài" not in browser.last
    with sqlite_database.writing() as session:
        unprotect(session.connection())
        session.execute(update(SealedLine).where(SealedLine.seq == mark.size).values(hash="0" * 64))
    browser.get(f"{PAGE}?ma={mark.short}")
    assert "không còn khớp" in browser.last


def test_administrators_are_told_of_missing_keys_and_late_places(
    sign_in: SignIn, mark: Mark
) -> None:
    administrator = sign_in("administrator@ubnd-tinh")
    administrator.get("/quan-tri")
    assert "Mốc nhật ký chưa được ký" in administrator.last
    administrator.get(PAGE)
    assert "Hộp thư lưu: chưa nhận mốc nào, còn thiếu 1 mốc" in administrator.last
    told = administrator.get("/healthz").get_json()["outside"]
    assert told["file"] == {"delivered_at": None, "waiting": 1, "late": True}
    assert replace(CheckpointSettings(), mail="a@b").places == ("mail",)


def test_a_decision_on_paper_bears_the_mark_and_other_papers_do_not(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = build.a_decided(sqlite_database)
    with sqlite_database.writing() as session:
        while sealing.seal_new_lines(session, build.NOW):
            pass
        made = make_due(session, SIGNER, (), build.NOW)
        assert made is not None
        short = Mark(made.size, made.head_hash).short
    head = sign_in("head@ubnd-tinh")
    number = build.the_dossier(sqlite_database, code).decision_id
    decision = words_of(head.get(f"/quyet-dinh/{number}/quyet-dinh.docx").data)
    assert f"Mốc nhật ký: {short}. Kiểm tại " in decision
    report = words_of(head.get(f"/ho-so/{code}/van-ban/bao-cao-tap-the.docx").data)
    assert "Mốc nhật ký" not in report
    head.get(f"{PAGE}?ma={short}")
    assert "có thật" in head.last


def words_of(paper: bytes) -> str:
    return "\n".join(one.text for one in Document(BytesIO(paper)).paragraphs)


PAGES = ("/viec", "/quyet-dinh", "/kiem-tra")


def told_on_pages(login: str, sign_in: SignIn, words: str) -> set[str]:
    """Pages of a person on which these words stand."""
    somebody = sign_in(login)
    return {page for page in PAGES if words in somebody.get(page).get_data(as_text=True)}


def test_who_decides_is_told_of_a_late_place_where_they_look(
    app: Flask, settings: Settings, sign_in: SignIn, mark: Mark
) -> None:
    unsigned, slow = "Mốc nhật ký chưa được ký", "Mốc nhật ký gửi chậm"
    head, board, clerk = "head@ubnd-tinh", "appraiser@ubnd-tinh", "clerk@h029"
    assert told_on_pages(head, sign_in, unsigned) == {"/viec", "/quyet-dinh"}
    assert told_on_pages(board, sign_in, unsigned) == set(PAGES)
    assert told_on_pages(clerk, sign_in, unsigned) == set()
    given = CheckpointSettings(key="x", name="vi-du.example.vn", mail="a@b", folder=Path("x"))
    app.extensions["desk"] = replace(
        app.extensions["desk"], settings=replace(settings, checkpoints=given)
    )
    # The mark was made in 2023, and nobody has brought it anywhere.
    assert told_on_pages(board, sign_in, slow) == set(PAGES)
    assert told_on_pages(board, sign_in, unsigned) == set()
    assert told_on_pages(clerk, sign_in, slow) == set()
