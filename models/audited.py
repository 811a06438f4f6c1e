"""Which rows are recorded when they change, and which of their fields are secret or personal.

A table nobody names is recorded, all its fields. `config/audit.yaml` names the exceptions, each
with its reason, and for personal data purpose and retention.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).resolve().parent.parent / "config" / "audit.yaml"
SECRET: Final = re.compile(r"hash$|secret|token|password|passkey|totp|recovery|nonce|salt")
"""Names of fields whose values nobody may read, whatever the table."""
OWN: Final = frozenset(
    {"history_line", "captured_change", "change_set", "change_set_line", "kept_value"}
)
"""The log itself."""


@cache
def named() -> dict[str, Any]:
    """The file, read once."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return found


def untracked() -> dict[str, str]:
    """Tables that are not recorded, each with the reason."""
    found: dict[str, str] = named()["untracked"]
    return found


def is_recorded(table: str) -> bool:
    """Are changes of this table's rows recorded?"""
    return table not in OWN and table not in untracked()


def is_secret(table: str, field: str) -> bool:
    """Is only the fact recorded that this field changed?"""
    plain = field in named()["plain"].get(table, ())
    return field in named()["secret"].get(table, ()) or (
        not plain and SECRET.search(field) is not None
    )


def is_personal(table: str, field: str) -> bool:
    """Does this field enter the record as a salted hash?"""
    return field in named()["personal"].get(table, ())
