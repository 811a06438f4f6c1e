"""P29: a dead or slow neighbour does not take us down. P30: a flood is refused at once."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.tables import OutgoingMessage
from tests import builders as build
from tests.promises.rivals import forking
from tests.promises.served import HOST, Form, Worker, send
from tests.promises.supervising import cookie_maker, lives
from tests.tiers import count

EPISODES = count(2, 50, 200)
REFUSED_WITHIN, BACK_WITHIN = 2.0, 10.0
GIVEN_UP_WITHIN = 8.0
"""The call is given up after two seconds; the rest is for a machine with other work."""
FLOOD_SECONDS, FLOOD_CLIENTS = count(2, 60, 600), count(40, 400)
PERMITS = 4
GROWTH = 1.5
PROMPT, GOOD = 0.3, 1.0
"""Seconds for 99 of 100 refusals and successes; only measured at night, when nobody else works."""


def fetch(
    port: int, path: str, cookie: str = "", patience: float = 60.0
) -> tuple[int, dict[str, str], float]:
    """Status, headers and seconds of one page; status 0 when the connection broke or time is up."""
    began = time.monotonic()
    connection = HTTPConnection(HOST, port, timeout=patience)
    try:
        connection.request("GET", path, headers={"Cookie": f"sid={cookie}"} if cookie else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.headers), time.monotonic() - began
    except (OSError, HTTPException):
        return 0, {}, time.monotonic() - began
    finally:
        connection.close()


@contextmanager
def a_worker(url: str, folder: Path, fault: str = "", **more: Any) -> Iterator[Worker]:
    worker = Worker(forking(), url, str(folder / "files"), fault, **more)
    worker.now.value = build.AUTUMN.timestamp()
    worker.begin()
    try:
        yield worker
    finally:
        worker.end()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.promise("P29")
def test_a_dead_database_is_told_at_once_and_its_return_is_seen(
    own_postgres: Any, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    with a_worker(own_postgres.get_uri(), tmp_path) as worker:
        assert fetch(worker.port, "/dang-nhap")[0] == 200
        for _ in range(EPISODES):
            head = int(own_postgres.get_pid())
            os.kill(head, signal.SIGINT)  # a fast shutdown: connections are cut
            wait_for(partial(is_dead, head))
            with ThreadPoolExecutor(8) as pool:
                paths = ["/healthz", "/dang-nhap", "/ho-so", "/readyz"] * 2
                told = list(pool.map(lambda path: fetch(worker.port, path, "x"), paths))
            for status, headers, seconds in told:
                assert status in {503, 303, 200}, told
                assert seconds < REFUSED_WITHIN, told
                assert status != 503 or headers.get("Retry-After")
            assert [status for status, _, _ in told[:1]] == [503]
            own_postgres.ensure_postgres_running()
            began = time.monotonic()
            wait_for(lambda: fetch(worker.port, "/healthz")[0] == 200)
            assert time.monotonic() - began < BACK_WITHIN
            with ThreadPoolExecutor(8) as pool:  # no thread is stuck
                again = list(pool.map(lambda _: fetch(worker.port, "/dang-nhap")[0], range(8)))
            assert again == [200] * 8
    tally("times down and up", EPISODES)


def is_dead(pid: int) -> bool:
    return not lives(pid)


def wait_for(true: Callable[[], object], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.promise("P29")
@pytest.mark.parametrize("fault", ["", pytest.param("patient", marks=pytest.mark.planted)])
def test_a_database_that_says_nothing_is_given_up(tmp_path: Path, fault: str) -> None:
    """It takes the call and is silent. The planted fault: no time-out on that call."""
    with socket.socket() as mute:
        mute.bind((HOST, 0))
        mute.listen(64)
        url = f"postgresql://nobody@{HOST}:{mute.getsockname()[1]}/nothing"
        with a_worker(url, tmp_path, fault) as worker, ThreadPoolExecutor(3) as pool:
            paths = ("/healthz", "/dang-nhap", "/readyz")
            told = list(
                pool.map(lambda path: fetch(worker.port, path, "x", GIVEN_UP_WITHIN), paths)
            )
    statuses = [status for status, _, _ in told]
    assert statuses[0] == (0 if fault else 503), told
    assert fault or 0 not in statuses, told


@pytest.mark.promise("P29")
def test_no_page_ever_speaks_with_the_mail_server(
    sqlite_url: str, sqlite_opened: Database, tmp_path: Path
) -> None:
    """A step queues its letters as rows: whoever waits for the mail server, no page does."""
    with socket.socket() as mute:
        mute.bind((HOST, 0))
        mute.listen(8)
        mute.settimeout(0.2)
        smtp = f"smtp://{HOST}:{mute.getsockname()[1]}"
        code = build.a_written(sqlite_opened)
        with a_worker(sqlite_url, tmp_path, smtp_url=smtp) as worker:
            cookie = cookie_maker(sqlite_opened, worker)("clerk@H029")
            before = letters(sqlite_opened)
            version = str(build.the_dossier(sqlite_opened, code).version)
            form = Form(f"/ho-so/{code}/buoc/submit", cookie, {"version": version, "key": "mail"})
            told = send(worker.port, form)
            assert told is not None
            assert told.status == 303
        assert letters(sqlite_opened) > before
        with pytest.raises(TimeoutError):
            mute.accept()


def letters(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(OutgoingMessage)) or 0


# --- P30 ---


def flood(worker: Worker, cookie: str, seconds: float, clients: int) -> list[tuple[int, float]]:
    """So many clients, each asking again as soon as it was answered; what each was told."""
    stop, told = threading.Event(), []

    def client(number: int) -> None:
        paths = ("/ho-so", "/dang-ky")
        while not stop.is_set():
            status, _, took = fetch(worker.port, paths[number % 2], cookie)
            told.append((status, took))

    threads = [threading.Thread(target=client, args=(one,)) for one in range(clients)]
    for one in threads:
        one.start()
    time.sleep(seconds)
    healthy = fetch(worker.port, "/healthz")
    stop.set()
    for one in threads:
        one.join(60)
    assert healthy[0] == 200
    return told


def memory(worker: Worker) -> int:
    """Resident memory, in kB."""
    assert worker.process is not None
    lines = Path(f"/proc/{worker.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def percentile(values: list[float], share: float = 0.99) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def all_served(worker: Worker, cookie: str) -> bool:
    """Are as many served at one instant as there are permits?"""
    with ThreadPoolExecutor(PERMITS) as pool:
        told = pool.map(lambda _: fetch(worker.port, "/ho-so", cookie)[0], range(PERMITS))
        return list(told) == [200] * PERMITS


@pytest.mark.slow
@pytest.mark.promise("P30")
def test_a_flood_is_refused_at_once_and_leaves_nothing_behind(
    sqlite_url: str, sqlite_opened: Database, tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    with a_worker(sqlite_url, tmp_path, permits=PERMITS) as worker:
        cookie = cookie_maker(sqlite_opened, worker)("clerk@H029")
        flood(worker, cookie, 1.0, PERMITS)
        normal = memory(worker)
        told = flood(worker, cookie, FLOOD_SECONDS, FLOOD_CLIENTS)
        heard = Counter(status for status, _ in told)
        assert heard.keys() <= {200, 503}, heard
        assert heard[503], "nobody was refused"
        assert heard[200], "nobody was served"
        assert memory(worker) <= GROWTH * normal
        wait_for(lambda: fetch(worker.port, "/ho-so", cookie)[0] == 200, 5.0)
        wait_for(lambda: all_served(worker, cookie), 5.0)  # every permit comes back
    for status, longest in ((503, PROMPT), (200, GOOD)):
        slow = percentile([took for one, took in told if one == status])
        tally(f"answers {status}, 99 of 100 within {slow * 1000:.0f} ms", heard[status])
        if count(60, 60) <= FLOOD_SECONDS:
            assert slow <= longest
