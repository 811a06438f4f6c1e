"""Opening a stranger's file in a process that can do no harm: no network, no files, little of all.

Parsers of office files and PDFs run nowhere else. The process gets one open file, a few options
and a pipe for its answer (`models.guarding`); what it may use is counted by the kernel. However
it ends, the caller gets an `Answer`, never an exception of a parser.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from models.guarding import TASKS

MEGABYTE: Final = 1024 * 1024
AT_ONCE: Final = 2
"""How many guarded processes one process of the service has at a time."""
WORKER: Final = Path(__file__).parent / "guarding" / "worker.py"
_PIECE: Final = 64 * 1024
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use: seconds of the processor and of the clock, bytes of memory, answer."""

    cpu_seconds: int = 5
    wall_seconds: float = 15.0
    memory: int = 512 * MEGABYTE
    answer: int = 4 * MEGABYTE


class Failure(StrEnum):
    """Why a task gave no answer."""

    TIMEOUT = "timeout"
    """It took longer than its seconds."""
    MEMORY = "memory"
    """It asked for more memory than it may have."""
    CRASH = "crash"
    """The parser broke down."""
    REFUSED = "refused"
    """What it answered was too long, or no answer."""
    BUSY = "busy"
    """No place was free within the seconds of the clock; nothing was tried."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task found, or why it found nothing; with what it used."""

    content: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
    detail: str = ""
    """For the technical log: the name of an exception or signal, nothing out of the file."""
    cpu_seconds: float = 0.0
    memory: int = 0
    """Most bytes in memory at once, as the kernel counted; 0 where the process did not tell."""


def run_guarded(
    task: str,
    path: Path,
    options: Mapping[str, Any] | None = None,
    limits: Limits = Limits(),
) -> Answer:
    """Run one of `models.guarding.TASKS` on the file at `path`.

    Raises `LookupError` for an unknown task and `OSError` when the file cannot be opened: those
    are faults of the caller, not of the file.
    """
    if task not in TASKS:
        raise LookupError(f"no such task: {task!r}")
    if not _places.acquire(timeout=limits.wall_seconds):
        return Answer(failure=Failure.BUSY)
    try:
        with path.open("rb") as file, tempfile.TemporaryFile() as wishes:
            wishes.write(json.dumps(dict(options or {})).encode())
            wishes.seek(0)
            return _run(task, file.fileno(), wishes.fileno(), limits)
    finally:
        _places.release()


def _run(task: str, file: int, wishes: int, limits: Limits) -> Answer:
    told = json.dumps({"module": TASKS[task], "file": file, **asdict(limits)})
    process = subprocess.Popen(  # noqa: S603 - our own program, no shell
        [sys.executable, "-I", str(WORKER), told],
        stdin=wishes,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(file,),
        env={},
        cwd="/",
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    answer, late, ended = b"", True, False
    try:
        with process.stdout as pipe:
            answer, late = _read(pipe.fileno(), limits)
        ended = not late and len(answer) <= limits.answer
    finally:
        if not ended:
            _kill(process)
        usage = _reap(process, limits.wall_seconds)
    return _understood(answer, process.returncode, late=late, limit=limits.answer, cpu=usage)


def _read(pipe: int, limits: Limits) -> tuple[bytes, bool]:
    """What comes through the pipe until it closes, says too much or is too late."""
    until, answer = time.monotonic() + limits.wall_seconds, bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    while len(answer) <= limits.answer:
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return bytes(answer), True
        piece = os.read(pipe, _PIECE)
        if not piece:
            break
        answer += piece
    return bytes(answer), False


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it may have started: it leads a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def _reap(process: subprocess.Popen[bytes], patience: float) -> float:
    """Wait for the end, which a closed pipe announces, and return the seconds it computed."""
    reminder = threading.Timer(patience, _kill, (process,))
    reminder.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        reminder.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _understood(answer: bytes, code: int, *, late: bool, limit: int, cpu: float) -> Answer:
    if late or code == -signal.SIGXCPU:
        return Answer(failure=Failure.TIMEOUT, cpu_seconds=cpu)
    if len(answer) > limit:
        return Answer(failure=Failure.REFUSED, detail="too long", cpu_seconds=cpu)
    if code < 0:
        return Answer(failure=Failure.CRASH, detail=signal.Signals(-code).name, cpu_seconds=cpu)
    try:
        told = json.loads(answer)
        memory = int(told["memory"])
        if failure := told.get("failure"):
            detail = str(told.get("detail", ""))[:80]
            return Answer({}, Failure(failure), detail, cpu, memory)
        content = told["content"]
        if not isinstance(content, dict):
            raise TypeError  # noqa: TRY301 - one way out for every unsound answer
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        failure = Failure.CRASH if code else Failure.REFUSED
        return Answer(failure=failure, detail=f"exit {code}", cpu_seconds=cpu)
    return Answer(content, None, "", cpu, memory)
