"""Reports in a real browser: readable by everybody, and a number leads to just its dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.people import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (1280, 390, 320)
WANTED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def people(request: pytest.FixtureRequest, service: Service, browser: Browser) -> Iterator[People]:
    found = People(browser, service.url, scripts=request.param)
    yield found
    found.leave()


def test_a_number_leads_to_just_its_dossiers(people: People) -> None:
    for login in ("mai.ly", "hang.nguyen", "thanh.tra"):
        person = people[login]
        page = person.open("/bao-cao")
        number = page.locator(".kpi a").nth(1).inner_text().split()[0]
        with page.expect_navigation():
            page.locator(".kpi a").nth(1).click()
        assert f"{number} hồ sơ" in page.locator(".head__sub").inner_text()
        assert page.locator("main tbody tr").count() == int(number)
        stopped = person.open("/bao-cao/dieu-kien").locator("main .bullet .v a").first
        number = stopped.inner_text().split()[0]
        with page.expect_navigation():
            stopped.click()
        assert f"{number} hồ sơ" in page.locator(".head__sub").inner_text()
        assert "Từng bị chặn bởi" in page.locator(".chips").inner_text()


def test_everybody_can_read_the_charts(service: Service, browser: Browser) -> None:
    """Axe at three widths with all details open, and nothing beside the page on a narrow phone."""
    people = People(browser, service.url, scripts=True)
    page, axe = people["thanh.tra"].page, Axe()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("/bao-cao", "/bao-cao/don-vi", "/bao-cao?dot=2022-annual"):
            people["thanh.tra"].open(path)
            page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
            found = axe.run(page, options={"runOnly": WANTED}).response["violations"]
            assert [one["id"] for one in found] == [], (width, path)
            assert page.evaluate(SIDEWAYS) <= 0, (width, path)
    assert complaints == []
    people.leave()
