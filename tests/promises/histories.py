"""Clients at work on one dossier, killed while they are, and what each of them saw.

A client is a process: it writes down what it asks before it asks, and what it was told after it was
told, into a pipe that outlives it. What was asked and never answered is unknown.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import inf
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext

from sqlalchemy import select, update

from models import failpoints
from models.database import Database, open_database
from models.editing import WriteReport, edit
from models.stepping import in_transaction
from models.tables import Dossier
from tests import builders as build
from tests.promises.linear import Operation, Overtaken, Read, Saw, Write, Written
from workflow.decisions import Accepted
from workflow.facts import Command
from workflow.ports import Stale
from workflow.vocabulary import Action

POINTS = (
    "after_version_taken",
    "after_state_update",
    "after_letters_queued",
    "before_commit",
    "after_commit",
)
LOOKS = 0.5
"""Share of operations that only look."""
OLD = 0.2
"""Share of writes from a version that is known to be old."""

Told = Saw | Written | Overtaken


@dataclass(frozen=True, slots=True)
class Work:
    """What one process is to do: so many operations on a dossier, by one person."""

    url: str
    code: str
    person_id: int
    client: int
    seed: int
    operations: int
    hands: str = "Hands"
    point: str = ""
    """The failpoint it dies at, with the time it gets there; empty: none."""


class Hands:
    """How the service reads and writes."""

    def __init__(self, database: Database, work: Work) -> None:
        self.database, self.code, self.person_id = database, work.code, work.person_id
        self.chance = random.Random(work.seed)

    def read(self) -> Saw:
        with self.database.reading() as session:
            return Saw(
                *session.execute(
                    select(Dossier.version, Dossier.profile_text).where(Dossier.code == self.code)
                ).one()
            )

    def write(self, seen: int, words: str) -> Written | Overtaken:
        command = Command(self.code, self.person_id, Action.EDIT, seen)
        change = WriteReport(words, "", "")
        try:
            verdict = in_transaction(
                self.database, lambda session: edit(session, command, change, build.AUTUMN)
            )
        except Stale as stale:
            return Overtaken(stale.current_version)
        assert isinstance(verdict, Accepted), verdict
        return Written(verdict.before.version + 1)

    def put(self, version: int, words: str) -> None:
        """For planted faults: put this version there, whatever is there."""
        with self.database.writing() as session:
            session.execute(
                update(Dossier)
                .where(Dossier.code == self.code)
                .values(version=version, profile_text=words)
            )


class LostUpdate(Hands):
    """Looks, then writes: what somebody else wrote in between is gone."""

    def write(self, seen: int, words: str) -> Written | Overtaken:
        now = self.read()
        if now.version != seen:
            return Overtaken(now.version)
        time.sleep(JUDGING)
        self.put(seen + 1, words)
        return Written(seen + 1)


class DirtyRead(Hands):
    """Lets everybody see what it is writing, and now and then takes it back."""

    def write(self, seen: int, words: str) -> Written | Overtaken:
        before = self.read()
        if self.chance.random() < LOOKS or before.version != seen:
            return super().write(seen, words)
        self.put(seen + 1, words)
        time.sleep(JUDGING)
        self.put(seen, before.words)
        return super().write(seen, words)


class StaleReplica(Hands):
    """Reads from a copy that lags behind."""

    copy: Saw | None = None
    left: int = 0

    def read(self) -> Saw:
        if self.copy is None or not self.left:
            self.copy, self.left = super().read(), 4
        self.left -= 1
        return self.copy


FAULTS = {one.__name__: one for one in (LostUpdate, DirtyRead, StaleReplica)}
JUDGING = 0.005
"""Seconds a planted fault stays open; a real decision takes longer."""


def labour(work: Work, pipe: Connection) -> None:
    """One process: operations in a row, each written down before and after."""
    failpoints.arm(work.point)
    hands = {**FAULTS, "Hands": Hands}[work.hands](open_database(work.url), work)
    chance = random.Random(work.seed)
    known = 1
    for number in range(work.operations):
        look = number == 0 or chance.random() < LOOKS
        seen = known - 1 if chance.random() < OLD else known
        call = Read() if look else Write(seen, f"{work.client}-{work.seed}-{number}")
        pipe.send((call, None, time.monotonic()))
        told = hands.read() if isinstance(call, Read) else hands.write(call.seen, call.words)
        pipe.send((call, told, time.monotonic()))
        known = told.version
    pipe.send(None)


_CHILDREN = threading.Lock()
"""Every start asks after all children; of two threads that ask after one, one gets no exit code."""


@dataclass
class Recorder:
    """One history: clients that begin again as another process whenever they are killed."""

    context: ForkServerContext
    url: str
    code: str
    people: tuple[int, ...]
    seed: int
    hands: str = "Hands"
    kills: bool = True
    deaths: list[int] = field(default_factory=list)

    def record(self, clients: int, operations: int) -> list[Operation]:
        """What all clients together saw, in so many operations."""
        share = operations // clients
        with ThreadPoolExecutor(clients) as pool:
            parts = pool.map(lambda client: self._one(client, share), range(clients))
            return [one for part in parts for one in part]

    def _one(self, client: int, operations: int) -> list[Operation]:
        chance = random.Random(f"{self.seed}/{client}")
        found: list[Operation] = []
        while len(found) < operations:
            work = Work(
                self.url,
                self.code,
                self.people[client % len(self.people)],
                client,
                chance.randrange(1 << 30),
                operations - len(found),
                self.hands,
            )
            found += self._life(work, chance)
        return found

    def _life(self, work: Work, chance: random.Random) -> list[Operation]:
        """One process from its start to its end; it dies at a failpoint, or is killed."""
        how = chance.choice(("failpoint", "kill", "live")) if self.kills else "live"
        last = chance.randint(4, 24) if how == "kill" else None
        if how == "failpoint":
            point = f"{chance.choice(POINTS)}:{chance.randint(1, 8)}"
            work = replace(work, point=point)
        mine, theirs = self.context.Pipe(duplex=False)
        process = self.context.Process(target=labour, args=(work, theirs))
        with _CHILDREN:
            process.start()
        theirs.close()
        found: list[Operation] = []
        asked: tuple[float, Read | Write] | None = None
        with mine:
            for message in iter(lambda: _received(mine), None):
                call, told, at = message
                if told is None:
                    asked = (at, call)
                    if last is not None and len(found) >= last:
                        os.kill(process.pid or 0, signal.SIGKILL)
                else:
                    assert asked is not None
                    found.append(Operation(asked[0], at, call, told))
                    asked = None
        wait([process.sentinel])
        with _CHILDREN:
            process.join()
        if process.exitcode:
            assert process.exitcode == -signal.SIGKILL, process.exitcode
            self.deaths.append(process.exitcode)
        if asked is not None:
            found.append(Operation(asked[0], inf, asked[1], None))
        return found


def _received(pipe: Connection) -> tuple[Read | Write, Told | None, float] | None:
    """The next message; None when the process has ended, in whatever way."""
    try:
        received: tuple[Read | Write, Told | None, float] | None = pipe.recv()
    except EOFError:
        return None
    return received
