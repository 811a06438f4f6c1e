"""The audit record of a transaction, written as its last act: no record, no change.

What the triggers saw (`models.capture`) becomes one change set: who, from where, when, with which
history lines, and every field before and after. Personal values enter as salted hashes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from models.acting import acting
from models.audited import is_personal
from models.capture import LETTERS, LINES, read_row
from models.chain import FIRST, canonical, line_hash
from models.database_clock import database_now
from models.history import Happening, append_to_stream
from models.office import SYSTEM
from models.tables import CapturedChange, ChangeSet, ChangeSetLine, KeptValue, Person
from workflow.words import phrase

KEPT: Final = "$kept"
LONG: Final = "$sha256"
LONGEST: Final = 4_000
"""Characters of a value that stand in the record; of a longer one its hash and length."""
QUIET: Final = frozenset({LETTERS})
"""Tables whose changes need no history line: the change set alone is their record."""
CHANGED: Final = "change"
OUTSIDE: Final = "changed_outside"
FORGOTTEN: Final = "forgotten"
BEGAN: Final = "captured_before"
"""Under which name a session knows how far the captured rows of others went (SQLite)."""
Row = dict[str, Any]


@dataclass(slots=True)
class Net:
    """What became of one row in the whole transaction."""

    table: str
    key: str
    before: Row | None
    after: Row | None

    def fields(self) -> dict[str, list[Any]]:
        """Every field that differs, before and after; of a new or removed row all there are."""
        before, after = self.before or {}, self.after or {}
        return {
            name: [before.get(name), after.get(name)]
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        }


def forget_values_of(session: Session, places: set[tuple[str, str]]) -> None:
    """What this transaction changes in these rows (table, key) enters the record as hashes only."""
    session.info.setdefault(FORGOTTEN, set()).update(places)


def finish(session: Session) -> None:
    """Write the change set of this transaction, if it changed anything."""
    session.flush()
    mine = _mine(session)
    captured = _captured(session, mine)
    if not captured:
        return
    _write(session, captured, mine, None)


def adopt_outside(session: Session, now: datetime) -> int:
    """Record what was changed past the service and left lying; returns how many rows."""
    left = _not_mine(session)
    captured = _captured(session, left)
    if captured:
        _write(session, captured, left, now)
    return len(captured)


def outside_count(session: Session) -> int:
    """How many changes past the service are not recorded yet."""
    return session.scalar(select(func.count()).select_from(CapturedChange)) or 0


def _write(
    session: Session,
    captured: list[CapturedChange],
    which: ColumnElement[bool],
    outside_at: datetime | None,
) -> None:
    """One change set of these rows; they are gone then."""
    who = acting()
    outside = outside_at is not None
    changes = [one for one in net(captured) if one.before != one.after]
    lines = [read_row(one.after or "{}") for one in captured if one.table_name == LINES]
    at = outside_at or who.at or _instant(lines) or database_now(session)
    loud = any(one.table not in QUIET for one in changes)
    if loud and (outside or not lines):
        _narrate(session, changes, at, outside=outside)
        captured = _captured(session, which if not outside else _mine(session))
        lines = [read_row(one.after or "{}") for one in captured if one.table_name == LINES]
    session.execute(delete(CapturedChange).where(which))
    if outside:
        session.execute(delete(CapturedChange).where(_mine(session)))
    if changes or lines:
        _keep(session, changes, lines, at, outside=outside)


def _instant(lines: list[Row]) -> datetime | None:
    """When the first line says it happened."""
    if not lines:
        return None
    found = datetime.fromisoformat(str(lines[0]["at"]))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _narrate(session: Session, changes: list[Net], at: datetime, *, outside: bool) -> None:
    """A line for a change that nobody put into words."""
    who = acting()
    person = None if outside else who.person_id
    name = session.scalar(select(Person.full_name).where(Person.id == person)) if person else None
    told: dict[str, object] = {"tables": sorted({one.table for one in changes})}
    append_to_stream(
        session,
        Happening(
            stream=f"person:{person}" if person else "system",
            at=at,
            actor_id=person,
            actor_name=name or (phrase("Ngoài dịch vụ") if outside else SYSTEM),
            action=OUTSIDE if outside else CHANGED,
            payload=told | ({"doing": who.doing} if who.doing and not outside else {}),
        ),
    )


def _keep(
    session: Session, changes: list[Net], lines: list[Row], at: datetime, *, outside: bool
) -> None:
    who = acting()
    kept: list[dict[str, Any]] = []
    content = canonical(
        {
            "form": 1,
            "at": at,
            "by": None if outside else who.person_id,
            "session": "" if outside else who.session_mark,
            "address": "" if outside else who.address,
            "request": "" if outside else who.request_id,
            "doing": "" if outside else who.doing,
            "lines": [[one["stream"], one["seq"], one["hash"]] for one in lines],
            "changes": [_told(one, kept) for one in changes],
        }
    )
    stream = f"changes:{secrets.token_hex(12)}"
    number = session.execute(
        insert(ChangeSet)
        .values(stream=stream, at=at, content=content, hash=set_hash(stream, content))
        .returning(ChangeSet.id)
    ).scalar_one()
    if lines:
        rows = [{"line_id": one["id"], "change_set_id": number} for one in lines]
        session.execute(insert(ChangeSetLine), rows)
    forgotten = session.info.pop(FORGOTTEN, set())
    kept = [one for one in kept if (one["table_name"], one["row_key"]) not in forgotten]
    if kept:
        session.execute(insert(KeptValue), [{**one, "change_set_id": number} for one in kept])


def set_hash(stream: str, content: str) -> str:
    """The hash of a change set: that of the one line of a stream of its own."""
    return line_hash(FIRST, body_of_set(stream, content))


def body_of_set(stream: str, content: str) -> dict[str, object]:
    """What the hash of a change set covers."""
    return {"stream": stream, "seq": 1, "content": content}


def _told(one: Net, kept: list[dict[str, Any]]) -> dict[str, Any]:
    verb = "insert" if one.before is None else "delete" if one.after is None else "update"
    fields = {
        name: [_value(one, name, value, kept) for value in pair]
        for name, pair in one.fields().items()
    }
    return {"table": one.table, "key": one.key, "verb": verb, "fields": fields}


def _value(one: Net, field: str, value: Any, kept: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    """A value as it stands in the record: itself, its salted hash, or the hash of a long one."""
    if value is not None and is_personal(one.table, field):
        salt, written = secrets.token_hex(16), canonical(value)
        made = commitment(salt, one.table, one.key, field, written)
        kept.append(
            {
                "commitment": made,
                "table_name": one.table,
                "row_key": one.key,
                "field": field,
                "salt": salt,
                "value": written,
            }
        )
        return {KEPT: made}
    if isinstance(value, str) and len(value) > LONGEST:
        return {LONG: hashlib.sha256(value.encode()).hexdigest(), "length": len(value)}
    return value


def commitment(salt: str, table: str, key: str, field: str, written: str) -> str:
    """The salted hash of a personal value, at its place."""
    parts = (salt, table, key, field, written)
    return hashlib.sha256(b"\0".join(one.encode() for one in parts)).hexdigest()


def net(captured: Iterable[CapturedChange]) -> list[Net]:
    """What became of every row: its first state and its last; lines of the log left out."""
    found: dict[tuple[str, str], Net] = {}
    for one in captured:
        if one.table_name == LINES:
            continue
        before = None if one.before is None else read_row(one.before)
        after = None if one.after is None else read_row(one.after)
        key = key_of(one.table_name, after or before or {})
        known = found.get((one.table_name, key))
        if known is None:
            found[one.table_name, key] = Net(one.table_name, key, before, after)
        else:
            known.after = after
    return list(found.values())


def key_of(table: str, row: Row) -> str:
    """The key of a row as text; parts of a longer key stand between commas."""
    return ",".join(str(row.get(name)) for name in _key_names(table, tuple(row)))


def _key_names(table: str, columns: tuple[str, ...]) -> list[str]:
    known = CapturedChange.metadata.tables.get(table)
    if known is None:
        return ["id"] if "id" in columns else list(columns)
    return [column.name for column in known.primary_key]


def _captured(session: Session, which: ColumnElement[bool]) -> list[CapturedChange]:
    return list(session.scalars(select(CapturedChange).where(which).order_by(CapturedChange.id)))


def _mine(session: Session) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return CapturedChange.tx == _this_transaction()
    began: int = session.connection().info.get(BEGAN, 0)
    return CapturedChange.id > began


def _not_mine(session: Session) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return CapturedChange.tx != _this_transaction()
    began: int = session.connection().info.get(BEGAN, 0)
    return CapturedChange.id <= began


def _this_transaction() -> ColumnElement[str]:
    return cast(func.pg_current_xact_id(), Text)
