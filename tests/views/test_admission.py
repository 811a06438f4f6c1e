"""Who is let in when too many come at once (promise P30)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from config.operation_settings import OperationSettings
from config.settings import Settings
from models.database import Database
from tests.views.conftest import Hands
from views import admission, create_app
from views.admission import Admission

pytestmark = pytest.mark.promise("P30")
PERMITS = 3
FAST = 0.3


class Slow:
    """An application that works until it is told to end, and streams its answer."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.end = threading.Event()
        self.fails = False

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if self.fails:
            raise RuntimeError("inside")
        self.inside.release()
        assert self.end.wait(20)
        return Response(iter([b"o", b"k"]))(environ, start)

    def wait_for(self, many: int) -> None:
        for _ in range(many):
            assert self.inside.acquire(timeout=20)


REFUSAL = (b"busy", [("Retry-After", "5")])


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def door(slow: Slow) -> Admission:
    return Admission(slow, PERMITS, lambda: REFUSAL)


def asked(door: Admission, path: str = "/ho-so", method: str = "GET") -> TestResponse:
    return Client(door).open(path, method=method, buffered=True)


def storm(door: Admission, slow: Slow) -> list[int]:
    """All permits are out; what the next one hears, and what all others hear in the end."""
    slow.end.clear()
    with ThreadPoolExecutor(PERMITS) as pool:
        served = [pool.submit(asked, door) for _ in range(PERMITS)]
        try:
            slow.wait_for(PERMITS)
            began = time.monotonic()
            refused = asked(door)
            assert time.monotonic() - began < FAST
            assert refused.headers["Retry-After"] == "5"
        finally:
            slow.end.set()
        return [refused.status_code, *(one.result(20).status_code for one in served)]


def test_nobody_waits_for_a_permit_and_each_is_given_back(door: Admission, slow: Slow) -> None:
    for _ in range(3):
        assert storm(door, slow) == [503, 200, 200, 200]


def test_a_permit_is_given_back_when_the_application_breaks(door: Admission, slow: Slow) -> None:
    slow.fails = True
    for _ in range(PERMITS + 1):
        with pytest.raises(RuntimeError):
            asked(door)
    slow.fails = False
    assert storm(door, slow) == [503, 200, 200, 200]


def test_a_permit_is_out_until_the_answer_is_fetched(door: Admission, slow: Slow) -> None:
    slow.end.set()
    slow_readers = [Client(door).open("/ho-so", buffered=False) for _ in range(PERMITS)]
    assert asked(door).status_code == 503
    for one in slow_readers:
        one.close()
        one.close()
    assert [asked(door).status_code for _ in range(PERMITS + 1)] == [200] * (PERMITS + 1)


def test_guesses_at_passwords_leave_permits_for_others(door: Admission, slow: Slow) -> None:
    with ThreadPoolExecutor(PERMITS) as pool:
        guessing = pool.submit(asked, door, "/dang-nhap", "POST")
        try:
            slow.wait_for(1)
            assert asked(door, "/dang-nhap", "POST").status_code == 503
            others = [pool.submit(asked, door) for _ in range(PERMITS - 1)]
            slow.wait_for(PERMITS - 1)
        finally:
            slow.end.set()
        assert [one.result(20).status_code for one in (guessing, *others)] == [200] * PERMITS


@pytest.mark.planted
def test_a_permit_that_is_never_given_back_is_found(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault."""
    monkeypatch.setattr(admission, "_give_back", lambda _taken: None)
    leaking = Admission(slow, PERMITS, lambda: REFUSAL)
    assert storm(leaking, slow) == [503, 200, 200, 200]
    slow.end.set()
    assert asked(leaking).status_code == 503


# --- In front of the service ---


@pytest.fixture
def full(settings: Settings, sqlite_database: Database, clock: Hands) -> Iterator[Flask]:
    """The service with all its permits out."""
    busy = replace(settings, operation=OperationSettings(permits=1))
    made = create_app(busy, sqlite_database, clock)
    door: Any = made.wsgi_app
    assert door.all.take()
    yield made
    door.all.give_back()
    assert made.test_client().get("/dang-nhap").status_code == 200


def test_the_refusal_is_a_page_in_both_languages(full: Flask) -> None:
    answer = full.test_client().get("/ho-so")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "quá nhiều người dùng" in text
    assert 'lang="en"' in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    style = text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert full.test_client().get(style, buffered=True).status_code == 200


def test_machines_are_let_through(full: Flask) -> None:
    for path in ("/healthz", "/readyz", "/static/mark.svg"):
        assert full.test_client().get(path, buffered=True).status_code == 200


def test_settings_say_how_many() -> None:
    read: Callable[..., OperationSettings] = OperationSettings.from_environment
    faults: list[str] = []
    assert read({}, faults).permits == 8
    assert read({"WEB_PERMITS": "12"}, faults).permits == 12
    assert faults == []
    assert read({"WEB_PERMITS": "0"}, faults).permits == 8
    assert faults == ["WEB_PERMITS: số yêu cầu xử lý cùng lúc, từ 1 đến 64"]
