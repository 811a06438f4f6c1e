"""Phiếu giấy: the secretary types them in, somebody else types them again, then they count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models import council_paper
from models.council_ballots import votable
from models.council_paper import PaperBallot, paper_of
from models.stepping import in_transaction
from models.tables import CouncilSeat
from views import council_desk, desk, form_pages, formats, labels_council
from views.council_desk import Seen
from views.formats import _, joined
from views.forms import Fault, clean, read_id
from workflow.councils.ballots import Entry
from workflow.ports import Repeated
from workflow.vocabulary import SessionState, Vote

pages = Blueprint("council_paper", __name__)


@pages.get("/hoi-dong/<code>/phieu-giay")
def index(code: str) -> ResponseReturnValue:
    """Whose paper ballots are typed, checked, or neither; no vote is shown."""
    with desk.reading() as db:
        seen = council_desk.look(db, code)
        if not (seen.leads or seen.votes):
            abort(404)
        kept = {seat.id: db.get(CouncilSeat, seat.id) for seat in seen.sitting.members}
    rows = []
    for seat in seen.sitting.members:
        row = kept[seat.id]
        typed = row is not None and row.typed_by is not None
        if seat.sent:
            told = _("Phiếu giấy đã tính") if typed else _("Đã gửi phiếu điện tử")
        else:
            told = _("Đã nhập, chờ người khác kiểm") if typed else _("Chưa nhập")
        rows.append(
            {"id": seat.id, "name": seat.name, "told": told, "typed": typed, "sent": seat.sent}
        )
    page = council_desk.page_of(seen, _("Phiếu giấy"))
    return form_pages.show("council/papers.html", page, seen=seen, rows=rows)


@pages.get("/hoi-dong/<code>/phieu-giay/<int:seat_id>")
def form(code: str, seat_id: int) -> ResponseReturnValue:
    """Type one paper ballot: the secretary first, then somebody else without seeing the first."""
    return _show(code, seat_id)


@pages.post("/hoi-dong/<code>/phieu-giay/<int:seat_id>")
def keep(code: str, seat_id: int) -> ResponseReturnValue:
    """Keep the first typing, or compare the second with it."""
    seen = council_desk.opened(code)
    checking = request.form.get("do") == "kiem"
    with desk.reading() as db:
        paper = paper_of(db, code, seat_id, desk.me().person_id, desk.now())
    entries = _entries(paper)
    ask = council_desk.ask_from_form(code)
    work = council_paper.check if checking else council_paper.type_in
    try:
        answer = in_transaction(
            desk.desk().database, lambda db: work(db, ask, seat_id, entries, desk.now())
        )
    except Repeated:
        return redirect(url_for("council_paper.index", code=code), 303)
    apart: Sequence[Any] = ()
    result = answer
    if isinstance(answer, tuple):
        result, apart = answer
    if result.refusals or result.faults:  # type: ignore[union-attr]
        faults = [
            *council_desk.problems(result.refusals),  # type: ignore[union-attr]
            *(
                Fault(
                    "",
                    _(
                        "{text} {remedy}",
                        text=formats.sentence(one.text),
                        remedy=formats.sentence(one.remedy),
                    ),
                )
                for one in result.faults  # type: ignore[union-attr]
            ),
        ]
        return _show(code, seat_id, faults)
    if apart:
        names = joined(item.subject_name for item in apart)
        text = _(
            "Hai lần nhập khác nhau ở: {names}. Đối chiếu phiếu giấy rồi nhập lại.", names=names
        )
        return _show(code, seat_id, [Fault("", text)])
    done = _("Đã kiểm khớp, phiếu được tính") if checking else _("Đã nhập; chờ người khác kiểm")
    flash(_("{done} lúc {now}.", done=done, now=formats.moment(desk.now())), "ok")
    del seen
    return redirect(url_for("council_paper.index", code=code), 303)


def _entries(paper: PaperBallot) -> list[Entry]:
    found = []
    for item in votable(paper.sitting, paper.seat):
        vote = labels_council.NUMBER.get(request.form.get(f"p-{item.code}", ""))
        rank = read_id(request.form.get(f"hang-{item.code}", "").strip())
        reason = clean(request.form.get(f"ly-do-{item.code}", ""))
        found.append(Entry(item.id, vote, reason, rank if vote is Vote.YES else None, item.papers))
    return found


def _show(code: str, seat_id: int, faults: Sequence[Fault] = ()) -> ResponseReturnValue:
    with desk.reading() as db:
        seen: Seen = council_desk.look(db, code)
        paper = paper_of(db, code, seat_id, desk.me().person_id, desk.now())
    if seen.sitting.state is not SessionState.OPEN:
        abort(404)
    # Who types the second time does not see the first typing; who typed first may mend it.
    checking = paper.typed_by is not None and paper.typed_by != desk.me().person_id
    if not checking and not seen.leads:
        abort(404)
    shown = {entry.item_id: entry for entry in (() if checking else paper.typed)}
    rows = []
    for item in votable(paper.sitting, paper.seat):
        entry = shown.get(item.id)
        typed = request.form.get(f"p-{item.code}") if request.form else None
        vote = entry.vote if entry else None
        number = next((key for key, word in labels_council.NUMBER.items() if word is vote), "")
        rows.append(
            {
                "code": item.code,
                "name": item.subject_name,
                "vote": typed if typed is not None else number,
                "rank": request.form.get(f"hang-{item.code}", "")
                or (str(entry.rank) if entry and entry.rank else ""),
                "reason": request.form.get(f"ly-do-{item.code}", "")
                or (entry.reason if entry else ""),
            }
        )
    title = _(
        "{count} phiếu giấy: {name}",
        count=_("Kiểm") if checking else _("Nhập"),
        name=paper.seat.name,
    )
    page = council_desk.page_of(seen, title, faults)
    return form_pages.show("council/paper.html", page, rows=rows, checking=checking)
