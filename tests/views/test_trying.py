"""“Thử hồ sơ”: the answer is the law's, everything typed stays, and nothing is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

from sqlalchemy import MetaData, func, select

from models.database import Database
from models.ledger import look
from models.rulebooks import load_programme
from tests.builders import NOW, a_checked, programme_text, who
from tests.views.conftest import Browser, counted
from views.trying import GOOD_BOXES
from workflow.parsing import load

SignIn = Callable[[str], Browser]
PAGE = "/van-ban/thu-ho-so"
GOOD = {
    "thu": "1",
    "dot": "2023-midterm",
    "hinh-thuc": "BANG_KHEN_TINH",
    "doi-tuong": "collective",
    "cap": "district",
    "dang-ky": "15/02/2023",
    "cchc": "86,42",
    "sipas": "91,30",
    "nguon": "published",
    "loai-0": "TOT",
    "loai-1": "TOT",
    "loai-2": "TOT",
    "cong-nhan": "01/06/2023",
    "giay": ["TO_TRINH", "BIEN_BAN", "BAO_CAO_THANH_TICH"],
    "thanh-vien": "9",
    "du-hop": "9",
    "dong-y": "9",
    "co-so": "30",
    "da-dung": "0",
} | dict.fromkeys(GOOD_BOXES, "1")


def address(**other: object) -> str:
    """The address of the good case with some fields otherwise."""
    changed = {name.replace("_", "-"): typed for name, typed in other.items()}
    return f"{PAGE}?{urlencode(GOOD | changed, doseq=True)}"


def stops(page: str) -> list[str]:
    """The steps that are stopped, by their number in front of the cards."""
    return re.findall(r'id="dieu-kien-(\d-R\d+\w?|\d-[A-Z]\d+)" tabindex="-1"', page)


def test_an_ordinary_case_is_offered_and_passes(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    assert browser.get(PAGE).status_code == 200
    assert "Hệ thống sẽ trả lời thế nào" not in browser.last
    assert 'value="30"' in browser.last, "the base of the quota is the province's own"
    assert browser.get(address()).status_code == 200
    assert "Qua cả 5 bước" in browser.last
    assert stops(browser.last) == []


def test_what_is_refused_names_why_how_and_by_which_clause(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get(address(cchc="79,99", da_dung="6"))
    assert "Dừng ở bước “Xác nhận đã kiểm tra”: 2 điều kiện" in browser.last
    assert "79,99, cần từ 80,00 (thiếu 0,01)" in browser.last
    assert "Chỉ tiêu 20% × 30 = 6; đã dùng 6" in browser.last
    assert "Bỏ một tập thể khỏi danh sách" in browser.last
    assert 'href="/van-ban#muc-IV.1.b"' in browser.last
    assert 'href="/van-ban#muc-IV.2.b"' in browser.last
    assert 'href="/van-ban#Q1"' in browser.last
    assert set(stops(browser.last)) >= {"4-R07", "5-R07", "5-R13"}


def test_nothing_is_written(sqlite_database: Database, sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get(PAGE)
    before = counts(sqlite_database)
    with counted(sqlite_database) as statements:
        browser.get(address(cchc="70"))
    written = ("INSERT", "UPDATE", "DELETE")
    assert [one for one in statements if one.lstrip().upper().startswith(written)] == []
    assert counts(sqlite_database) == before


def counts(database: Database) -> dict[str, int]:
    """Rows of every table."""
    found = MetaData()
    with database.reading() as session:
        found.reflect(session.connection())
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in found.tables.items()
        }


def test_what_cannot_be_read_is_told_field_by_field_and_kept(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    answer = browser.get(
        address(cchc="86,425", nop="31/02/2023", dong_y="chín", dot="2019", cap="x")
    )
    assert answer.status_code == 422
    for name in ("cchc", "nop", "dong-y", "dot", "cap"):
        assert f'href="#{name}"' in browser.last, name
        assert f'id="{name}"' in browser.last, name
    for typed in ("86,425", "31/02/2023", "chín"):
        assert f'value="{typed}"' in browser.last
    assert "Hệ thống sẽ trả lời thế nào" not in browser.last


def test_a_dossier_lends_its_figures_to_who_may_see_it(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_checked(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    assert f'href="{PAGE}?ho-so={code}"' in browser.last
    assert browser.get(f"{PAGE}?ho-so={code}").status_code == 200
    assert f"Bắt đầu từ số liệu của {code}." in browser.last
    fields = dict(
        re.findall(r'<input class="input[^>]* name="([^"]+)" value="([^"]*)"', browser.last)
    )
    with sqlite_database.reading() as session:
        facts = look(session, code, who(sqlite_database, "clerk@H029"), NOW).facts
    assert facts.council is not None
    assert fields["cchc"] == f"{facts.scores[0].value:.2f}".replace(".", ",")
    assert fields["dong-y"] == str(facts.council.votes_for)
    assert fields["dang-ky"] == f"{facts.registration.acknowledged_on:%d/%m/%Y}"
    chosen = re.findall(r'<option value="([^"]+)" selected', browser.last)
    assert {"2023-midterm", "BANG_KHEN_TINH", "district"} <= set(chosen)
    assert fields["da-dung"] == "0", "places taken are not for everybody who sees a dossier"
    browser.get(address(**{"ho-so": code}))
    assert "Bắt đầu từ số liệu" not in browser.last
    stranger = sign_in("clerk@h026")
    assert stranger.get(f"{PAGE}?ho-so={code}").status_code == 404
    assert stranger.get(f"{PAGE}?ho-so=HS-2023-9999").status_code == 404


def test_a_case_is_tried_under_the_version_it_names(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    text, source = programme_text()
    old = load(text, source).content_hash[:12]
    with sqlite_database.writing() as session:
        load_programme(session, text.replace("minimum: 80,", "minimum: 90,"), source, None, NOW)
    browser = sign_in("clerk@h029")
    browser.get(address())
    assert "4-R07" in stops(browser.last)
    browser.get(address(ban=old))
    assert stops(browser.last) == []
    assert f'name="ban" value="{old}"' in browser.last
    for unknown in ("00000000", "a"):
        assert browser.get(address(ban=unknown)).status_code == 404


def test_whatever_stands_in_the_address_is_answered(sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    for address in ("?thu=1", "?thu=1&giay=x&giay=", "?thu=1&loai-0=<b>"):
        assert browser.get(PAGE + address).status_code == 422, address


def test_the_statements_of_the_page_are_few(sqlite_database: Database, sign_in: SignIn) -> None:
    browser = sign_in("clerk@h029")
    browser.get(address())
    needed = []
    for asked in (address(), address(cchc="79,99", giay=[], da_dung="6")):
        with counted(sqlite_database) as statements:
            browser.get(asked)
        needed.append(len(statements))
    assert len(set(needed)) == 1, needed
    assert needed[0] <= 20, statements
