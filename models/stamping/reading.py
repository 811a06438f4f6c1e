"""Reading rows as the drivers give them, so that they can be written back as they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Table, false, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from models.base import Base

Raw: TypeAlias = dict[str, Any]


def table_named(name: str) -> Table:
    """A table of the record."""
    return Base.metadata.tables[name]


def raw_rows(session: Session, name: str, where: ColumnElement[bool]) -> list[Raw]:
    """Rows of a table by key, every value as the driver gives it."""
    table = table_named(name)
    # Of no type, so that nothing is made of what the driver gives.
    columns = [type_coerce(column, NullType()) for column in table.columns]
    names = [column.name for column in table.columns]
    order = [column.asc() for column in table.primary_key]
    found = session.execute(select(*columns).select_from(table).where(where).order_by(*order))
    return [dict(zip(names, row, strict=True)) for row in found]


def among(name: str, column: str, values: Iterable[object]) -> ColumnElement[bool]:
    """SQL: a column has one of these values."""
    found = list(values)
    return table_named(name).c[column].in_(found) if found else false()


def references(name: str) -> dict[str, str]:
    """Columns that name a row, and the table of that row; the key of the table itself included."""
    table = table_named(name)
    found = {column.name: of for column in table.columns if (of := _row_of(column))}
    if "id" in table.primary_key.columns:
        found["id"] = name
    return found


def _row_of(column: Column[Any]) -> str:
    """The table whose row a column names, over a longer key too; empty when it names none."""
    for key in column.foreign_keys:
        found = key.column.table.name if key.column.name == "id" else _row_of(key.column)
        if found:
            return found
    return ""


def key_columns(name: str) -> list[str]:
    """The columns of a table's key, in order."""
    return [column.name for column in table_named(name).primary_key]
