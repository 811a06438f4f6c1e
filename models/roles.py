"""What the service's own database role may do: everything it needs, and nothing to the log.

Three roles on PostgreSQL: one that owns the tables and migrates them, the one the service works
as, and one that reads everything for copies. SQLite has no roles: there the triggers refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models import append_only, capture
from models.append_only import PROTECTED
from models.database import Database, WrongSettings
from models.invariants import broken_invariants

RISK: Final = "database-role"
"""Under which name an office accepts that its role could change the log (ACCEPT_UNSAFE)."""
TAKEN_FROM: Final = ("captured_change", "kept_value")
"""Tables of the log rows are taken from: what waits for its record, and what is erased by law."""
_FORBIDDEN: Final = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of the three roles."""

    migrator: str = "award_migrator"
    app: str = "award_app"
    backup: str = "award_backup"


def statements(session: Session, roles: Roles) -> list[str]:
    """What makes the roles and gives each what it may do, for the tables there are; repeatable."""
    quote = session.get_bind().dialect.identifier_preparer.quote_identifier
    tables = sorted(inspect(session.connection()).get_table_names())
    migrator, app, backup = (quote(one) for one in (roles.migrator, roles.app, roles.backup))
    everybody = f"{app}, {backup}"
    made = [_role(name, quote(name)) for name in (roles.migrator, roles.app, roles.backup)]
    made += [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {migrator}",
        f"GRANT USAGE ON SCHEMA public TO {everybody}",
    ]
    for table in tables:
        made += [
            f"ALTER TABLE {quote(table)} OWNER TO {migrator}",
            f"REVOKE ALL ON {quote(table)} FROM PUBLIC, {everybody}",
            f"GRANT {rights(table)} ON {quote(table)} TO {app}",
            f"GRANT SELECT ON {quote(table)} TO {backup}",
        ]
    for function in ("refuse_change", "capture_change", "capture_some"):
        made.append(f"ALTER FUNCTION {function}() OWNER TO {migrator}")
    made += [
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {backup}",
    ]
    return made


def rights(table: str) -> str:
    """What the service may do to a table."""
    if table == "alembic_version":
        return "SELECT"
    if table in PROTECTED:
        return "SELECT, INSERT"
    if table in TAKEN_FROM:
        return "SELECT, INSERT, DELETE"
    return "SELECT, INSERT, UPDATE, DELETE"


def _role(name: str, quoted: str) -> str:
    written = name.replace("'", "''")
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{written}')"
        f" THEN CREATE ROLE {quoted} LOGIN; END IF; END $$"
    )


def powers(session: Session) -> list[str]:
    """What the present role could do to the log, a Vietnamese sentence each; none on SQLite."""
    if session.get_bind().dialect.name != "postgresql":
        return []
    role, great = session.execute(
        text("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
    ).one()
    if great:
        return [f"vai trò {role} là quản trị của PostgreSQL (superuser), đổi được nhật ký"]
    asked = text("SELECT has_table_privilege(current_user, :name, :right)")
    owned = text(
        "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class"
        " WHERE oid = to_regclass(:name)"
    )
    found = []
    for table in PROTECTED:
        if session.execute(owned, {"name": table}).scalar():
            found.append(f"vai trò {role} là chủ của bảng {table}, tắt được khóa chống sửa")
            continue
        can = [
            right
            for right in _FORBIDDEN
            if session.execute(asked, {"name": table, "right": right}).scalar()
        ]
        if can:
            found.append(f"vai trò {role} có quyền {', '.join(can)} trên {table}")
    return found


def verify_log_at_start(database: Database, *, production: bool, accepted: bool) -> None:
    """Look after the log before anything is served; a database that is away is health's matter.

    In production, raises `WrongSettings` where the service's role could change the log, or where
    triggers are missing. Broken invariants (the cheap ones) go to the technical log.
    """
    try:
        with database.reading() as session:
            connection = session.connection()
            if not inspect(connection).has_table("change_set"):
                return
            wrong = [] if accepted else powers(session)
            lacking = [*append_only.missing(connection), *capture.missing(connection)]
            broken = broken_invariants(session, only_cheap=True)
    except SQLAlchemyError:
        return
    wrong += [f"thiếu khóa {name}" for name in lacking]
    for sentence in broken:
        log.error("invariant broken", says=sentence)
    if wrong and production:
        remedy = "tạo vai trò bằng flask --app wsgi database grants"
        raise WrongSettings("; ".join([*wrong, f"cách sửa: {remedy}, hoặc ACCEPT_UNSAFE={RISK}"]))
