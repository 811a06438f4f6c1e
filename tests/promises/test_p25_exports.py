"""P25: exports are harmless and scoped. No cell is a formula; who may not see fetches nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as some
from sqlalchemy import func, update

from models.database import Database
from models.tables import Dossier, Person, Registration, Unit
from tests import workbooks_read as read
from tests.builders import ROOT, a_decided, a_registered, a_reviewed, a_submitted
from tests.tiers import SEED, count
from tests.views.conftest import Browser, app, clock, sign_in
from tests.views.conftest import settings as app_settings
from views.workbooks import LONGEST, Column, Sheet, shown, write

__all__ = ["app", "app_settings", "clock", "sign_in"]

SignIn = Callable[[str], Browser]
CELLS = count(500, 5_000, 50_000)
AT_ONCE = 50
SIGNS = "=+-@\t\r\n\0＝＋－＠'\"|%;,\u200e\ufeff"
HOSTILE = (
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "＝1+1",
    '=HYPERLINK("http://example.vn","x")',
    "=cmd|'/C calc'!A0",
    "'=1+1",
    '"=1+1"',
    "http://example.vn/?=1",
    "_x003D_1+1",
    "<f>1+1</f>",
    "{=1+1}",
    "mailto:a@example.vn",
)
hostile = some.one_of(
    some.sampled_from(HOSTILE),
    some.builds(
        str.__add__,
        some.text(some.sampled_from(SIGNS), min_size=1, max_size=3),
        some.text(max_size=30),
    ),
    some.text(some.characters(), max_size=60),
)


@pytest.mark.promise("P25")
@pytest.mark.planted
def test_the_eye_sees_a_formula() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "=1+1"
    book.active["A2"] = "x"
    book.active["A2"].hyperlink = "http://example.vn"
    out = io.BytesIO()
    book.save(out)
    found = read.dangers(out.getvalue())
    assert "Sheet!A1" in found
    assert "Sheet!A2" in found
    assert any("outside" in one for one in found)


@pytest.mark.promise("P25")
def test_no_typed_text_ever_becomes_a_formula(tally: Callable[[str, int], None]) -> None:
    tried = 0

    @seed(SEED)
    @settings(
        max_examples=CELLS // AT_ONCE,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(some.lists(hostile, min_size=AT_ONCE, max_size=AT_ONCE))
    def try_it(words: list[str]) -> None:
        nonlocal tried
        out = io.BytesIO()
        write(
            out,
            [Sheet("Thử", "", (Column("Chữ"), Column("Số", 9, "whole")), [(w, 1) for w in words])],
        )
        content = out.getvalue()
        assert read.dangers(content) == []
        got = [one["Chữ"] for one in read.records(content)]
        # A line break inside a cell is one sign to a spreadsheet, an empty text is no cell.
        assert got == [shown(word) or None for word in words]
        tried += len(words)

    try_it()
    assert tried >= CELLS
    tally("cells", tried)


def test_a_text_too_long_for_a_cell_says_so() -> None:
    out = io.BytesIO()
    write(out, [Sheet("Thử", "", (Column("Chữ"),), [("🎖" * 40_000,), ("x" * 40_000,)])])
    first, second = (str(one["Chữ"]) for one in read.records(out.getvalue()))
    assert first.startswith("🎖" * (LONGEST // 2))
    assert first.endswith("quá dài cho một ô)")
    assert second.startswith("x" * LONGEST)
    assert second.endswith("quá dài cho một ô)")


@pytest.fixture
def hostile_season(sqlite_database: Database) -> Database:
    """Dossiers of three units, with a formula as every name and note somebody can type."""
    a_registered(sqlite_database, "H026")
    a_submitted(sqlite_database, "H029")
    a_reviewed(sqlite_database, "H030")
    a_decided(sqlite_database, "H027")
    bad = "=1+1|@cmd "
    with sqlite_database.writing() as session:
        for column in (Unit.name, Person.full_name, Person.position, Person.email):
            table = column.class_
            session.execute(update(table).values({column.key: bad + func.coalesce(column, "")}))
        for table in (Dossier, Registration):
            session.execute(update(table).values(subject_name=bad + table.subject_name))
        session.execute(update(Registration).values(number="+12/ĐK", reason="-1"))
    return sqlite_database


def documented() -> tuple[set[str], set[str]]:
    """The addresses docs/tables.md names: lists with a workbook, and pages without one."""
    text = (ROOT / "docs/tables.md").read_text("utf-8")
    first, _, second = text.partition("Pages without one, and why")
    lines = re.findall(r"^\| (`/[^|]*) \|", first, re.MULTILINE)
    named = re.compile(r"`(/[^`]*)`")
    return set(named.findall(" ".join(lines))), set(named.findall(second))


def lists_with_a_workbook(browser: Browser, app: Flask) -> list[str]:
    """Every page without parts in its address that offers itself as a workbook to this person."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "static":
            answer = browser.get(rule.rule)
            if answer.status_code == 200 and "tai=xlsx" in browser.last:
                found.append(rule.rule)
    return found


@pytest.mark.promise("P25")
def test_every_list_of_every_reader_is_harmless_and_theirs(
    hostile_season: Database, app: Flask, sign_in: SignIn, tally: Callable[[str, int], None]
) -> None:
    tried = 0
    with_one, _ = documented()
    lists = sorted(one for one in with_one if "<" not in one)
    offered = lists_with_a_workbook(sign_in("administrator@ubnd-tinh"), app)
    assert set(offered) <= with_one, "name the list in docs/tables.md"
    for login in ("clerk@h029", "appraiser@ubnd-tinh", "administrator@ubnd-tinh", "head@ubnd-tinh"):
        browser = sign_in(login)
        for address in lists:
            answer = browser.get(f"{address}?tai=xlsx")
            if answer.status_code == 403:
                continue
            assert answer.status_code == 200, address
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert read.dangers(answer.data) == [], address
            said = read.texts(answer.data)
            assert any(read.HEADING.match(one) for one in said), address
            if login == "clerk@h029" and not address.startswith("/tra-cuu"):
                assert not any("Đồng Văn" in one for one in said), address
            tried += 1
    assert tried > len(lists)
    tally("workbooks", tried)


def test_a_workbook_is_asked_for_as_its_page_is(
    hostile_season: Database, app: Flask, sign_in: SignIn
) -> None:
    """Fetched by another: what the page refuses the workbook refuses, filters and all."""
    clerk, stranger = sign_in("clerk@h029"), Browser(app.test_client())
    for address in ("/quan-tri/nguoi-dung", "/quan-tri/uy-quyen", "/nhac-viec/doi-chieu"):
        assert clerk.get(f"{address}?tai=xlsx").status_code == 403
        assert stranger.get(f"{address}?tai=xlsx").status_code in {302, 303}
    seen = read.records(clerk.get("/ho-so?tai=xlsx").data)
    assert [one["Mã hồ sơ"] for one in seen] == ["HS-2023-0002"]
    assert read.records(clerk.get("/ho-so?tai=xlsx&trang-thai=decided").data) == []
    board = sign_in("appraiser@ubnd-tinh")
    assert seen[0]["Bước"] == 2
    assert isinstance(seen[0]["Hạn"], datetime)
    some_of_them = read.records(board.get("/ho-so?tai=xlsx&trang-thai=submitted&trang=7").data)
    assert [one["Mã hồ sơ"] for one in some_of_them] == ["HS-2023-0002"]


def test_the_documentation_names_every_page_with_its_workbook_or_why_it_has_none(
    app: Flask,
) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    with_one, without = documented()
    assert with_one <= rules
    aside = re.compile(r"\.\w+$|^/static|^/healthz|^/$")
    heads = {rule for rule in rules if "<" not in rule and not aside.search(rule)}
    missing = sorted(heads - with_one - without)
    assert not missing, f"name these pages in docs/tables.md: {missing}"
