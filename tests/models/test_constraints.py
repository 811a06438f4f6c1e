"""What the database refuses by itself, whatever the code above it does."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.database import Database, verify_settings
from models.sealing import seal_new_lines
from tests import builders as build

BARE = (
    ("UPDATE dossier SET version = 0", "version_is_positive"),
    ("UPDATE dossier SET state = 'decided'", "decided_with_a_decision"),
    ("UPDATE dossier SET state = 'revoked'", "revoked_with_a_decision|decided_with_a_decision"),
    ("UPDATE dossier SET state = 'submitted', award_form = ''", "handed_in_with_an_award"),
    ("UPDATE dossier SET state = 'lost'", "ck_dossier_state"),
    ("UPDATE dossier SET hold_source = 'Thanh tra'", "hold_with_a_source"),
    ("UPDATE dossier SET supplement = '{}'", "supplement_has_a_round"),
    ("UPDATE dossier SET subject_kind = 'individual'", "person_if_individual"),
    ("UPDATE registration SET acknowledged_by = NULL", "acknowledged_by_somebody"),
    ("UPDATE registration SET status = 'rejected'", "rejected_with_reason"),
    ("UPDATE document SET size = 0", "size_is_positive"),
    ("UPDATE document SET sha256 = 'abc'", "hash_is_whole"),
    ("UPDATE unit SET parent_id = id", "is_not_its_own_parent"),
    ("UPDATE unit SET valid_to = '2000-01-01'", "ends_after_it_begins"),
    ("UPDATE account SET role_version = 0", "role_version_is_positive"),
)


@pytest.mark.parametrize(("statement", "constraint"), BARE, ids=[name for _, name in BARE])
def test_a_constraint_holds(sqlite_database: Database, statement: str, constraint: str) -> None:
    build.a_written(sqlite_database)
    with (
        pytest.raises(IntegrityError, match=constraint),
        sqlite_database.writing() as session,
    ):
        session.execute(text(statement))


@pytest.mark.postgres
def test_the_same_constraints_hold_on_postgresql(postgres_opened: Database) -> None:
    build.a_written(postgres_opened)
    for statement, constraint in BARE:
        with (
            pytest.raises(IntegrityError, match=constraint),
            postgres_opened.writing() as session,
        ):
            session.execute(text(statement))


REVIEWED = (
    "UPDATE council_result SET votes_for = 8, votes_against = 2",
    "UPDATE council_result SET present = members + 1",
    "UPDATE council_result SET votes_blank = -1",
    "UPDATE index_score SET value = 10001",
    "UPDATE index_score SET published_on = NULL",
    (
        "INSERT INTO quota (programme_id, cycle_id, pool, deciding_unit_id, base, cap, used)"
        " SELECT 'p', 'c', 'q', id, 30, 6, 7 FROM unit WHERE code = 'UBND-TINH'"
    ),
    "UPDATE outgoing_message SET status = 'sent'",
    "UPDATE dossier SET decision_id = 1, state = 'submitted'",
)


@pytest.mark.parametrize("statement", REVIEWED)
def test_a_reviewed_dossier_cannot_be_bent(database: Database, statement: str) -> None:
    build.a_reviewed(database)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text(statement))


def test_a_subject_has_one_live_dossier(database: Database) -> None:
    build.a_registered(database)
    build.a_registered(database, "H030")
    one = text(
        "UPDATE dossier SET subject_key = (SELECT subject_key FROM dossier ORDER BY id LIMIT 1)"
    )
    fallen = text("UPDATE dossier SET state = 'withdrawn' WHERE code = 'HS-2023-0001'")
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(one)
    with database.writing() as session:
        session.execute(fallen)
        session.execute(one)


@pytest.mark.parametrize("table", ["history_line", "evaluation", "sealed_line"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_history_is_only_added_to(database: Database, table: str, verb: str) -> None:
    build.a_registered(database)
    with database.writing() as session:
        assert seal_new_lines(session, build.NOW) > 0
    column = "seq" if table == "sealed_line" else "id"
    with (
        pytest.raises(DBAPIError, match="only ever added to"),
        database.writing() as session,
    ):
        session.execute(text(verb.format(table, column, column)))


@pytest.mark.postgres
def test_history_cannot_be_truncated(postgres_opened: Database) -> None:
    with (
        pytest.raises(DBAPIError, match="only ever added to"),
        postgres_opened.writing() as session,
    ):
        session.execute(text("TRUNCATE history_line CASCADE"))


@pytest.mark.postgres
def test_a_reading_transaction_cannot_write(postgres_opened: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), postgres_opened.reading() as session:
        session.execute(text("UPDATE unit SET name = ''"))


def test_who_reads_everything_may_think_for_longer_and_nobody_after(
    postgres_opened: Database,
) -> None:
    asked = text("SHOW idle_in_transaction_session_timeout")
    for at_length, told in ((True, "10min"), (False, "15s")):
        with postgres_opened.reading(at_length=at_length) as session:
            assert session.execute(asked).scalar() == told


def test_the_connection_runs_as_it_must(database: Database) -> None:
    verify_settings(database)
