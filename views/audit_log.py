"""Nhật ký: every line of the audit chain, for those who watch; looking is written down too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.office import write_down
from models.queries_audit import (
    AuditLine,
    AuditWanted,
    audit_line,
    audit_page,
    every_audit_line,
)
from models.queries_changes import FieldChange, Record, records_of
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
NEVER: Final = 2**31
AT_ONCE: Final = 200
FEW, MANY, CUT = 4, 60, 60
LONGEST_SHOWN: Final = 4_000
NOT_TOLD: Final = frozenset({"head_hash", "history_count", "updated_at"})
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
    Column(phrase("Trước và sau"), 60),
    Column(phrase("Địa chỉ"), 16),
    Column(phrase("Mã yêu cầu"), 12),
    Column(phrase("Phiên"), 18),
)


@pages.get("/quan-tri/nhat-ky")
def index() -> ResponseReturnValue:
    """The log of some days, narrowed by person, dossier and what was done."""
    answers = Answers(request.args, desk.today())
    wanted, typed = _wanted(answers)
    before = request.args.get("truoc", type=int)
    _write_down_looking(typed)
    with desk.reading(at_length=True) as db:
        if exporting.asked():
            rows = (_cells(*one) for one in _with_records(db, wanted))
            sheet = Sheet(_("Nhật ký"), _("Nhật ký hệ thống"), COLUMNS, rows)
            return exporting.hand_out(_("Nhật ký"), sheet, filters=_told(typed))
        found = audit_page(db, wanted, before if before and 0 < before < NEVER else None)
        records = records_of(db, [one.line.id for one in found.lines])
    page = form_pages.FormPage(
        title=TITLE,
        crumbs=[
            {"label": _("Quản trị"), "url": url_for("administration.index")},
            {"label": TITLE, "url": ""},
        ],
        sub=_("{count} dòng. Việc xem nhật ký cũng được ghi.", count=formats.number(found.total)),
        typed=typed,
        errors=answers.faults,
    )
    kept = {name: value for name, value in typed.items() if value}
    return form_pages.show(
        "audit_log/index.html",
        page,
        rows=[_row(one, records.get(one.line.id)) for one in found.lines],
        actions=[
            {"value": name, "label": words}
            for name, words in sorted(audit_words.DONE.items(), key=lambda one: one[1])
        ],
        older=found.older,
        first_page=before is None,
        kept=kept,
    )


@pages.get("/quan-tri/nhat-ky/<int(max=2147483647):number>")
def show(number: int) -> ResponseReturnValue:
    """One line: who, when, from where, and every field before and after."""
    with desk.writing() as db:
        write_down(db, "read_audit_log", {"line": number}, desk.me().person_id, desk.now())
    with desk.reading() as db:
        found = audit_line(db, number)
        if found is None:
            abort(404)
        record = records_of(db, [number]).get(number)
    line = found.line
    page = form_pages.FormPage(
        title=str(audit_words.done(line.action)),
        crumbs=[
            {"label": _("Quản trị"), "url": url_for("administration.index")},
            {"label": TITLE, "url": url_for("audit_log.index")},
            {"label": _("Dòng {number}", number=number), "url": ""},
        ],
        sub=_("{at}, {who}", at=formats.stamp(line.at), who=_(line.actor_name)),
    )
    facts = [
        (_("Vai trò"), audit_words.role(line)),
        (_("Về"), found.code or audit_words.about(line.stream)),
        (_("Chuyển trạng thái"), audit_words.states(line)),
        (_("Trong chuỗi"), f"{line.stream}, {line.seq}"),
        (_("Mã băm"), line.hash),
        (_("Nội dung ghi"), line.payload if line.payload != "{}" else ""),
    ]
    if record is not None:
        facts += [
            (_("Địa chỉ"), record.address),
            (_("Phiên làm việc"), record.session),
            (_("Mã yêu cầu"), record.request),
            (_("Trang"), record.doing),
            (_("Bản ghi thay đổi"), f"{record.stream}, {record.hash[:12]}"),
        ]
    return form_pages.show(
        "audit_log/line.html",
        page,
        facts=facts,
        changes=[_change(one) for one in sorted(record.changes, key=_first)] if record else [],
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
        _("Từ ngày"): typed["tu"],
        _("Đến ngày"): typed["den"],
        _("Người"): typed["nguoi"],
        _("Về"): typed["ho-so"],
        _("Việc"): audit_words.done(typed["viec"]) if typed["viec"] else "",
    }


def _with_records(db: Session, wanted: AuditWanted) -> Iterator[tuple[AuditLine, Record | None]]:
    """All lines with their records, some at a time."""
    lines = every_audit_line(db, wanted)
    while some := list(islice(lines, AT_ONCE)):
        records = records_of(db, [one.line.id for one in some])
        yield from ((one, records.get(one.line.id)) for one in some)


def _change(one: FieldChange) -> dict[str, str]:
    return {
        "row": f"{one.table} {one.key}",
        "field": one.field,
        "before": one.before[:LONGEST_SHOWN],
        "after": one.after[:LONGEST_SHOWN],
    }


def _differences(record: Record | None, most: int) -> list[str]:
    """The first differences, a line each; hashes and counters of the log itself left out."""
    if record is None:
        return []
    told = [one for one in record.changes if one.field not in NOT_TOLD]
    told.sort(key=_first)
    some = [
        f"{one.table}.{one.field}: {_cut(one.before)} → {_cut(one.after)}" for one in told[:most]
    ]
    more = len(told) - most
    return [*some, _("và {count} trường khác", count=more)] if more > 0 else some


def _first(one: FieldChange) -> tuple[bool, bool, bool, str, str]:
    """States first, then what was changed of what was there."""
    new = one.verb != "update"
    return one.field != "state", new, one.field in NOT_TOLD, one.table, one.key


def _cut(text: str) -> str:
    return (text if len(text) <= CUT else f"{text[: CUT - 1]}…") or "–"


def _cells(one: AuditLine, record: Record | None) -> tuple[Cell, ...]:
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
        "\n".join(_differences(record, MANY)),
        record.address if record else "",
        record.request if record else "",
        record.session if record else "",
    )


def _row(one: AuditLine, record: Record | None) -> dict[str, Any]:
    line = one.line
    dossier = one.code if line.dossier_id is not None else ""
    return {
        "at": formats.stamp(line.at),
        # The service itself has a name that is translated; a person's stays.
        "who": _(line.actor_name),
        "role": audit_words.role(line),
        "what": audit_words.done(line.action),
        "about": one.code or audit_words.about(line.stream),
        "url": url_for("dossiers.show", code=dossier) if dossier else "",
        "states": audit_words.states(line),
        "line": _("{stream}, dòng {seq}", stream=line.stream, seq=line.seq),
        "hash": line.hash[:12],
        "more": url_for("audit_log.show", number=line.id),
        "changes": _differences(record, FEW),
    }
