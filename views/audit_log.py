"""Nhật ký: every line of the audit chain, for those who watch; looking is written down too."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from models.office import write_down
from models.queries_audit import PAGE, AuditLine, AuditWanted, audit_page, every_audit_line
from views import audit_words, desk, exporting, form_pages, formats
from views.formats import _
from views.forms import Answers, day_text
from views.workbooks import Cell, Column, Sheet
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE, closing_instant

pages = Blueprint("audit_log", __name__)

TITLE: Final = phrase("Nhật ký")
DAYS_BACK: Final = 30
LONGEST: Final = 100
COLUMNS: Final = (
    Column(phrase("Lúc"), 18, "moment"),
    Column("Ai", 28),
    Column(phrase("Vai trò"), 30),
    Column(phrase("Việc"), 34),
    Column(phrase("Về"), 16),
    Column(phrase("Chuyển trạng thái"), 34),
    Column(phrase("Bản"), 7, "whole"),
    Column(phrase("Chuỗi"), 18),
    Column(phrase("Dòng"), 8, "whole"),
    Column(phrase("Mã băm"), 70),
)


@pages.get("/quan-tri/nhat-ky")
def index() -> ResponseReturnValue:
    """The log of some days, narrowed by person, dossier and what was done."""
    answers = Answers(request.args, desk.today())
    wanted, typed = _wanted(answers)
    number = min(max(request.args.get("trang", 1, int), 1), 1_000_000)
    _write_down_looking(typed)
    with desk.reading(at_length=True) as db:
        if exporting.asked():
            rows = (_cells(one) for one in every_audit_line(db, wanted))
            sheet = Sheet(_("Nhật ký"), _("Nhật ký hệ thống"), COLUMNS, rows)
            return exporting.hand_out(_("Nhật ký"), sheet, filters=_told(typed))
        lines, total = audit_page(db, wanted, number)
    page = form_pages.FormPage(
        title=TITLE,
        crumbs=[
            {"label": _("Quản trị"), "url": url_for("administration.index")},
            {"label": TITLE, "url": ""},
        ],
        sub=_("{count} dòng. Việc xem nhật ký cũng được ghi.", count=formats.number(total)),
        typed=typed,
        errors=answers.faults,
    )
    kept = {name: value for name, value in typed.items() if value}
    return form_pages.show(
        "audit_log/index.html",
        page,
        rows=[_row(one) for one in lines],
        actions=[
            {"value": name, "label": words}
            for name, words in sorted(audit_words.DONE.items(), key=lambda one: one[1])
        ],
        number=number,
        pages_count=-(-total // PAGE),
        kept=kept,
    )


def _wanted(answers: Answers) -> tuple[AuditWanted, dict[str, str]]:
    """Read the filters; a day that is none leaves the last thirty days."""
    today = desk.today()
    first = answers.day("tu") or today - timedelta(days=DAYS_BACK)
    last = answers.day("den") or today
    if last < first:
        answers.blame("den", _("Ngày cuối không thể trước ngày đầu."))
        first, last = min(first, last), max(first, last)
    person = " ".join(answers.raw("nguoi")[:LONGEST].split())
    code = " ".join(answers.raw("ho-so")[:LONGEST].split())
    action = answers.raw("viec") if answers.raw("viec") in audit_words.DONE else ""
    wanted = AuditWanted(
        _midnight(first),
        _midnight(last + timedelta(days=1)),
        person,
        code,
        (action,) if action else (),
    )
    typed = {"nguoi": person, "ho-so": code, "viec": action}
    return wanted, {"tu": day_text(first), "den": day_text(last), **typed}


def _midnight(day: Any) -> datetime:  # noqa: ANN401 - a date
    return closing_instant(day, time(0), OFFICE_ZONE)


def _write_down_looking(typed: dict[str, str]) -> None:
    told = {**typed, "workbook": exporting.asked()}
    with desk.writing() as db:
        write_down(db, "read_audit_log", told, desk.me().person_id, desk.now())


def _told(typed: dict[str, str]) -> dict[str, str]:
    return {
        "Từ ngày": typed["tu"],
        "Đến ngày": typed["den"],
        "Người": typed["nguoi"],
        "Về": typed["ho-so"],
        "Việc": audit_words.done(typed["viec"]) if typed["viec"] else "",
    }


def _cells(one: AuditLine) -> tuple[Cell, ...]:
    line = one.line
    return (
        line.at,
        line.actor_name,
        audit_words.role(line),
        audit_words.done(line.action),
        one.code,
        audit_words.states(line),
        line.dossier_version,
        line.stream,
        line.seq,
        line.hash,
    )


def _row(one: AuditLine) -> dict[str, Any]:
    line = one.line
    dossier = one.code if line.dossier_id is not None else ""
    return {
        "at": formats.stamp(line.at),
        "who": line.actor_name,
        "role": audit_words.role(line),
        "what": audit_words.done(line.action),
        "about": one.code or audit_words.about(line.stream),
        "url": url_for("dossiers.show", code=dossier) if dossier else "",
        "states": audit_words.states(line),
        "line": _("{stream}, dòng {seq}", stream=line.stream, seq=line.seq),
        "hash": line.hash[:12],
    }
