"""One page of a PDF as a picture light enough for a slow line, and how many pages there are."""

from __future__ import annotations

import base64
import io
import math
from typing import Any, BinaryIO, Final

import pypdfium2 as pdfium
from PIL import Image

_FINE, _COARSE = 70, 42
_BELOW: Final = 0.95
_BIGGEST_STEP: Final = 0.4
_SMALLEST: Final = 400
_TALLEST: Final = 3
"""Times as high as wide: a page beyond that is drawn narrower."""


def run(file: BinaryIO, options: dict[str, Any]) -> dict[str, Any]:
    """`pages`, and of page `options["page"]` (from 1) `webp` in base64, `width`, `height`.

    The picture is `options["width"]` points wide, or less where it would weigh more than
    `options["bytes"]`. A page that is not there has no picture.
    """
    document = pdfium.PdfDocument(file.read())
    pages, number = len(document), options["page"]
    if not 1 <= number <= pages:
        return {"pages": pages}
    page = document[number - 1]
    wide, high = page.get_size()
    width = min(options["width"], int(options["width"] * _TALLEST * wide / high)) or 1
    picture = page.render(scale=width / wide, draw_annots=True).to_pil().convert("RGB")
    content = _light(picture, options["bytes"])
    return {
        "pages": pages,
        "webp": base64.b64encode(content).decode(),
        "width": picture.width,
        "height": picture.height,
    }


def _light(picture: Image.Image, most: int) -> bytes:
    """As WebP within `most` bytes: first less fine, then smaller, as far as can be read."""
    content = _encoded(picture, _FINE)
    if len(content) > most:
        content = _encoded(picture, _COARSE)
    while len(content) > most and picture.width > _SMALLEST:
        share = max(_BIGGEST_STEP, _BELOW * math.sqrt(most / len(content)))
        size = (int(picture.width * share), int(picture.height * share))
        picture = picture.resize(size, Image.Resampling.BILINEAR)
        content = _encoded(picture, _COARSE)
    return content


def _encoded(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def _warm() -> None:
    """Draw an empty page, so that all it takes is loaded before the walls go up."""
    page = pdfium.PdfDocument.new().new_page(10, 10)
    _light(page.render().to_pil().convert("RGB").resize((5, 5), Image.Resampling.BILINEAR), 9999)


_warm()
