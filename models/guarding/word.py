"""The text of a Word document, read from its XML as Word shows it, without what was deleted."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TABLE, _ROW, _CELL = (f"{_W}{name}" for name in ("p", "tbl", "tr", "tc"))
_TEXT: Final = f"{_W}t"
_SPACES: Final = {f"{_W}{name}" for name in ("tab", "br", "cr", "ptab")}
_HYPHEN: Final = f"{_W}noBreakHyphen"
_NOT_SHOWN: Final = {
    f"{_W}del",
    f"{_W}moveFrom",
    f"{_W}pPr",
    f"{_W}rPr",
    f"{_W}instrText",
    # A text box is written twice: once for Word of today, once for Word of 2003.
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_DEEPEST: Final = 100


def blocks(archive: zipfile.ZipFile) -> Iterator[dict[str, Any]]:
    """Paragraphs and tables of the body. Raises what lxml and zipfile raise for a broken part."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(archive.read("word/document.xml"), parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document type")
    body = root.find(f"{_W}body")
    if body is None:
        raise ValueError("no body")
    yield from _blocks(body, 0)


def _blocks(parent: etree._Element, depth: int) -> Iterator[dict[str, Any]]:
    for one in parent.iterchildren(etree.Element):
        if one.tag == _PARAGRAPH:
            if text := _text(one):
                yield {"paragraph": text}
        elif one.tag == _TABLE:
            yield {"table": [[_text(cell) for cell in _cells(row)] for row in _rows(one)]}
        elif one.tag not in _NOT_SHOWN and depth < _DEEPEST:
            # A content control, a block that was inserted: what is in it stands in the text.
            yield from _blocks(one, depth + 1)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    return _own(table, _ROW)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    return _own(row, _CELL)


def _own(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row, but not those of a table inside."""
    for one in parent.iterchildren(etree.Element):
        if one.tag == tag:
            yield one
        elif one.tag not in _NOT_SHOWN and one.tag not in {_TABLE, _ROW, _CELL}:
            yield from _own(one, tag)


def _text(element: etree._Element) -> str:
    words = "".join(_pieces(element))
    return unicodedata.normalize("NFC", " ".join(words.split()))


def _pieces(element: etree._Element) -> Iterator[str]:
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if one.tag == _TEXT:
            yield one.text or ""
        elif one.tag in _SPACES:
            yield " "
        elif one.tag == _HYPHEN:
            yield "-"
        elif one.tag not in _NOT_SHOWN:
            if one.tag == _PARAGRAPH:
                yield " "
            waiting += reversed(list(one.iterchildren(etree.Element)))
