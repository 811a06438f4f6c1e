"""What the service says to its database, taken down and said again by the bare driver.

The limit of a piece of work is the driver doing the same statements on the same rows, and nothing
else: no ORM, no rules, no templates. It runs on a copy of the database made before the work.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, event, make_url

from models.database import sqlite_journal

COMMIT: Final = "COMMIT"
ROLLBACK: Final = "ROLLBACK"
BEGIN: Final = "BEGIN"


@dataclass(slots=True)
class Said:
    """Statements with their parameters, in order, with the ends of transactions among them."""

    lines: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def statements(self) -> int:
        """How many statements, beginnings and ends of transactions left out."""
        return sum(text not in {COMMIT, ROLLBACK, BEGIN} for text, _ in self.lines)


@contextmanager
def taken_down(engine: Engine) -> Iterator[Said]:
    """Take down everything said through this engine."""
    said = Said()

    def spoken(*heard: Any) -> None:  # noqa: ANN401 - connection, cursor, statement, and more
        _, _, statement, given, _, many = heard
        if not statement.startswith(("BEGIN", "PRAGMA")):
            # A batch is one statement with all its values, and comes as one set of them.
            several = many and isinstance(given, list)
            said.lines.extend((statement, one) for one in (given if several else (given,)))

    listeners = (
        ("before_cursor_execute", spoken),
        ("begin", lambda _: said.lines.append((BEGIN, None))),
        ("commit", lambda _: said.lines.append((COMMIT, None))),
        ("rollback", lambda _: said.lines.append((ROLLBACK, None))),
    )
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield said
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


class Bare:
    """The driver alone, with the durable settings of the service and prepared statements."""

    def __init__(self, url: str) -> None:
        """Open one connection to the database at `url`."""
        parsed = make_url(url)
        self.lite: sqlite3.Connection | None = None
        if parsed.get_backend_name() == "sqlite":
            self.lite = sqlite3.connect(str(parsed.database), isolation_level=None, timeout=30)
            journal, sync = sqlite_journal()
            for setting in ("foreign_keys=ON", f"journal_mode={journal}", f"synchronous={sync}"):
                self.lite.execute(f"PRAGMA {setting}").close()
        else:
            dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
            self.post = psycopg.connect(dsn, autocommit=True, prepare_threshold=0)

    def say(self, said: Said) -> float:
        """Say all of it, read every answer; the seconds it took."""
        cursor: Any = self.lite.cursor() if self.lite is not None else self.post.cursor()
        begin = "BEGIN IMMEDIATE" if self.lite is not None and _writes(said) else BEGIN
        at = time.perf_counter()
        for text, given in said.lines:
            if text == BEGIN:
                cursor.execute(begin)
            elif given is None:
                cursor.execute(text)
            else:
                cursor.execute(text, given)
                if cursor.description is not None:
                    cursor.fetchall()
        took = time.perf_counter() - at
        cursor.close()
        return took

    def close(self) -> None:
        """Close the connection."""
        (self.lite or self.post).close()


def _writes(said: Said) -> bool:
    return any(text.startswith(("INSERT", "UPDATE", "DELETE")) for text, _ in said.lines)
