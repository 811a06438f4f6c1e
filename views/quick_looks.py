"""Xem nhanh: a paper as light pictures of its pages, or as its text, instead of a download.

Whoever may see the dossier may look; the pictures are made by the service, the original stays as
it is and is had as a download.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from flask import Blueprint, Response, abort, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from models.file_checks import PDF
from models.file_scanning import Verdict
from models.file_views import PagePicture
from models.form_queries import last_scan, paper_of
from models.tables import Document
from views import desk, file_desk, formats, labels, seal_words
from views.attachments import SANDBOX
from views.formats import _

pages = Blueprint("quick_looks", __name__)

_SHEET: Final = (1100, 1556)
"""The room a page of A4 takes until its picture is there."""


@pages.get("/ho-so/<code>/tai-lieu/<int(max=2147483647):document_id>/xem")
def show(code: str, document_id: int) -> ResponseReturnValue:
    """One paper, page by page; pictures come as the reader scrolls."""
    paper = _paper(code, document_id)
    looks = file_desk.views()
    is_pdf = paper.content_type == PDF
    count = looks.pages(paper.sha256) if is_pdf else 0
    title = labels.DOCUMENT[paper.kind]
    url = url_for("dossiers.show", code=code)
    return render_template(
        "documents/look.html",
        title=title,
        code=code,
        crumb_items=[
            {"label": _("Hồ sơ"), "url": url_for("dossiers.index")},
            {"label": code, "url": url},
            {"label": title, "url": ""},
        ],
        facts=[*_facts(paper, count), (_("Quét vi-rút"), _scan(paper))],
        sheets=[
            url_for(".page", code=code, document_id=paper.id, number=number)
            for number in range(1, count + 1)
        ],
        sheet=_SHEET,
        seals=_seals(paper) if is_pdf else None,
        text=None if is_pdf else looks.text(paper.sha256),
        download_url=url_for("documents.download", code=code, document_id=paper.id),
        size_text=formats.size(paper.size),
        back_url=url,
    )


@pages.get("/ho-so/<code>/tai-lieu/<int(max=2147483647):document_id>/trang/<int(max=500):number>")
def page(code: str, document_id: int, number: int) -> ResponseReturnValue:
    """The picture of one page."""
    paper = _paper(code, document_id)
    if paper.content_type != PDF:
        abort(404)
    picture = file_desk.views().page(paper.sha256, number)
    if picture is None:
        abort(404)
    return _sent(picture)


def look_url(code: str, document_id: int) -> str:
    """Where a paper is looked at."""
    return url_for("quick_looks.show", code=code, document_id=document_id)


def _paper(code: str, document_id: int) -> Document:
    with desk.reading() as db:
        paper = paper_of(db, code, document_id, desk.me().person_id, desk.today())
    file_desk.lying(paper.sha256, paper.file_name)
    return paper


def _seals(paper: Document) -> dict[str, Any]:
    trust = file_desk.here().trust()
    return seal_words.seal_words(file_desk.views().seals(paper.sha256, trust, desk.now()), trust)


def _scan(paper: Document) -> str:
    """What the scanner said last of this file."""
    with desk.reading() as db:
        last = last_scan(db, paper.sha256)
    if last is None or last.verdict != Verdict.CLEAN:
        return _("chưa quét")
    return _("sạch, {scanned_at}", scanned_at=formats.moment(last.scanned_at))


def _sent(picture: PagePicture) -> Response:
    answer = send_file(BytesIO(picture.content), mimetype="image/webp", etag=False)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _facts(paper: Document, count: int) -> list[tuple[str, str]]:
    facts = [
        (_("Tệp"), paper.file_name),
        (_("Dung lượng"), formats.size(paper.size)),
        (_("Số trang"), str(count) if count else ""),
        (_("Bản"), str(paper.version)),
        (_("Số, ký hiệu"), paper.number),
        (_("Ngày ký"), formats.day(paper.dated) if paper.dated else ""),
        (_("Người ký"), paper.signer),
        (_("Tải lên"), formats.moment(paper.uploaded_at)),
    ]
    return [(label, value) for label, value in facts if value]
