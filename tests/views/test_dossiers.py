"""The list and the page of a dossier: found by any way of writing, told the same to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from models.database import Database
from models.tables import Dossier
from tests.builders import (
    NOW,
    PROVINCE,
    a_decided,
    a_paper,
    a_registered,
    a_reviewed,
    a_submitted,
    a_written,
    change,
    step,
    taken,
    the_dossier,
)
from tests.views.conftest import Browser, counted
from views import labels
from workflow.facts import ExtensionInput, SupplementInput
from workflow.vocabulary import Action, DocumentKind

SignIn = Callable[[str], Browser]
ALL = ["UBND huyện Mèo Vạc", "UBND huyện Quản Bạ", "UBND huyện Đồng Văn"]


def names(browser: Browser, **filters: str) -> list[str]:
    text = browser.get(f"/ho-so?{urlencode(filters)}").get_data(as_text=True)
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', text)


@pytest.fixture
def three(sqlite_database: Database) -> tuple[str, str, str]:
    """Registered in Đồng Văn, handed in in Quản Bạ, decided in Mèo Vạc."""
    return (
        a_registered(sqlite_database, "H026"),
        a_submitted(sqlite_database, "H029"),
        a_decided(sqlite_database, "H027"),
    )


def test_everybody_sees_only_what_is_theirs(three: tuple[str, str, str], sign_in: SignIn) -> None:
    assert names(sign_in("clerk@h029")) == ["UBND huyện Quản Bạ"]
    assert len(names(sign_in("auditor@ubnd-tinh"))) == 3


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "quan ba"}, ["UBND huyện Quản Bạ"]),
        ({"q": "QUẢN BẠ"}, ["UBND huyện Quản Bạ"]),
        ({"q": "dong van"}, ["UBND huyện Đồng Văn"]),
        ({"q": "1"}, ["UBND huyện Đồng Văn"]),
        ({"q": "HS-2023-0002"}, ["UBND huyện Quản Bạ"]),
        ({"q": "hs 2023 0002"}, ["UBND huyện Quản Bạ"]),
        ({"q": "0003"}, ["UBND huyện Mèo Vạc"]),
        ({"q": "2103/QĐ"}, ["UBND huyện Mèo Vạc"]),
        ({"q": "%"}, []),
        ({"trang-thai": "submitted"}, ["UBND huyện Quản Bạ"]),
        ({"trang-thai": "khong-co"}, ALL),
        ({"co": "qua-han"}, ["UBND huyện Đồng Văn"]),
        ({"co": "bo-sung"}, []),
        ({"dot": "2023-annual"}, []),
        ({"doi-tuong": "individual"}, []),
        ({"hinh-thuc": "BANG_KHEN_TINH", "trang-thai": "decided"}, ["UBND huyện Mèo Vạc"]),
        ({"don-vi": "x"}, ALL),
        ({"trang": "99999999"}, ALL),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_filters_narrow_the_list(
    three: tuple[str, str, str], sign_in: SignIn, filters: dict[str, str], found: list[str]
) -> None:
    assert names(sign_in("auditor@ubnd-tinh"), **filters) == found


def test_an_empty_list_names_the_narrowest_filter(
    three: tuple[str, str, str], sign_in: SignIn
) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    assert names(browser, q="quan ba", co="tam-dung") == []
    assert "Bỏ lọc “Cờ”" in browser.last
    assert "Bỏ mọi lọc" in browser.last


def test_an_extension_takes_the_flag_away(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    until = ExtensionInput(datetime(2023, 12, 6, 10, 0, tzinfo=UTC))
    appraiser = f"appraiser@{PROVINCE}"
    with sqlite_database.writing() as session:
        province = the_dossier(sqlite_database, code)
        session.execute(
            update(Dossier)
            .where(Dossier.id == province.id)
            .values(extended_until=until.until, award_form="BANG_KHEN_TINH")
        )
    browser = sign_in(appraiser.casefold())
    assert names(browser, co="qua-han") == []
    assert names(browser, co="gia-han") == ["UBND huyện Quản Bạ"]
    assert "Đã gia hạn đến 06/12" in browser.last


def test_a_row_says_who_holds_it_and_until_when(sqlite_database: Database, sign_in: SignIn) -> None:
    a_submitted(sqlite_database)
    browser = sign_in("clerk@h029")
    names(browser)
    assert "Bước 2/5: Đã nộp" in browser.last
    assert "Vàng Council Secretary H029" in browser.last
    assert "08/12/2023" in browser.last


def test_the_list_costs_the_same_with_one_row_and_with_three(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_submitted(sqlite_database, "H029")
    browser = sign_in("auditor@ubnd-tinh")
    with counted(sqlite_database) as one:
        assert len(names(browser)) == 1
    for unit in ("H026", "H027"):
        a_submitted(sqlite_database, unit)
    with counted(sqlite_database) as three:
        assert len(names(browser)) == 3
    assert len(one) == len(three)


def test_a_page_costs_the_same_with_one_paper_and_with_three(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    first, second = a_submitted(sqlite_database, "H029"), a_reviewed(sqlite_database, "H026")
    browser = sign_in("auditor@ubnd-tinh")
    costs = []
    for code in (first, second):
        with counted(sqlite_database) as seen:
            assert browser.get(f"/ho-so/{code}").status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_the_page_shows_the_conditions_of_the_next_step_with_clause_and_remedy(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in("council_secretary@h029")
    browser.get(f"/ho-so/{code}")
    text = browser.last
    assert "Điều kiện để Hội đồng xét" in text
    assert 'id="dieu-kien-R16b"' in text
    assert 'href="/van-ban#muc-IV.3"' in text
    assert "“Biên bản họp Hội đồng Thi đua, khen thưởng của cơ quan, đơn vị, địa phương.”" in text
    assert 'href="/van-ban#Q36"' in text
    assert "Đến lượt bạn (Vàng Council Secretary H029): ghi kết quả xét của Hội đồng" in text


def test_another_reader_sees_the_same_findings_and_who_can_mend_them(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    assert "Điều kiện để Hội đồng xét" in browser.last
    assert "Đến lượt Vàng Council Secretary H029" in browser.last
    assert "Bạn xem được nhưng không xử lý được bước này." in browser.last
    assert 'id="dieu-kien-R20"' not in browser.last


def test_an_auditor_looks_and_does_nothing(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_submitted(sqlite_database)
    browser = sign_in("auditor@ubnd-tinh")
    browser.get(f"/ho-so/{code}")
    assert "Chỉ xem" in browser.last
    assert "Thao tác của bạn" not in browser.last
    assert "Viết trao đổi" not in browser.last
    assert browser.post(f"/ho-so/{code}/trao-doi", {"text": "x"}).status_code == 403


def test_the_time_line_tells_who_did_what(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_decided(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    for words in (
        "ban hành quyết định khen thưởng",
        "xác nhận đã kiểm tra",
        "ghi kết quả Hội đồng xét",
        "tải lên Biên bản họp Hội đồng (bản 1)",
        "ghi sáng kiến “Tổ trả kết quả lưu động tại chợ phiên”",
        "tiếp nhận đăng ký thi đua",
    ):
        assert words in browser.last
    assert "2103/QĐ-UBND ngày 05/12/2023" in browser.last
    assert re.search(r"Mã kiểm tra</dt><dd>[0-9A-F]{4}-[0-9A-F]{4}<", browser.last)


def test_a_supplement_is_told_item_by_item(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_reviewed(sqlite_database)
    due = datetime(2023, 12, 7, 10, 0, tzinfo=UTC)
    inputs = SupplementInput(("Ký trang 3.", "Ghi số."), (DocumentKind.BIEN_BAN,), due)
    appraiser = f"appraiser@{PROVINCE}"
    asked = step(
        sqlite_database, code, appraiser, Action.REQUEST_SUPPLEMENT, inputs, comment="Thiếu <b>"
    )
    taken(asked)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    assert "Cần bổ sung 2 mục trước 17:00 ngày 07/12/2023" in browser.last
    assert "<li>Ký trang 3.</li>" in browser.last
    assert "Đến lượt bạn (Vàng Clerk H029): bổ sung 2 mục" in browser.last
    assert "Được yêu cầu thay" in browser.last
    assert "Thiếu &lt;b&gt;" in browser.last
    assert ">Gửi bổ sung</button>" in browser.last


def test_a_withdrawn_dossier_shows_where_it_stopped(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_written(sqlite_database)
    taken(step(sqlite_database, code, "clerk@H029", Action.WITHDRAW, comment="Rút"))
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    assert 'class="is-ended"' in browser.last
    assert "Đã rút ngày 05/12/2023" in browser.last
    assert "Đến lượt" not in browser.last


def test_a_note_is_read_by_the_others(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_submitted(sqlite_database)
    clerk = sign_in("clerk@h029")
    clerk.get(f"/ho-so/{code}")
    assert (
        clerk.post(f"/ho-so/{code}/trao-doi", {"text": "Biên bản ký ngày mai."}).status_code == 303
    )
    empty = clerk.post(f"/ho-so/{code}/trao-doi", {"text": " "})
    assert empty.status_code == 422
    secretary = sign_in("council_secretary@h029")
    secretary.get(f"/ho-so/{code}")
    assert "Biên bản ký ngày mai." in secretary.last


@pytest.mark.parametrize(
    "name",
    [
        "STATE",
        "ACTION",
        "ROLE",
        "POST",
        "OUTCOME",
        "SUBJECT",
        "CLASSIFICATION",
        "UNIT",
        "CYCLE",
        "DOCUMENT",
        "INDEX",
        "INDEX_UNIT",
        "SCORE",
        "VOTE",
        "CAPACITY",
        "GROUND",
        "REGISTRATION",
    ],
)
def test_every_word_has_a_label(name: str) -> None:
    table = getattr(labels, name)
    words: type[Enum] = type(next(iter(table)))
    assert set(table) == set(words)


def test_a_reading_is_told_with_its_question(sqlite_database: Database, sign_in: SignIn) -> None:
    code = a_registered(sqlite_database)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    assert '<a href="/van-ban#Q18">Q18</a>: Bằng khen trong đợt hằng năm? Không.' in browser.last


def test_what_follows_a_supplement_is_told_after_its_time(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_reviewed(sqlite_database)
    asked = SupplementInput(("Ký lại.",), (DocumentKind.BIEN_BAN,), NOW + timedelta(days=2))
    appraiser = "appraiser@UBND-TINH"
    taken(step(sqlite_database, code, appraiser, Action.REQUEST_SUPPLEMENT, asked, comment="x"))
    taken(change(sqlite_database, code, a_paper(DocumentKind.BIEN_BAN, filling="b"), now=NOW))
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    browser.post(f"/ho-so/{code}/buoc/send_supplement", browser.carried())
    browser.get(f"/ho-so/{code}")
    said = "Đã gửi bổ sung lúc 08:10 ngày 05/12/2023; kết quả Hội đồng phải ghi lại."
    assert said in browser.last
