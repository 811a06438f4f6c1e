"""The tables nothing is ever taken from, and the triggers that refuse it.

The triggers are made by migrations 0001, 0002, 0005, 0006, 0011 and later. A test that plants
tampering removes them first with `unprotect(connection)`, as somebody with full rights over the
database could.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

PROTECTED = (
    "history_line",
    "sealed_line",
    "evaluation",
    "milestone_version",
    "suspension",
    "place_movement",
    "ranking_snapshot",
    "report_date",
    "log_checkpoint",
    "change_set",
    "change_set_line",
)
_FORBIDDEN = {"sqlite": ("update", "delete"), "postgresql": ("update", "delete", "truncate")}
_LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def triggers(dialect: str) -> dict[str, str]:
    """Name every trigger there must be, with its table."""
    return {f"{table}_refuses_{verb}": table for table in PROTECTED for verb in _FORBIDDEN[dialect]}


def missing(connection: Connection) -> list[str]:
    """Name the triggers that are not there, or are switched off."""
    dialect = connection.dialect.name
    there = set(connection.execute(text(_LISTED[dialect])).scalars())
    return [name for name in triggers(dialect) if name not in there]


def unprotect(connection: Connection) -> None:
    """Remove the triggers. For tests of tampering only; `models.doctor` reports it."""
    dialect = connection.dialect.name
    for name, table in triggers(dialect).items():
        place = f" ON {table}" if dialect == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{place}")
