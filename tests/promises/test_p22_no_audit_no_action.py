"""P22: what cannot be recorded is not done; the service's own role cannot change the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from models import change_sets, migrating
from models import database as opening
from models.append_only import PROTECTED
from models.database import Database, WrongSettings, open_database
from models.roles import Roles, powers, statements, verify_log_at_start
from tests import builders as build
from tests.promises import moves
from tests.promises.replaying import as_they_stand, differences
from tests.tiers import TIER

pytestmark = pytest.mark.promise("P22")


@contextmanager
def refusing(database: Database, table: str, verb: str = "insert") -> Iterator[None]:
    """The table takes no rows, as one that is damaged or full."""
    make, drop = (
        [
            (
                f"CREATE TRIGGER planted BEFORE {verb} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'planted'); END"
            )
        ],
        ["DROP TRIGGER planted"],
    )
    if database.engine.dialect.name == "postgresql":
        make = [
            (
                "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'planted'; END $$"
            ),
            (
                f"CREATE TRIGGER planted BEFORE {verb} ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION planted()"
            ),
        ]
        drop = [f"DROP TRIGGER planted ON {table}", "DROP FUNCTION planted()"]
    with database.engine.begin() as connection:
        for one in make:
            connection.exec_driver_sql(one)
    yield
    with database.engine.begin() as connection:
        for one in drop:
            connection.exec_driver_sql(one)


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Iterator[None]:
    """The last act of the transaction fails."""

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(change_sets, "_keep", fail)
        yield


FAULTS = ("history_line", "captured_change", "change_set", "change_set_line", "keeping")


@contextmanager
def planted(database: Database, fault: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One of five ways in which the record cannot be written."""
    if fault == "keeping":
        with failing(monkeypatch, MemoryError("no room for the record")):
            yield
        return
    with refusing(database, fault):
        yield


def test_no_change_without_its_record(
    database: Database, monkeypatch: pytest.MonkeyPatch, tally: Callable[[str, int], None]
) -> None:
    tried = 0
    for number, (name, move) in enumerate(moves.the_way()):
        # By day one fault a step, each fault in turn; at night every fault at every step.
        faults = FAULTS if TIER != "T1" else (FAULTS[number % len(FAULTS)],)
        for fault in faults:
            with database.reading() as session:
                before = as_they_stand(session)
            refused = pytest.raises((DBAPIError, MemoryError))
            with planted(database, fault, monkeypatch), refused:
                move(database)
            with database.reading() as session:
                assert as_they_stand(session) == before, (name, fault)
            tried += 1
        move(database)
    with database.reading() as session:
        assert differences(session) == []
    tally("steps that could not be recorded", tried)


@pytest.mark.planted
def test_a_service_that_swallows_the_error_would_be_found_out(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the error of the record is swallowed, and the change stands alone."""

    def careless(session: object) -> None:
        try:
            change_sets.finish(session)  # type: ignore[arg-type]
        except MemoryError:
            return

    monkeypatch.setattr(opening, "finish", careless)
    with failing(monkeypatch, MemoryError()):
        build.a_registration(sqlite_database)
    monkeypatch.undo()
    with sqlite_database.reading() as session:
        assert differences(session) != []


def test_nothing_changes_the_log_even_with_all_rights(database: Database) -> None:
    build.a_registered(database)
    verbs = ["UPDATE {} SET {} = {}", "DELETE FROM {}"]
    for table in ("history_line", "sealed_line", "change_set", "change_set_line", "log_checkpoint"):
        column = {"sealed_line": "seq", "log_checkpoint": "size", "change_set_line": "line_id"}
        name = column.get(table, "id")
        for verb in verbs:
            with database.engine.connect() as connection, connection.begin() as going:
                if not connection.execute(text(f"SELECT count(*) FROM {table}")).scalar():
                    continue
                with pytest.raises(DBAPIError, match="only ever added to"):
                    connection.execute(text(verb.format(table, name, name)))
                going.rollback()


@pytest.fixture
def as_app(postgres_url: str) -> Iterator[Database]:
    """The record as the service's own role sees it, made as the command makes it."""
    owner = open_database(postgres_url)
    roles = Roles(*(f"{one}_{make_url(postgres_url).database}" for one in ("mig", "app", "bak")))
    with owner.reading() as session:
        wanted = statements(session, roles)
        assert powers(session), "the owner of everything was to be told apart"
    with owner.engine.begin() as connection:
        for one in [*wanted, *wanted]:
            connection.execute(text(one))
    url = make_url(postgres_url).set(username=roles.app).render_as_string(hide_password=False)
    database = open_database(url)
    yield database
    database.close()
    with owner.engine.begin() as connection:
        for role in (roles.app, roles.backup, roles.migrator):
            connection.exec_driver_sql(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")
    owner.close()


@pytest.mark.postgres
def test_the_services_role_works_and_cannot_touch_the_log(as_app: Database) -> None:
    with as_app.reading() as session:
        assert powers(session) == []
    verify_log_at_start(as_app, production=True, accepted=False)
    build.a_decided(as_app)
    for table in PROTECTED:
        for statement in (
            f"UPDATE {table} SET {'size' if table == 'log_checkpoint' else 'id'} = NULL",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            with as_app.engine.connect() as connection, pytest.raises(DBAPIError) as refused:
                connection.execute(text(statement))
            assert any(
                word in str(refused.value)
                for word in ("permission denied", "must be owner", "does not exist")
            ), statement


@pytest.mark.postgres
def test_production_does_not_start_as_a_role_that_could_change_the_log(
    postgres_opened: Database,
) -> None:
    with pytest.raises(WrongSettings, match="superuser"):
        verify_log_at_start(postgres_opened, production=True, accepted=False)
    verify_log_at_start(postgres_opened, production=True, accepted=True)
    verify_log_at_start(postgres_opened, production=False, accepted=False)
    with postgres_opened.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER change_set_refuses_update ON change_set")
    with pytest.raises(WrongSettings, match="change_set_refuses_update"):
        verify_log_at_start(postgres_opened, production=True, accepted=True)


def test_a_database_of_before_is_let_through(tmp_path: object) -> None:
    """A release that has yet to migrate starts, and says so elsewhere."""
    url = f"sqlite:///{tmp_path}/old.sqlite"
    migrating.upgrade(url, "0018")
    database = open_database(url)
    verify_log_at_start(database, production=True, accepted=False)
    database.close()
