"""Files of the interface: their address carries a hash of what is inside, so they keep a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

YEAR = 365 * 24 * 3600


def version(app: Flask) -> None:
    """Add `?v=…` to every address of a static file, and let browsers keep what has it."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def _add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values.setdefault("v", content_version(folder / values["filename"]))

    @app.after_request
    def _keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code < 400:  # noqa: PLR2004
            seconds = YEAR if request.args.get("v") else 0
            immutable = ", immutable" if seconds else ""
            response.headers["Cache-Control"] = f"public, max-age={seconds}{immutable}"
        return response


@cache
def content_version(path: Path) -> str:
    """A short hash of the file; empty when there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""
