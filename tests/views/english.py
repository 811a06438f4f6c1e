"""What of a page is still Vietnamese once its reader has chosen English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import Text, select
from sqlalchemy.orm import Session

from config.languages.extracting import everything
from models.base import Base

LETTER = re.compile(r"[à-ỹÀ-ỸđĐăĂơƠưƯ]")
SHOWN = {"aria-label", "title", "placeholder", "alt", "data-l", "content"}
VOID = {"meta", "link", "input", "br", "hr", "img", "use", "path", "rect", "circle", "line"}
KEPT_BY_THE_SYSTEM = {"programme", "rulebook", "evaluation", "alembic_version", "programme_version"}
"""Tables with nothing anybody typed."""


class Pieces(HTMLParser):
    """The texts of a page, those marked as Vietnamese apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.marked: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        apart = given.get("lang") == "vi" or bool(self.marked and self.marked[-1])
        if tag == "html":
            apart = False
        if not apart:
            self.found += [value for name, value in attrs if name in SHOWN and value]
        if tag not in VOID:
            self.marked.append(apart)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.marked:
            self.marked.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.marked and self.marked[-1]):
            self.found.append(" ".join(data.split()))


def typed(db: Session) -> re.Pattern[str]:
    """Everything people have typed into the record: names, titles, reasons, files."""
    known, own = set(), sentences()
    for table in Base.metadata.sorted_tables:
        if table.name in KEPT_BY_THE_SYSTEM:
            continue
        for column in table.columns:
            if isinstance(column.type, Text) or hasattr(column.type, "impl"):
                for value in db.scalars(select(column).distinct()):
                    known |= set(texts_in(value))
    for name in tuple(known):
        known.add(name.replace("Ủy ban nhân dân", "UBND"))
        known |= set(name.split("\n"))
    data = {" ".join(one.split()) for one in known if LETTER.search(one)} - own
    return re.compile("|".join(re.escape(one) for one in sorted(data, key=len, reverse=True)))


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a stored value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)


@cache
def sentences() -> frozenset[str]:
    """All sentences the catalogue must know: none of them passes as something typed."""
    return frozenset(message for message, _, _ in everything())


def left_vietnamese(page: str, data: re.Pattern[str]) -> list[str]:
    """The texts of a page with Vietnamese letters that nobody typed."""
    pieces = Pieces()
    pieces.feed(page)
    return [one for one in pieces.found if LETTER.search(data.sub("", one))]
