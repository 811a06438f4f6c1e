"""Of every page in a browser: what axe finds, and whether it fits, wide, narrow and enlarged.

Pages whose elements are the same are looked at once: who sees them makes no difference to a
browser. Everything that can be opened is open.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest
from werkzeug.serving import make_server

from tests.pages.crawl import House, Seen
from tests.tiers import TIER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZE = ["target-size", "scrollable-region-focusable"]
SHAPE = [*SIZE, "color-contrast"]
"""What a width can change; the rest is looked for when the page is wide, and colours of a phone are
those of a smaller one."""
WIDE, ENLARGED, PHONE, SMALL = 1280, 640, 390, 320
"""A screen; the same at 200 %; two phones."""
LOOK = """async ([levels, rules]) => {
  const only = rules ? {type: 'rule', values: rules} : {type: 'tag', values: levels};
  const told = await axe.run(document, {runOnly: only, resultTypes: ['violations']});
  return told.violations.map(one => one.id + ': ' + one.nodes.slice(0, 3).map(
    node => node.target.join(' ') + ' (' + node.any.concat(node.all, node.none).map(
      why => why.message).join('; ').slice(0, 120) + ')').join(', '));
}"""
OPEN = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
MENU = "document.querySelectorAll('header details').forEach(one => { one.open = true; })"
"""What folds out over the page; it covers links, as it should, and has a look of its own."""
HEIGHT = "Math.max(900, document.documentElement.scrollHeight)"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_WORDS = re.compile(r">[^<]+<")
_KEPT = re.compile(r"\b(class|role|type|rowspan|colspan|aria-[a-z]+|disabled|hidden)(=\"[^\"]*\")?")


def elements_of(page: Seen) -> str:
    """Stands for the elements of a page, however often they are repeated, and not their words."""
    bare = re.sub(r"\d+", "#", _WORDS.sub("><", page.html))
    tags = {
        (name, tuple("".join(one) for one in _KEPT.findall(rest)))
        for name, rest in re.findall(r"<(\w+)([^>]*)>", bare)
    }
    return hashlib.sha256(repr(sorted(tags)).encode()).hexdigest()


def unlike(pages: list[Seen]) -> list[Seen]:
    """By day one of those with the same elements; at night all."""
    if TIER != "T1":
        return pages
    return list({elements_of(page): page for page in reversed(pages)}.values())


@pytest.fixture(scope="module")
def served(opened: House) -> Iterator[str]:
    """Where the service answers."""
    server = make_server("127.0.0.1", 0, opened.app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def looked_at(pages: list[Seen], opened: House, served: str, browser: Browser) -> list[str]:
    """Everything that is wrong with any page."""
    faults = []
    windows: dict[str, Page] = {}
    for one in unlike(pages):
        if one.login not in windows:
            windows[one.login] = window_of(browser, opened, served, one.login)
            faults += menu_faults(windows[one.login], served + "/lich")
        page = windows[one.login]
        page.goto(served + one.address.removeprefix("http://localhost"))
        faults += [f"{one.address} {one.login or 'nobody'}: {fault}" for fault in faults_of(page)]
    for page in windows.values():
        page.context.close()
    return faults


def window_of(browser: Browser, opened: House, served: str, login: str) -> Page:
    """A window in which this person is signed in; axe may come in though the page forbids it."""
    context = browser.new_context(viewport={"width": WIDE, "height": 900}, bypass_csp=True)
    if login:
        cookie = opened.client(login).get_cookie("sid")
        assert cookie is not None
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": served}])
    return context.new_page()


def faults_of(page: Page) -> Iterator[str]:
    """What axe objects to, and what sticks out, at every width."""
    page.evaluate(OPEN)
    page.evaluate(AXE)
    for width in (WIDE, ENLARGED, PHONE, SMALL):
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate(OVER)) > 0:
            yield f"{width}: {over} px too wide"
        if width != ENLARGED:
            # As high as the page: what stays at an edge while it is scrolled covers nothing then.
            page.set_viewport_size({"width": width, "height": page.evaluate(HEIGHT)})
            rules = {WIDE: None, PHONE: SHAPE, SMALL: SIZE}[width]
            yield from (f"{width}: {one}" for one in page.evaluate(LOOK, [LEVELS, rules]))


def menu_faults(page: Page, address: str) -> list[str]:
    """What axe objects to in the menus of the frame."""
    page.goto(address)
    page.evaluate(MENU)
    page.evaluate(AXE)
    rules = ["scrollable-region-focusable", "color-contrast"]
    found = []
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        found += page.evaluate(LOOK, [LEVELS, rules])
    return [f"menus: {one}" for one in found]


def test_axe_finds_nothing_and_nothing_sticks_out(looked_at: list[str]) -> None:
    assert not looked_at, "\n".join([f"{len(looked_at)} faults", *looked_at])


def test_what_is_wrong_is_found(browser: Browser) -> None:
    """Planted: pale words, a picture without words, a target too small, a page too wide."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content(
        "<html lang=vi><title>x</title><main><p style='color:#ccc'>mờ</p><img src='a'>"
        "<div style='width:700px'>rộng</div>"
        "<button style='width:9px;height:9px'>a</button><button style='width:9px'>b</button>"
    )
    found = " ".join(faults_of(page))
    context.close()
    for one in ("color-contrast", "image-alt", "target-size", "640: ", "320: "):
        assert one in found
