"""The whole service running on this machine, and a real browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from config.bootstrap import browser_missing, find_browser
from tests.journeys.service import Service, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all journeys that do not need a season of their own."""
    with running(tmp_path_factory.mktemp("service")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, or a skip that says why there is none.

    For one file only: while it is open the thread has a running loop of events, and whatever asks
    for one of its own (pyHanko) fails.
    """
    found = find_browser()
    if found is None:
        pytest.skip(browser_missing() or "no Chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - heavy, and only needed here

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(found), args=FLAGS)
        yield opened
        opened.close()
