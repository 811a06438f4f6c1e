"""Small answers for slow lines: text is sent compressed to whoever takes it so.

A name of random length in the head of each compressed page hides its exact size, from which
somebody on the line could otherwise guess at what a page holds (BREACH).
"""

from __future__ import annotations

import gzip
import secrets
from functools import cache
from io import BytesIO

from flask import Flask, Response, request

WORTH_IT = 600
LONGEST_NAME = 100
TEXTS = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}
CODED = "gzip"


def answer_small(app: Flask) -> None:
    """Compress every answer that is text, whole, and long enough."""

    @app.after_request
    def _compress(response: Response) -> Response:
        if response.mimetype not in TEXTS:
            return response
        response.vary.add("Accept-Encoding")
        if not _may(response):
            return response
        response.direct_passthrough = False
        content = response.get_data()
        if len(content) < WORTH_IT:
            return response
        static = request.endpoint == "static"
        response.set_data(_kept(content) if static else compressed(content, _hiding()))
        response.headers["Content-Encoding"] = CODED
        return response


def compressed(content: bytes, name: str = "") -> bytes:
    """The content as a gzip member bearing this name."""
    written = BytesIO()
    with gzip.GzipFile(filename=name, mode="wb", fileobj=written, compresslevel=6, mtime=0) as out:
        out.write(content)
    return written.getvalue()


@cache
def _kept(content: bytes) -> bytes:
    return compressed(content)


def _hiding() -> str:
    return "a" * secrets.randbelow(LONGEST_NAME)


def _may(response: Response) -> bool:
    whole = response.status_code not in {204, 206, 304}
    wanted = request.method != "HEAD" and request.accept_encodings.quality(CODED) > 0
    return whole and wanted and "Content-Encoding" not in response.headers
