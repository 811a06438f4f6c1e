"""Papers going out: to whoever may see the dossier, as a download and nothing else."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from models.form_queries import paper_of
from views import desk, file_desk
from views.attachments import hand_out as hand_out  # noqa: PLC0414 - others ask for it here

pages = Blueprint("documents", __name__)


@pages.get("/ho-so/<code>/tai-lieu/<int(max=2147483647):document_id>")
def download(code: str, document_id: int) -> ResponseReturnValue:
    """One paper, old versions too. Sight of the dossier decides, never the hash."""
    with desk.reading() as db:
        paper = paper_of(db, code, document_id, desk.me().person_id, desk.today())
    file = file_desk.lying(paper.sha256, paper.file_name)
    return hand_out(file, paper.content_type, paper.file_name)
