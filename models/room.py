"""Is there room to write? How a full disk shows, and whether the last write met one."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

HOLD: Final = 30.0
"""Seconds for which health remembers a disk that was full."""
RESERVE: Final = 64 << 20
"""Bytes that should be free on every disk the service writes to; less is told by health."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_SQLITE: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
_POSTGRESQL: Final = frozenset({"53100", "58030", "25006"})
"""Disk full, input or output error, and a server that only reads."""
_PRIMARY: Final = 0xFF
"""The part of SQLite's error code that names the kind."""


def is_no_room(error: BaseException) -> bool:
    """Did a write fail because the disk is full, or takes nothing any more?"""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY in _SQLITE
    if isinstance(cause, OSError):
        return cause.errno in _NO_ROOM
    return getattr(cause, "sqlstate", None) in _POSTGRESQL


class Room:
    """Whether a write of this process to one database has just met a full disk."""

    def __init__(self, engine: Engine) -> None:
        """Watch `engine`: what fails for want of room, and the next commit that does not."""
        self._failing = False
        self._failed_at = -HOLD
        event.listen(engine, "handle_error", self._note)
        event.listen(engine, "commit", self._clear)

    @property
    def is_full(self) -> bool:
        """Did the last write fail, or one within half a minute? Small ones fit in for a while."""
        return self._failing or monotonic() - self._failed_at < HOLD

    def _note(self, context: ExceptionContext) -> None:
        if is_no_room(context.original_exception):
            self._failing, self._failed_at = True, monotonic()

    def _clear(self, _connection: object) -> None:
        # Told before the commit is tried: one that fails for want of room is noted after this.
        self._failing = False


def short_of_room(folders: Iterable[Path]) -> list[Path]:
    """Those folders on whose disk less than the reserve is free; one that is not there is none."""
    return [one for one in folders if one.is_dir() and shutil.disk_usage(one).free < RESERVE]
