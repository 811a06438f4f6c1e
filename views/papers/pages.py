"""Soạn văn bản: every paper of a dossier, a session or a decision as Word, for whoever sees it."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.form_queries import dossier_row
from models.ledger import look
from views import desk, form_pages
from views.forms import Answers, day_text, read_id
from views.languages import vietnamese
from views.papers.dossier_words import words_for
from views.papers.handing import ENDINGS, answer
from views.papers.kinds import WORDS, PaperKind
from views.papers.library import written
from views.papers.writing import Writing, kinds_for
from workflow.words import phrase

pages = Blueprint("papers", __name__)

TITLE: Final = phrase("Soạn văn bản")


@pages.get("/ho-so/<code>/van-ban")
def index(code: str) -> ResponseReturnValue:
    """The papers there are for the dossier where it stands, with day and signer to choose."""
    with desk.reading() as db:
        writing = _writing(db, code)
        asked = writing.opened.facts.supplement is not None
        kinds = kinds_for(writing.dossier, asked=asked)
        signers = writing.signers(writing.dossier.proposing_unit_id)
    return form_pages.show(
        "papers/dossier.html",
        form_pages.dossier_page(writing.opened, TITLE, {}),
        rows=[
            {
                "kind": kind.value,
                "title": WORDS[kind].title,
                "about": WORDS[kind].about,
                "files": [
                    {
                        "label": label,
                        "url": url_for(".download", code=code, kind=kind.value, ending=ending),
                    }
                    for label, ending in ENDINGS
                ],
            }
            for kind in kinds
        ],
        signers=[
            {"value": one.person_id, "label": f"{one.name}, {one.position}"} for one in signers
        ],
        today=day_text(desk.today()),
    )


@pages.get("/ho-so/<code>/van-ban/<kind>.<any(docx,pdf):ending>")
@vietnamese
def download(code: str, kind: str, ending: str) -> ResponseReturnValue:
    """One paper as a file. Sight of the dossier decides; a paper it has no use for is not there."""
    if kind not in set(PaperKind):
        abort(404)
    paper = PaperKind(kind)
    with desk.reading() as db:
        writing = _writing(db, code)
        if paper not in kinds_for(
            writing.dossier, asked=writing.opened.facts.supplement is not None
        ):
            abort(404)
        filled = written(db, paper, words_for(paper, writing))
    return answer(filled, WORDS[paper].title, f"{paper.value}-{code}", ending)


def _writing(db: Session, code: str) -> Writing:
    """The dossier as the reader sees it; a day or a signer that cannot be read is left out."""
    me, now = desk.me().person_id, desk.now()
    opened = look(db, code, me, now)
    dossier = dossier_row(db, code, me, desk.today())
    answers = Answers(request.args, desk.today())
    dated = answers.day("ngay")
    return Writing(
        session=db,
        dossier=dossier,
        opened=opened,
        now=now,
        dated=None if answers.faults else dated,
        signer_id=read_id(request.args.get("nguoi-ky", "")),
    )
