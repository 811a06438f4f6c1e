"""A DOCX as Word sees it: every part of XML is parsed, every relation and content type is read."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from typing import IO, Final

from lxml import etree

from models.guarding.faults import Found

_CONTENT_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RUNS: Final = ("macroenabled", "vbaproject", "activex", "oleobject")
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
                    root = _parsed(archive.read(name))
                    if name.lower().endswith(".rels"):
                        _check_relations(name, root)
            _check_types(_parsed(archive.read(_CONTENT_TYPES)), main)
    except _BROKEN:
        raise Found("FILE_BROKEN") from None


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = etree.fromstring(content, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Found("FILE_ENTITIES")
    return root


def _check_types(root: etree._Element, main: str) -> None:
    types = [str(one.get("ContentType", "")) for one in root.iter(etree.Element)]
    if any(word in told.lower() for told in types for word in _RUNS):
        raise Found("FILE_MACROS")
    if main not in types:
        raise Found("FILE_TYPE")


def _check_relations(name: str, root: etree._Element) -> None:
    for one in root.iter(etree.Element):
        kind, target = str(one.get("Type", "")), str(one.get("Target", ""))
        outside = str(one.get("TargetMode", "")).strip().lower() == "external"
        if kind.endswith(_TEMPLATE):
            raise Found("FILE_LINKED", name)
        if outside and not kind.endswith(_LINK):
            raise Found("FILE_LINKED", name)
        if not outside and _leaves(name, target):
            raise Found("FILE_UNSOUND", name)


def _leaves(name: str, target: str) -> bool:
    """Does a relation inside the file lead out of it?"""
    if "://" in target or target.startswith("\\\\"):
        return True
    base = posixpath.dirname(posixpath.dirname(name))
    return posixpath.normpath(posixpath.join(base, target)).startswith("..")
