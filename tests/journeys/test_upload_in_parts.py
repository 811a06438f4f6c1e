"""A large file over a line that breaks: it goes on where it was, and without scripts as ever."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.journeys.people import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

    from tests.journeys.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KIND = "BAO_CAO_THANH_TICH"
PARTS = re.compile("/tep-dang-gui/")


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def people(request: pytest.FixtureRequest, service: Service, browser: Browser) -> Iterator[People]:
    found = People(browser, service.url, scripts=request.param)
    yield found
    found.leave()


def a_scan() -> bytes:
    """About a megabyte and a half, as a scanner makes it."""
    out = io.BytesIO()
    Image.effect_noise((1700, 2300), 40).convert("RGB").save(out, "PDF", quality=75)
    return out.getvalue()


def test_a_broken_line_costs_one_part_and_not_the_file(people: People) -> None:
    clerk, content = people["anh.tran"], a_scan()
    cut: list[str] = []
    assert len(content) > 4 * 256 * 1024

    def line(route: Route) -> None:
        """The third part is lost on the way, and so is the first word after it."""
        begins = route.request.headers.get("upload-offset")
        if len(cut) < 2 and (begins == str(2 * 256 * 1024) or cut):
            cut.append(route.request.method)
            route.abort("connectionreset")
        else:
            route.continue_()

    clerk.page.route(PARTS, line)
    offsets: list[str] = []
    clerk.page.on(
        "request",
        lambda one: (
            offsets.append(one.headers["upload-offset"]) if "upload-offset" in one.headers else None
        ),
    )
    clerk.open("/viec")
    code = clerk.open("/ho-so").locator("main a[href*='/ho-so/HS-']").first.get_attribute("href")
    assert code is not None
    clerk.open(f"{code}/lap/tai-lieu")
    field = f"#{KIND}-file"
    clerk.page.set_input_files(
        field, {"name": "Bản quét.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    card = clerk.page.locator(f"section#{KIND}")
    with clerk.page.expect_navigation(timeout=60_000):
        card.locator("button[type=submit]").click()
    assert "Bản quét.pdf" in clerk.words()
    if people.scripts:
        assert cut == ["PATCH", "HEAD"]
        assert offsets.count("0") == 1
        assert offsets.count(str(2 * 256 * 1024)) == 2
    else:
        assert offsets == []
    with clerk.page.expect_download() as download:
        card.locator("a").filter(has_text="Bản quét.pdf").click()
    assert download.value.path().read_bytes() == content
