"""The lists behind the figures of the progress reports: narrowed by what the figure counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from models.database import Database
from tests.builders import a_decided, a_registered, a_reviewed, a_submitted, step
from tests.views.conftest import Browser
from workflow.vocabulary import Action

SignIn = Callable[[str], Browser]
ALL = {"Đồng Văn", "Quản Bạ", "Mèo Vạc", "Yên Minh"}


NARROWED: list[tuple[dict[str, str], set[str]]] = [
    ({"cho": "0-3"}, {"Yên Minh"}),
    ({"cho": "4-7"}, set()),
    ({"cho": "8-14"}, {"Quản Bạ"}),
    ({"cho": "15-"}, {"Đồng Văn"}),
    ({"cho": "tre"}, ALL),
    ({"nop-tu": "2023-11-20"}, ALL - {"Đồng Văn"}),
    ({"nop-tu": "2023-11-21"}, set()),
    ({"nop-den": "2023-11-20"}, ALL - {"Đồng Văn"}),
    ({"nop-den": "2023-11-19"}, set()),
    ({"nop-den": "32/13"}, ALL),
    ({"qua-buoc": "submitted"}, {"Yên Minh", "Mèo Vạc"}),
    ({"qua-buoc": "decided"}, ALL),
    ({"vuot": "submitted"}, {"Yên Minh", "Mèo Vạc"}),
    ({"vuot": "council_reviewed"}, set()),
    ({"chan": "R12"}, {"Đồng Văn"}),
    ({"con-chan": "R12"}, {"Đồng Văn"}),
    ({"chan": "R99"}, set()),
    ({"de-nghi": "999999"}, set()),
]
"""Handed in on 20/11/2023, reviewed on 05/12/2023: 11 working days of the 8 the programme gives."""


def names(browser: Browser, **filters: str) -> set[str]:
    text = browser.get(f"/ho-so?{urlencode(filters)}").get_data(as_text=True)
    found = re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', text)
    return {each.removeprefix("UBND huyện ") for each in found}


@pytest.fixture
def four(sqlite_database: Database) -> None:
    """Registered in Đồng Văn and refused there, handed in, reviewed, decided."""
    code = a_registered(sqlite_database, "H026")
    step(sqlite_database, code, "clerk@H026", Action.SUBMIT)
    a_submitted(sqlite_database, "H029")
    a_reviewed(sqlite_database, "H028")
    a_decided(sqlite_database, "H027")


def test_a_figure_of_a_report_narrows_the_list(four: None, sign_in: SignIn) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    for filters, found in NARROWED:
        assert names(browser, **filters) == found, filters


def test_the_list_says_what_it_is_narrowed_by_and_how_to_widen_it(
    four: None, sign_in: SignIn
) -> None:
    browser = sign_in("auditor@ubnd-tinh")
    assert names(browser, cho="4-7", dot="2023-midterm") == set()
    assert "4–7 ngày làm việc" in browser.last
    assert 'href="/ho-so?dot=2023-midterm"' in browser.last
    assert "Bỏ lọc “Đã chờ”" in browser.last
    assert 'name="cho" value="4-7"' in browser.last
