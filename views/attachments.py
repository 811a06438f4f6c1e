"""Files on their way to a browser: as a download and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

from flask import Response, send_file

SANDBOX: Final = "default-src 'none'; sandbox"


def hand_out(file: Path | IO[bytes], content_type: str, name: str) -> Response:
    """A file as a download, in a sandbox: no browser opens it as a page of ours."""
    answer = send_file(
        file,
        mimetype=content_type,
        as_attachment=True,
        download_name=name,
        etag=False,
        conditional=False,
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
