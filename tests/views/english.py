"""What of a page is still Vietnamese once its reader has chosen English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

from babel.messages.pofile import read_po
from sqlalchemy import Text, select
from sqlalchemy.orm import Session

from config.languages import po_path
from config.languages.extracting import everything
from models.base import Base
from models.rulebooks import rulebooks_in_force
from models.tables import Person, Unit

LETTER = re.compile(r"[à-öø-ỹÀ-ÖØ-ỸđĐăĂơƠưƯ]")
"""A letter English does not have; × and ÷ lie between them."""
INITIALS = re.compile(r"\b[A-ZĐ]{1,2}\b")
SHOWN = {"aria-label", "title", "placeholder", "alt", "data-l", "content"}
VOID = {"meta", "link", "input", "br", "hr", "img", "use", "path", "rect", "circle", "line"}
NAMES = re.compile(rf"[\w/-]*{LETTER.pattern}[\w/-]*(?: [\w/-]*{LETTER.pattern}[\w/-]*)*")
"""Words with such a letter, in a row."""
LONGEST = 600
"""Longer texts are compared line by line."""
CUT = re.compile(r"→ [^→]*…")
"""A value of the audit log, cut where it is long."""
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
        typed_here = tag == "textarea" or given.get("lang") == "vi"
        apart = typed_here or bool(self.marked and self.marked[-1])
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


class Typed:
    """Everything people have typed into the record; a text is looked through once."""

    def __init__(self, texts: Iterable[str]) -> None:
        longest_first = sorted(set(texts), key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest_first)))
        self.judged: dict[str, bool] = {}

    def leaves(self, text: str) -> bool:
        """Is there Vietnamese in this text that nobody typed?"""
        if text not in self.judged:
            rest = self.pattern.sub("", CUT.sub("", text)) if LETTER.search(text) else ""
            self.judged[text] = bool(LETTER.search(INITIALS.sub("", rest)))
        return self.judged[text]


def typed(db: Session) -> Typed:
    """Everything people have typed into the record: names, titles, reasons, files."""
    known, own = set(), sentences()
    for table in Base.metadata.sorted_tables:
        if table.name in KEPT_BY_THE_SYSTEM:
            continue
        for column in table.columns:
            if isinstance(column.type, Text) or hasattr(column.type, "impl"):
                for value in db.scalars(select(column).distinct()):
                    known |= set(texts_in(value))
    data = {one for one in spelled(known) if LETTER.search(one)} - own
    data |= {one for one in spelled(named(db)) if LETTER.search(one)}
    return Typed(one for one in data if len(one) < LONGEST)


def named(db: Session) -> Iterator[str]:
    """Names and posts as the record has them, whatever the catalogue says of the same words."""
    for column in (Person.full_name, Person.position, Unit.name):
        yield from db.scalars(select(column).distinct())
    for book in rulebooks_in_force(db):
        yield from (book.programme.place, book.programme.issued_by)
    for message in in_english():
        yield from NAMES.findall(message)


def in_english() -> Iterator[str]:
    """What the English catalogue says; the names it quotes are meant."""
    with po_path("en").open("rb") as lines:
        for entry in read_po(lines):
            yield from entry.string if isinstance(entry.string, tuple) else (str(entry.string),)


def spelled(texts: Iterable[str]) -> Iterator[str]:
    """Texts as pages write them: short and long, line by line."""
    for text in texts:
        for line in (text, *text.split("\n")):
            one = " ".join(line.split())
            yield from (one, one.replace("Ủy ban nhân dân", "UBND"))
            yield one.replace("UBND", "Ủy ban nhân dân")


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


def left_vietnamese(page: str, data: Typed) -> list[str]:
    """The texts of a page with Vietnamese letters that nobody typed."""
    pieces = Pieces()
    pieces.feed(page)
    return [one for one in pieces.found if data.leaves(one)]
