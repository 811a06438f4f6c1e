"""What a parser that a file has taken over might do; run only behind the walls."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any, BinaryIO


def run(file: BinaryIO, options: dict[str, Any]) -> dict[str, Any]:
    return {"found": ACTS[options["act"]](file)}


def _spin(_file: BinaryIO) -> object:
    while True:
        pass


def _eat(_file: BinaryIO) -> object:
    return len(bytearray(1 << 40))


def _sleep(_file: BinaryIO) -> object:
    time.sleep(600)
    return None


def _raise(_file: BinaryIO) -> object:
    raise RecursionError


def _die(_file: BinaryIO) -> object:
    os.kill(os.getpid(), signal.SIGSEGV)
    return None


def _leave(_file: BinaryIO) -> object:
    os._exit(0)


def _chatter(_file: BinaryIO) -> object:
    return "x" * 10_000


def _print(_file: BinaryIO) -> object:
    return sys.stdout.write("{}") and sys.stdout.flush()


def _read(file: BinaryIO) -> object:
    return file.read().decode()


def _write(file: BinaryIO) -> object:
    try:
        return os.write(file.fileno(), b"x")
    except OSError:
        return "denied"


def _answer_other(_file: BinaryIO) -> object:
    for descriptor in range(64):
        try:
            os.write(descriptor, b"[1, 2]")
        except OSError:
            continue
    os._exit(0)


ACTS = {
    "answer other": _answer_other,
    "chatter": _chatter,
    "die": _die,
    "eat": _eat,
    "leave": _leave,
    "print": _print,
    "raise": _raise,
    "read": _read,
    "sleep": _sleep,
    "spin": _spin,
    "write": _write,
}
