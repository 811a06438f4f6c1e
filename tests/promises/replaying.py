"""Telling every row again from the records of changes alone, and looking how it stands."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.audited import is_recorded, is_secret
from models.base import Base
from models.capture import LETTERS
from models.change_sets import KEPT, LONG, key_of
from models.tables import ChangeSet, KeptValue

Rows = dict[tuple[str, str], dict[str, Any]]


def told_again(session: Session) -> Rows:
    """All recorded rows as the log alone tells them; it must not contradict itself."""
    kept = {one.commitment: json.loads(one.value) for one in session.scalars(select(KeptValue))}
    rows: Rows = {}
    for content in session.scalars(select(ChangeSet.content).order_by(ChangeSet.id)):
        for change in json.loads(content)["changes"]:
            place = change["table"], change["key"]
            if change["table"] == LETTERS:
                continue
            row = rows.setdefault(place, {})
            for field, (before, after) in change["fields"].items():
                was = row.get(field)
                if not is_secret(change["table"], field):
                    assert was == plain(before, kept), (place, field, was, before)
                row[field] = plain(after, kept)
            if change["verb"] == "delete":
                del rows[place]
    return rows


def plain(value: Any, kept: dict[str, Any]) -> Any:
    return kept[value[KEPT]] if isinstance(value, dict) and KEPT in value else value


def as_they_stand(session: Session) -> Rows:
    """All recorded rows as they are, in the form the triggers see them in."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    rows: Rows = {}
    for table in sorted(Base.metadata.tables):
        if not is_recorded(table):
            continue
        if postgresql:
            found = [one for (one,) in session.execute(text(f"SELECT to_jsonb(t) FROM {table} t"))]
        else:
            found = [
                dict(one) for one in session.execute(text(f"SELECT * FROM {table}")).mappings()
            ]
        for row in found:
            rows[table, key_of(table, row)] = row
    return rows


def differences(session: Session) -> list[str]:
    """Every field of every row the log tells otherwise than it stands."""
    told, there = told_again(session), as_they_stand(session)
    found = [f"{place} is only told" for place in told.keys() - there.keys()]
    found += [f"{place} is not told" for place in there.keys() - told.keys()]
    for place in told.keys() & there.keys():
        for field in told[place].keys() | there[place].keys():
            one, other = told[place].get(field), there[place].get(field)
            if is_secret(place[0], field):
                one, other = one is not None, other is not None
            elif isinstance(one, dict) and LONG in one and isinstance(other, str):
                other = {LONG: hashlib.sha256(other.encode()).hexdigest(), "length": len(other)}
            if one != other:
                found.append(f"{place} {field}: told {one!r}, is {other!r}")
    return found
