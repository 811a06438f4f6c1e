"""A demonstration's own desk: the date of the service, and the letters it would have sent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config.clock import real_now
from models import access
from models import clock as clocks
from models.agenda import CycleLine, cycle_lines
from models.form_queries import caught_letter, caught_letters, message_counts
from models.office import write_down
from models.rulebooks import UnknownProgramme, rulebook_in_force
from models.tables import CaughtMail
from models.words import MessageStatus
from views import desk, form_pages, formats, labels, labels_time
from views.formats import _
from views.forms import Answers, day_text
from workflow.programme import Programme
from workflow.vocabulary import State
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE, office_day

pages = Blueprint("office", __name__)

CLOCK_TITLE = phrase("Ngày hệ thống")
MAIL_TITLE = phrase("Hộp thư minh hoạ")
HOUR_FAULT = phrase("Gõ giờ và phút, ví dụ 08:10.")
EARLIEST, LATEST = 2021, 2030
LAST_LETTERS = 5


@pages.get("/quan-tri/ngay")
def clock() -> ResponseReturnValue:
    """The date the service believes in, with the days worth visiting."""
    _only_in_a_demonstration()
    now = desk.now()
    typed = {"day": day_text(desk.today()), "hour": formats.clock(now)}
    return _show_clock(form_pages.FormPage(title=CLOCK_TITLE, typed=typed))


@pages.post("/quan-tri/ngay")
def move() -> ResponseReturnValue:
    """Move the date, forward or back."""
    _only_in_a_demonstration()
    answers = Answers(request.form, desk.today())
    instant = _read_instant(answers)
    if instant is None:
        page = form_pages.FormPage(
            title=CLOCK_TITLE, typed=request.form.to_dict(), errors=answers.faults
        )
        return _show_clock(page)
    before = desk.now()
    with desk.writing() as db:
        clocks.move(db, instant, real_now())
        told = {"from": before.isoformat(), "to": instant.isoformat()}
        write_down(db, "move_clock", told, desk.me().person_id, before)
    flash(
        _(
            "Ngày hệ thống chuyển từ {before} sang {instant}.",
            before=formats.moment(before),
            instant=formats.moment(instant),
        ),
        "ok",
    )
    return redirect(url_for("office.clock"), 303)


@pages.get("/hop-thu")
def mail() -> ResponseReturnValue:
    """Letters the demonstration caught instead of sending them out."""
    _only_in_a_demonstration()
    with desk.reading() as db:
        letters = [_row(letter) for letter in caught_letters(db)]
        counts = message_counts(db)
    page = form_pages.FormPage(title=MAIL_TITLE)
    return form_pages.show("office/mail.html", page, letters=letters, counts=_counts(counts))


@pages.get("/hop-thu/<int(max=2147483647):letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """One letter as text."""
    _only_in_a_demonstration()
    with desk.reading() as db:
        found = caught_letter(db, letter_id)
    page = form_pages.FormPage(
        title=found.subject,
        crumbs=[
            {"label": MAIL_TITLE, "url": url_for("office.mail")},
            {"label": _("Thư {id}", id=found.id), "url": ""},
        ],
    )
    return form_pages.show("office/letter.html", page, letter=_row(found) | {"body": found.body})


def _only_in_a_demonstration() -> None:
    if not desk.settings().demonstration:
        abort(404)


def _read_instant(answers: Answers) -> datetime | None:
    day = answers.day("day", _("Ghi ngày muốn chuyển tới."))
    hour = re.fullmatch(r"(\d{1,2})[:hg.](\d{2})", answers.text("hour", HOUR_FAULT))
    if answers.raw("hour").strip() and (
        hour is None or int(hour[1]) >= 24 or int(hour[2]) >= 60  # noqa: PLR2004 - of a day
    ):
        answers.blame("hour", HOUR_FAULT)
    if day is not None and not EARLIEST <= day.year <= LATEST:
        answers.blame(
            "day",
            _("Chọn ngày từ năm {earliest} đến năm {latest}.", earliest=EARLIEST, latest=LATEST),
        )
    if answers.faults or day is None or hour is None:
        return None
    at = time(int(hour[1]), int(hour[2]))
    return datetime.combine(day, at, ZoneInfo(OFFICE_ZONE)).astimezone(UTC)


def _show_clock(page: form_pages.FormPage) -> ResponseReturnValue:
    with desk.reading() as db:
        letters = [_row(letter) for letter in caught_letters(db, LAST_LETTERS)]
        counts = message_counts(db)
        try:
            programme = rulebook_in_force(db).programme
            days = _days(programme, cycle_lines(db, programme))
        except UnknownProgramme:
            days = []
    return form_pages.show(
        "office/clock.html",
        page,
        now_text=_(
            "{now}, {today}", now=formats.clock(desk.now()), today=formats.weekday(desk.today())
        ),
        may_move=access.administrator(desk.me()),
        days=days,
        letters=letters,
        counts=_counts(counts),
    )


def _days(programme: Programme, lines: list[CycleLine]) -> list[dict[str, Any]]:
    """Days worth visiting: milestones in force, of this year and the next, and the end of all."""
    year = desk.today().year
    found: dict[date, list[dict[str, str]]] = {}
    for line in lines:
        if line.cycle.year in {year, year + 1} and line.deadline.state is not State.REGISTERED:
            day = office_day(line.deadline.instant, programme.zone)
            found.setdefault(day, []).append(_worth(line))
    over = {"text": _("Hết thời gian phát động"), "was": "", "who": ""}
    found.setdefault(programme.ends, []).append(over)
    return [{"day": day_text(day), "lines": found[day]} for day in sorted(found)]


def _worth(line: CycleLine) -> dict[str, str]:
    last = line.deadline.moves[-1] if line.deadline.moves else None
    scope = _(", {short}", short=line.award.short) if line.award else ""
    source = labels_time.source_tag(line.programme, line.deadline)
    return {
        "text": _(
            "{milestone} ({label}{scope}), {source}",
            milestone=labels.MILESTONE[line.deadline.state],
            label=line.cycle.label,
            scope=scope,
            source=source,
        ),
        "was": formats.day(last.was) if last else "",
        "who": labels_time.move_words(last) if last else "",
    }


def _counts(counts: dict[MessageStatus, int]) -> list[tuple[str, str]]:
    waiting = counts.get(MessageStatus.WAITING, 0) + counts.get(MessageStatus.CLAIMED, 0)
    return [
        (_("Chờ gửi"), formats.number(waiting)),
        (_("Đã gửi"), formats.number(counts.get(MessageStatus.SENT, 0))),
        (_("Gửi không được"), formats.number(counts.get(MessageStatus.FAILED, 0))),
        (_("Không gửi, có lý do"), formats.number(counts.get(MessageStatus.SUPPRESSED, 0))),
    ]


def _row(letter: CaughtMail) -> dict[str, Any]:
    return {
        "url": url_for("office.letter", letter_id=letter.id),
        "subject": letter.subject,
        "to": letter.rcpt,
        "sender": letter.mail_from,
        "at": formats.stamp(letter.at),
    }
