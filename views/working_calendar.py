"""The calendar of days off: seen by year; added to, changed and taken from, each with a source."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.office_calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    UNPROVEN,
    DayRow,
    day_counts,
    days_of,
    remove_day,
    set_day,
    years_in_use,
    years_without_rows,
)
from models.words import DayKind
from views import (
    desk,
    exporting,
    form_pages,
    formats,
    labels_time,
    sheets_of_office,
)
from views.formats import _
from views.forms import Answers, day_text
from workflow.ports import NotFound
from workflow.words import phrase

pages = Blueprint("working_calendar", __name__)

TITLE = phrase("Lịch nghỉ")
YEAR_FAULT = phrase(
    "Chọn ngày từ năm {first_year} đến năm {last_year}.", first_year=FIRST_YEAR, last_year=LAST_YEAR
)


@pages.get("/quan-tri/lich-nghi")
def show() -> ResponseReturnValue:
    """The days of one year; with `?sua=` one of them in the form."""
    year = _year(request.args.get("nam", ""))
    typed = {"kind": DayKind.HOLIDAY.value}
    wanted = _iso(request.args.get("sua", ""))
    with desk.reading() as db:
        found = {row.date: row for row in days_of(db, wanted.year)} if wanted else {}
    if wanted is not None and wanted in found:
        year, typed = wanted.year, _typed(found[wanted])
    return _page(year, form_pages.FormPage(title=TITLE, typed=typed))


@pages.post("/quan-tri/lich-nghi")
def keep() -> ResponseReturnValue:
    """Add a day, or tell it otherwise."""
    answers = Answers(request.form, desk.today())
    row = _read(answers)
    if answers.faults or row is None:
        year = _year(request.form.get("year", ""))
        page = form_pages.FormPage(title=TITLE, typed=request.form.to_dict(), errors=answers.faults)
        return _page(year, page)
    with desk.writing() as db:
        set_day(db, row, desk.me().person_id, desk.now())
    words = _(
        "Đã ghi {date}: {day_kind}, {name}.",
        date=formats.day(row.date),
        day_kind=labels_time.DAY_KIND[row.kind],
        name=row.name,
    )
    flash(words, "ok")
    return redirect(url_for("working_calendar.show", nam=row.date.year), 303)


@pages.get("/quan-tri/lich-nghi/<day>/bo")
def ask(day: str) -> ResponseReturnValue:
    """A page of its own before a day is taken out."""
    row = _there(day)
    page = form_pages.FormPage(
        title=_("Bỏ ngày {date} khỏi lịch nghỉ", date=formats.day(row.date)),
        crumbs=[
            {"label": TITLE, "url": url_for("working_calendar.show", nam=row.date.year)},
            {"label": formats.day(row.date), "url": ""},
        ],
    )
    return form_pages.show(
        "working_calendar/remove.html",
        page,
        row=_row(row),
        back=url_for("working_calendar.show", nam=row.date.year),
        day=day,
    )


@pages.post("/quan-tri/lich-nghi/<day>/bo")
def remove(day: str) -> ResponseReturnValue:
    """Take a day out, so that it is again what its weekday says."""
    row = _there(day)
    with desk.writing() as db:
        remove_day(db, row.date, desk.me().person_id, desk.now())
    flash(_("Đã bỏ {date} khỏi lịch nghỉ.", date=formats.weekday(row.date)), "ok")
    return redirect(url_for("working_calendar.show", nam=row.date.year), 303)


def _page(year: int, page: form_pages.FormPage) -> ResponseReturnValue:
    with desk.reading() as db:
        rows = days_of(db, year)
        counts = day_counts(db)
        used = years_in_use(db, desk.today())
        empty = years_without_rows(db, desk.today())
    if exporting.asked():
        return exporting.hand_out(
            _("Lịch nghỉ {year}", year=year), sheets_of_office.days(year, rows)
        )
    years = sorted({*counts, *used, desk.today().year, year})
    page.sub = _("Năm {year}: {count} ngày khác ngày thường trong tuần", year=year, count=len(rows))
    return form_pages.show(
        "working_calendar/show.html",
        page,
        rows=[_row(row) for row in rows],
        year=year,
        years=[
            {
                "label": str(one),
                "url": url_for("working_calendar.show", nam=one),
                "count": counts.get(one, 0),
                "current": one == year,
            }
            for one in years
        ],
        kinds=[{"value": key.value, "label": text} for key, text in labels_time.DAY_KIND.items()],
        warnings=[labels_time.missing_year(one) for one in empty],
    )


def _row(row: DayRow) -> dict[str, Any]:
    iso = row.date.isoformat()
    return {
        "day": formats.weekday(row.date),
        "kind": labels_time.DAY_KIND[row.kind],
        "works": row.kind is DayKind.WORKING_SWAP,
        "name": row.name,
        "source": row.source,
        "unproven": row.source.startswith(UNPROVEN),
        "change_url": url_for("working_calendar.show", sua=iso, _anchor="ghi-ngay"),
        "remove_url": url_for("working_calendar.ask", day=iso),
    }


def _typed(row: DayRow) -> dict[str, str]:
    return {
        "day": day_text(row.date),
        "kind": row.kind.value,
        "name": row.name,
        "source": row.source,
    }


def _read(answers: Answers) -> DayRow | None:
    day = answers.day("day", _("Ghi ngày nghỉ hoặc ngày làm bù."))
    kind = answers.one_of("kind", set(DayKind), _("Chọn loại ngày."))
    name = answers.text("name", _("Ghi tên ngày, ví dụ Ngày Văn hóa Việt Nam."), most=200)
    source = answers.text("source", _("Ghi văn bản hoặc thông báo quy định ngày này."))
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        answers.blame("day", YEAR_FAULT)
    if day is None or not kind:
        return None
    return DayRow(day, DayKind(kind), name, source)


def _there(day: str) -> DayRow:
    wanted = _iso(day)
    with desk.reading() as db:
        found = {row.date: row for row in days_of(db, wanted.year)} if wanted else {}
    if wanted is None or wanted not in found:
        raise NotFound(day)
    return found[wanted]


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _year(text: str) -> int:
    if text.isdecimal() and FIRST_YEAR <= int(text[:6]) <= LAST_YEAR:
        return int(text)
    return desk.today().year
