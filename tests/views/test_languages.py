"""Pages speak the language of whoever reads; without a choice they speak Vietnamese."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.database import Database
from models.tables import Account
from tests.views.conftest import Browser
from views import formats
from workflow.words import Phrase, phrase

SWITCH = re.compile(r'href="(/ngon-ngu/[^"]+)"')


def test_pages_are_vietnamese_whatever_the_browser_asks_for(browser: Browser) -> None:
    answer = browser.get("/dang-nhap", headers={"Accept-Language": "en"})
    assert '<html lang="vi">' in answer.text
    assert ">English</a>" in answer.text


def test_a_visitor_follows_a_link_and_comes_back_to_the_page(browser: Browser) -> None:
    link = SWITCH.search(browser.get("/tra-cuu?q=abc").text)
    assert link
    answer = browser.get(link[1], headers={"Referer": "http://localhost/tra-cuu?q=abc"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tra-cuu?q=abc")
    page = browser.get("/tra-cuu")
    assert '<html lang="en">' in page.text
    assert ">Tiếng Việt</a>" in page.text
    assert "Cookie" in page.headers["Vary"]


@pytest.mark.parametrize("away", ["https://example.org/tra-cuu", "http://localhost/khong-co", ""])
def test_the_way_back_never_leads_out_of_the_house(browser: Browser, away: str) -> None:
    answer = browser.get("/ngon-ngu/en", headers={"Referer": away})
    assert answer.headers["Location"] == "/"


def test_an_unknown_language_is_not_found(browser: Browser) -> None:
    assert browser.get("/ngon-ngu/fr").status_code == 404


def test_a_persons_choice_stands_on_the_account(
    browser: Browser, sqlite_database: Database
) -> None:
    browser.sign_in("appraiser@ubnd-tinh")
    answer = browser.post(
        "/ngon-ngu", {"language": "en"}, headers={"Referer": "http://localhost/ho-so"}
    )
    assert answer.headers["Location"] == "/ho-so"
    browser.client.delete_cookie("language")
    assert '<html lang="en">' in browser.get("/ho-so").text
    with sqlite_database.reading() as db:
        chosen = set(
            db.scalars(select(Account.language).where(Account.login == "appraiser@ubnd-tinh"))
        )
    assert chosen == {"en"}


def test_a_phrase_is_the_vietnamese_text_and_knows_its_template() -> None:
    said = phrase("Đã đọc {count} dòng.", count=3)
    assert isinstance(said, Phrase)
    assert said == "Đã đọc 3 dòng."
    assert (said.template, said.values) == ("Đã đọc {count} dòng.", {"count": 3})
    assert formats.told(said) == "Đã đọc 3 dòng."
