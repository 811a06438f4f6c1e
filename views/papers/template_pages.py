"""Mẫu văn bản: an administrator takes a template, changes it in Word, tries it, puts it in use."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.file_checks import (
    DOCX,
    FileRefused,
)
from models.files import StoredFile
from models.paper_templates import (
    TemplateLine,
    add_template,
    current_versions,
    template_lines,
    template_version,
    use_template,
)
from views import desk, file_desk, form_pages, formats, steps, uploads
from views.attachments import hand_out
from views.formats import _
from views.forms import Answers, read_id
from views.languages import vietnamese
from views.once import writing_once
from views.papers.filling import BrokenTemplate
from views.papers.kinds import WORDS, PaperKind
from views.papers.library import built_in, content_of, left_out, previewed
from views.papers.samples import placeholders
from workflow.words import phrase

pages = Blueprint("paper_templates", __name__)

TITLE: Final = phrase("Mẫu văn bản")


@pages.get("/quan-tri/mau-van-ban")
def index() -> ResponseReturnValue:
    """Every paper with the template it is filled into."""
    with desk.reading() as db:
        own = current_versions(db)
    page = form_pages.FormPage(title=TITLE, crumbs=_crumbs(), typed={})
    rows = [
        {
            "title": words.title,
            "about": words.about,
            "found": words.found,
            "url": url_for(".show", kind=kind.value),
            "used": _used(own.get(kind.value)),
            "changed": kind.value in own,
        }
        for kind, words in WORDS.items()
    ]
    return form_pages.show("papers/templates.html", page, rows=rows)


@pages.get("/quan-tri/mau-van-ban/<kind>")
def show(kind: str) -> ResponseReturnValue:
    """One paper: its versions, what a template may use, and a form for a new one."""
    return _show(_kind(kind), {}, ())


@pages.post("/quan-tri/mau-van-ban/<kind>")
def bring(kind: str) -> ResponseReturnValue:
    """Take a changed template in, unless something in it is broken; it is not in use yet."""
    paper = _kind(kind)
    steps.key_from_form()
    answers = Answers(request.form, desk.today())
    note = answers.text("note", most=200)
    stored = _brought(paper, answers)
    if stored is None or answers.faults:
        return _show(paper, request.form.to_dict(), answers.faults)
    me, now = desk.me().person_id, desk.now()
    with writing_once() as form:
        number = add_template(form.session, paper.value, stored, note, me, now)
        form.leads_to = url_for(".show", kind=paper.value)
    missing = left_out(paper, uploads.store().path_of(stored.sha256).read_bytes())
    warned = _(" Mẫu không còn dùng: {missing}.", missing=", ".join(missing)) if missing else ""
    flash(
        _("Đã nhận bản {number}. Xem thử rồi đưa vào dùng.{warned}", number=number, warned=warned),
        "ok",
    )
    return redirect(form.leads_to, 303)


@pages.post("/quan-tri/mau-van-ban/<kind>/dung")
def use(kind: str) -> ResponseReturnValue:
    """Put a version in use, or the one that came with the service."""
    paper = _kind(kind)
    steps.key_from_form()
    version = read_id(request.form.get("ban", ""))
    with writing_once() as form:
        use_template(form.session, paper.value, version, desk.me().person_id, desk.now())
        form.leads_to = url_for(".show", kind=paper.value)
    told = _("bản {version}", version=version) if version is not None else _("mẫu gốc")
    flash(
        _("Từ nay {title} dùng {told}.", title=formats.lower_first(WORDS[paper].title), told=told),
        "ok",
    )
    return redirect(url_for(".show", kind=paper.value), 303)


@pages.get("/quan-tri/mau-van-ban/<kind>/goc.docx")
def original(kind: str) -> ResponseReturnValue:
    """The template that comes with the service, to be changed in Word."""
    paper = _kind(kind)
    return hand_out(BytesIO(built_in(paper)), DOCX, f"mau-{paper.value}.docx")


@pages.get("/quan-tri/mau-van-ban/<kind>/ban-<int(max=999999):version>.docx")
def changed(kind: str, version: int) -> ResponseReturnValue:
    """A changed version, as it was brought."""
    paper = _kind(kind)
    with desk.reading() as db:
        content = content_of(template_version(db, paper.value, version))
    return hand_out(BytesIO(content), DOCX, f"mau-{paper.value}-ban-{version}.docx")


@pages.get("/quan-tri/mau-van-ban/<kind>/xem-thu.docx")
@vietnamese
def preview(kind: str) -> ResponseReturnValue:
    """A version (`ban`), or the one that came, filled with a sample."""
    paper = _kind(kind)
    version = read_id(request.args.get("ban", ""))
    template = built_in(paper)
    if version is not None:
        with desk.reading() as db:
            template = content_of(template_version(db, paper.value, version))
    return hand_out(BytesIO(previewed(paper, template)), DOCX, f"xem-thu-{paper.value}.docx")


def _brought(kind: PaperKind, answers: Answers) -> StoredFile | None:
    """The file in the store once it fills without a fault; every fault is told."""

    def fills(path: Path, content_type: str) -> None:
        if content_type != DOCX:
            raise FileRefused(
                "FILE_TYPE", _("mẫu phải là tệp Word (.docx)."), _("Lưu lại từ Word.")
            )
        try:
            previewed(kind, path.read_bytes())
        except BrokenTemplate as broken:
            remedy = _("Sửa trong Word rồi gửi lại.")
            raise FileRefused("TEMPLATE_BROKEN", " ".join(broken.faults), remedy) from None

    try:
        stored = file_desk.received("file", fills)
    except FileRefused as refused:
        answers.blame("file", str(refused))
        return None
    if stored is None:
        answers.blame("file", _("Chọn tệp mẫu (.docx)."))
    return stored


def _show(kind: PaperKind, typed: dict[str, str], faults: Any) -> ResponseReturnValue:  # noqa: ANN401
    with desk.reading() as db:
        lines = template_lines(db, kind.value)
    page = form_pages.FormPage(
        title=WORDS[kind].title,
        crumbs=[*_crumbs()[:-1], {"label": TITLE, "url": url_for(".index")}, _here(kind)],
        eyebrow=TITLE,
        sub=_("Tải về ở {found}. {about}", found=WORDS[kind].found, about=WORDS[kind].about),
        typed=typed,
        errors=list(faults),
    )
    return form_pages.show(
        "papers/template.html",
        page,
        kind=kind.value,
        versions=[
            {
                "number": line.template.version,
                "current": line.template.current,
                "text": f"{line.by}, {formats.stamp(line.template.uploaded_at)}",
                "note": line.template.note,
            }
            for line in lines
        ],
        original=not any(line.template.current for line in lines),
        names=placeholders(kind),
    )


def _kind(word: str) -> PaperKind:
    if word not in set(PaperKind):
        abort(404)
    return PaperKind(word)


def _used(line: TemplateLine | None) -> str:
    if line is None:
        return _("Mẫu gốc")
    uploaded = formats.stamp(line.template.uploaded_at)
    return _(
        "Bản {version}, {by}, {uploaded}",
        version=line.template.version,
        by=line.by,
        uploaded=uploaded,
    )


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Quản trị"), "url": url_for("administration.index")},
        {"label": TITLE, "url": ""},
    ]


def _here(kind: PaperKind) -> dict[str, str]:
    return {"label": WORDS[kind].title, "url": ""}
