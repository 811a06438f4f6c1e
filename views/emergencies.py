"""Truy cập khẩn cấp: one asks, another opens; every use stands where everybody sees it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models import emergencies
from models.emergencies import MOST_HOURS, ROLES, Shown
from models.tables import EmergencyAccess
from models.visibility import visible_to
from views import desk, exporting, form_pages, formats, labels, sheets_of_office
from views.formats import _
from views.forms import Answers, Fault
from workflow.ports import NotFound
from workflow.vocabulary import Role
from workflow.words import phrase

pages = Blueprint("emergencies", __name__)

TITLE = phrase("Truy cập khẩn cấp")
MOST = 100


@pages.get("/khan-cap")
def index() -> ResponseReturnValue:
    """What was asked for and opened on the dossiers this reader sees, and a form to ask."""
    return _show({"code": request.args.get("ho-so", "")}, [])


@pages.post("/khan-cap")
def ask() -> ResponseReturnValue:
    """Ask for a role towards one dossier."""
    answers = Answers(request.form, desk.today())
    code = answers.text("code", _("Gõ mã hồ sơ, ví dụ HS-2023-0027."))
    role = answers.choice("role", Role, _("Chọn vai trò đang thiếu."))
    hours = answers.whole("hours", _("Ghi số giờ, từ 1 đến {most_hours}.", most_hours=MOST_HOURS))
    reason = answers.text("reason", _("Ghi lý do khẩn cấp bằng một câu."), most=500)
    if role is not None and role not in ROLES:
        answers.blame("role", _("Chọn một vai trò của quy trình."))
    if hours > MOST_HOURS or hours < 1:
        answers.blame("hours", _("Ghi số giờ, từ 1 đến {most_hours}.", most_hours=MOST_HOURS))
    if not answers.faults and role is not None:
        try:
            with desk.writing() as db:
                emergencies.ask(db, code, role, hours, reason, desk.me().person_id, desk.now())
        except NotFound:
            answers.blame("code", _("Không thấy hồ sơ này; kiểm tra lại mã."))
    if answers.faults:
        return _show(request.form.to_dict(), answers.faults)
    flash(_("Đã gửi; người khác phải mở thì mới dùng được."), "ok")
    return redirect(url_for("emergencies.index"), 303)


@pages.post("/khan-cap/<int(max=2147483647):number>")
def answer(number: int) -> ResponseReturnValue:
    """Open it, refuse it, or close it before its time."""
    what, by, now = request.form.get("answer"), desk.me().person_id, desk.now()
    with desk.writing() as db:
        if what == "end":
            done = emergencies.end_emergency(db, number, by, now)
        else:
            done = emergencies.answer(db, number, by, now, granted=what == "yes")
    if done:
        flash(_("Đã ghi nhận và báo những người liên quan."), "ok")
    else:
        flash(
            _("Không làm được: đã có người trả lời, đã hết giờ hoặc không thuộc quyền bạn."), "warn"
        )
    return redirect(url_for("emergencies.index"), 303)


def _show(typed: dict[str, str], faults: list[Fault]) -> ResponseReturnValue:
    me, now = desk.me().person_id, desk.now()
    with desk.reading() as db:
        found = emergencies.shown(db, visible_to(me, desk.today()))
        found = found if exporting.asked() else found[:MOST]
        rows = [
            _row(one, may_answer=emergencies.may_answer(db, one.access, me, now))
            if _is_alive(one.access)
            else _row(one, may_answer=False)
            for one in found
        ]
    if exporting.asked():
        told = ((one, row["status"]) for one, row in zip(found, rows, strict=True))
        return exporting.hand_out(_("Truy cập khẩn cấp"), sheets_of_office.emergencies(told))
    page = form_pages.FormPage(title=TITLE, typed=typed, errors=faults)
    roles = [{"value": role.value, "label": labels.ROLE[role]} for role in ROLES]
    return form_pages.show("people/emergencies.html", page, rows=rows, roles=roles)


def _is_alive(access: EmergencyAccess) -> bool:
    if access.answered_at is None:
        return access.asked_at > desk.now() - emergencies.WAITS
    return _is_open(access)


def _is_open(access: EmergencyAccess) -> bool:
    return bool(
        access.granted
        and access.ended_at is None
        and access.expires_at
        and access.expires_at > desk.now()
    )


def _row(one: Shown, *, may_answer: bool) -> dict[str, Any]:
    access = one.access
    is_open, own = _is_open(access), access.person_id == desk.me().person_id
    if is_open and access.expires_at:
        status, tone = (
            _("Đang mở đến {expires_at}", expires_at=formats.moment(access.expires_at)),
            "bad",
        )
    elif access.answered_at is None and _is_alive(access):
        status, tone = _("Chờ người thứ hai"), "warn"
    else:
        status, tone = (_("Không mở") if access.granted is False else _("Đã hết")), ""
    return {
        "id": access.id,
        "url": url_for("dossiers.show", code=one.code),
        "code": one.code,
        "who": _(
            "{person}: {lower}, {count} giờ",
            person=one.person,
            lower=labels.ROLE[access.role].lower(),
            count=access.hours,
        ),
        "reason": access.reason,
        "asked": formats.stamp(access.asked_at),
        "answered_by": one.answered_by,
        "status": status,
        "tone": tone,
        "may_answer": may_answer and access.answered_at is None,
        "may_end": is_open and (may_answer or own),
    }
