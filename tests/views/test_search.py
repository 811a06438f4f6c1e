"""The field in the head of every page: results by kind, under the reader's permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from models.database import Database
from tests.builders import a_decided, a_registered, a_submitted
from tests.views.conftest import Browser, counted

SignIn = Callable[[str], Browser]


@pytest.fixture
def three(sqlite_database: Database) -> tuple[str, str, str]:
    """Registered in Đồng Văn, handed in in Quản Bạ, decided in Mèo Vạc by 2103/QĐ-UBND."""
    return (
        a_registered(sqlite_database, "H026"),
        a_submitted(sqlite_database, "H029"),
        a_decided(sqlite_database, "H027"),
    )


def kinds(browser: Browser, words: str) -> dict[str, list[str]]:
    text = browser.get(f"/tim?{urlencode({'q': words})}").get_data(as_text=True)
    parts = re.findall(r'<h2 id="k-([a-z-]+)">.*?<ul class="hits">(.*?)</ul>', text, re.DOTALL)
    return {
        kind: re.findall(r"<li>(?:<a[^>]*>|<b>)([^<]+)", found, re.DOTALL) for kind, found in parts
    }


def test_each_kind_stands_by_itself(three: tuple[str, str, str], sign_in: SignIn) -> None:
    auditor = sign_in("auditor@ubnd-tinh")
    assert 'action="/tim"' in auditor.get("/ho-so").get_data(as_text=True)
    assert kinds(auditor, "quan ba") == {
        "ho-so": ["UBND huyện Quản Bạ"],
        "don-vi": ["UBND huyện Quản Bạ"],
    }
    found = kinds(auditor, "2103")
    assert found == {"ho-so": ["UBND huyện Mèo Vạc"], "quyet-dinh": [found["quyet-dinh"][0]]}
    assert "2103" in found["quyet-dinh"][0]
    answer = auditor.get("/tim?q=hs-2023-0002")
    assert (answer.status_code, answer.location) == (303, f"/ho-so/{three[1]}")


def test_nobody_finds_what_they_may_not_see(three: tuple[str, str, str], sign_in: SignIn) -> None:
    clerk = sign_in("clerk@h029")
    assert kinds(clerk, "meo vac") == {}
    assert kinds(clerk, "2103") == {}
    assert kinds(clerk, three[2]) == {}
    assert "Không thấy gì khớp" in clerk.last
    assert kinds(clerk, "huyen") == {
        "ho-so": ["UBND huyện Quản Bạ"],
        "don-vi": ["UBND huyện Quản Bạ"],
    }


def test_an_empty_question_is_answered_with_how_to_ask(sign_in: SignIn) -> None:
    assert "Cách tìm" in sign_in("clerk@h029").get("/tim").get_data(as_text=True)


def test_a_search_costs_the_same_whatever_it_finds(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    auditor = sign_in("auditor@ubnd-tinh")

    def cost() -> int:
        with counted(sqlite_database) as seen:
            kinds(auditor, "ubnd huyen")
        return len(seen)

    a_registered(sqlite_database, "H026")
    cost()
    one = cost()
    for unit in ("H027", "H029"):
        a_registered(sqlite_database, unit)
    assert cost() == one
