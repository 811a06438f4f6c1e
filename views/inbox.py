"""Việc của tôi: what is to be done, by whom, by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import emergencies
from models.deadlines import milestones_of
from models.gathering import read_supplement
from models.queries_dossiers import Row, states_count
from models.queries_holders import holders_around
from models.queries_inbox import COUNTED, MOST, Counts, Inbox, office_calendar
from models.queries_people import Reader
from models.queries_turns import programmes
from views import (
    council_tasks,
    desk,
    exporting,
    flags,
    formats,
    labels,
    reports_tasks,
    sheets_of_work,
    side_by_side,
    tasks,
)
from views.formats import _, joined
from views.side_by_side import Choice
from workflow.programme import Programme
from workflow.reminders import LiveDossier, Mark, coming
from workflow.vocabulary import PROGRESS, Post, State, UnitKind
from workflow.words import phrase
from workflow.working_days import office_day

pages = Blueprint("inbox", __name__)

TABS = (("", phrase("Cần tôi làm")), ("cho", phrase("Chờ người khác")), ("xong", phrase("Đã xong")))
PAGE = 50
ALL = 20_000
"""How much of a heap a workbook holds."""
REMINDERS = 4


@pages.get("/")
def home() -> ResponseReturnValue:
    """The front page is the inbox; an auditor, who has none, reads the list."""
    return redirect(url_for("dossiers.index" if desk.me().only_looks else "inbox.show"), 303)


@pages.get("/viec")
def show() -> ResponseReturnValue:
    """Show one heap of the reader's inbox, with the season and what will be reminded of."""
    heap = request.args.get("nhom", "")
    now, reader = desk.now(), desk.me()
    with desk.reading() as db:
        known = programmes(db)
        wanted = side_by_side.choice(db)
        inbox = Inbox(db, reader, known, desk.today(), wanted.programme_id, wanted.cycle_id)
        rows = inbox.rows(inbox.mine, ALL if exporting.asked() else MOST)
        asked = heap == "" or wanted.narrows
        mine = all_mine(db, inbox, known, rows, wanted) if asked else []
        if exporting.asked():
            name = next((label for key, label in TABS if key == heap), TABS[0][1])
            found = mine if heap == "" else shown(db, inbox, heap, known, mine, ALL)["tasks"]
            return exporting.hand_out(_("Việc"), sheets_of_work.tasks(name, found))
        counts = replace(inbox.counts(), mine=len(mine)) if wanted.narrows else inbox.counts()
        seasons = season_of(db, wanted)
        page: dict[str, Any] = {
            "counts": counts,
            "mine_words": formats.bounded(counts.mine, COUNTED),
            "next_words": next_words(seasons),
            "register_url": register_url(reader),
            "tabs": tabs(heap, counts, wanted),
            "heap": heap,
            "filters": wanted.fields(),
            "narrows": wanted.narrows,
            "seasons": seasons,
            "reminders": reminders(db, rows, known, reader, now),
            "states": states(db, reader),
            "home_unit": home_unit(reader),
            "today_words": formats.weekday(desk.today()),
            "posted": bool(reader.posts or reader.borrowed),
            "emergencies": emergencies.concerning(db, reader.person_id, now),
            "borrowed": reader.borrowed,
            "late": late(rows, known, now) + reports_tasks.overdue(db, reader, now, wanted),
            **(shown(db, inbox, heap, known, mine)),
        }
    return render_template("inbox/show.html", **page)


def all_mine(
    db: Session,
    inbox: Inbox,
    known: dict[str, Programme],
    rows: tuple[Row, ...],
    wanted: Choice,
) -> list[tasks.Task]:
    """Everything the reader has to do: dossiers, registrations, reports, council sessions."""
    now = desk.now()
    set_anew = milestones_of(db, {one.id for one in known.values()})
    arrived = [
        tasks.arrival(one, known[one.registration.programme_hash], set_anew, now)
        for one in inbox.arrivals()
    ]
    owed = reports_tasks.waiting(db, inbox.reader, now, wanted)
    called = council_tasks.waiting(db, inbox.reader, now, wanted)
    theirs = tasks.mine(db, rows, known, inbox.reader, now)
    return tasks.in_order([*theirs, *arrived, *owed, *called])


def shown(
    db: Session,
    inbox: Inbox,
    heap: str,
    known: dict[str, Programme],
    mine: list[tasks.Task],
    most: int = PAGE,
) -> dict[str, Any]:
    """The rows of the heap asked for."""
    now = desk.now()
    if heap == "cho":
        found = inbox.rows(inbox.waiting, most)
        holders = holders_around(db, [row.places for row in found], desk.today())
        listed = [
            tasks.waiting(row, known[row.dossier.programme_hash], holders, now) for row in found
        ]
        return {"groups": [], "tasks": tasks.in_order(listed)}
    if heap == "xong":
        found = inbox.latest(inbox.over, most)
        listed = [tasks.over(row, known[row.dossier.programme_hash], now) for row in found]
        return {"groups": [], "tasks": listed}
    return {"groups": tasks.groups(tasks.with_primary(mine), now), "tasks": []}


def tabs(heap: str, counts: Counts, wanted: Choice) -> list[dict[str, Any]]:
    """The three heaps with their numbers."""
    numbers = {"": counts.mine, "cho": counts.waiting, "xong": counts.over}
    return [
        {
            "label": label,
            "url": url_for("inbox.show", nhom=name or None, **wanted.kept),
            "count": formats.bounded(numbers[name], COUNTED),
            "current": name == heap,
        }
        for name, label in TABS
    ]


def season_of(db: Session, wanted: Choice) -> list[dict[str, Any]]:
    """Ribbons of the programmes in force, named where there are several; none without one."""
    set_anew = milestones_of(db, {one.id for one in wanted.chosen})
    several = len(wanted.known) > 1
    return [
        ribbon
        | (
            {
                "label": _(
                    "{label} · {short_title}", label=ribbon["label"], short_title=one.short_title
                )
            }
            if several
            else {}
        )
        for one in wanted.chosen
        for ribbon in flags.seasons(one, set_anew, desk.today())
    ]


def reminders(
    db: Session,
    rows: tuple[Row, ...],
    known: dict[str, Programme],
    reader: Reader,
    now: datetime,
) -> list[dict[str, Any]]:
    """What this person will be reminded of, before it happens, a line for each letter.

    What is overdue travels in a letter of its own, the rest of a morning in one digest.
    """
    calendar = office_calendar(db)
    ahead: dict[tuple[datetime, str], list[tuple[str, str]]] = {}
    told = list(reports_tasks.coming(db, reader, calendar, now))
    for row in rows:
        actor = tasks.actor_of(reader, row)
        told += [
            (row.dossier.code, mark)
            for mark in coming(known[row.dossier.programme_hash], live(row), calendar, now)
            if actor.may_take(mark.to)
        ]
    for code, mark in told:
        letter = (mark.sends_at, code if mark.overdue else "")
        ahead.setdefault(letter, []).append((code, mark_words(mark)))
    return [
        {"at": at, "text": reminder_words(what), "is_key": at == min(ahead)[0]}
        for (at, _), what in sorted(ahead.items())[:REMINDERS]
    ]


def reminder_words(what: list[tuple[str, str]]) -> str:
    """One letter about one dossier, or one about several."""
    if len(what) > 1:
        return _("Gộp {count} việc: {what}", count=len(what), what=formats.lower_first(what[0][1]))
    code, title = what[0]
    return _("{title}: {code}", title=title, code=code)


def mark_words(mark: Mark) -> str:
    """What a letter will say: the rule's title, or by how much the date has passed by then.

    An escalation names who will be told as well, before it happens.
    """
    over = (mark.day - office_day(mark.deadline)).days
    words = _("Quá hạn {count} ngày", count=over) if over > 0 else mark.title
    if mark.escalates_to:
        whom = joined(formats.lower_first(labels.ROLE[role]) for role in mark.escalates_to)
        words += _(", báo thêm {whom}", whom=whom)
    return words


def live(row: Row) -> LiveDossier:
    """The dossier as the planner of reminders wants it."""
    one = row.dossier
    open_request = read_supplement(one.supplement)
    return LiveDossier(
        dossier_id=one.id,
        code=one.code,
        cycle_id=one.cycle_id,
        state=one.state,
        entered_state_at=one.entered_state_at,
        extended_until=one.extended_until,
        award_form=one.award_form,
        terms=row.terms,
        supplement_due=open_request.due if open_request else None,
        supplement_asked_at=open_request.at if open_request else None,
        held=one.hold_since is not None,
    )


def states(db: Session, reader: Reader) -> list[dict[str, Any]]:
    """How many dossiers the reader sees in each state of progress."""
    found = states_count(db, reader.person_id, desk.today())
    return [
        {
            "number": number,
            "label": labels.STATE[state],
            "count": found.get(state, 0),
            "url": url_for("dossiers.index", **filtered(state)),
        }
        for number, state in enumerate(PROGRESS, start=1)
    ]


def home_unit(reader: Reader) -> str:
    """Whose dossiers the small bar shows."""
    seeing_all = reader.holds(Post.ADMINISTRATOR, Post.AUDITOR)
    if seeing_all or any(held.unit_kind is UnitKind.PROVINCE for held in reader.posts):
        return _("toàn tỉnh")
    names = list(dict.fromkeys(held.unit_name for held in reader.posts))
    return names[0] if len(names) == 1 else _("các đơn vị của bạn")


def late(rows: tuple[Row, ...], known: dict[str, Programme], now: datetime) -> int:
    """How many of the reader's dossiers are past their instant."""
    return sum(flags.standing_of(row, known).is_late(now) for row in rows)


def filtered(state: State) -> dict[str, Any]:
    """The list narrowed to one state."""
    return {"trang-thai": state.value}


def next_words(seasons: list[dict[str, Any]]) -> str:
    """When the next thing is to be expected, for an empty inbox."""
    dates = [mark for one in seasons for mark in one["milestones"]]
    ahead = next((mark for mark in dates if mark["status"] == "next"), None)
    if ahead is None:
        return _("Hệ thống sẽ nhắc bạn khi có việc mới.")
    return _(
        "Mốc tiếp theo {date_text}: {label}. Hệ thống sẽ nhắc bạn.",
        date_text=ahead["date_text"],
        label=ahead["label"],
    )


def register_url(reader: Reader) -> str | None:
    """Where a clerk or head registers a subject, once that page is there."""
    if not reader.holds(Post.CLERK, Post.HEAD, Post.DEPUTY_HEAD):
        return None
    known = "registrations.new" in current_app.view_functions
    return url_for("registrations.new") if known else None
