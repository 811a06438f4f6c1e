"""Run the whole service on this machine: `python -m config.run`, or simply `make run`.

Prepares the database, then starts the web server, the scheduler and, for a demonstration, a
mail catcher as children; when one of them ends, or on Ctrl-C, all of them end.

Exit codes: 0 stopped on request, 1 a part ended by itself, 2 the preparation failed,
3 the web server does not answer, 4 the port is taken.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"

STOPPED_ON_REQUEST, PART_ENDED, PREPARATION_FAILED, NO_ANSWER, PORT_TAKEN = range(5)

DEMONSTRATION_DATE = "2023-12-05T08:10:00+07:00"
CHECKPOINT_MAIL = "luu-chieu@example.vn"
"""A mailbox outside, where a demonstration's checkpoints go."""
START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound.
PR_SET_PDEATHSIG = 1
THREADS = 24
"""Of each web process: more than it has permits (`WEB_PERMITS`), so that one is free to refuse."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def say(message: str) -> None:
    """Tell the person at the terminal what happens."""
    print(f"[run] {message}", flush=True)


# --- Settings ------------------------------------------------------------------------------


def complete(given: dict[str, str]) -> dict[str, str]:
    """Fill the settings left open, for a demonstration only: a real service states its own."""
    defaults = {"DEMONSTRATION": "1", "HOST": "127.0.0.1", "PORT": "8000", "PYTHONUNBUFFERED": "1"}
    settings = defaults | given
    if settings["PORT"] == "0":
        settings["PORT"] = str(free_port())
    if not is_demonstration(settings):
        return settings
    open_settings = {
        "DATABASE_URL": f"sqlite:///{VAR / 'demo.sqlite3'}",
        "STORAGE_DIR": str(VAR / "files"),
        "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "MAIL_FROM": "Hồ sơ thi đua <khong-tra-loi@example.vn>",
        "BASE_URL": f"http://127.0.0.1:{settings['PORT']}",
        "SYSTEM_DATE": DEMONSTRATION_DATE,
    }
    settings = open_settings | settings
    if "SECRET_KEY" not in settings:
        VAR.mkdir(mode=0o700, exist_ok=True)
        settings["SECRET_KEY"] = kept_secret(VAR / "secret_key")
    if "CHECKPOINT_KEY" not in settings and "CHECKPOINT_KEY_FILE" not in settings:
        kept_secret(VAR / "checkpoint_key", lambda: base64.b64encode(secrets.token_bytes(32)))
        outside = {"CHECKPOINT_DIR": str(VAR / "checkpoints"), "CHECKPOINT_MAIL": CHECKPOINT_MAIL}
        settings = outside | settings | {"CHECKPOINT_KEY_FILE": str(VAR / "checkpoint_key")}
    return settings


def is_demonstration(settings: dict[str, str]) -> bool:
    """Tell whether this run shows invented data."""
    return settings["DEMONSTRATION"].strip().lower() in {"1", "true", "yes", "on"}


def free_port() -> int:
    """Ask the system for a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(host: str, port: int) -> bool:
    """Tell whether somebody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


def a_secret() -> bytes:
    """Make a key for signing cookies."""
    return secrets.token_urlsafe(48).encode()


def kept_secret(place: Path, make: Callable[[], bytes] = a_secret) -> str:
    """Return a secret key of this machine, making it the first time."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as fresh:
            fresh.write(make())
    return place.read_text(encoding="utf-8").strip()


# --- Children ------------------------------------------------------------------------------


class Troupe:
    """The child processes of one run: started together, stopped together."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.stop_asked = False

    def ask_to_stop(self, number: int, _frame: object) -> None:
        """Remember that a signal asked for the end."""
        say(f"stopping ({signal.Signals(number).name})")
        self.stop_asked = True

    def start(self, name: str, *module: str) -> subprocess.Popen[bytes]:
        """Start `python -m module` in a process group of its own."""
        part = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread.
        )
        self.parts[name] = part
        return part

    def goes_on(self) -> bool:
        """Tell whether all parts run and nobody asked to stop."""
        return not self.stop_asked and not self.ended()

    def ended(self) -> str | None:
        """Name the first part that has ended, if any."""
        return next((name for name, part in self.parts.items() if part.poll() is not None), None)

    def wait_until_one_ends(self) -> str | None:
        """Wait for a part to end, which it names, or for a signal."""
        while not self.stop_asked:
            name = self.ended()
            if name:
                return name
            time.sleep(POLL_SECONDS)
        return None

    def stop(self) -> None:
        """End every part and all it started: politely, then by force."""
        self.signal_all(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for part in self.parts.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.wait(timeout=max(0.0, deadline - time.monotonic()))
        # Also when all have ended: a part killed from outside leaves its own children behind.
        self.signal_all(signal.SIGKILL)
        for part in self.parts.values():
            part.wait()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the process group of every part."""
        for part in self.parts.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(part.pid, number)


def die_with_parent() -> None:
    """Let the kernel end this child even when its parent is killed outright (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


# --- The run -------------------------------------------------------------------------------


def main() -> int:
    """Prepare, start, watch and stop the service; return the exit code."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    settings = complete(dict(os.environ))
    host, port = settings["HOST"], int(settings["PORT"])
    if is_taken(host, port):
        say(f"port {port} on {host} is taken; choose another: make run PORT={port + 1}")
        return PORT_TAKEN
    troupe = Troupe(settings)
    for number in STOP_SIGNALS:
        signal.signal(number, troupe.ask_to_stop)
    try:
        return perform(troupe, host, port)
    finally:
        troupe.stop()
        say("stopped")


def perform(troupe: Troupe, host: str, port: int) -> int:
    """Go through the acts of a run until it ends; say how it ended."""
    say("preparing the database")
    preparation = troupe.start("preparation", "flask", "--app", "wsgi", "prepare")
    troupe.wait_until_one_ends()
    if troupe.stop_asked:
        return STOPPED_ON_REQUEST
    del troupe.parts["preparation"]
    if preparation.returncode:
        say(f"the preparation failed with code {preparation.returncode}; nothing was started")
        return PREPARATION_FAILED
    start_parts(troupe, host, port)
    healthy = answers(troupe, host, port)
    if troupe.goes_on():
        if not healthy:
            say(f"the web server did not answer within {START_SECONDS:.0f} s")
            return NO_ANSWER
        address = troupe.environment.get("BASE_URL", f"http://{host}:{port}")
        say(f"ready: open {address} in a browser; Ctrl-C stops")
    name = troupe.wait_until_one_ends()
    if name:
        say(f"the {name} ended by itself with code {troupe.parts[name].returncode}")
        return PART_ENDED
    return STOPPED_ON_REQUEST


def start_parts(troupe: Troupe, host: str, port: int) -> None:
    """Start what the service consists of."""
    ours = "SMTP_URL" not in os.environ and is_demonstration(troupe.environment)
    if ours and (ROOT / "schedules" / "mail_catcher.py").exists():
        say(f"starting the mail catcher on {troupe.environment['SMTP_URL']}")
        troupe.start("mail catcher", "schedules.mail_catcher")
    say(f"starting the web server on {host}, port {port}")
    workers = troupe.environment.get("WEB_WORKERS", "1")
    if workers != "1":
        count_together(troupe.environment, port)
    server = ["granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    threads = ["--workers", workers, "--blocking-threads", str(THREADS), "--no-ws", "wsgi:app"]
    troupe.start("web server", *server, *threads)
    say("starting the scheduler")
    troupe.start("scheduler", "schedules")


def count_together(environment: dict[str, str], port: int) -> None:
    """Let several workers keep the counters of `/metrics` in one folder, empty at the start."""
    folder = Path(environment.setdefault(METRICS_FOLDER, str(VAR / f"metrics-{port}")))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink(missing_ok=True)


def answers(troupe: Troupe, host: str, port: int) -> bool:
    """Wait until the web server says it is healthy; give up when told to, or after a while."""
    deadline = time.monotonic() + START_SECONDS
    while troupe.goes_on() and time.monotonic() < deadline:
        if is_healthy(ANY_ADDRESS.get(host, host), port):
            return True
        time.sleep(POLL_SECONDS)
    return False


def is_healthy(host: str, port: int) -> bool:
    """Ask the web server once."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
