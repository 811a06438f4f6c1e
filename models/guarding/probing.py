"""Trying the walls from inside: what a parser that has been taken over could still do."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO


def network() -> str:
    """The name of the network this process is in; empty where that cannot be told."""
    try:
        return str(Path("/proc/self/ns/net").readlink())
    except OSError:
        return ""


_NETWORK = network()


def run(_file: BinaryIO, options: dict[str, Any]) -> dict[str, Any]:
    """Which of the forbidden things work: all false when the walls stand.

    `options["network"]` is the network of the process that asked.
    """
    return {
        "opens_files": _works(lambda: os.close(os.open("/etc/passwd", os.O_RDONLY))),
        "opens_sockets": _works(lambda: socket.socket().close()),
        "starts_processes": _works(_fork),
        "shares_network": _NETWORK in {"", options.get("network")},
        "is_root": os.geteuid() == 0,
        "sees_environment": bool(os.environ.keys() - {"LC_CTYPE"}),
    }


def _works(act: Callable[[], None]) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
