"""Reminders that can be checked: the reconciliation, the forecast, everybody's own settings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import access
from models.deadlines import milestones_of
from models.forecasting import (
    Coming,
    expected,
    mails,
    news_ahead,
    news_of_people,
    of_people,
    people_named,
)
from models.queries_inbox import office_calendar
from models.queries_people import Reader
from models.reconciling import DayCount, reconcile
from models.reminder_book import (
    decided_dossier,
    failed_letters,
    note_notice,
    notice_of,
    put_wishes,
    send_again,
    wishes_of,
)
from models.rulebooks import UnknownProgramme, rulebook_in_force
from models.staffing import Wish
from views import desk, exporting, form_pages, formats, reminder_words, sheets_of_office
from views.formats import _
from views.forms import Answers, day_text
from workflow.reminder_lint import Warned, lint
from workflow.terms import Terms
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE, closing_instant

pages = Blueprint("reminders", __name__)

FORECAST = phrase("Dự báo thư nhắc")
SETTINGS = phrase("Cài đặt nhắc việc")
RECONCILED = phrase("Đối chiếu thư nhắc")
NOTICE = phrase("Ghi nhận đã báo kết quả")
DAYS_AHEAD, DAYS_BACK, LONGEST = 14, 30, 400
SETTINGS_AHEAD = 60
MOST_LINES, MOST_NEWS = 300, 100


@pages.get("/nhac-viec/doi-chieu")
def reconciliation() -> ResponseReturnValue:
    """Per day: due = sent + suppressed + failed + waiting; and letters to send again."""
    reader = desk.me()
    today = desk.today()
    answers = Answers(request.args, today)
    first, last = _span(answers, today - timedelta(days=DAYS_BACK), today)
    with desk.reading(at_length=True) as db:
        days = reconcile(db, desk.now(), first, last)
        lost = failed_letters(db)
    if exporting.asked():
        sheets = sheets_of_office.letters(reversed(days), lost)
        return exporting.hand_out(_("Đối chiếu thư nhắc"), *sheets, filters=_between(first, last))
    page = form_pages.FormPage(
        title=RECONCILED,
        typed={"tu": day_text(first), "den": day_text(last)},
        errors=answers.faults,
    )
    return form_pages.show(
        "reminders/reconciliation.html",
        page,
        days=[reminder_words.day_row(one) for one in reversed(days)],
        broken=sum(not one.holds for one in days),
        total=_total(days),
        failed=[reminder_words.failed_row(*row) for row in lost],
        may_send=access.timekeeper(reader),
    )


@pages.post("/nhac-viec/gui-lai/<int:message_id>")
def again(message_id: int) -> ResponseReturnValue:
    """Put one failed letter back into the queue."""
    reader = desk.me()
    with desk.writing() as db:
        done = send_again(db, message_id, reader.person_id, desk.now())
    if done:
        flash(_("Đã xếp thư vào hàng gửi lại lúc {now}.", now=formats.moment(desk.now())), "ok")
    else:
        flash(_("Thư này không còn ở tình trạng gửi không được."), "warn")
    return redirect(url_for("reminders.reconciliation"), 303)


@pages.get("/nhac-viec/du-bao")
def forecast() -> ResponseReturnValue:
    """Who will get what, when and why; people without oversight see their own."""
    reader, today = desk.me(), desk.today()
    all_of_it = access.overseer(reader)
    answers = Answers(request.args, today)
    first, last = _span(answers, today, today + timedelta(days=DAYS_AHEAD))
    person = request.args.get("nguoi", "").strip() if all_of_it else ""
    unit = request.args.get("don-vi", "").strip() if all_of_it else ""
    with desk.reading(at_length=True) as db:
        span = (_midnight(first), _midnight(last + timedelta(days=1)))
        found, news = expected(db, *span), news_ahead(db, *span)
        if not all_of_it or person or unit:
            wanted = people_named(db, person, unit) if all_of_it else {reader.person_id}
            found, news = of_people(found, wanted), news_of_people(news, wanted)
        warnings = _warnings(db)
    if exporting.asked():
        told = {_("Người"): person, _("Đơn vị"): unit}
        sheet = sheets_of_office.forecast(found, news, (first, last))
        return exporting.hand_out(_("Dự báo thư nhắc"), sheet, filters=told)
    page = form_pages.FormPage(
        title=FORECAST,
        typed={"tu": day_text(first), "den": day_text(last), "nguoi": person, "don-vi": unit},
        errors=answers.faults,
    )
    return form_pages.show(
        "reminders/forecast.html",
        page,
        rows=[
            *(reminder_words.news_row(one) for one in news[:MOST_NEWS]),
            *(reminder_words.coming_row(one) for one in found[:MOST_LINES]),
        ],
        count=len(found),
        news=len(news),
        letters=len(mails(found, news)),
        all_of_it=all_of_it,
        warnings=warnings if all_of_it else [],
    )


@pages.get("/cai-dat/nhac-viec")
def settings() -> ResponseReturnValue:
    """Which kinds reach the reader by which channel, and tomorrow's letter."""
    reader = desk.me()
    with desk.reading(at_length=True) as db:
        wishes = wishes_of(db, reader.person_id)
        ahead = of_people(expected(db, desk.now(), _until(SETTINGS_AHEAD)), {reader.person_id})
        letters = _tomorrow(db, reader, ahead)
    kinds = [
        {
            "name": kind.value,
            "label": label,
            "legal": kind not in reminder_words.WITHOUT_LAW,
            "email": wishes.get(kind, Wish()).email,
            "webhook": wishes.get(kind, Wish()).webhook,
            "ahead": reminder_words.ahead_words(
                [one for one in ahead if one.intent.mark.kind is kind], SETTINGS_AHEAD
            ),
        }
        for kind, label in reminder_words.KIND.items()
    ]
    return render_template(
        "reminders/settings.html",
        page=form_pages.FormPage(title=SETTINGS),
        kinds=kinds,
        letters=letters,
        crowded=reminder_words.crowded_words(ahead),
        has_webhook=desk.settings().has_webhook,
    )


@pages.post("/cai-dat/nhac-viec")
def save() -> ResponseReturnValue:
    """Keep the reader's wishes; mail about a date of the law stays on, whatever was sent."""
    reader = desk.me()
    wanted = {
        kind: Wish(
            email=kind not in reminder_words.WITHOUT_LAW or f"thu-{kind.value}" in request.form,
            webhook=desk.settings().has_webhook and f"tin-{kind.value}" in request.form,
        )
        for kind in reminder_words.KIND
    }
    with desk.writing() as db:
        put_wishes(db, reader.person_id, wanted)
    flash(_("Đã lưu cài đặt nhắc việc lúc {now}.", now=formats.moment(desk.now())), "ok")
    return redirect(url_for("reminders.settings"), 303)


@pages.get("/nhac-viec/da-bao/<code>")
def notice(code: str) -> ResponseReturnValue:
    """Ask whether the result was passed on; looking changes nothing."""
    with desk.reading() as db:
        dossier = decided_dossier(db, code, desk.me(), desk.today())
        known = notice_of(db, dossier.id)
    page = form_pages.FormPage(title=NOTICE, code=code, sub=dossier.subject_name)
    done = formats.moment(known.at) if known else ""
    return form_pages.show("reminders/notice.html", page, done=done)


@pages.post("/nhac-viec/da-bao/<code>")
def noticed(code: str) -> ResponseReturnValue:
    """Note that the result was passed on; its reminders stop."""
    reader = desk.me()
    with desk.writing() as db:
        dossier = decided_dossier(db, code, reader, desk.today())
        note_notice(db, dossier, reader.person_id, desk.now())
    flash(
        _("Đã ghi nhận báo kết quả hồ sơ {code}. Hệ thống không nhắc việc này nữa.", code=code),
        "ok",
    )
    return redirect(url_for("dossiers.show", code=code), 303)


def _span(answers: Answers, first: date, last: date) -> tuple[date, date]:
    """Read both days; without them, or when they make no sense, the usual span."""
    if not any(answers.raw(name).strip() for name in ("tu", "den")):
        return first, last
    start, end = answers.day("tu", _("Ghi ngày đầu.")), answers.day("den", _("Ghi ngày cuối."))
    if start is None or end is None:
        return first, last
    if end < start:
        answers.blame("den", _("Ngày cuối không thể trước ngày đầu."))
        return first, last
    if (end - start).days > LONGEST:
        answers.blame("den", _("Chọn khoảng không dài hơn {count} ngày.", count=LONGEST))
        return first, last
    return start, end


def _between(first: date, last: date) -> dict[str, str]:
    return {_("Từ ngày"): formats.day(first), _("Đến ngày"): formats.day(last)}


def _midnight(day: date) -> datetime:
    return closing_instant(day, time(0), OFFICE_ZONE)


def _total(days: list[DayCount]) -> dict[str, str]:
    names = ("due", "sent", "suppressed", "failed", "waiting")
    return {name: formats.number(sum(getattr(one, name) for one in days)) for name in names}


def _until(days: int) -> datetime:
    return _midnight(desk.today() + timedelta(days=days + 1))


def _tomorrow(db: Session, reader: Reader, ahead: list[Coming]) -> list[dict[str, Any]]:
    """The letters of the next working day, as things stand now."""
    calendar, today = office_calendar(db), desk.today()
    day = calendar.working_day(today, 1)
    end = _midnight(day + timedelta(days=1))
    found = [one for one in ahead if one.intent.due_at <= end]
    news = news_of_people(news_ahead(db, desk.now(), end), {reader.person_id})
    morning = _midnight(today + timedelta(days=1))
    return [reminder_words.preview(one) for one in mails(found, news) if one.leaves_at >= morning]


def _warnings(db: Session) -> list[Warned]:
    try:
        programme = rulebook_in_force(db).programme
    except UnknownProgramme:
        return []
    terms = {
        cycle: Terms(milestones=found)
        for (_, cycle), found in milestones_of(db, [programme.id]).items()
    }
    return list(lint(programme, office_calendar(db), terms))
