"""A PDF as its reader sees it: every object is visited, whatever it was packed in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from models.guarding.faults import Found

_KEYS: Final = {
    "/JS": "FILE_SCRIPT",
    "/JavaScript": "FILE_SCRIPT",
    "/EmbeddedFiles": "FILE_EMBEDDED",
    "/EF": "FILE_EMBEDDED",
    "/XFA": "FILE_FORM",
    "/RichMediaContent": "FILE_MEDIA",
}
_ACTIONS: Final = {
    "/JavaScript": "FILE_SCRIPT",
    "/Launch": "FILE_LAUNCH",
    "/ImportData": "FILE_LAUNCH",
    "/SubmitForm": "FILE_LAUNCH",
    "/GoToE": "FILE_EMBEDDED",
    "/Rendition": "FILE_MEDIA",
    "/Movie": "FILE_MEDIA",
    "/Sound": "FILE_MEDIA",
}
_SUBTYPES: Final = {
    "/FileAttachment": "FILE_EMBEDDED",
    "/RichMedia": "FILE_MEDIA",
    "/Movie": "FILE_MEDIA",
    "/Sound": "FILE_MEDIA",
    "/3D": "FILE_MEDIA",
    "/Screen": "FILE_MEDIA",
}
_BROKEN: Final = (
    pikepdf.PdfError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RuntimeError,
    OverflowError,
)


def _warm() -> None:
    """Let qpdf open its source of chance now: behind the walls it could not read a locked file."""
    empty = io.BytesIO()
    pikepdf.new().save(empty, encryption=pikepdf.Encryption(owner="-", user=""))
    pikepdf.open(empty).close()


_warm()


def look(file: BinaryIO, limits: dict[str, Any]) -> dict[str, Any]:
    """Pages and signature fields of a sound PDF; raises `Found`."""
    try:
        with pikepdf.open(file, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Found("FILE_ENCRYPTED")
            pages = _pages(pdf, limits["pages"])
            signatures = sum(_visit(one, limits["depth"]) for one in _objects(pdf, limits))
    except pikepdf.PasswordError:
        raise Found("FILE_ENCRYPTED") from None
    except _BROKEN:
        raise Found("FILE_BROKEN") from None
    return {"pages": pages, "signatures": signatures}


def _pages(pdf: pikepdf.Pdf, most: int) -> int:
    # qpdf refuses a tree of pages that bites its own tail, and counts a repeated page once, with
    # a warning; a reader would show it as often as it is said.
    pages = len(pdf.pages)
    warnings = [str(warning) for warning in pdf.get_warnings()]
    pages += sum("appears more than once" in warning for warning in warnings)
    if any("loop" in warning for warning in warnings):
        raise Found("FILE_BROKEN")
    if pages == 0:
        raise Found("FILE_BROKEN", "0 trang")
    if pages > most:
        raise Found("FILE_TOO_LONG")
    return pages


def _objects(pdf: pikepdf.Pdf, limits: dict[str, Any]) -> Iterator[Object]:
    if len(pdf.objects) > limits["objects"]:
        raise Found("FILE_UNSOUND")
    yield from pdf.objects
    yield pdf.trailer


def _visit(top: Object, deepest: int) -> int:
    """Look at one object and at what is written inside it; 1 for a signature, else 0."""
    waiting: list[tuple[Object, int]] = [(top, 0)]
    signed = 0
    while waiting:
        one, depth = waiting.pop()
        if depth > deepest:
            raise Found("FILE_UNSOUND")
        if isinstance(one, (Dictionary, Stream)):
            _check_names(one)
            signed |= one.get("/ByteRange") is not None and one.get("/Contents") is not None
        # What is referred to has its own turn.
        waiting += [
            (inside, depth + 1)
            for inside in _parts(one)
            if isinstance(inside, Object) and not inside.is_indirect
        ]
    return int(signed)


def _parts(one: Object) -> Iterator[Any]:
    if isinstance(one, Array):
        yield from one
    elif isinstance(one, (Dictionary, Stream)):
        yield from (value for _, value in one.items())


def _check_names(one: Dictionary | Stream) -> None:
    keys = set(one.keys())
    for key in keys & _KEYS.keys():
        raise Found(_KEYS[key])
    for key, bad in (
        ("/S", _ACTIONS),
        ("/Subtype", _SUBTYPES),
        ("/Type", {"/EmbeddedFile": "FILE_EMBEDDED"}),
    ):
        if key in keys:
            value = one.get(key)
            if isinstance(value, Name) and str(value) in bad:
                raise Found(bad[str(value)])
