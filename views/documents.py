"""Papers going out: to whoever may see the dossier, as a download and nothing else."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue

from models.form_queries import paper_of
from views import desk, uploads

pages = Blueprint("documents", __name__)

SANDBOX = "default-src 'none'; sandbox"


@pages.get("/ho-so/<code>/tai-lieu/<int(max=2147483647):document_id>")
def download(code: str, document_id: int) -> ResponseReturnValue:
    """One paper, old versions too. Sight of the dossier decides, never the hash."""
    with desk.reading() as db:
        paper = paper_of(db, code, document_id, desk.me().person_id, desk.today())
    return hand_out(uploads.store().path_of(paper.sha256), paper.content_type, paper.file_name)


def hand_out(file: Path | BytesIO, content_type: str, name: str) -> Response:
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
