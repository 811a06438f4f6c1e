"""Xóa dữ liệu cá nhân: one administrator asks with reason and legal basis, another answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models import erasing
from models.erasing import Asked, CannotErase
from views import desk, form_pages, formats
from views.formats import _
from views.forms import Answers, Fault
from workflow.words import phrase

pages = Blueprint("erasures", __name__)

TITLE = phrase("Xóa dữ liệu cá nhân")


@pages.get("/quan-tri/xoa-du-lieu")
def index() -> ResponseReturnValue:
    """Every request, and a form for a new one."""
    return _show({}, [])


@pages.post("/quan-tri/xoa-du-lieu")
def ask() -> ResponseReturnValue:
    """Ask; another administrator must answer."""
    answers = Answers(request.form, desk.today())
    code = answers.text("code", _("Gõ mã của người, như ở trang Người dùng."))
    reason = answers.text("reason", _("Ghi lý do bằng một câu."), most=500)
    basis = answers.text("legal_basis", _("Ghi điều, khoản, văn bản cho phép xóa."), most=500)
    if not answers.faults:
        try:
            with desk.writing() as db:
                erasing.ask(db, code, reason, basis, desk.me().person_id, desk.now())
        except CannotErase as refused:
            answers.blame("code", str(refused))
    if answers.faults:
        return _show(request.form.to_dict(), answers.faults)
    flash(_("Đã gửi đề nghị; quản trị thứ hai trả lời."), "ok")
    return redirect(url_for("erasures.index"), 303)


@pages.post("/quan-tri/xoa-du-lieu/<int(max=2147483647):number>")
def answer(number: int) -> ResponseReturnValue:
    """Grant or refuse; what is erased does not come back."""
    granted = request.form.get("answer") == "yes"
    try:
        with desk.writing() as db:
            erased = erasing.answer(db, number, desk.me().person_id, desk.now(), granted=granted)
    except CannotErase as refused:
        return _show({}, [Fault("answer", str(refused))])
    if granted:
        flash(_("Đã xóa, kể cả {count} giá trị giữ trong nhật ký.", count=erased), "ok")
    else:
        flash(_("Đã từ chối đề nghị; không xóa gì."), "ok")
    return redirect(url_for("erasures.index"), 303)


def _show(typed: dict[str, str], faults: list[Fault]) -> ResponseReturnValue:
    with desk.reading() as db:
        found = erasing.requests(db)
    page = form_pages.FormPage(
        title=TITLE,
        crumbs=[
            {"label": _("Quản trị"), "url": url_for("administration.index")},
            {"label": TITLE, "url": ""},
        ],
        sub=_("Cần hai người. Xóa giá trị và muối; chuỗi nhật ký vẫn nguyên vẹn."),
        typed=typed,
        errors=faults,
    )
    return form_pages.show("people/erasures.html", page, rows=[_row(one) for one in found])


def _row(one: Asked) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "who": f"{one.name} ({one.code})",
        "why": f"{row.reason} · {row.legal_basis}",
        "asked": _("{who}, {at}", who=one.asked_by, at=formats.stamp(row.asked_at)),
        "answered": _("{who}, {at}", who=one.answered_by, at=formats.stamp(row.answered_at))
        if row.answered_at
        else "",
        "status": {
            None: _("Chờ người thứ hai"),
            True: _("Đã xóa {count} giá trị trong nhật ký", count=row.values_erased),
            False: _("Không đồng ý"),
        }[row.granted],
        "may_answer": row.granted is None and row.asked_by_id != desk.me().person_id,
    }
