"""Kiểm tra: what waits for this appraiser, what came back first, then by due date and unit."""

from __future__ import annotations

from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.folding import sort_key
from models.queries_check import (
    Back,
    came_back,
    coming_rows,
    held_or_out,
    looked_at,
    waiting_rows,
)
from models.queries_dossiers import Row
from models.queries_turns import programmes
from views import desk, exporting, flags, formats, sheets_of_work, side_by_side, tasks
from views.check_panes import looked_words
from views.formats import _
from views.labels import Flag
from views.side_by_side import Choice
from workflow.programme import Programme
from workflow.vocabulary import State


def queue() -> ResponseReturnValue:
    """The queue of one appraiser: the Board, a district's or a commune's."""
    reader, now = desk.me(), desk.now()
    with desk.reading() as db:
        known, wanted = programmes(db), side_by_side.choice(db)
        rows = _narrowed(waiting_rows(db, reader, known, desk.today()), wanted)
        back = came_back(db, [row.dossier.id for row in rows])
        seen = looked_at(db, rows, known)
        ordered = in_order(rows, back, known)
        listed = [
            _task(row, known, back.get(row.dossier.id), seen[row.dossier.id], now)
            for row in ordered
        ]
        others = _narrowed(held_or_out(db, reader, known, desk.today()), wanted)
        out = [_out(row, known, now) for row in others]
        coming = _narrowed(coming_rows(db, reader, desk.today()), wanted)
    if exporting.asked():
        found = [*listed, *tasks.in_order(out)]
        return exporting.hand_out(
            _("Kiểm tra"), sheets_of_work.tasks(_("Hồ sơ chờ kiểm tra"), found)
        )
    returned = sum(row.dossier.id in back for row in ordered)
    return render_template(
        "check/queue.html",
        returned=listed[:returned],
        waiting=listed[returned:],
        out=tasks.in_order(out),
        count=len(listed),
        coming_text=coming_words(coming, known),
        filters=wanted.fields(),
        narrows=wanted.narrows,
        today_words=formats.weekday(desk.today()),
    )


def _narrowed(rows: tuple[Row, ...], wanted: Choice) -> tuple[Row, ...]:
    """The rows of the programme and cycle asked for."""
    return tuple(
        row for row in rows if wanted.keeps(row.dossier.programme_id, {row.dossier.cycle_id})
    )


def in_order(
    rows: tuple[Row, ...], back: dict[int, Back], known: dict[str, Programme]
) -> list[Row]:
    """What came back from a supplement first; then by due date, then by unit."""

    def place(row: Row) -> tuple[bool, bool, float, str, str]:
        due = flags.standing_of(row, known).due
        one = row.dossier
        return (
            one.id not in back,
            due is None,
            due.timestamp() if due else 0.0,
            sort_key(row.proposing_unit),
            one.code,
        )

    return sorted(rows, key=place)


def next_after(code: str) -> str:
    """The address of the dossier after this one in the queue; of the queue when it is the last."""
    with desk.reading() as db:
        codes = _codes(db)
    rest = codes[codes.index(code) + 1 :] if code in codes else codes
    others = [one for one in (*rest, *codes) if one != code]
    return url_for("check.check", code=others[0]) if others else url_for("check.queue")


def _codes(db: Session) -> list[str]:
    known = programmes(db)
    rows = waiting_rows(db, desk.me(), known, desk.today())
    back = came_back(db, [row.dossier.id for row in rows])
    return [row.dossier.code for row in in_order(rows, back, known)]


def _task(
    row: Row,
    known: dict[str, Programme],
    back: Back | None,
    seen: tuple[int, int],
    now: datetime,
) -> tasks.Task:
    """One row: what waits, since when, until when, and how far it is."""
    where, one = flags.standing_of(row, known), row.dossier
    since = back.at if back else one.entered_state_at
    marks = [flag for flag in flags.flags(where, now) if flag.text != "Yêu cầu bổ sung"]
    if back:
        marks.insert(0, Flag("info", "back", _("Đã bổ sung {count} mục", count=back.items)))
    started = _("Kiểm tra tiếp") if seen[0] else _("Kiểm tra")
    return tasks.Task(
        title=tasks.again_title(one.subject_name, back.items) if back else one.subject_name,
        url=url_for("check.check", code=one.code),
        who=tasks.who(row, where),
        due=where.due,
        **flags.due_words(where.due, now),
        flags=marks[:2],
        progress_text=_(
            "{looked_words} · chờ từ {since}",
            looked_words=looked_words(*seen),
            since=formats.day(since),
        ),
        button_label=_("Kiểm tra lại") if back else started,
        button_url=url_for("check.check", code=one.code),
    )


def _out(row: Row, known: dict[str, Programme], now: datetime) -> tasks.Task:
    """A dossier in the check that waits for its unit, or for the end of a hold."""
    where, one = flags.standing_of(row, known), row.dossier
    held = one.hold_since is not None
    waits = (
        _("nguồn: {hold_source}", hold_source=one.hold_source)
        if held
        else _("{count} mục", count=len((one.supplement or {})["items"]))
    )
    return tasks.Task(
        title=one.subject_name,
        url=url_for("dossiers.show", code=one.code),
        who=_("{who} · {waits}", who=tasks.who(row, where), waits=waits),
        due=where.due,
        **flags.due_words(where.due, now),
        flags=flags.flags(where, now)[:2],
    )


def coming_words(rows: tuple[Row, ...], known: dict[str, Programme]) -> str:
    """How many dossiers come after their councils, and until when; for an empty queue."""
    if not rows:
        return _("Hồ sơ hiện ở đây khi Hội đồng của đơn vị đã xét. Hệ thống sẽ nhắc bạn.")
    days = [
        deadline.instant
        for row in rows
        if (deadline := flags.standing_of(row, known).deadline(State.COUNCIL_REVIEWED))
    ]
    until = _(" sau phiên họp Hội đồng, hạn {min}", min=formats.day(min(days))) if days else ""
    return _("{count} hồ sơ sẽ đến{until}. Hệ thống sẽ nhắc bạn.", count=len(rows), until=until)
