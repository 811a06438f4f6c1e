"""Lịch và hạn: an agenda first, a month as a table second, and addresses for calendar programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import access
from models.agenda import ALL, MINE, UNIT, cycle_lines, dossier_lines, loaded_versions
from models.calendar_feeds import feed_since, open_feed, reader_behind, revoke_feed
from models.move_letters import told_of_moves
from models.office_calendar import years_without_rows
from models.queries_holders import holders_around
from models.queries_inbox import office_calendar
from models.queries_people import Reader
from models.report_dates import reports_as_set
from models.report_queries import reports_owed_by
from models.rulebooks import UnknownProgramme, rulebook_in_force, rulebook_of
from views import (
    agenda_lines,
    desk,
    form_pages,
    formats,
    ics,
    labels_time,
    month_grid,
    side_by_side,
)
from views.agenda_lines import Line
from views.doorman import public
from views.formats import Words, _
from views.happenings import of_cycle_line, of_dossier_line, of_report_line
from views.languages import vietnamese
from views.side_by_side import Choice
from workflow.ports import NotFound
from workflow.words import phrase
from workflow.working_days import office_day

pages = Blueprint("calendar", __name__)

TITLE = phrase("Lịch và hạn")
SCOPES = Words({MINE: "Của tôi", UNIT: "Đơn vị", ALL: "Tất cả"})
NEAR = timedelta(days=30)
LATER = timedelta(days=365)
ICS = "text/calendar; charset=utf-8"


@pages.get("/lich")
def show() -> ResponseReturnValue:
    """The agenda, or with `?xem=thang` a month; `?loc=` narrows it to mine or my units'."""
    return _show()


def _show(secret: str = "") -> ResponseReturnValue:
    reader = desk.me()
    scope = _scope(reader)
    month = request.args.get("xem") == "thang"
    with desk.reading() as db:
        wanted = side_by_side.choice(db)
        lines = _lines(db, reader, scope, wanted)
        shown = _month(db, lines) if month else _agenda(lines)
        since = feed_since(db, reader.person_id)
        empty = years_without_rows(db, desk.today())
    setter = access.timekeeper(reader)
    return form_pages.show(
        "calendar/show.html",
        form_pages.FormPage(
            title=TITLE, sub=_("Hôm nay, {today}.", today=formats.weekday(desk.today()))
        ),
        **shown,
        tabs=_tabs(scope, wanted, month=month),
        views=_views(scope, wanted, month=month),
        programmes=[{"id": one.id, "title": one.short_title} for one in wanted.chosen],
        filters=wanted.fields(),
        narrows=wanted.narrows,
        kept={"loc": scope, **_kept(month=month)},
        secret=secret,
        feed_since=formats.moment(since) if since else "",
        setter=setter,
        warnings=[labels_time.missing_year(year) for year in empty] if setter else [],
    )


@pages.post("/lich/dia-chi")
def renew() -> ResponseReturnValue:
    """Give the reader a new secret address, shown this once; the old one ends."""
    with desk.writing() as db:
        token = open_feed(db, desk.me().person_id, desk.now())
    return _show(_outside("calendar.personal", token=token))


@pages.post("/lich/dia-chi/thu-hoi")
def revoke() -> ResponseReturnValue:
    """Make the reader's address worthless."""
    with desk.writing() as db:
        done = revoke_feed(db, desk.me().person_id, desk.now())
    flash(
        _(
            "Đã thu hồi địa chỉ lịch lúc {now}. Máy nào đang dùng sẽ không nhận thêm hạn mới.",
            now=formats.moment(desk.now()),
        )
        if done
        else _("Bạn không có địa chỉ lịch nào đang dùng."),
        "ok",
    )
    return redirect(url_for("calendar.show"), 303)


@pages.get("/lich/<token>.ics")
@public
@vietnamese
def personal(token: str) -> ResponseReturnValue:
    """One person's deadlines for a calendar program; the address is all the proof there is."""
    structlog.contextvars.bind_contextvars(path="/lich/*.ics")
    with desk.reading() as db:
        reader = reader_behind(db, token, desk.today())
        if reader is None:
            raise NotFound("calendar")
        found = dossier_lines(db, reader, UNIT, desk.today())
        base = desk.settings().base_url
        happenings = [of_dossier_line(line, base) for line in found]
        happenings += _reports(db, reader, base)
    return _answer(_("Hạn của {name}", name=reader.name), happenings)


@pages.get("/lich/chuong-trinh/<programme_id>.ics")
@public
@vietnamese
def programme_feed(programme_id: str) -> ResponseReturnValue:
    """The milestones of a programme for anybody's calendar program: no dossier, no person."""
    with desk.reading() as db:
        try:
            programme = rulebook_in_force(db, programme_id).programme
        except UnknownProgramme:
            raise NotFound(programme_id) from None
        found = cycle_lines(db, programme)
        loaded = loaded_versions(db, programme_id)
    base = desk.settings().base_url
    happenings = [of_cycle_line(line, base, loaded) for line in found]
    return _answer(programme.short_title, happenings)


def _reports(db: Session, reader: Reader, base: str) -> Iterator[ics.Happening]:
    for line in reports_owed_by(db, reader):
        table = rulebook_of(db, line.report.programme_hash).programme.report_by_id[
            line.report.report_id
        ]
        yield of_report_line(line, table.title, table.clause, base)


def _answer(name: str, happenings: list[ics.Happening]) -> Response:
    answer = Response(ics.feed(name, happenings, desk.now()), content_type=ICS)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _scope(reader: Reader) -> str:
    wanted = request.args.get("loc", "")
    if wanted in SCOPES:
        return wanted
    return ALL if reader.only_looks else MINE


def _lines(db: Session, reader: Reader, scope: str, wanted: Choice) -> list[Line]:
    dossiers = [
        line
        for line in dossier_lines(db, reader, scope, desk.today())
        if wanted.keeps(line.row.dossier.programme_id, {line.row.dossier.cycle_id})
    ]
    holders = holders_around(db, [line.row.places for line in dossiers], desk.today())
    found = list(agenda_lines.of_dossiers(dossiers, holders))
    for line in reports_owed_by(db, reader):
        version = rulebook_of(db, line.report.programme_hash).programme
        if wanted.keeps(version.id, version.report_by_id[line.report.report_id].cycles):
            found.append(agenda_lines.of_report(line, version))
    for programme in wanted.chosen:
        cycles = [
            line
            for line in cycle_lines(db, programme)
            if wanted.keeps(programme.id, {line.cycle.id})
        ]
        general = [
            *agenda_lines.of_cycles(cycles, told_of_moves(db)),
            *agenda_lines.of_programme(programme, reports_as_set(db, programme), wanted),
        ]
        several = len(wanted.known) > 1
        found += [line.named(programme.short_title) if several else line for line in general]
    return sorted(found, key=lambda line: (line.instant, not line.personal, line.what))


def _agenda(lines: list[Line]) -> dict[str, Any]:
    """Over, within thirty days, and after that; a date of nobody's is not over, it has passed."""
    now, today = desk.now(), desk.today()
    late = [line for line in lines if line.instant < now and line.personal]
    ahead = [line for line in lines if line.instant >= now]
    last = today + NEAR
    near = [line for line in ahead if office_day(line.instant) <= last]
    later = [line for line in ahead if last < office_day(line.instant) <= today + LATER]
    groups = [
        ("qua-han", _("Đã quá hạn"), late),
        ("sap-toi", _("Từ hôm nay đến {last}", last=formats.day(last)), near),
        ("sau-do", _("Sau đó, đến {today}", today=formats.day(today + LATER)), later),
    ]
    return {
        "groups": [
            {"id": key, "label": label, "lines": [line.shown(today, now) for line in some]}
            for key, label, some in groups
        ],
        "near": len(near),
        "month": None,
    }


def _month(db: Session, lines: list[Line]) -> dict[str, Any]:
    first = month_grid.month_of(request.args.get("thang", ""), desk.today())
    grid = month_grid.grid(first, lines, office_calendar(db), desk.today())
    return {"groups": [], "near": 0, "month": grid}


def _tabs(scope: str, wanted: Choice, *, month: bool) -> list[dict[str, Any]]:
    kept = {**_kept(month=month), **wanted.kept}
    return [
        {
            "label": label,
            "url": url_for("calendar.show", loc=key, **kept),
            "count": None,
            "current": key == scope,
        }
        for key, label in SCOPES.items()
    ]


def _views(scope: str, wanted: Choice, *, month: bool) -> dict[str, Any]:
    """Links to the other view, and from month to month."""

    def at(day: str) -> str:
        return url_for("calendar.show", loc=scope, xem="thang", thang=day, **wanted.kept)

    return {
        "agenda": url_for("calendar.show", loc=scope, **wanted.kept),
        "month": url_for("calendar.show", loc=scope, xem="thang", **wanted.kept),
        "is_month": month,
        "at": at,
    }


def _kept(*, month: bool) -> dict[str, Any]:
    if not month:
        return {}
    kept: dict[str, Any] = {"xem": "thang"}
    if request.args.get("thang"):
        kept["thang"] = request.args["thang"]
    return kept


def _outside(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - values of an address
    """An address as a calendar program elsewhere must be given it."""
    return desk.settings().base_url + url_for(endpoint, **values)
