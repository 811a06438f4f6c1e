"""Phiếu của tôi: vote, rank, give reasons, keep a draft, look it over, send; until closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import council_ballots, sheets
from models.council_ballots import Ballot, ballot_of
from models.council_changes import Ask
from models.council_notes import notes_of, put_notes
from models.council_queries import Figures, figures_of, papers_of_items, quota_line
from models.stepping import in_transaction
from views import (
    ballot_notes,
    ballot_sheet,
    ballot_words,
    council_desk,
    desk,
    form_pages,
    formats,
    labels_council,
    steps,
)
from views.council_desk import Seen
from views.formats import _
from views.forms import Fault, clean, read_id
from views.languages import vietnamese
from workflow.councils.ballots import BallotFault, Entry, in_order, moved
from workflow.councils.conflicts import conflicts
from workflow.councils.holding import against_voting
from workflow.councils.sitting import Item
from workflow.councils.tally import is_current
from workflow.ports import Repeated
from workflow.vocabulary import Vote
from workflow.words import phrase

pages = Blueprint("council_ballot", __name__)

TITLE = phrase("Phiếu của tôi")


@pages.get("/hoi-dong/<code>/phieu")
def show(code: str) -> ResponseReturnValue:
    """The ballot as it stands."""
    return _show(code)


@pages.post("/hoi-dong/<code>/phieu")
def save(code: str) -> ResponseReturnValue:
    """Keep the draft; move a dossier up or down; or go on to the review."""
    ballot = _ballot(code)
    entries, notes = read_entries(ballot), ballot_notes.read_notes(ballot)
    wrong = ballot_notes.too_long(ballot, notes)
    if wrong:
        return _show(code, wrong, entries, notes)
    up, down = request.form.get("len"), request.form.get("xuong")
    if up or down:
        wanted = {item.code: item.id for item in ballot.sitting.items}.get(up or down or "", 0)
        entries = moved(entries, wanted, -1 if up else 1)
    ask = Ask(code, desk.me().person_id, 0)

    def keep(db: Session) -> council_ballots.Answer:
        kept = council_ballots.save_draft(db, ask, entries, desk.now())
        if kept.taken:
            put_notes(db, ballot.seat.id, notes, desk.now())
        return kept

    answer = in_transaction(desk.desk().database, keep)
    if answer.refusals:
        return _show(code, council_desk.problems(answer.refusals), entries, notes)
    if request.form.get("do") == "xem":
        return redirect(url_for("council_ballot.review", code=code), 303)
    if up or down:
        return redirect(url_for("council_ballot.show", code=code, _anchor=up or down), 303)
    flash(
        _(
            "Đã lưu nháp lúc {now}. Nháp chưa tính: còn phải gửi phiếu.",
            now=formats.moment(desk.now()),
        ),
        "ok",
    )
    return redirect(url_for("council_ballot.show", code=code), 303)


@pages.get("/hoi-dong/<code>/phieu/xem-lai")
def review(code: str) -> ResponseReturnValue:
    """What will be sent."""
    return _review(code)


@pages.post("/hoi-dong/<code>/phieu/gui")
def send(code: str) -> ResponseReturnValue:
    """Hand the ballot in, as reviewed."""
    ballot = _ballot(code)
    seen = {item.id: read_seen(item) for item in ballot.sitting.items}
    entries = [
        Entry(one.item_id, one.vote, one.reason, one.rank, seen[one.item_id])
        for one in ballot.entries
    ]
    ask = Ask(code, desk.me().person_id, 0, steps.key_from_form())
    try:
        answer = in_transaction(
            desk.desk().database, lambda db: council_ballots.send(db, ask, entries, desk.now())
        )
    except Repeated:
        flash(_("Phiếu này đã được gửi từ lần trước."))
        return redirect(url_for("council_ballot.show", code=code), 303)
    if answer.refusals:
        return _show(code, council_desk.problems(answer.refusals))
    if answer.faults:
        return _show(code, faults_of(ballot, answer.faults))
    until = formats.moment(ballot.sitting.closes_at)
    flash(
        _(
            "Đã gửi phiếu lúc {now}. Sửa được đến {until}.",
            now=formats.moment(desk.now()),
            until=until,
        ),
        "ok",
    )
    return redirect(url_for("council_ballot.show", code=code), 303)


@pages.get("/hoi-dong/<code>/phieu/in")
def blank(code: str) -> ResponseReturnValue:
    """A ballot to print."""
    seen = council_desk.opened(code)
    if not seen.votes and not seen.leads:
        abort(404)
    page = council_desk.page_of(seen, _("Phiếu giấy"))
    return form_pages.show(
        "council/blank.html",
        page,
        rows=[
            {"code": item.code, "name": item.subject_name, "unit": item.unit_name}
            for item in seen.sitting.items
        ],
        ranking=seen.sitting.kind.value == "provincial_ranking",
    )


@pages.get("/hoi-dong/<code>/phieu/danh-sach.xlsx")
@vietnamese
def download(code: str) -> ResponseReturnValue:
    """My list as a workbook, to be filled in."""
    return ballot_sheet.answer(_ballot(code))


@pages.post("/hoi-dong/<code>/phieu/excel")
def upload(code: str) -> ResponseReturnValue:
    """Show how the filled-in workbook differs from the ballot, before anything is kept."""
    ballot = _ballot(code)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _show(code, [Fault("file", _("Chọn tệp Excel đã điền."))])
    read = ballot_sheet.read(ballot, file.stream.read(sheets.LARGEST + 1))
    if read.faults:
        return _show(code, read.faults)
    seen = council_desk.opened(code)
    before = {one.item_id: one for one in ballot.entries}
    differing = [one for one in read.entries if _told(one) != _told(before[one.item_id])]
    return form_pages.show(
        "council/differences.html",
        council_desk.page_of(seen, _("Nạp phiếu từ Excel")),
        rows=[
            {
                "code": _item(ballot, one).code,
                "name": _item(ballot, one).subject_name,
                "before": ballot_words.entry_words(before[one.item_id]),
                "after": ballot_words.entry_words(one),
            }
            for one in differing
        ],
        fields=_as_fields(ballot, read.entries),
    )


def read_entries(ballot: Ballot) -> tuple[Entry, ...]:
    """The ballot as the form carries it: the order of its rows is the order of the places."""
    order = {code: number for number, code in enumerate(request.form.getlist("row"), start=1)}
    made = []
    for item in council_ballots.votable(ballot.sitting, ballot.seat):
        vote = labels_council.NUMBER.get(request.form.get(f"p-{item.code}", ""))
        reason = clean(request.form.get(f"ly-do-{item.code}", ""))
        rank = order.get(item.code) if vote is Vote.YES else None
        made.append(Entry(item.id, vote, reason, rank, read_seen(item)))
    return in_order(made)


def read_seen(item: Item) -> frozenset[int]:
    """The papers the page showed, as the form carries their ids."""
    given = request.form.get(f"seen-{item.code}", "").split(".")
    return frozenset(number for one in given if (number := read_id(one)) is not None)


def faults_of(ballot: Ballot, faults: Sequence[BallotFault]) -> list[Fault]:
    """Faults of lines, each leading to the dossier's field."""
    codes = {item.id: item.code for item in ballot.sitting.items}
    return [
        Fault(
            f"ly-do-{codes[one.item_id]}" if one.code.startswith("REASON") else codes[one.item_id],
            _(
                "{text} {remedy}",
                text=formats.sentence(one.text),
                remedy=formats.sentence(one.remedy),
            ),
        )
        for one in faults
    ]


def _ballot(code: str) -> Ballot:
    with desk.reading() as db:
        return ballot_of(db, code, desk.me().person_id, desk.now())


def _show(
    code: str,
    faults: Sequence[form_pages.Problem] = (),
    entries: Sequence[Entry] | None = None,
    notes: Mapping[int, str] | None = None,
) -> ResponseReturnValue:
    with desk.reading() as db:
        seen = council_desk.look(db, code)
        ballot = ballot_of(db, code, desk.me().person_id, desk.now())
        figures = figures_of(db, ballot.sitting, seen.programme.cycle_by_id[seen.row.cycle_id].year)
        quota = quota_line(db, seen.row, seen.programme)
        papers = papers_of_items(db, ballot.sitting)
        noted = notes_of(db, ballot.seat.id) if notes is None else notes
    working = entries if entries is not None else ballot.entries
    rows = _rows(ballot, working, figures, faults)
    for row in rows:
        row["note"] = noted.get(row["item"], "")
        row["links"] = ballot_notes.links_to(row["code"], papers[row["item"]])
    ranked = sorted((row for row in rows if row["vote"] == "1"), key=lambda row: row["rank"])
    open_now = not against_voting(ballot.sitting, ballot.seat, desk.now())
    decided = sum(1 for row in rows if row["vote"])
    page = council_desk.page_of(seen, TITLE, faults)
    return form_pages.show(
        "council/ballot.html",
        page,
        seen=seen,
        quota=quota,
        ranked=ranked,
        todo=[row for row in rows if not row["vote"]],
        other=[row for row in rows if row["vote"] in {"2", "3"}],
        barred=_barred(seen),
        stale=_stale_count(ballot),
        sent_text=ballot_words.sent_text(ballot, open_now=open_now),
        status_text=_("Đã bỏ {decided}/{count} phiếu", decided=decided, count=len(rows))
        + ballot_words.draft_words(ballot),
        turn=ballot_words.turn(seen, open_now=open_now),
        open=open_now,
    )


def _rows(
    ballot: Ballot,
    entries: Sequence[Entry],
    figures: dict[int, Figures],
    faults: Sequence[form_pages.Problem],
) -> list[dict[str, Any]]:
    wrong = {one.field: one.message for one in faults if isinstance(one, Fault)}
    cast = {vote.item_id: vote for vote in ballot.cast}
    found = []
    for number, entry in enumerate(entries):
        item, known = _item(ballot, entry), figures.get(entry.item_id, Figures())
        stale = entry.vote is not None and (
            not is_current(cast[item.id], item)
            if item.id in cast and ballot.drafted_at is None
            else not entry.papers <= item.papers
        )
        found.append(
            {
                "item": item.id,
                "code": item.code,
                "name": item.subject_name,
                "url": url_for("dossiers.show", code=item.code),
                "meta": _("Hài lòng {sipas}", sipas=known.sipas) if known.sipas else item.unit_name,
                "index": known.par,
                "share": known.share,
                "sipas": known.sipas,
                "quote": known.quote,
                "vote": next(
                    (key for key, vote in labels_council.NUMBER.items() if vote is entry.vote), ""
                ),
                "reason": entry.reason,
                "rank": entry.rank,
                "stale": stale,
                "selected": number == 0,
                "papers": ".".join(str(one) for one in sorted(item.papers)),
                "fault": wrong.get(f"ly-do-{item.code}", ""),
                "note_fault": wrong.get(f"ghi-chu-{item.code}", ""),
            }
        )
    return found


def _review(code: str) -> ResponseReturnValue:
    with desk.reading() as db:
        seen = council_desk.look(db, code)
        ballot = ballot_of(db, code, desk.me().person_id, desk.now())
        quota = quota_line(db, seen.row, seen.programme)
    cast = {vote.item_id: vote for vote in ballot.cast}
    lines = []
    for one in sorted(ballot.entries, key=lambda each: (each.rank is None, each.rank or 0)):
        item = _item(ballot, one)
        if one.vote is None:
            continue
        lines.append(
            {
                "code": item.code,
                "name": item.subject_name,
                "rank": one.rank,
                "vote": labels_council.VOTE[one.vote],
                "reason": one.reason,
                "under": bool(quota and one.rank and one.rank > quota["cap"]),
                "again": item.id in cast and not is_current(cast[item.id], item),
                "papers": ".".join(str(each) for each in sorted(item.papers)),
            }
        )
    agreed = sum(1 for one in ballot.entries if one.vote is Vote.YES)
    return form_pages.show(
        "council/review.html",
        council_desk.page_of(seen, _("Xem lại phiếu")),
        lines=lines,
        missing=sum(1 for one in ballot.entries if one.vote is None),
        until=formats.moment(ballot.sitting.closes_at),
        over=max(0, agreed - quota["cap"]) if quota else 0,
    )


def _barred(seen: Seen) -> list[dict[str, str]]:
    why = conflicts(seen.sitting)
    mine = seen.seat.id if seen.seat else 0
    return [
        {
            "code": item.code,
            "name": item.subject_name,
            "url": url_for("dossiers.show", code=item.code),
            "why": formats.sentence(why[mine, item.id]),
        }
        for item in seen.sitting.items
        if (mine, item.id) in why
    ]


def _stale_count(ballot: Ballot) -> int:
    items = {item.id: item for item in ballot.sitting.items}
    return sum(1 for vote in ballot.cast if not is_current(vote, items[vote.item_id]))


def _item(ballot: Ballot, entry: Entry) -> Item:
    return next(item for item in ballot.sitting.items if item.id == entry.item_id)


def _told(entry: Entry) -> tuple[object, ...]:
    return entry.vote, entry.rank, entry.reason


def _as_fields(ballot: Ballot, entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """A ballot as the fields of the form that keeps it."""
    found: list[tuple[str, str]] = []
    for one in sorted(entries, key=lambda each: (each.rank is None, each.rank or 0)):
        item = _item(ballot, one)
        number = next((key for key, vote in labels_council.NUMBER.items() if vote is one.vote), "")
        found += [
            ("row", item.code),
            (f"seen-{item.code}", ".".join(str(each) for each in sorted(item.papers))),
            (f"p-{item.code}", number),
            (f"ly-do-{item.code}", one.reason),
        ]
    return found
