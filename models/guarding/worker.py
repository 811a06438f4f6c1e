"""The program of a guarded process, started by `models.guarded` with one argument in JSON.

Everything a task needs is imported first; then the walls go up; only then is the file looked at.
"""

from __future__ import annotations

import codecs
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.guarding import walls

_ENCODINGS = (
    "ascii",
    "cp437",
    "cp1252",
    "latin-1",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
)


class Task(Protocol):
    """What the module of a task offers as `run`."""

    def __call__(self, file: BinaryIO, options: dict[str, Any], /) -> dict[str, Any]:
        """Look at the file and answer in what JSON can say."""


def main(told: str) -> None:
    """Do the task and write one JSON object to the pipe."""
    wanted = json.loads(told)
    answer = _only_pipe()
    memory = walls.memory_gauge()
    walls.cut_off_network()
    walls.limit_use(wanted["cpu_seconds"], wanted["memory"])
    try:
        task: Task = importlib.import_module(wanted["module"]).run
        options = json.load(sys.stdin)
        for encoding in _ENCODINGS:
            # Python loads these when it first meets them; behind the walls it no longer can.
            codecs.lookup(encoding)
        with os.fdopen(wanted["file"], "rb") as file:
            walls.lock_in()
            said: dict[str, Any] = {"content": task(file, options)}
    except MemoryError:
        said = {"failure": "memory"}
    except Exception as error:  # noqa: BLE001 - parsers raise anything, strangers make them
        said = {"failure": "crash", "detail": type(error).__name__}
    said["memory"] = memory()
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(json.dumps(said).encode())
    os._exit(0)


def _only_pipe() -> int:
    """Keep the pipe for the answer alone: what a library prints must not mix with it."""
    pipe = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return pipe


if __name__ == "__main__":
    main(sys.argv[1])
