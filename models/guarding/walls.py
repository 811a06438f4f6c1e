"""The walls of a guarded process, put up by itself before it looks at the file.

Two rings. The inner one every kernel gives: no new descriptor, hence no socket and no other file;
no child; no byte written to a file; seconds and memory counted. The outer one where the kernel
allows: namespaces in which there is no network, and the rights of nobody for a service that is
run by root. `models.guarding.probing` tries them, and `flask doctor` tells what it found.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Callable
from typing import Final

NOBODY: Final = 65534
_POLITE: Final = 10
_NEW_IPC, _NEW_UTS, _NEW_USER, _NEW_NET = 0x08000000, 0x04000000, 0x10000000, 0x40000000
_DIE_WITH_PARENT, _NOT_DUMPABLE, _NO_NEW_RIGHTS = (1, 9), (4, 0), (38, 1)


def cut_off_network() -> bool:
    """Move into namespaces of our own; false where the kernel does not allow it."""
    if sys.platform != "linux":
        return False
    wanted = _NEW_NET | _NEW_IPC | _NEW_UTS
    # Root needs no user namespace, and has rights to lay down afterwards.
    mine = wanted if os.geteuid() == 0 else wanted | _NEW_USER
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(spaces) == 0 for spaces in (mine, wanted | _NEW_USER))


def limit_use(cpu_seconds: int, memory: int) -> None:
    """Let the kernel count: seconds of the processor, bytes of memory; and make way for others."""
    os.nice(_POLITE)
    _limit(resource.RLIMIT_CORE, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    _limit(resource.RLIMIT_AS, memory)


def lock_in() -> None:
    """From here on: no new file, socket or process, no writing to files, no rights of root."""
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    if os.geteuid() == 0:
        # In a user namespace without a mapping there is no nobody to become, and no root either.
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        for wish in (_DIE_WITH_PARENT, _NOT_DUMPABLE, _NO_NEW_RIGHTS):
            libc.prctl(*wish, 0, 0, 0)
    _limit(resource.RLIMIT_NOFILE, 0)


def memory_gauge() -> Callable[[], int]:
    """A function that tells the most bytes this process has had in memory; 0 where unknown."""
    try:
        status = os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return lambda: 0

    def peak() -> int:
        for line in os.pread(status, 8192, 0).splitlines():
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    return peak


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))
