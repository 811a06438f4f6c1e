"""Several programmes and cycles side by side: seen together, asked for apart, never mixed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.database import Database
from models.report_planning import keep_obligations
from models.rulebooks import rulebook_in_force
from models.tables import CouncilSession
from tests import builders as build
from tests.models.test_second_programme import PROGRAMME, registered
from tests.views.conftest import Browser
from workflow.vocabulary import DocumentKind

SignIn = Callable[[str], Browser]
FIRST = "ha-giang-par-2021-2025"


@pytest.fixture
def both(sqlite_database: Database) -> tuple[str, str]:
    """A dossier under the real programme, and one under a second, loaded last."""
    return build.a_registered(sqlite_database, "SNV"), registered(sqlite_database)


def asked(browser: Browser, page: str, **of: str) -> str:
    """A page narrowed to a programme or a cycle."""
    answer = browser.get(page, query_string={key.replace("_", "-"): of[key] for key in of})
    assert answer.status_code == 200, page
    return browser.last


def test_the_list_asks_for_the_programme_where_there_are_several(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    first = build.a_registered(sqlite_database, "SNV")
    browser = sign_in("administrator@ubnd-tinh")
    browser.get("/ho-so")
    assert 'name="chuong-trinh"' not in browser.last
    second = registered(sqlite_database)
    browser.get("/ho-so")
    assert 'name="chuong-trinh"' in browser.last
    assert first in browser.last
    assert second in browser.last
    asked(browser, "/ho-so", chuong_trinh=PROGRAMME)
    assert f"/ho-so/{second}" in browser.last
    assert f"/ho-so/{first}" not in browser.last


@pytest.mark.parametrize("page", ["/viec", "/lich"])
def test_an_office_sees_them_together_and_asks_for_one(
    both: tuple[str, str], sign_in: SignIn, page: str
) -> None:
    first, second = both
    browser = sign_in("clerk@snv")
    together = asked(browser, page)
    assert all(code in together for code in both)
    assert "Sáng kiến số 2024" in together, "a date that is no dossier's says whose it is"
    narrowed = asked(browser, page, chuong_trinh=PROGRAMME)
    assert second in narrowed
    assert first not in narrowed
    narrowed = asked(browser, page, dot="2023-midterm")
    assert first in narrowed
    assert second not in narrowed
    assert all(code in asked(browser, page, dot="khong-co") for code in both)


def test_a_filter_of_the_inbox_counts_what_it_shows(both: tuple[str, str], sign_in: SignIn) -> None:
    browser = sign_in("clerk@snv")
    counts = [
        int(found[1])
        for of in ({}, {"chuong_trinh": FIRST}, {"chuong_trinh": PROGRAMME})
        if (found := re.search(r"<b>(\d+) việc</b> cần xử lý", asked(browser, "/viec", **of)))
    ]
    assert counts[0] == counts[1] + counts[2]
    assert counts[2] == 1


def test_the_check_and_the_decisions_are_asked_for_by_programme(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    reviewed = build.a_reviewed(sqlite_database, "H029")
    build.taken(build.change(sqlite_database, reviewed, build.a_paper(DocumentKind.TO_TRINH)))
    checked = build.a_checked(sqlite_database, "H030")
    build.a_decided(sqlite_database, "H026", "77/QĐ-UBND")
    registered(sqlite_database)
    board, head = sign_in("appraiser@ubnd-tinh"), sign_in("head@ubnd-tinh")
    for someone, page, word in (
        (board, "/kiem-tra", reviewed),
        (head, "/quyet-dinh", checked),
        (head, "/quyet-dinh", "77/QĐ-UBND"),
    ):
        for of in ({}, {"chuong_trinh": FIRST}, {"dot": "2023-midterm"}):
            assert word in asked(someone, page, **of), (page, of)
        for of in ({"chuong_trinh": PROGRAMME}, {"dot": "2022-annual"}):
            assert word not in asked(someone, page, **of), (page, of)


def test_reports_and_results_are_asked_for_by_programme(
    both: tuple[str, str], sqlite_database: Database, sign_in: SignIn, browser: Browser
) -> None:
    keep_obligations(sqlite_database, build.NOW)
    board = sign_in(f"appraiser@{build.PROVINCE}".casefold())
    everything = asked(board, "/bao-cao-dinh-ky", ky="")
    assert "BC-" in everything
    assert "BC-" not in asked(board, "/bao-cao-dinh-ky", ky="", chuong_trinh=PROGRAMME)
    assert "sơ kết" in asked(board, "/bao-cao-dinh-ky/tong-hop/SK-2023", chuong_trinh=FIRST)
    assert board.get("/bao-cao-dinh-ky/tong-hop/SK-2023?chuong-trinh=khac").status_code == 404
    assert 'name="chuong-trinh"' in asked(browser, "/tra-cuu/ket-qua")


def test_what_is_decided_by_a_programme_loaded_before_stays_within_reach(
    both: tuple[str, str], sqlite_database: Database, sign_in: SignIn
) -> None:
    decider = sign_in(f"head@{build.PROVINCE}".casefold())
    for page in ("/chi-tieu", "/xep-hang"):
        assert "Sáng kiến số 2024" in asked(decider, page)
        told = asked(decider, page, chuong_trinh=FIRST, dot="2023-midterm")
        assert "20% × 30 = 6" in told
        inner = re.search(rf'href="({page}/2023-midterm/[^"]+)"', told)
        assert inner is not None
        assert f"chuong-trinh={FIRST}" in inner[1]
        assert decider.get(inner[1].replace("&amp;", "&")).status_code == 200
    milestones = sign_in(f"administrator@{build.PROVINCE}".casefold())
    assert "2023-midterm" in asked(milestones, "/quan-tri/moc", chuong_trinh=FIRST)


def test_a_council_meets_for_the_cycle_of_either_programme(
    both: tuple[str, str], sqlite_database: Database, sign_in: SignIn
) -> None:
    secretary = sign_in("council_secretary@snv")
    secretary.get("/hoi-dong/moi")
    options = re.findall(r'<option value="([^"/]+)/([^"]+)"', secretary.last)
    assert (FIRST, "2023-midterm") in options
    when = {
        "held_day": "08/12/2023",
        "held_time": "9:00",
        "closes_day": "07/12/2023",
        "closes_time": "17:00",
    }
    with sqlite_database.reading() as session:
        unit = build.unit_id(session, "SNV")
        assert rulebook_in_force(session).programme.id == PROGRAMME
    secretary.post(
        "/hoi-dong/moi",
        {
            "unit": str(unit),
            "cycle": f"{FIRST}/2023-midterm",
            "place": "Phòng họp",
            "method": "secret_ballot",
            **when,
            **secretary.carried(),
        },
    )
    with sqlite_database.reading() as session:
        made = session.scalars(select(CouncilSession)).one()
    assert (made.programme_id, made.cycle_id) == (FIRST, "2023-midterm")
    code = made.code
    assert code in asked(secretary, "/hoi-dong", chuong_trinh=FIRST)
    assert code not in asked(secretary, "/hoi-dong", chuong_trinh=PROGRAMME)


def test_clauses_lead_to_the_text_of_the_programme_they_stand_in(
    both: tuple[str, str], sqlite_database: Database, sign_in: SignIn
) -> None:
    first, second = both
    browser = sign_in("clerk@snv")
    with sqlite_database.reading() as session:
        own = rulebook_in_force(session, FIRST).content_hash[:12]
    links = set(re.findall(r'href="(/van-ban[^"]*)#muc-', asked(browser, f"/ho-so/{first}")))
    assert links == {f"/van-ban?ban={own}"}
    links = set(re.findall(r'href="(/van-ban[^"]*)#muc-', asked(browser, f"/ho-so/{second}")))
    assert links == {"/van-ban"}
