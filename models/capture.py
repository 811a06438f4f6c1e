"""Triggers that see every row change, whoever changes it and by whatever statement.

They are made anew after every migration from the columns there are, so that no table and no
column is forgotten. `models.change_sets` turns what they saw into the transaction's audit record.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from sqlalchemy import Connection, inspect, text

from models.audited import is_recorded, is_secret

STAGE: Final = "captured_change"
LETTERS: Final = "outgoing_message"
LETTER_FIELDS: Final = ("id", "letter", "recipient_id", "dossier_id", "status", "message_id")
FINAL: Final = "('sent', 'failed', 'suppressed')"
LINES: Final = "history_line"
LINE_FIELDS: Final = ("id", "stream", "seq", "hash", "at")
HIDDEN: Final = "•"
"""What stands for a secret that is there; each change of it stands as another mark."""

_FIELD: Final = re.compile(r"(?P<name>\w+)=(?P<value>'(?:[^']|'')*'|[^,']*),", re.DOTALL)
_ON_POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION capture_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb; is_now jsonb; field text;
BEGIN
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW); END IF;
  FOREACH field IN ARRAY COALESCE(TG_ARGV, ARRAY[]::text[]) LOOP
    IF TG_OP = 'UPDATE' AND was->field IS DISTINCT FROM is_now->field THEN
      is_now := jsonb_set(is_now, ARRAY[field], '"••"');
    ELSIF is_now->field <> 'null' THEN
      is_now := jsonb_set(is_now, ARRAY[field], '"•"');
    END IF;
    IF was->field <> 'null' THEN was := jsonb_set(was, ARRAY[field], '"•"'); END IF;
  END LOOP;
  INSERT INTO captured_change (tx, table_name, verb, before, after)
  VALUES (pg_current_xact_id()::text, TG_TABLE_NAME, lower(TG_OP), was::text, is_now::text);
  RETURN NULL;
END $$
"""
_SOME_ON_POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION capture_some() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb; is_now jsonb := '{}'; field text; row_now jsonb := to_jsonb(NEW);
BEGIN
  FOREACH field IN ARRAY TG_ARGV LOOP
    is_now := jsonb_set(is_now, ARRAY[field], row_now->field);
  END LOOP;
  IF TG_OP = 'UPDATE' THEN
    was := is_now || jsonb_build_object('status', to_jsonb(OLD)->'status');
  END IF;
  INSERT INTO captured_change (tx, table_name, verb, before, after)
  VALUES (pg_current_xact_id()::text, TG_TABLE_NAME, lower(TG_OP), was::text, is_now::text);
  RETURN NULL;
END $$
"""


def install(connection: Connection) -> None:
    """Make the triggers; before the table they write to is there, do nothing."""
    for statement in _statements(connection):
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Take the triggers away, for a migration or for rows that come out of a copy."""
    if connection.dialect.name == "sqlite":
        for name in there(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    found = connection.execute(
        text(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgname LIKE 'captures\\_%'"
        )
    ).all()
    for name, table in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
    for function in ("capture_change", "capture_some"):
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}()")


def there(connection: Connection) -> dict[str, str]:
    """The triggers there are, switched on, by name; on SQLite with the words that made them."""
    if connection.dialect.name == "sqlite":
        wanted = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            " AND name LIKE 'captures\\_%' ESCAPE '\\'"
        )
    else:
        wanted = (
            "SELECT tgname, '' FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
            " AND tgname LIKE 'captures\\_%'"
        )
    return {str(name): str(sql) for name, sql in connection.execute(text(wanted))}


def missing(connection: Connection) -> list[str]:
    """Triggers that are not there, are switched off, or were made for other columns."""
    found = there(connection)
    lacking = []
    for statement in _statements(connection):
        if not statement.startswith("CREATE TRIGGER"):
            continue
        name = statement.split()[2]
        if name not in found or (found[name] and found[name] != statement):
            lacking.append(name)
    return lacking


def _statements(connection: Connection) -> list[str]:
    look = inspect(connection)
    tables = {
        name: [str(one["name"]) for one in look.get_columns(name)]
        for name in look.get_table_names()
    }
    if STAGE not in tables:
        return []
    recorded = {name: columns for name, columns in sorted(tables.items()) if is_recorded(name)}
    if connection.dialect.name == "postgresql":
        return [*_for_postgresql(recorded), *_some_for_postgresql()]
    return [
        _for_sqlite(name, verb, columns)
        for name, columns in recorded.items()
        for verb in ("insert", "update", "delete")
    ] + _some_for_sqlite()


def _for_postgresql(recorded: dict[str, list[str]]) -> list[str]:
    made = [_ON_POSTGRESQL]
    for table, columns in recorded.items():
        secret = ", ".join(f"'{one}'" for one in columns if is_secret(table, one))
        made.append(
            f"CREATE TRIGGER captures_{table} AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION capture_change({secret})"
        )
    return made


def _some_for_postgresql() -> list[str]:
    letter, line = (", ".join(f"'{one}'" for one in each) for each in (LETTER_FIELDS, LINE_FIELDS))
    return [
        _SOME_ON_POSTGRESQL,
        (
            f"CREATE TRIGGER captures_{LETTERS} AFTER UPDATE ON {LETTERS} FOR EACH ROW"
            f" WHEN (NEW.status IN {FINAL} AND OLD.status <> NEW.status)"
            f" EXECUTE FUNCTION capture_some({letter})"
        ),
        (
            f"CREATE TRIGGER captures_{LINES} AFTER INSERT ON {LINES} FOR EACH ROW"
            f" EXECUTE FUNCTION capture_some({line})"
        ),
    ]


def _for_sqlite(table: str, verb: str, columns: list[str]) -> str:
    before = "NULL" if verb == "insert" else _object(table, "OLD", columns, verb)
    after = "NULL" if verb == "delete" else _object(table, "NEW", columns, verb)
    return (
        f"CREATE TRIGGER captures_{table}_{verb} AFTER {verb.upper()} ON {table} BEGIN"
        f" INSERT INTO {STAGE} (tx, table_name, verb, before, after)"
        f" VALUES ('', '{table}', '{verb}', {before}, {after}); END"
    )


def _object(table: str, row: str, columns: list[str], verb: str) -> str:
    parts = []
    for one in columns:
        value = f'{row}."{one}"'
        if is_secret(table, one):
            mark = f"'{HIDDEN}'"
            if verb == "update" and row == "NEW":
                mark = f"""CASE WHEN OLD."{one}" IS NEW."{one}" THEN {mark} ELSE '••' END"""
            value = f"CASE WHEN {value} IS NULL THEN NULL ELSE {mark} END"
        parts.append(f"'{one}=' || quote({value}) || ','")
    return " || ".join(parts)


def _some_for_sqlite() -> list[str]:
    def chosen(row: str, names: tuple[str, ...]) -> str:
        return " || ".join(f"'{one}=' || quote({row}.{one}) || ','" for one in names)

    was = chosen("NEW", LETTER_FIELDS).replace("NEW.status", "OLD.status")
    head = f"INSERT INTO {STAGE} (tx, table_name, verb, before, after) VALUES ('', "
    return [
        (
            f"CREATE TRIGGER captures_{LETTERS} AFTER UPDATE ON {LETTERS}"
            f" WHEN NEW.status IN {FINAL} AND OLD.status <> NEW.status BEGIN {head}"
            f"'{LETTERS}', 'update', {was}, {chosen('NEW', LETTER_FIELDS)}); END"
        ),
        (
            f"CREATE TRIGGER captures_{LINES} AFTER INSERT ON {LINES} BEGIN {head}"
            f"'{LINES}', 'insert', NULL, {chosen('NEW', LINE_FIELDS)}); END"
        ),
    ]


def read_row(captured: str) -> dict[str, Any]:
    """A captured row: JSON of PostgreSQL, or what SQLite wrote as `name=literal,` one by one.

    SQLite's functions for JSON may not be used in triggers while `trusted_schema` is off.
    """
    if captured.startswith("{"):
        found: dict[str, Any] = json.loads(captured)
        return found
    return {one["name"]: _literal(one["value"]) for one in _FIELD.finditer(captured)}


def _literal(written: str) -> Any:  # noqa: ANN401
    if written.startswith("'"):
        return written[1:-1].replace("''", "'")
    if written == "NULL":
        return None
    return float(written) if {".", "e"} & set(written) else int(written)
