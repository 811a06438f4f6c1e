"""P5: broken rules are noticed: for each invariant a corruption that breaks it, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models import checkpoints, sealing
from models.append_only import unprotect
from models.capture import remove
from models.database import Database, open_database
from models.doctor import examine
from models.invariants import INVARIANTS, broken_names
from models.sessions import Visit, open_session
from models.signed_notes import Signer
from tests import builders as build

pytestmark = pytest.mark.promise("P5")
D = "(SELECT id FROM dossier WHERE state = 'decided')"
R = "(SELECT id FROM dossier WHERE state = 'registered')"
LAST = f"dossier_id = {D} AND seq = (SELECT history_count FROM dossier WHERE id = {D})"
OTHER_UNIT = "(SELECT id FROM unit WHERE code = 'H030')"
AT = "'2023-12-05 01:10:00.000000'"
A_REPORT = (
    "INSERT INTO report (programme_id, programme_hash, report_id, year, unit_id, due_on, due_at,"
    " state, version, rounds, results, shortcomings, proposals, number, reason, created_at,"
    " updated_at) SELECT programme_id, programme_hash, 'r', 2023, unit_id, '2023-12-05',"
    f" {AT}, '{{state}}', {{version}}, 0, '', '', '', '', '', {AT}, {AT} FROM dossier WHERE id = {D}"
)
A_LIST = (
    "INSERT INTO decision_list (id, programme_id, cycle_id, award_form, unit_id, state, created_by,"
    f" created_at, command_key) SELECT 900, programme_id, cycle_id, 'x', 1, 'open', 1, {AT}, ''"
    f" FROM dossier WHERE id = {D}"
)
CORRUPTIONS: dict[str, tuple[str, ...]] = {
    "version-counts-lines": (
        f"UPDATE dossier SET version = version + 1 WHERE id = {D}",
        f"UPDATE history_line SET dossier_version = dossier_version + 1 WHERE {LAST}",
    ),
    "history-has-an-end": (f"UPDATE dossier SET head_hash = 'x' WHERE id = {D}",),
    "state-follows-history": (f"UPDATE history_line SET to_state = 'revoked' WHERE {LAST}",),
    "version-follows-history": (f"UPDATE history_line SET dossier_version = 99 WHERE {LAST}",),
    "steps-are-judged": (f"UPDATE history_line SET evaluation_id = NULL WHERE {LAST}",),
    "dossier-from-acknowledged-registration": (
        f"UPDATE dossier SET subject_key = 'x' WHERE id = {R}",
    ),
    "acknowledged-registration-has-dossier": (
        "UPDATE registration SET status = 'acknowledged' WHERE status = 'sent'",
    ),
    "one-live-dossier": (
        "DROP INDEX uq_dossier_live_subject",
        "UPDATE dossier SET subject_key = 'x'",
        "UPDATE registration SET subject_key = 'x'",
    ),
    "current-document-is-newest": (
        "DROP INDEX uq_document_current",
        (
            "UPDATE document SET version = 2, kind = (SELECT kind FROM document ORDER BY id LIMIT 1)"
            f" WHERE id = (SELECT max(id) FROM document WHERE dossier_id = {D})"
        ),
    ),
    "approval-covers-own-papers": (
        (
            f"UPDATE document SET dossier_id = {R} WHERE id ="
            " (SELECT max(document_id) FROM approval_document)"
        ),
    ),
    "council-result-stands": ("UPDATE council_result SET standing = 0",),
    "checked-is-approved": ("UPDATE approval SET standing = 0 WHERE gave = 'board_checked'",),
    "decision-of-the-deciding-unit": (f"UPDATE decision SET unit_id = {OTHER_UNIT}",),
    "revocation-names-the-decision": (
        f"UPDATE dossier SET revocation_id = decision_id WHERE id = {D}",
    ),
    "report-version-counts-lines": (A_REPORT.format(state="due", version=5),),
    "filed-report-has-file": (A_REPORT.format(state="filed", version=1),),
    "supplement-on-the-way": (f"UPDATE dossier SET supplement = '{{}}' WHERE id = {R}",),
    "revoked-once-published": (
        f"UPDATE history_line SET to_state = 'revoked' WHERE {LAST}",
        "UPDATE place_movement SET used = 0",
        "UPDATE quota SET used = 0",
        "UPDATE decision SET published_at = NULL",
        f"UPDATE dossier SET state = 'revoked' WHERE id = {D}",
    ),
    "listed-dossiers-wait": (
        A_LIST,
        (
            "INSERT INTO listed_dossier (list_id, dossier_id, standing, added_by, added_at)"
            f" VALUES (900, {R}, 1, 1, {AT})"
        ),
    ),
    "kept-places-are-listed": (
        (
            "INSERT INTO place_movement (programme_id, cycle_id, pool, deciding_unit_id, dossier_id,"
            " kind, used, reserved, by_id, at) SELECT programme_id, cycle_id, pool, deciding_unit_id,"
            f" {R}, 'reserve', 0, 1, by_id, at FROM place_movement LIMIT 1"
        ),
        "UPDATE quota SET reserved = reserved + 1",
    ),
    "held-letters-wait": (
        "INSERT INTO held_letter (message_id, decision_id) SELECT 1, id FROM decision",
    ),
    "places-within-cap": ("UPDATE quota SET cap = 0",),
    "places-are-their-movements": ("UPDATE quota SET used = 0",),
    "a-place-is-a-decided-dossier": (
        "UPDATE place_movement SET used = 0",
        "UPDATE quota SET used = 0",
    ),
    "a-place-moves-for-its-own": (
        "UPDATE place_movement SET cycle_id = 'x'",
        "UPDATE quota SET cycle_id = 'x'",
    ),
    "stream-counts-lines": ("UPDATE history_stream SET count = count + 1 WHERE stream = 'office'",),
    "no-session-of-the-disabled": (
        f"UPDATE account SET disabled_at = {AT} WHERE person_id = (SELECT person_id FROM user_session)",
    ),
    "programme-in-force": ("UPDATE programme_version SET in_force = 0",),
    "units-have-a-top": (
        f"UPDATE unit SET parent_id = {OTHER_UNIT} WHERE code = 'H029'",
        f"UPDATE unit SET parent_id = (SELECT id FROM unit WHERE code = 'H029') WHERE id = {OTHER_UNIT}",
    ),
    "lines-follow-each-other": (f"UPDATE history_line SET prev_hash = 'x' WHERE {LAST}",),
    "seals-follow-each-other": ("UPDATE sealed_line SET prev_hash = 'x' WHERE seq = 3",),
    "seals-leave-no-gap": (
        "DELETE FROM log_checkpoint",
        "DELETE FROM sealed_line WHERE seq = 2",
    ),
    "sealed-lines-are-there": ("UPDATE sealed_line SET line_hash = 'x' WHERE stream = 'office'",),
    "sealed-changes-are-there": (
        "UPDATE sealed_line SET line_hash = 'x' WHERE stream LIKE 'changes:%'",
    ),
    "lines-have-a-record": (
        "DELETE FROM change_set_line WHERE line_id = (SELECT max(id) FROM history_line)",
    ),
    "captured-is-recorded": (
        "INSERT INTO captured_change (tx, table_name, verb) VALUES ('', 'unit', 'update')",
    ),
    "kept-values-are-spoken-of": (
        "UPDATE kept_value SET commitment = 'zz' WHERE commitment = (SELECT min(commitment) FROM kept_value)",
    ),
    "erased-is-gone": (
        (
            "INSERT INTO erasure (person_id, reason, legal_basis, asked_by_id, asked_at,"
            " answered_by_id, answered_at, granted, values_erased)"
            " SELECT CAST(row_key AS INTEGER), 'r', 'l', 1, '2099-01-01', 2, '2099-01-01', 1, 0"
            " FROM kept_value WHERE table_name = 'person' LIMIT 1"
        ),
    ),
    "checkpoints-are-seals": ("UPDATE log_checkpoint SET head_hash = 'x'",),
    "delivered-was-tried": (f"UPDATE checkpoint_delivery SET delivered_at = {AT}, attempts = 0",),
}


@pytest.fixture(scope="module")
def whole(sqlite_template, tmp_path_factory) -> Iterator[Database]:
    """A record with a decided dossier, a registered one, a registration, seals, a checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "record.sqlite"
    shutil.copyfile(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    build.a_decided(database)
    build.a_registered(database, "H030")
    build.a_registration(database, "H031")
    with database.writing() as session:
        open_session(session, build.person_id(session, "clerk@H029"), Visit(), build.NOW)
    with database.writing() as session:
        while sealing.seal_new_lines(session, build.NOW + timedelta(minutes=1)):
            pass
        checkpoints.make_due(session, Signer("vi-du", bytes(32)), ("file",), build.NOW)
    assert examine(database) == []
    yield database
    database.close()


def corrupted(database: Database, statements: tuple[str, ...]) -> list[str]:
    """Which invariants a corruption breaks; the record is left as it was."""
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        for setting in ("foreign_keys=OFF", "ignore_check_constraints=ON"):
            raw.execute(f"PRAGMA {setting}")
        with connection.begin() as going:
            unprotect(connection)
            remove(connection)
            for statement in statements:
                connection.execute(text(statement))
            found = broken_names(Session(connection))
            going.rollback()
        connection.invalidate()
    return found


@pytest.mark.planted
@pytest.mark.parametrize("name", [one.name for one in INVARIANTS])
def test_a_corruption_breaks_exactly_its_invariant(whole: Database, name: str) -> None:
    assert corrupted(whole, CORRUPTIONS[name]) == [name]


def test_there_are_enough_of_them_and_nothing_else_is_tried(
    whole: Database, tally: Callable[[str, int], None]
) -> None:
    names = [one.name for one in INVARIANTS]
    assert len(set(names)) == len(names) >= 30
    assert set(CORRUPTIONS) == set(names)
    assert corrupted(whole, ()) == []
    tally("invariants, each with its corruption", len(names))
