"""Papers of a copy: the words of those it is copied from, under its own names."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from models.demonstration.papers import lines_in
from models.files import FileStore
from models.stamping.reading import Raw, among, raw_rows
from models.stamping.templates import Filled, RowTemplate, Values, Vocabulary, fill, plain, rows_of

_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_TYPES}">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1"'
        f' Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: whose row it is, its paragraphs, and what was read in it."""

    document: int
    lines: tuple[Filled, ...]
    reading: RowTemplate | None


def read_papers(
    session: Session, store: FileStore, documents: Iterable[Raw], vocabulary: Vocabulary
) -> list[Paper]:
    """The papers of a dossier; hashes and sizes become slots of the vocabulary.

    Raises `LookupError` for a file that is not in the store.
    """
    found = []
    for one in documents:
        sha256, number = one["sha256"], one["id"]
        vocabulary.say(sha256, f"sha:{number}")
        vocabulary.told[f"size:{number}"] = one["size"]
        content = store.path_of(sha256).read_bytes()
        lines = tuple(vocabulary.text(line.text) for line in lines_in(content))
        readings = raw_rows(session, "paper_reading", among("paper_reading", "sha256", [sha256]))
        row = _reading(readings[0], vocabulary) if readings else None
        found.append(Paper(number, lines, row))
    return found


def written(paper: Paper, values: Values) -> bytes:
    """The file of one copy: a Word document of these paragraphs and nothing else."""
    # Its code stands at the end: two people of one name have two papers.
    told = [*(str(fill(one, values)) for one in paper.lines), values["code"]]
    paragraphs = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(one, quote=False)}</w:t></w:r></w:p>'
        for one in told
    )
    body = f'<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in {**_PARTS, "word/document.xml": body}.items():
            # Of one moment, so that the same season has the same files.
            entry = zipfile.ZipInfo(name)
            package.writestr(entry, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def keep(store: FileStore, files: dict[str, bytes]) -> None:
    """Put files into the store under their hashes."""
    for sha256, content in files.items():
        handle, staged = tempfile.mkstemp(dir=store.folder, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        store.place.keep(sha256, Path(staged))


def _reading(row: Raw, vocabulary: Vocabulary) -> RowTemplate:
    def convert(_column: str, value: object) -> Filled:
        if isinstance(value, str):
            return vocabulary.text(value)
        found: Filled = plain(value)
        return found

    return rows_of("paper_reading", row, row.values(), convert)
