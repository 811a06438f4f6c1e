"""The programme's text beside what the system makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from models.database import Database
from models.rulebooks import load_programme
from tests.builders import NOW, a_registered, a_submitted, programme_text
from tests.views.conftest import Browser
from views.clause_notes import passages
from workflow.clauses import cut
from workflow.parsing import load

SignIn = Callable[[str], Browser]


def test_nothing_of_the_text_is_left_out() -> None:
    text, source = programme_text()
    found = passages(load(text, source).programme, source)
    shown = "".join(line for one in found for line in one.lines)
    wanted = re.sub(r"\*+", "", source)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", wanted)


def test_every_clause_has_notes_or_a_reason_for_none() -> None:
    text, source = programme_text()
    found = {one.ref: one for one in passages(load(text, source).programme, source) if one.ref}
    refs = list(cut(source))
    assert list(found) == refs
    for ref in refs:
        leaf = not any(other.startswith(f"{ref}.") for other in refs)
        assert not leaf or found[ref].notes or found[ref].silent, ref


def test_the_page_has_an_anchor_for_every_clause_and_reading(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    assert browser.get("/van-ban").status_code == 200
    text, source = programme_text()
    programme = load(text, source).programme
    for ref in cut(source):
        assert f'id="muc-{ref}"' in browser.last
    for reading in programme.readings:
        assert f'id="{reading.id}"' in browser.last
        assert reading.alternative.replace('"', "&#34;") in browser.last
    for words in ("Không thành quy tắc máy", programme.content_hash[:12], "31/12/2025"):
        assert words in browser.last
    linked = set(re.findall(r'href="/van-ban#([^"]+)"', browser.last))
    assert linked <= set(re.findall(r'id="([^"]+)"', browser.last))


def test_the_workflow_counts_only_what_the_reader_sees(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_registered(sqlite_database)
    a_submitted(sqlite_database, "H026")
    counts = re.compile(r'trang-thai=(\w+)">(\d+)<')
    board = sign_in("appraiser@ubnd-tinh")
    board.get("/van-ban")
    seen = dict(counts.findall(board.last))
    assert seen == {
        "registered": "1",
        "submitted": "1",
        "council_reviewed": "0",
        "board_checked": "0",
        "decided": "0",
    }
    unit = sign_in("clerk@h029")
    unit.get("/van-ban")
    assert dict(counts.findall(unit.last))["submitted"] == "0"


def test_an_older_version_stays_readable(sqlite_database: Database, sign_in: SignIn) -> None:
    text, source = programme_text()
    old = load(text, source).content_hash
    with sqlite_database.writing() as session:
        load_programme(session, f"{text}\n", source, None, NOW)
    browser = sign_in("clerk@h029")
    browser.get("/van-ban")
    assert "Đây là bản cũ" not in browser.last
    assert browser.get(f"/van-ban?ban={old[:12]}").status_code == 200
    assert "Đây là bản cũ" in browser.last
    for unknown in ("ban=00000000", "ban=%25", "ban=a"):
        assert browser.get(f"/van-ban?{unknown}").status_code == 404
