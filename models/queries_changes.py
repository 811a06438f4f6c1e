"""What a line of the log changed: from where, and every field before and after."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.auditing_changes import kept_in
from models.change_sets import KEPT, LONG
from models.tables import ChangeSet, ChangeSetLine, KeptValue
from workflow.words import phrase


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one row; `before` and `after` are texts, empty where there was nothing."""

    table: str
    key: str
    verb: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Record:
    """The record of the transaction a line was written in."""

    address: str
    request: str
    session: str
    doing: str
    stream: str
    hash: str
    changes: tuple[FieldChange, ...]


ERASED = phrase("(đã xóa theo luật)")


def records_of(session: Session, lines: Collection[int]) -> dict[int, Record]:
    """The records of these lines by the line's number; lines of before the records have none."""
    rows = session.execute(
        select(ChangeSetLine.line_id, ChangeSet)
        .join(ChangeSet, ChangeSet.id == ChangeSetLine.change_set_id)
        .where(ChangeSetLine.line_id.in_(lines))
    ).all()
    contents = {one.id: json.loads(one.content) for _, one in rows}
    wanted = set().union(*(kept_in(content) for content in contents.values()))
    kept = {
        one.commitment: json.loads(one.value)
        for one in session.scalars(select(KeptValue).where(KeptValue.change_set_id.in_(contents)))
        if one.commitment in wanted
    }
    return {number: _record(one, contents[one.id], kept) for number, one in rows}


def _record(one: ChangeSet, content: dict[str, Any], kept: dict[str, Any]) -> Record:
    changes = tuple(
        FieldChange(
            change["table"],
            change["key"],
            change["verb"],
            field,
            _text(before, kept),
            _text(after, kept),
        )
        for change in content["changes"]
        for field, (before, after) in change["fields"].items()
    )
    return Record(
        address=str(content["address"]),
        request=str(content["request"]),
        session=str(content["session"]),
        doing=str(content["doing"]),
        stream=one.stream,
        hash=one.hash,
        changes=changes,
    )


def _text(value: object, kept: dict[str, Any]) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and KEPT in value:
        found = kept.get(value[KEPT], ERASED)
        return "" if found is None else str(found)
    if isinstance(value, dict) and LONG in value:
        return phrase(
            "({length} ký tự, SHA-256 {value}…)", length=value["length"], value=value[LONG][:12]
        )
    return str(value)
