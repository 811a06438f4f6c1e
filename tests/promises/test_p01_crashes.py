"""P1: nothing acknowledged is lost by a crash; P2: acknowledged means on disk.

Clients work through two web workers while a nemesis kills workers, scheduler and, on PostgreSQL,
the server of the record with SIGKILL, at moments of chance. Then the set checker: everything
acknowledged is stored, everything stored was asked, nothing is half done, and chain and invariants
hold.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.clock import real_now
from models import auditing, clock
from models.database import Database, open_database
from models.doctor import examine
from models.tables import ChangeSetLine, Dossier, HistoryLine
from tests import builders as build
from tests.promises.prepared import DEPUTY, FREE
from tests.promises.rivals import forking
from tests.promises.schedulers import wait_until
from tests.promises.served import Worker
from tests.promises.supervising import (
    PAUSE,
    Client,
    Journal,
    Supervisor,
    cookie_maker,
    supervisor_of,
)
from tests.promises.ways import BOARD, born_of
from tests.tiers import SEED, count

KILLS = {"sqlite": count(10, 1000, 5000), "postgres": count(6, 1000, 5000)}
CLIENTS = count(4, 5)
"""Each has a dossier of its own to write: what it was told last is what must be there."""
TRACED = count(5, 200)
STRACE = shutil.which("strace")
SYNCS = ("fsync", "fdatasync")
WRITES = ("write", "pwrite64", "writev", "pwritev")


def born(database: Database, unit: str) -> str:
    """A dossier its unit is putting together."""
    registration = build.a_registration(database, unit)
    build.taken(build.acknowledge(database, registration))
    return born_of(database, registration)


def clients_of(
    database: Database, workers: list[Worker], stop: threading.Event, seed: int, many: int
) -> list[Client]:
    """So many people at work, each on two dossiers of their own."""
    # Schedulers tell the time of a demonstration: the workers' own.
    with database.writing() as session:
        clock.move(session, build.NOW, real_now())
    cookie = cookie_maker(database, workers[0])
    with database.reading() as session:
        waiting = session.scalars(
            select(Dossier.code).where(Dossier.state == "board_checked").order_by(Dossier.code)
        ).all()
    made = []
    for number in range(many):
        unit = FREE[number % len(FREE)]
        code = born(database, unit)
        made.append(
            Client(
                f"p1c{number}",
                database,
                workers,
                (code, f"clerk@{unit}"),
                waiting[number],
                random.Random(f"{seed}/{number}"),
                cookie,
                stop,
            )
        )
        for login in (f"clerk@{unit}", BOARD, DEPUTY):
            cookie(login)
    return made


def torment(supervisor: Supervisor, clients: Sequence[Client], kills: int, seed: int) -> None:
    """Let the clients work, kill so many times, and bring everything back."""
    chance, stop = random.Random(seed), clients[0].stop
    supervisor.begin()
    try:
        with ThreadPoolExecutor(len(clients)) as pool:
            working = [pool.submit(one.work) for one in clients]
            try:
                for _ in range(kills):
                    told = acknowledged(clients)
                    wait_until(partial(more_than, clients, told), "somebody is told")
                    time.sleep(chance.uniform(0.0, PAUSE))
                    supervisor.kill(chance)
            finally:
                stop.set()
            for one in working:
                one.result(120)
    finally:
        supervisor.end()


def acknowledged(clients: Sequence[Client]) -> int:
    return sum(len(one.journal.acked) for one in clients)


def more_than(clients: Sequence[Client], told: int) -> bool:
    return acknowledged(clients) > told


def check(database: Database, journals: Sequence[Journal]) -> list[str]:
    """Everything that is not as promised."""
    asked = Counter(key for one in journals for key in one.asked)
    acked = {key for one in journals for key in one.acked}
    with database.reading(at_length=True) as session:
        lines = session.execute(
            select(HistoryLine.command_key, ChangeSetLine.change_set_id)
            .outerjoin(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
            .where(HistoryLine.command_key.like("p1c%"))
        ).all()
        words = {
            code: (said, one.open_words.get(code, set()))
            for one in journals
            for code, said in one.last_words.items()
        }
        rows = session.execute(
            select(Dossier.code, Dossier.profile_text).where(Dossier.code.in_(words))
        )
        texts = {row.code: row.profile_text for row in rows}
        broken = [str(one) for one in auditing.verify(session)]
    stored = {str(key).partition(":")[0] for key, _ in lines}
    found = [f"lost: {key}" for key in sorted(acked - stored)]
    found += [f"invented: {key}" for key in sorted(stored - set(asked))]
    found += [f"without an audit record: {key}" for key, record in lines if not record]
    found += [
        f"{code} says {texts[code]!r}, acknowledged was {said!r}"
        for code, (said, doubtful) in words.items()
        if texts[code] != said and texts[code] not in doubtful
    ]
    found += [f"chain: {one}" for one in broken]
    return found + [f"invariant: {one}" for one in examine(database)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Any]:
    """A prepared record on each engine, and its server when that may be killed."""
    if request.param == "sqlite":
        path = tmp_path / "record.sqlite"
        shutil.copyfile(request.getfixturevalue("checked_sqlite"), path)
        return f"sqlite:///{path}", None
    server = request.getfixturevalue("own_postgres")
    return server.get_uri(), server


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.mark.slow
@pytest.mark.promise("P1")
def test_nothing_acknowledged_is_lost(
    place: tuple[str, Any], tmp_path: Path, tally: Callable[[str, int], None]
) -> None:
    url, server = place
    kills = KILLS["postgres" if server else "sqlite"]
    with opened(url) as database:
        supervisor = supervisor_of(url, tmp_path, server, "", forking())
        clients = clients_of(database, supervisor.workers, threading.Event(), SEED, CLIENTS)
        torment(supervisor, clients, kills, SEED)
        journals = [one.journal for one in clients]
        assert check(database, journals) == []
    acked = sum(len(one.acked) for one in journals)
    assert acked >= kills
    assert sum(supervisor.kills.values()) == kills
    assert set(supervisor.kills) == {"web", "scheduler"} | ({"database"} if server else set())
    refused = sum((Counter(one.refused) for one in journals), Counter())
    tally(f"kills {supervisor.kills}", kills)
    tally(f"operations acknowledged, refused {dict(refused)}", acked)
    tally("operations in doubt", sum(len(one.asked) for one in journals) - acked)


@pytest.mark.planted
@pytest.mark.slow
@pytest.mark.promise("P1")
def test_an_answer_before_the_commit_is_found(checked_sqlite: Path, tmp_path: Path) -> None:
    """The planted fault: the answer goes out, the commit comes a moment later."""
    path = tmp_path / "record.sqlite"
    shutil.copyfile(checked_sqlite, path)
    url, found = f"sqlite:///{path}", []
    with opened(url) as database:
        supervisor = supervisor_of(url, tmp_path, None, "early", forking())
        clients = clients_of(database, supervisor.workers, threading.Event(), SEED, 1)
        torment(supervisor, clients, count(8, 20), SEED)
        found = check(database, [one.journal for one in clients])
    assert any(one.startswith("lost") for one in found), found


# --- P2 ---


@contextmanager
def traced(pid: int, log: Path) -> Iterator[None]:
    """Every system call of a process that writes, forces to disk or answers."""
    calls = "trace=" + ",".join((*SYNCS, *WRITES, "sendto", "sendmsg"))
    watch = [STRACE or "", "-f", "-y", "-s", "24", "-e", calls, "-o", str(log), "-p", str(pid)]
    tracer = subprocess.Popen(watch, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    if "attached" not in said:
        tracer.kill()
        tracer.wait()
        pytest.skip(f"nothing can be traced here: {said.strip()}")
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait(20)
        tracer.stderr.close()


def unsynced(calls: Sequence[str], record: str) -> tuple[int, list[str]]:
    """Answers of 303, and those before which something written was not forced to disk yet."""
    answers, wrong, open_writes = 0, [], 0
    written = False
    for call in calls:
        name = call.split("(", 1)[0].split()[-1]
        if record in call and name in WRITES:
            open_writes, written = open_writes + 1, True
        elif record in call and name in SYNCS:
            open_writes = 0
        elif "HTTP/1.1 303" in call or "HTTP/1.0 303" in call:
            answers += 1
            if not written or open_writes:
                wrong.append(call)
            written = False
    return answers, wrong


@pytest.mark.promise("P2")
@pytest.mark.skipif(STRACE is None, reason="no strace at hand")
@pytest.mark.parametrize("fault", ["", pytest.param("unsynced", marks=pytest.mark.planted)])
def test_the_commit_lies_on_disk_before_the_answer(
    checked_sqlite: Path, tmp_path: Path, tally: Callable[[str, int], None], fault: str
) -> None:
    path, log = tmp_path / "record.sqlite", tmp_path / "calls"
    shutil.copyfile(checked_sqlite, path)
    url = f"sqlite:///{path}"
    with opened(url) as database:
        worker = Worker(forking(), url, str(tmp_path / "files"), fault)
        worker.now.value = build.NOW.timestamp()
        (client,) = clients_of(database, [worker], threading.Event(), SEED, 1)
        worker.begin()
        try:
            assert worker.process is not None
            with traced(worker.process.pid or 0, log):
                for number in range(TRACED):
                    client.edit(f"p1c0-t{number}")
        finally:
            worker.end()
    answers, wrong = unsynced(log.read_text("utf-8", "replace").splitlines(), path.name)
    assert answers == TRACED == len(client.journal.acked)
    if fault:
        assert wrong
    else:
        assert wrong == []
        tally("traced requests", answers)
