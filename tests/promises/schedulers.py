"""Schedulers as the service runs them, four at once, that can be frozen, killed and begun again."""

from __future__ import annotations

import os
import random
import runpy
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.promises.senders import ROOT, context

SMTP_SECONDS, LEASE_SECONDS = 0.3, 6.0
PATIENT = {"SMTP_SECONDS": "5", "LEASE_SECONDS": "100"}
"""Nothing times out while two of them are frozen one after the other."""
PATIENCE = 90.0


def settings_of(url: str, smtp_url: str, **more: str) -> dict[str, str]:
    """The environment of a scheduler of a test build."""
    return {
        "DATABASE_URL": url,
        "SECRET_KEY": "k" * 48,
        "STORAGE_DIR": "var/files",
        "SMTP_URL": smtp_url,
        "MAIL_FROM": "Hồ sơ thi đua <khong-tra-loi@example.vn>",
        "BASE_URL": "http://127.0.0.1:8000",
        "DEMONSTRATION": "1",
        "TEST_BUILD": "1",
        "SMTP_SECONDS": str(SMTP_SECONDS),
        "LEASE_SECONDS": str(LEASE_SECONDS),
        **more,
    }


def serve(environment: Mapping[str, str], log: Path) -> None:
    """Be `python -m schedules`, in a process whose libraries are imported already."""
    into = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(into, sys.stdout.fileno())
    os.dup2(into, sys.stderr.fileno())
    os.chdir(ROOT)
    os.environ.pop("SYSTEM_DATE", None)
    os.environ.update(environment)
    sys.argv = ["schedules"]
    runpy.run_module("schedules", run_name="__main__")


@dataclass
class Scheduler:
    """One process and what it says."""

    process: ForkServerProcess
    log: Path
    armed: bool = False
    """Does it end itself at a failpoint?"""

    @property
    def pid(self) -> int:
        """Its number; letters it claims bear it."""
        assert self.process.pid is not None
        return self.process.pid

    @property
    def said(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still lives."""
        if self.process.is_alive():
            os.kill(self.pid, number)

    def end(self, number: signal.Signals) -> int | None:
        """End it, frozen or not; how it ended."""
        self.send(number)
        self.send(signal.SIGCONT)
        self.process.join(15)
        return self.process.exitcode


@dataclass
class House:
    """The schedulers of a service, and how often they were begun again."""

    url: str
    smtp_url: str
    folder: Path
    alive: list[Scheduler] = field(default_factory=list)
    begun: int = 0
    ended: dict[int | None, int] = field(default_factory=dict)

    def begin(self, **more: str) -> Scheduler:
        """Start one more."""
        self.begun += 1
        log = self.folder / f"scheduler-{self.begun}.log"
        told = settings_of(self.url, self.smtp_url, **more)
        process = context().Process(target=serve, args=(told, log), daemon=True)
        process.start()
        self.alive.append(Scheduler(process, log, bool(more.get("FAILPOINTS"))))
        return self.alive[-1]

    def end(self, one: Scheduler, number: signal.Signals) -> None:
        """End one for good."""
        self.alive.remove(one)
        how = one.end(number)
        self.ended[how] = self.ended.get(how, 0) + 1

    def replace(self, one: Scheduler, chance: random.Random, **more: str) -> None:
        """Kill one, or ask it to stop, at a moment of chance; another takes its place."""
        time.sleep(chance.uniform(0.0, 0.4))
        self.end(one, signal.SIGTERM if chance.random() < 0.2 else signal.SIGKILL)
        self.begin(**more)

    def bury(self) -> int:
        """Replace those that ended at a failpoint; how many."""
        dead = [one for one in self.alive if not one.process.is_alive()]
        for one in dead:
            self.end(one, signal.SIGKILL)
            self.begin()
        return len(dead)

    def close(self) -> None:
        """Leave no process behind."""
        for one in list(self.alive):
            self.end(one, signal.SIGKILL)


def wait_until(true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Ask again and again; fail when it takes too long."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.05)
