"""A DOCX as Word sees it: every part of XML is parsed, every relation and content type is read."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final

from lxml import etree

from models.guarding.faults import Found

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CONTENT_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_RUNS: Final = ("macroenabled", "vbaproject", "activex", "oleobject")
_KNOWN: Final = (
    "application/vnd.openxmlformats-",
    "application/vnd.ms-office.",
    "application/vnd.ms-word.",
    "application/vnd.ms-excel.",
    "application/xml",
    "application/inkml+xml",
    "application/x-fontdata",
    "application/x-font-",
    "image/",
    "text/xml",
)
"""How the content types begin that Word and LibreOffice write."""
_CHUNK: Final = "/aFChunk"
_CALLS: Final = re.compile(r"\b(?:DDE|DDEAUTO)\b", re.IGNORECASE)
_FIELDS: Final = (f"{{{_W}}}instrText", f"{{{_W}}}fldSimple")
_EMBEDDED: Final = re.compile(r"word/embeddings/[^/]+\.xlsx", re.IGNORECASE)
_TEMPLATE: Final = "/attachedTemplate"
_LINK: Final = "/hyperlink"
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    etree.XMLSyntaxError,
)


def look(file: IO[bytes], main: str = _MAIN) -> None:
    """Raise `Found` for a part that does not parse, runs, or fetches from elsewhere."""
    try:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.lower().endswith((".xml", ".rels")):
                    _check_part(archive, name)
                elif main == _MAIN and _EMBEDDED.fullmatch(name):
                    look(io.BytesIO(archive.read(name)), _SHEET)
            _check_types(_parsed(archive.read(_CONTENT_TYPES)), main)
    except _BROKEN:
        raise Found("FILE_BROKEN") from None


def _check_part(archive: zipfile.ZipFile, name: str) -> None:
    if name.lower().endswith(".rels"):
        _check_relations(name, _parsed(archive.read(name)))
        return
    told = []
    with archive.open(name) as part:
        for one in _elements(part):
            if one.tag in _FIELDS:
                told += [one.text or "", str(one.get(f"{{{_W}}}instr", ""))]
    # A field may be cut into pieces; put together they say what it does.
    if _CALLS.search("".join(told)):
        raise Found("FILE_LAUNCH", name)


def _elements(part: IO[bytes]) -> Iterator[etree._Element]:
    """Every element of a part once it is whole, and forgotten afterwards: a part may be large."""
    events = etree.iterparse(
        part, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    first = True
    for _, one in events:
        if first and one.getroottree().docinfo.internalDTD is not None:
            raise Found("FILE_ENTITIES")
        first = False
        yield one
        one.clear(keep_tail=True)
        before = one.getprevious()
        while before is not None:
            parent = before.getparent()
            if parent is None:
                break
            parent.remove(before)
            before = one.getprevious()


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Found("FILE_ENTITIES")
    return root


def _check_types(root: etree._Element, main: str) -> None:
    types = [str(one.get("ContentType", "")) for one in root.iterchildren(etree.Element)]
    if any(word in told.lower() for told in types for word in _RUNS):
        raise Found("FILE_MACROS")
    if main not in types or not all(told.startswith(_KNOWN) for told in types):
        raise Found("FILE_TYPE")


def _check_relations(name: str, root: etree._Element) -> None:
    for one in root.iter(etree.Element):
        kind, target = str(one.get("Type", "")), str(one.get("Target", ""))
        outside = str(one.get("TargetMode", "")).strip().lower() == "external"
        if kind.endswith(_CHUNK):
            raise Found("FILE_EMBEDDED", name)
        if kind.endswith(_TEMPLATE) or (outside and not kind.endswith(_LINK)):
            raise Found("FILE_LINKED", name)
        if not outside and _leaves(name, target):
            raise Found("FILE_UNSOUND", name)


def _leaves(name: str, target: str) -> bool:
    """Does a relation inside the file lead out of it?"""
    if "://" in target or target.startswith("\\\\"):
        return True
    base = posixpath.dirname(posixpath.dirname(name))
    return posixpath.normpath(posixpath.join(base, target)).startswith("..")
