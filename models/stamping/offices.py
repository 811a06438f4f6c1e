"""Units that take the copies: each is one of the demonstration's, with people of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from models.folding import search_key, sort_key
from models.stamping.reading import Raw, among, raw_rows, references
from models.stamping.templates import (
    Filled,
    RowTemplate,
    Vocabulary,
    hole,
    plain,
    rows_of,
)

_OF_UNIT: Final = {"code", "name", "search_key", "sort_key"}
_OF_PERSON: Final = {"code", "email"}


@dataclass(slots=True)
class Office:
    """One proposing unit of the demonstration with those who act in it, ready to be copied.

    `units` are the unit and those within it that dossiers are about.
    """

    source: int
    units: tuple[Raw, ...]
    staff: tuple[Raw, ...]
    rows: list[RowTemplate]
    vocabulary: Vocabulary


def read_office(session: Session, source: int, units: set[int]) -> Office:
    """Read one office with its people, posts, accounts and scores."""
    owned = raw_rows(session, "unit", among("unit", "id", units))
    posts = raw_rows(session, "appointment", among("appointment", "unit_id", units))
    holders = {one["person_id"] for one in posts}
    staff = raw_rows(session, "person", among("person", "id", holders))
    vocabulary = Vocabulary()
    for one in owned:
        number = one["id"]
        vocabulary.own("unit", number)
        vocabulary.say(one["name"], f"unit-name:{number}")
        vocabulary.say(search_key(one["name"]), f"unit-folded:{number}")
        vocabulary.say(one["name"].upper(), f"unit-upper:{number}")
        vocabulary.codes[one["code"]] = f"unit-code:{number}"
        vocabulary.told[f"unit-code:{number}"] = one["code"]
        vocabulary.say(one["sort_key"], f"unit-sort:{number}")
    for one in staff:
        number = one["id"]
        vocabulary.own("person", number)
        vocabulary.say(one["email"], f"person-email:{number}")
        vocabulary.told[f"person-code:{number}"] = one["code"]
    accounts = raw_rows(session, "account", among("account", "person_id", holders))
    scores = raw_rows(session, "index_score", among("index_score", "unit_id", units))
    groups = (
        ("unit", owned),
        ("person", staff),
        ("account", accounts),
        ("appointment", posts),
        ("index_score", scores),
    )
    for table in ("appointment", "index_score"):
        for one in posts if table == "appointment" else scores:
            vocabulary.own(table, one["id"])
    rows = [_row(name, one, vocabulary) for name, found in groups for one in found]
    return Office(source, tuple(owned), tuple(staff), rows, vocabulary)


def values_of(office: Office, number: int, keys: dict[str, int]) -> dict[str, Any]:
    """What stands in the slots of the copy `number` of an office; `keys` are its new keys."""
    values: dict[str, Any] = dict(keys)
    for one in office.units:
        name = f"{one['name']} số {number}"
        values[f"unit-name:{one['id']}"] = name
        values[f"unit-folded:{one['id']}"] = search_key(name)
        values[f"unit-upper:{one['id']}"] = name.upper()
        values[f"unit-search:{one['id']}"] = search_key(f"{one['code']}-{number} {name}")
        values[f"unit-sort:{one['id']}"] = sort_key(name)
        values[f"unit-code:{one['id']}"] = f"{one['code']}-{number}"
    for one in office.staff:
        code = f"{one['code']}-{number}"
        values[f"person-code:{one['id']}"] = code
        values[f"person-login:{one['id']}"] = code.casefold()
        values[f"person-email:{one['id']}"] = f"{search_key(code)}@example.vn"
    return values


def _row(table: str, row: Raw, vocabulary: Vocabulary) -> RowTemplate:
    named = references(table)

    def convert(column: str, value: object) -> Filled:
        if column in named:
            return vocabulary.key(named[column], value) or plain(value)
        if table == "unit" and column in _OF_UNIT:
            return hole(f"unit-{column.removesuffix('_key')}:{row['id']}")
        if table == "unit" and column == "in_quota_base":
            # The share of places is of the real units, however many copies there are.
            return False
        if table == "person" and column in _OF_PERSON:
            return hole(f"person-{column}:{row['id']}")
        if table == "account" and column == "login":
            return hole(f"person-login:{row['person_id']}")
        found: Filled = plain(value)
        return found

    return rows_of(table, row, row.values(), convert)
