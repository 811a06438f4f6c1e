"""What everybody may know of a dossier, and nothing more; the list of results and its feed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.queries_published import Narrowing, full_code, progress_of, results, unit_fits
from models.tables import Dossier, Person, Unit
from tests.builders import (
    NOW,
    PROVINCE,
    a_checked,
    a_decided,
    a_registered,
    a_reviewed,
    a_submitted,
    person_id,
    step,
    taken,
    the_dossier,
)
from tests.views.conftest import Browser, Hands, counted
from views.look_up import NOT_FOUND, OUT
from views.look_up import RESULTS as RESULTS_TITLE
from workflow.facts import Decision, HoldInput, RevocationInput, SupplementInput
from workflow.vocabulary import Action, RevocationGround, State, SubjectKind

APPRAISER = f"appraiser@{PROVINCE}"
HEAD = f"head@{PROVINCE}"
UNIT = "UBND huyện Quản Bạ"
LOOK_UP = "/tra-cuu"
RESULTS = "/tra-cuu/ket-qua"
FEED = "/tra-cuu/ket-qua.json"
ATOM = "/tra-cuu/ket-qua.atom"
PERSON = "Giàng Thị Mỷ"
IN_ATOM = "{http://www.w3.org/2005/Atom}"


def ask(browser: Browser, code: str, unit: str = UNIT) -> str:
    answer = browser.get(LOOK_UP, query_string={"ma": code, "don-vi": unit})
    assert answer.status_code == 200
    return browser.last


def unit_of(database: Database, code: str) -> str:
    with database.reading() as session:
        query = select(Unit.name).join(Dossier, Dossier.unit_id == Unit.id)
        return session.scalars(query.where(Dossier.code == code)).one()


def of_a_person(database: Database, code: str) -> None:
    """Turn the dossier into one of a person, as far as the public can tell."""
    with database.writing() as session:
        someone = person_id(session, "clerk@H029")
        session.execute(update(Person).where(Person.id == someone).values(full_name=PERSON))
        session.execute(
            update(Dossier)
            .where(Dossier.code == code)
            .values(
                subject_kind=SubjectKind.INDIVIDUAL,
                subject_key=f"person:{code}",
                subject_name=PERSON,
                person_id=someone,
            )
        )


def a_revoked(database: Database, unit: str = "H029") -> str:
    code = a_decided(database, unit)
    signed = Decision("9/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn")
    inputs = RevocationInput(RevocationGround.FORGED_PAPERS, signed)
    taken(step(database, code, HEAD, Action.REVOKE, inputs, comment="Giấy tờ giả mạo rõ ràng"))
    return code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("HS-2023-0027", "HS-2023-0027"),
        (" hs 2023 27 ", "HS-2023-0027"),
        ("2023-27", "HS-2023-0027"),
        ("27/2023", "HS-2023-0027"),
        ("0027-2023", "HS-2023-0027"),
        ("DK-2023-0027", "DK-2023-0027"),
        ("27", None),
        ("", None),
        ("HS-2023-", None),
        ("HS-٢٠٢٣-٢٧", None),
    ],
)
def test_a_code_is_read_as_people_write_it(typed: str, code: str | None) -> None:
    assert full_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "name", "fits"),
    [
        ("UBND huyện Quản Bạ", UNIT, True),
        ("ubnd huyen quan ba", UNIT, True),
        ("Uỷ ban nhân dân huyện Quản Bạ", UNIT, True),
        ("huyện Quản Bạ", UNIT, True),
        ("quan ba", UNIT, True),
        ("Bạ", UNIT, False),
        ("", UNIT, False),
        ("UBND huyện Yên Minh", UNIT, False),
        ("xã Quản Bạ", UNIT, False),
        ("dong van", "UBND huyện Đồng Văn", True),
        ("So Van hoa The thao va Du lich", "Sở Văn hóa, Thể thao và Du lịch", True),
    ],
)
def test_a_unit_is_named_as_people_write_it(typed: str, name: str, *, fits: bool) -> None:
    assert unit_fits(typed, name) is fits


def test_a_dossier_on_its_way_tells_its_step_and_the_public_dates(
    sqlite_database: Database, browser: Browser
) -> None:
    code = a_reviewed(sqlite_database)
    text = ask(browser, code, "quan ba")
    assert "Hồ sơ đang ở bước 3/5: Hội đồng đã xét. Dự kiến có kết quả: 25/12/2023." in text
    assert "Ủy ban nhân dân huyện Quản Bạ" in text
    assert "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh" in text
    assert "Ngày 20/11/2023" in text
    assert "Dự kiến 25/12/2023" in text
    assert "Thi đua – Khen thưởng đã kiểm tra" in text
    assert "Ban TĐKT đã" not in text


def test_once_the_day_has_passed_nothing_is_promised(
    sqlite_database: Database, browser: Browser, clock: Hands
) -> None:
    code = a_reviewed(sqlite_database)
    clock.now = datetime(2023, 12, 28, 2, tzinfo=UTC)
    text = ask(browser, code)
    assert "Đã qua ngày dự kiến có kết quả (25/12/2023)." in text
    assert "Dự kiến có kết quả:" not in text


def test_no_answer_without_a_dossier_differs_in_a_byte(
    sqlite_database: Database, browser: Browser
) -> None:
    code = a_submitted(sqlite_database)
    asked = [
        (code, "UBND huyện Yên Minh"),
        ("HS-2023-9999", UNIT),
        (code.replace("HS", "DK"), UNIT),
        ("không phải mã", UNIT),
        (code, ""),
        ("", UNIT),
    ]
    answers = {ask(browser, *each) for each in asked}
    assert len(answers) == 1
    assert NOT_FOUND in answers.pop()
    with counted(sqlite_database) as wrong_unit:
        ask(browser, code, "UBND huyện Yên Minh")
    with counted(sqlite_database) as nowhere:
        ask(browser, "HS-2023-9999")
    assert wrong_unit == nowhere


def test_what_the_office_discusses_is_not_told(sqlite_database: Database, browser: Browser) -> None:
    code = a_reviewed(sqlite_database)
    before = ask(browser, code)
    due = datetime(2023, 12, 12, 10, tzinfo=UTC)
    asked = SupplementInput(("Ký lại trang 3",), (), due, initiatives=True)
    words = "Thiếu chữ ký trang 3"
    taken(step(sqlite_database, code, APPRAISER, Action.REQUEST_SUPPLEMENT, asked, comment=words))
    assert ask(browser, code) == before
    hold = HoldInput("Đơn tố cáo số 4")
    taken(step(sqlite_database, code, APPRAISER, Action.HOLD, hold, comment="Chờ kết luận"))
    assert ask(browser, code) == before
    for secret in ("86,42", "9/9", "bien_ban.pdf", "86/TTr-UBND", "Vàng ", "bổ sung", "Tạm dừng"):
        assert secret not in before


def test_a_person_is_named_only_after_the_decision(
    sqlite_database: Database, browser: Browser
) -> None:
    waiting, honoured = a_reviewed(sqlite_database, "H029"), a_decided(sqlite_database, "H026")
    for code in (waiting, honoured):
        of_a_person(sqlite_database, code)
    text = ask(browser, waiting)
    assert PERSON not in text
    assert "Cá nhân thuộc Ủy ban nhân dân huyện Quản Bạ" in text
    assert PERSON in ask(browser, honoured, unit_of(sqlite_database, honoured))
    browser.get(RESULTS)
    assert browser.last.count(PERSON) == 1


def test_rejected_and_withdrawn_read_alike_and_name_nobody(
    sqlite_database: Database, browser: Browser
) -> None:
    code = a_reviewed(sqlite_database)
    of_a_person(sqlite_database, code)
    texts = set()
    for state in (State.REJECTED, State.WITHDRAWN):
        with sqlite_database.writing() as session:
            session.execute(update(Dossier).where(Dossier.code == code).values(state=state))
        texts.add(ask(browser, code))
    (text,) = texts
    assert OUT in text
    assert PERSON not in text
    assert "stepper" not in text


def test_a_decision_is_told_and_its_revocation_without_the_ground(
    sqlite_database: Database, browser: Browser
) -> None:
    decided, revoked = a_decided(sqlite_database, "H026"), a_revoked(sqlite_database)
    text = ask(browser, decided, unit_of(sqlite_database, decided))
    assert "Đã quyết định: Quyết định số 2103/QĐ-UBND ngày 05/12/2023." in text
    assert "hủy bỏ" not in text
    text = ask(browser, revoked)
    assert "Quyết định này đã bị hủy bỏ theo quyết định số 9/QĐ-UBND ngày 05/12/2023." in text
    browser.get(RESULTS)
    assert "Theo quyết định số 9/QĐ-UBND ngày 05/12/2023" in browser.last
    assert "giả mạo" not in (text + browser.last).casefold()


def test_the_list_holds_decided_awards_only_and_is_filtered(
    sqlite_database: Database, browser: Browser
) -> None:
    decided, open_one = a_decided(sqlite_database), a_checked(sqlite_database, "H026")
    browser.get(RESULTS)
    assert decided in browser.last
    assert open_one not in browser.last
    assert "1 kết quả đã có quyết định." in browser.last
    assert "Đợt sơ kết tháng 12/2023</h2>" in browser.last
    for narrowed in ("dot=2022-annual", "hinh-thuc=GIAY_KHEN_XA"):
        browser.get(f"{RESULTS}?{narrowed}")
        assert decided not in browser.last
        assert "Không có kết quả khớp bộ lọc." in browser.last
    browser.get(f"{RESULTS}?dot=2023-midterm&hinh-thuc=BANG_KHEN_TINH&trang=7")
    assert decided in browser.last


def test_both_engines_tell_the_same(database: Database) -> None:
    code = a_revoked(database)
    with database.reading() as session:
        told = progress_of(session, code, "quan ba")
        found = results(
            session, Narrowing("", "2023-midterm", "BANG_KHEN_TINH"), 1, ["2023-midterm"]
        )
        assert results(session, Narrowing(cycle="2022-annual"), 9, []).rows == ()
    assert told is not None
    assert told.decision is not None
    assert told.revocation is not None
    assert (told.decision.number, told.revocation.number) == ("2103/QĐ-UBND", "9/QĐ-UBND")
    assert told.entered[State.DECIDED] == NOW
    assert [(row.code, row.revoked_number) for row in found.rows] == [(code, "9/QĐ-UBND")]


def test_newer_cycles_come_first(sqlite_database: Database, browser: Browser) -> None:
    newer, older = a_decided(sqlite_database, "H029"), a_decided(sqlite_database, "H026")
    with sqlite_database.writing() as session:
        values = {"cycle_id": "2022-annual"}
        session.execute(update(Dossier).where(Dossier.code == older).values(**values))
    browser.get(RESULTS)
    assert browser.last.index(f'id="{newer}"') < browser.last.index(f'id="{older}"')
    assert browser.last.index("Đợt sơ kết tháng 12/2023</h2>") < browser.last.index(
        "Đợt hằng năm 2022</h2>"
    )


def test_the_feed_is_a_json_feed_with_whole_addresses(
    sqlite_database: Database, browser: Browser
) -> None:
    code = a_revoked(sqlite_database)
    other = a_decided(sqlite_database, "H026")
    answer = browser.get(FEED)
    assert answer.mimetype == "application/feed+json"
    told: dict[str, Any] = answer.get_json(force=True)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == "http://localhost/tra-cuu/ket-qua.json"
    assert "next_url" not in told
    items = {item["id"].rpartition("#")[2]: item for item in told["items"]}
    assert set(items) == {code, other}
    assert all(item["url"].startswith("http://localhost/tra-cuu/") for item in items.values())
    assert items[code]["title"].startswith("Đã hủy bỏ: Ủy ban nhân dân huyện Quản Bạ")
    assert "9/QĐ-UBND" in items[code]["content_text"]
    assert "date_modified" in items[code]
    assert items[other]["date_published"] == "2023-12-05T08:10:00+07:00"
    assert "date_modified" not in items[other]
    assert browser.get(f"{FEED}?dot=2022-annual").get_json(force=True)["items"] == []


def test_the_atom_feed_says_the_same(sqlite_database: Database, browser: Browser) -> None:
    code, other = a_revoked(sqlite_database), a_decided(sqlite_database, "H026")
    with sqlite_database.writing() as session:
        session.execute(update(Dossier).where(Dossier.code == other).values(subject_name="A & <B>"))
    answer = browser.get(ATOM)
    assert answer.mimetype == "application/atom+xml"
    feed = ET.fromstring(answer.get_data())  # noqa: S314 - our own answer
    entries = {entry.findtext(f"{IN_ATOM}id", "").rpartition("#")[2]: entry for entry in feed}
    assert {code, other} <= set(entries)
    told = browser.get(FEED).get_json(force=True)["items"]
    for item in told:
        entry = entries[item["id"].rpartition("#")[2]]
        same = {"id": "id", "title": "title", "published": "date_published"}
        found = {name: entry.findtext(f"{IN_ATOM}{name}") for name in (*same, "content", "updated")}
        assert found == {
            **{name: item[key] for name, key in same.items()},
            "content": item["content_text"],
            "updated": item.get("date_modified", item["date_published"]),
        }
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{IN_ATOM}link")}
    assert links["self"] == "http://localhost/tra-cuu/ket-qua.atom"
    assert feed.findtext(f"{IN_ATOM}updated")
    page = browser.get(f"{RESULTS}?dot=2023-midterm").get_data(as_text=True)
    assert f'type="application/atom+xml" title="{RESULTS_TITLE}" href="{ATOM}?dot=' in page


@pytest.mark.parametrize("address", [FEED, ATOM])
def test_a_feed_may_be_kept_for_a_while_and_is_not_sent_twice(
    sqlite_database: Database, browser: Browser, address: str
) -> None:
    code = a_decided(sqlite_database)
    first = browser.get(address)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in first.headers.get("Vary", "")
    assert first.last_modified == NOW
    asked = (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    )
    for headers in asked:
        again = browser.get(address, headers=headers)
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "public, max-age=300"
    signed = Decision("9/QĐ-UBND", date(2023, 12, 5), "Nguyễn Văn Sơn")
    inputs = RevocationInput(RevocationGround.FORGED_PAPERS, signed)
    later = NOW + timedelta(minutes=1)
    taken(step(sqlite_database, code, HEAD, Action.REVOKE, inputs, comment="Giả mạo", now=later))
    for headers in asked:
        assert browser.get(address, headers=headers).status_code == 200
    page = browser.get(RESULTS)
    assert page.headers["Cache-Control"] == "no-store", "a page shows who is signed in"


def test_pages_of_the_list_and_of_the_feed(
    sqlite_database: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("models.queries_published.PAGE", "views.look_up.PAGE"):
        monkeypatch.setattr(name, 1)
    codes = [a_decided(sqlite_database, unit) for unit in ("H029", "H026")]
    browser.get(f"{RESULTS}?dot=2023-midterm")
    assert "Kết quả 1–1 trong 2" in browser.last
    assert 'href="/tra-cuu/ket-qua?dot=2023-midterm&amp;trang=2"' in browser.last
    shown = []
    address = FEED
    while address:
        told = browser.get(address).get_json(force=True)
        shown += [item["id"].rpartition("#")[2] for item in told["items"]]
        address = told.get("next_url", "").removeprefix("http://localhost")
    assert sorted(shown) == sorted(codes)


@pytest.mark.parametrize("address", [RESULTS, FEED, ATOM])
def test_more_results_need_no_more_statements(
    sqlite_database: Database, browser: Browser, address: str
) -> None:
    a_revoked(sqlite_database)
    browser.get(address)
    with counted(sqlite_database) as one:
        browser.get(address)
    a_decided(sqlite_database, "H026")
    a_decided(sqlite_database, "H030")
    with counted(sqlite_database) as three:
        browser.get(address)
    assert len(three) == len(one) <= 6


@pytest.mark.parametrize(
    "address", [LOOK_UP, f"{LOOK_UP}?ma=27/2023&don-vi=x", RESULTS, FEED, ATOM]
)
def test_strangers_get_no_cookie_a_small_page_and_may_only_read(
    browser: Browser, address: str
) -> None:
    answer = browser.client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert len(answer.get_data()) < 12_000
    assert browser.client.post(address).status_code in {400, 405}


def test_the_foot_of_every_page_leads_here(sqlite_database: Database, browser: Browser) -> None:
    code = a_registered(sqlite_database)
    assert the_dossier(sqlite_database, code).entered_state_at < NOW
    browser.get("/dang-nhap")
    assert '<a href="/tra-cuu">Tra cứu công khai</a>' in browser.last
