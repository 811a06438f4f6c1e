"""The whole service running on this machine, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.bootstrap import browser_missing, find_browser
from tests.journeys.service import Service

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 180.0
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
    """`make run`, but for the environment: its own database, files, mail catcher and port."""
    folder = tmp_path_factory.mktemp("service")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "DEMONSTRATION": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'service.sqlite3'}",
        "STORAGE_DIR": str(folder / "files"),
        "SECRET_KEY": "k" * 48,
        "PORT": str(port),
    }
    kept = {name: value for name, value in os.environ.items() if name not in Service.SETTINGS}
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=kept | own,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    running = Service(f"http://127.0.0.1:{port}", folder, process)
    try:
        _wait(running)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, or a skip that says why there is none."""
    found = find_browser()
    if found is None:
        pytest.skip(browser_missing() or "no Chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - heavy, and only needed here

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(found), args=FLAGS)
        yield opened
        opened.close()


def _wait(running: Service) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if running.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{running.url}/healthz", timeout=5) as answer:  # noqa: S310
                json.load(answer)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the service did not start:\n{running.log()[-3000:]}")
