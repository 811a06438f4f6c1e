"""A dossier's papers together: all of them as one ZIP, and the versions of one side by side."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, abort, url_for
from flask.typing import ResponseReturnValue

from models.evidence.packing import Sink
from models.form_queries import dossier_row
from models.ledger import look
from models.queries_history import Paper, papers_of
from views import desk, file_desk, form_pages, formats
from views.attachments import SANDBOX
from views.formats import _
from workflow.ports import Opened
from workflow.vocabulary import DocumentKind
from workflow.words import phrase

pages = Blueprint("whole_dossier", __name__)

CHUNK: Final = 256 * 1024
OLDER: Final = phrase("Bản trước")
INDEX: Final = "muc-luc.txt"
EARLIEST: Final = 1980
"""A ZIP knows no day before."""
_UNFIT: Final = re.compile(r'[\\/:*?"<>|]')


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: its name there, when it was uploaded, and where it lies."""

    name: str
    at: datetime
    path: Path


@pages.get("/ho-so/<code>/toan-bo.zip")
def download(code: str) -> ResponseReturnValue:
    """Every version of every paper with a list of their hashes, sent while it is packed."""
    seen, papers = _papers(code)
    entries = [_entry(seen, paper) for paper in papers]
    return Response(
        packed(entries, _index(seen, papers), desk.now()),
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{code}.zip"',
            "Content-Security-Policy": SANDBOX,
        },
    )


@pages.get("/ho-so/<code>/tai-lieu/so-sanh/<kind>")
def compare(code: str, kind: str) -> ResponseReturnValue:
    """What is written on each version of one paper, the newest first."""
    seen, papers = _papers(code)
    known = {table.kind.value: table for table in seen.rulebook.programme.documents}
    versions = [paper for paper in papers if paper.document.kind.value == kind]
    if kind not in known or not versions:
        abort(404)
    page = form_pages.dossier_page(seen, _("So sánh các bản"), {})
    return form_pages.show(
        "papers/compare.html",
        page,
        paper=known[kind].title,
        versions=[
            {
                "number": paper.document.version,
                "url": url_for("documents.download", code=code, document_id=paper.document.id),
            }
            for paper in versions
        ],
        rows=list(_rows(versions)),
    )


def packed(entries: Sequence[Entry], index: str, now: datetime) -> Iterator[bytes]:
    """A ZIP, piece by piece: never whole in memory. Papers are packed already; they are stored."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_info(INDEX, now), index)
        for entry in entries:
            with (
                archive.open(_info(entry.name, entry.at), "w") as part,
                entry.path.open("rb") as file,
            ):
                while chunk := file.read(CHUNK):
                    part.write(chunk)
                    yield sink.taken()
    yield sink.taken()


def _papers(code: str) -> tuple[Opened, list[Paper]]:
    me, now = desk.me().person_id, desk.now()
    with desk.reading() as db:
        seen = look(db, code, me, now)
        return seen, papers_of(db, dossier_row(db, code, me, desk.today()).id)


def _entry(seen: Opened, paper: Paper) -> Entry:
    document = paper.document
    file = file_desk.lying(document.sha256, document.file_name)
    return Entry(_name(seen, paper), document.uploaded_at, file)


def _name(seen: Opened, paper: Paper) -> str:
    """The paper's short name, its version, then the file's own name."""
    document = paper.document
    short = _short(seen, document.kind)
    folder = "" if document.current else f"{OLDER}/"
    return _(
        "{folder}{short} (bản {version}) {sub}",
        folder=folder,
        short=short,
        version=document.version,
        sub=_UNFIT.sub("_", document.file_name),
    )


def _short(seen: Opened, kind: DocumentKind) -> str:
    table = seen.rulebook.programme.document_by_kind.get(kind)
    return table.short if table else kind.value


def _index(seen: Opened, papers: Sequence[Paper]) -> str:
    lines = [
        _("Hồ sơ {code}, {name}", code=seen.facts.code, name=seen.facts.subject.name),
        _("Đóng gói lúc {now}", now=formats.moment(desk.now())),
        "",
        _("SHA-256  Tệp"),
    ]
    lines += [
        _("{sha256}  {name}", sha256=paper.document.sha256, name=_name(seen, paper))
        for paper in papers
    ]
    return "\r\n".join(lines) + "\r\n"


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    local = formats.local(at)
    info = zipfile.ZipInfo(name, (max(local.year, EARLIEST), *local.timetuple()[1:6]))
    info.external_attr = 0o640 << 16
    return info


def _rows(versions: Sequence[Paper]) -> Iterator[dict[str, Any]]:
    """One line for each thing written on a paper; `differs` where the versions do not agree."""
    documents = [paper.document for paper in versions]
    told = (
        (_("Tệp"), [one.file_name for one in documents]),
        (_("Dung lượng"), [formats.size(one.size) for one in documents]),
        (_("Số, ký hiệu"), [one.number or _("chưa ghi") for one in documents]),
        (
            _("Ngày ký"),
            [formats.day(one.dated) if one.dated else _("chưa ghi") for one in documents],
        ),
        (_("Người ký"), [one.signer or _("chưa ghi") for one in documents]),
        (
            _("Xác nhận của cấp trình"),
            [_("có") if one.confirmed else _("không") for one in documents],
        ),
        (_("Tải lên lúc"), [formats.stamp(one.uploaded_at) for one in documents]),
        (_("Người tải"), [paper.by for paper in versions]),
        (_("Nội dung (SHA-256)"), [one.sha256[:16] for one in documents]),
    )
    for label, values in told:
        yield {"label": label, "values": values, "differs": len(set(values)) > 1}
