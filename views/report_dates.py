"""Due days of reports: set anew with a reason, previewed with who becomes late, saved once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.deadlines import milestones_of
from models.queries_inbox import office_calendar
from models.report_dates import (
    NewReportDate,
    dates_of,
    last_report_date,
    move_report,
    owing_units,
    reports_as_set,
)
from models.rulebooks import rulebooks_in_force
from models.tables import Unit
from views import desk, form_pages, formats, labels, side_by_side
from views.formats import _
from views.forms import Answers, day_text
from workflow.ports import NotFound
from workflow.programme import Programme, ReportTable
from workflow.reminder_lint import report_oddities
from workflow.reminders import Calendar
from workflow.report_reminders import DateSet, due_instant
from workflow.terms import Terms
from workflow.words import phrase

pages = Blueprint("report_dates", __name__)

TITLE = phrase("Đổi hạn báo cáo")
OVERTAKEN = phrase("Hạn vừa được người khác đổi; xem lại bản mới nhất dưới đây rồi lưu.")
NAMED = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """What every request here starts from: the report as it stands, and all it is weighed with."""

    programme: Programme
    report: ReportTable
    reports: tuple[ReportTable, ...]
    dates: tuple[DateSet, ...]
    calendar: Calendar
    terms: Mapping[str, Terms]
    owing: list[Unit]
    latest: int

    @property
    def address(self) -> str:
        """The form of this report."""
        return address(self.programme, self.report)


def address(programme: Programme, report: ReportTable) -> str:
    """Where the due day of a report is changed."""
    return url_for("report_dates.form", report_id=report.id, **side_by_side.address(programme))


def rows(db: Session, programme: Programme) -> list[dict[str, Any]]:
    """Every report with its due day, the day it had before, and who changed it."""
    known = dates_of(db, programme.id)
    return [
        {
            "report": one.title,
            "due": _cell(programme, one, known.get(one.id, ())),
            "url": address(programme, one),
        }
        for one in reports_as_set(db, programme)
    ]


def moves(programme: Programme, report: ReportTable, dates: Sequence[DateSet]) -> list[str]:
    """Each change as one sentence: from which day to which, by whom, when, why."""
    was = programme.report_by_id[report.id].due
    told = []
    for one in dates:
        clause = (
            _(" ({clause_text})", clause_text=labels.clause_text(one.clause)) if one.clause else ""
        )
        told.append(
            _(
                "{was} đổi thành {day}: {by}, lúc {at}{clause}. Lý do: {reason}",
                was=formats.day(was),
                day=formats.day(one.day),
                by=one.by,
                at=formats.moment(one.at),
                clause=clause,
                reason=one.reason,
            )
        )
        was = one.day
    return told


@pages.get("/quan-tri/moc/bao-cao/<report_id>")
def form(report_id: str) -> ResponseReturnValue:
    """The form of one report, with the day as it stands."""
    ground = _ground(report_id)
    return _show_form(ground, {"due": day_text(ground.report.due)}, Answers({}, desk.today()))


@pages.post("/quan-tri/moc/bao-cao/<report_id>")
def save(report_id: str) -> ResponseReturnValue:
    """Show what the change would do; with `confirm`, save it."""
    ground = _ground(report_id)
    answers = Answers(request.form, desk.today())
    wanted = _read(ground, answers)
    if wanted is None or answers.faults:
        return _show_form(ground, request.form.to_dict(), answers)
    if wanted.day == ground.report.due:
        flash(_("Ngày giống hạn đang có; không có gì để lưu."))
        return redirect(_shown(ground), 303)
    seen = request.form.get("seen", "") == str(ground.latest)
    if not request.form.get("confirm") or not seen:
        return _confirm(ground, wanted, overtaken=bool(request.form.get("confirm")))
    return _keep(ground, wanted)


def _keep(ground: Ground, wanted: NewReportDate) -> ResponseReturnValue:
    with desk.writing() as db:
        if last_report_date(db, ground.programme.id) != ground.latest:
            flash(OVERTAKEN, "warn")
            return redirect(ground.address, 303)
        told = move_report(db, ground.programme, wanted, desk.me().person_id, desk.now())
    flash(
        _(
            "Đã lưu hạn {day} lúc {now}. Thư báo gửi tới {count} người.",
            day=formats.day(wanted.day),
            now=formats.moment(desk.now()),
            count=told,
        ),
        "ok",
    )
    return redirect(_shown(ground), 303)


def _confirm(ground: Ground, wanted: NewReportDate, *, overtaken: bool) -> ResponseReturnValue:
    new = ground.report.model_copy(update={"due": wanted.day})
    now = desk.now()
    before, after = (now > due_instant(ground.programme, one) for one in (ground.report, new))
    page = form_pages.FormPage(
        title=_("Xem lại trước khi lưu"),
        sub=ground.report.title,
        crumbs=_crumbs(ground),
        typed=request.form.to_dict(),
    )
    names = [one.name for one in ground.owing]
    return form_pages.show(
        "report_dates/confirm.html",
        page,
        was=formats.weekday(ground.report.due),
        now_at=formats.weekday(wanted.day),
        reason=wanted.reason,
        owing=len(names),
        late=after and not before,
        freed=before and not after,
        names=names[:NAMED],
        warnings=_warnings(ground, new),
        kept=[
            ("due", day_text(wanted.day)),
            ("reason", wanted.reason),
            ("clause", wanted.clause),
            ("seen", str(ground.latest)),
            ("confirm", "1"),
        ],
        overtaken=OVERTAKEN if overtaken else "",
        back=ground.address,
    )


def _warnings(ground: Ground, new: ReportTable) -> list[str]:
    """What is allowed, but should be seen first."""
    found = []
    if not ground.calendar.is_working_day(new.due):
        found.append(_("{due} là ngày nghỉ.", due=formats.weekday(new.due)))
    if new.due < desk.today():
        found.append(_("{due} đã qua.", due=formats.weekday(new.due)))
    others = [one for one in ground.reports if one.id != new.id]
    odd = report_oddities(ground.programme, new, others, ground.calendar, desk.now(), ground.terms)
    return [*found, *(_("Nhắc việc {rule}: {text}.", rule=one.rule, text=one.text) for one in odd)]


def _read(ground: Ground, answers: Answers) -> NewReportDate | None:
    day = answers.day("due", _("Ghi hạn gửi mới."))
    reason = answers.text("reason", _("Ghi lý do đổi hạn bằng một câu."))
    clause = answers.text("clause", most=100)
    if day is None:
        return None
    if day < ground.report.opens:
        answers.blame(
            "due",
            _(
                "Hạn không thể trước ngày mở báo cáo, {opens}.",
                opens=formats.day(ground.report.opens),
            ),
        )
    return NewReportDate(ground.report.id, day, reason, clause)


def _ground(report_id: str) -> Ground:
    asked = side_by_side.asked_for()
    with desk.reading() as db:
        known = [one.programme for one in rulebooks_in_force(db)]
        having = (one for one in known if report_id in one.report_by_id)
        programme = next((one for one in having if asked in {None, one.id}), None)
        if programme is None:
            raise NotFound(report_id)
        reports = reports_as_set(db, programme)
        set_anew = milestones_of(db, [programme.id])
        return Ground(
            programme=programme,
            report=next(one for one in reports if one.id == report_id),
            reports=reports,
            dates=dates_of(db, programme.id).get(report_id, ()),
            calendar=office_calendar(db),
            terms={cycle: Terms(milestones=found) for (_, cycle), found in set_anew.items()},
            owing=owing_units(db, programme, report_id),
            latest=last_report_date(db, programme.id),
        )


def _show_form(ground: Ground, typed: Mapping[str, str], answers: Answers) -> ResponseReturnValue:
    page = form_pages.FormPage(
        title=TITLE,
        sub=ground.report.title,
        crumbs=_crumbs(ground),
        typed=typed,
        errors=answers.faults,
    )
    return form_pages.show(
        "report_dates/form.html",
        page,
        cell=_cell(ground.programme, ground.report, ground.dates),
        moves=moves(ground.programme, ground.report, ground.dates),
        owing=len(ground.owing),
        closing=f"{ground.programme.closing_time:%H:%M}",
        latest=ground.latest,
        action=ground.address,
    )


def _cell(programme: Programme, report: ReportTable, dates: Sequence[DateSet]) -> dict[str, str]:
    """The due day as the tables of milestones show one."""
    at = due_instant(programme, report)
    was = programme.report_by_id[report.id].due if len(dates) < 2 else dates[-2].day  # noqa: PLR2004
    last = dates[-1] if dates else None
    return {
        "day": formats.day(report.due),
        "iso": formats.local(at).isoformat(timespec="minutes"),
        "was": formats.day(was) if last else "",
        "who": _(
            "{by} đặt lúc {at}: {reason}",
            by=last.by,
            at=formats.moment(last.at),
            reason=last.reason,
        )
        if last
        else "",
    }


def _crumbs(ground: Ground) -> list[dict[str, str]]:
    return [{"label": _("Đợt và mốc"), "url": _shown(ground)}, {"label": TITLE, "url": ""}]


def _shown(ground: Ground) -> str:
    return url_for("milestones.show", **side_by_side.address(ground.programme))
