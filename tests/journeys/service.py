"""A running service, as the journeys see it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from config.run import complete
from models.database import open_database
from models.invariants import broken_invariants

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 180.0
SECRET = "k" * 48


@dataclass(slots=True)
class Service:
    """Where it answers, where it keeps its things, and the process itself."""

    SETTINGS: ClassVar = frozenset(
        {
            "DATABASE_URL",
            "STORAGE_DIR",
            "SECRET_KEY",
            "SMTP_URL",
            "MAIL_FROM",
            "BASE_URL",
            "SYSTEM_DATE",
            "PORT",
            "DEMONSTRATION",
        }
    )

    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict)

    def log(self) -> str:
        """What it has printed so far."""
        return (self.folder / "log.txt").read_text("utf-8", "replace")


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Service]:
    """`make run`, but for the environment: its own database, files, mail catcher and port.

    The demonstration is loaded once for the whole run of tests, then copied.
    """
    port = free_port()
    shutil.copytree(prepared(folder), folder, dirs_exist_ok=True)
    own = {
        "DEMONSTRATION": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'service.sqlite3'}",
        "STORAGE_DIR": str(folder / "files"),
        "SECRET_KEY": SECRET,
        "PORT": str(port),
        **settings,
    }
    kept = _surroundings()
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=kept | own,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        found = Service(f"http://127.0.0.1:{port}", folder, process, kept | own)
        try:
            _wait(found)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    _look_after(own["DATABASE_URL"])


def _look_after(url: str) -> None:
    """Whatever a journey did, every invariant holds afterwards (promise P5)."""
    database = open_database(url)
    with database.reading() as session:
        assert broken_invariants(session) == []
    database.close()


def _surroundings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in Service.SETTINGS}


def prepared(folder: Path) -> Path:
    """A demonstration, made by the first who needs it; the other workers wait for that one.

    `said.txt` beside it holds what `prepare` printed.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    own = next((one for one in folder.parents if one.name == f"popen-{worker}"), folder)
    shared = own.parent
    made = shared / "demonstration"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "ready").exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            _prepare(made)
            (made / "ready").touch()
    return made


def _prepare(folder: Path) -> None:
    own = complete(
        {
            "DATABASE_URL": f"sqlite:///{folder / 'service.sqlite3'}",
            "STORAGE_DIR": str(folder / "files"),
            "SECRET_KEY": SECRET,
            "PORT": "0",
        }
    )
    with (folder / "said.txt").open("w") as said:
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"],
            cwd=ROOT,
            env=_surroundings() | own | {"PYTHONIOENCODING": "utf-8"},
            check=True,
            stdout=said,
        )


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
