"""The programme's text beside what the system makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from models.database import Database
from models.rulebooks import load_programme
from tests.builders import NOW, a_registered, a_submitted, programme_text
from tests.views.conftest import Browser
from views import rule_words, workflow_map
from views.clause_notes import passages
from workflow.clauses import cut
from workflow.guards.registry import GUARDS
from workflow.parsing import load
from workflow.vocabulary import PROGRESS, State

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


def test_a_drawing_shows_each_state_with_its_count_and_every_way_back(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_registered(sqlite_database)
    browser = sign_in("appraiser@ubnd-tinh")
    browser.get("/van-ban")
    lying, standing = re.findall(r'<svg class="map .*?</svg>', browser.last, re.DOTALL)
    for drawing in (lying, standing):
        linked = dict(
            re.findall(r'trang-thai=(\w+)" class="map__s[^"]*" aria-label="([^"]+)"', drawing)
        )
        assert linked["registered"] == "Đã đăng ký: 1 hồ sơ"
        assert set(linked) == set(State)
        assert "style=" not in drawing
    assert lying.count('class="map__f"') == len(PROGRESS) - 1
    text, source = programme_text()
    back = {
        (step.source, step.target)
        for step in load(text, source).programme.steps
        if step.source in PROGRESS
        and step.target in PROGRESS
        and PROGRESS.index(step.target) < PROGRESS.index(step.source)
    }
    assert lying.count('class="map__b"') == len(back)
    assert standing.count("về bước") == len(back)


def test_a_clause_tells_figures_scope_steps_and_what_it_bears_on(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_submitted(sqlite_database, "H026")
    browser = sign_in("appraiser@ubnd-tinh")
    browser.get("/van-ban")
    clause = browser.last.split('id="muc-IV.1.b"')[1].split('id="muc-IV.2"')[0]
    for words in (
        "Từ 80 điểm trở lên; chỉ đơn vị được UBND tỉnh chấm",
        "cần cả hai chỉ số",
        "Chỉ: Cá nhân",
        "Hỏi ở: Nộp hồ sơ (chỉ nhắc); Ghi kết quả xét của Hội đồng (chỉ nhắc); Xác nhận",
    ):
        assert words in clause, words
    assert 'trang-thai=submitted">1 Đã nộp</a>' in clause
    own = sign_in("clerk@h029")
    own.get("/van-ban")
    assert "Đang chạm:" not in own.last


def test_every_parameter_of_every_guard_has_words_or_sets_no_figure() -> None:
    names = {name for one in GUARDS.values() for name in one.parameters.model_fields}
    assert names == set(rule_words.WORDS) | rule_words.QUIET


def test_a_reading_says_where_it_is_changed(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/van-ban")
    q5 = browser.last.split('id="Q5"')[1].split("</article>")[0]
    assert "rules · R09" in q5
    assert "par_minimum: 90, sipas_minimum: 90, demand: both" in q5
    q10 = browser.last.split('id="Q10"')[1].split("</article>")[0]
    assert "percent: 20, rounding: floor" in q10
    q40 = browser.last.split('id="Q40"')[1].split("</article>")[0]
    assert "Không có tham số riêng" in q40


def test_two_versions_are_compared_field_by_field(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    text, source = programme_text()
    old = load(text, source).content_hash
    browser = sign_in("clerk@h029")
    browser.get("/van-ban/so-sanh")
    assert "Mới có một bản." in browser.last
    with sqlite_database.writing() as session:
        newer = load_programme(
            session, text.replace("minimum: 80,", "minimum: 75,"), source, None, NOW
        ).content_hash
    for address in ("/van-ban/so-sanh", f"/van-ban/so-sanh?tu={old[:12]}&den={newer[:12]}"):
        assert browser.get(address).status_code == 200
        assert "1 chỗ khác nhau." in browser.last
        row = re.search(
            r"<tr><th scope=\"row\"><span class=\"code\">R07.*?</tr>", browser.last, re.DOTALL
        )
        assert row is not None
        assert "params.minimum" in row[0]
        assert re.search(r">80<.*>75<", row[0], re.DOTALL)
    browser.get(f"/van-ban/so-sanh?tu={newer[:12]}&den={old[:12]}")
    assert re.search(r">75<.*>80<", browser.last, re.DOTALL)
    browser.get(f"/van-ban/so-sanh?tu={old[:12]}&den={old[:12]}")
    assert "Hai bản như nhau." in browser.last
    for unknown in ("tu=00000000", "den=00000000", "tu=a", "den=%25%25%25%25%25%25%25%25"):
        assert browser.get(f"/van-ban/so-sanh?{unknown}").status_code == 404, unknown


def test_the_drawing_speaks_the_readers_language_and_stays_in_its_boxes(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.post("/ngon-ngu", {"language": "en"})
    browser.get("/van-ban")
    lying, standing = re.findall(r'<svg class="map .*?</svg>', browser.last, re.DOTALL)
    for drawing in (lying, standing):
        assert "Nộp hồ sơ" not in drawing
        assert "Ban hành" not in drawing
    labels = re.findall(r'class="map__l">([^<]+)<', lying)
    assert max(map(len, labels)) <= workflow_map.SIGNS
    assert "4. Checked by the" in labels
