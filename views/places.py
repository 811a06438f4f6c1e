"""Chỉ tiêu: how many awards a pool allows, where the number comes from, and what became of it."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.caps import LONGEST_REASON, Move, PoolLine, change_cap, may_set, moves_of, pools_seen
from models.rulebooks import programme_with_cycle
from views import (
    desk,
    exporting,
    form_pages,
    formats,
    places_words,
    quota_card,
    sheets_of_season,
    side_by_side,
    speaking,
    steps,
)
from views.formats import _
from views.forms import Answers, Fault
from workflow.programme import Cycle, Programme
from workflow.verdicts import Refusal
from workflow.vocabulary import Post
from workflow.words import phrase

pages = Blueprint("places", __name__)

TITLE: Final = phrase("Chỉ tiêu")
FIELD_OF: Final = {"COMMENT_MISSING": "reason", "CAP_BELOW_USED": "cap"}
DECIDING: Final = (Post.HEAD, Post.DEPUTY_HEAD, Post.APPRAISER, Post.CLERK)


@pages.get("/chi-tieu")
def index() -> ResponseReturnValue:
    """Every pool of one cycle the reader may see."""
    with desk.reading() as db:
        programme, programmes = side_by_side.one_programme(db)
        cycle = chosen_cycle(programme)
        lines = pools_seen(db, programme, cycle, desk.me())
    if exporting.asked():
        sheet = sheets_of_season.pools(lines)
        return exporting.hand_out(_("Chỉ tiêu"), sheet, filters={_("Đợt"): cycle.label})
    return form_pages.show(
        "places/index.html",
        form_pages.FormPage(title=TITLE),
        programmes=programmes,
        cycles=cycle_choices(programme, cycle),
        cycle=cycle,
        groups=[_group(line) for line in lines],
        snapshot=formats.day(cycle.snapshot),
    )


@pages.get("/chi-tieu/<cycle_id>/<pool>/<unit>")
def show(cycle_id: str, pool: str, unit: str) -> ResponseReturnValue:
    """One pool: the sum, the ledger, and for its head the form to set the number."""
    return _show(_line(cycle_id, pool, unit), {}, ())


@pages.post("/chi-tieu/<cycle_id>/<pool>/<unit>")
def set_number(cycle_id: str, pool: str, unit: str) -> ResponseReturnValue:
    """Set, change or remove the head's own number."""
    line = _line(cycle_id, pool, unit)
    steps.key_from_form()
    answers = Answers(request.form, desk.today())
    removing = request.form.get("do") == "remove"
    cap = None if removing else answers.whole("cap", _("Gõ số lượng tối đa, ví dụ 10."))
    reason = answers.text("reason", _("Ghi lý do bằng một câu."), most=LONGEST_REASON)
    if answers.faults:
        return _show(line, request.form.to_dict(), answers.faults)
    with desk.writing() as db:
        refusal = change_cap(db, line, cap, reason, desk.me().person_id, desk.now())
    if refusal is not None:
        return _show(line, request.form.to_dict(), [_fault(refusal)])
    done = _("Đã bỏ số lượng tối đa") if cap is None else _("Đã đặt số lượng tối đa {cap}", cap=cap)
    flash(_("{done} lúc {now}.", done=done, now=formats.moment(desk.now())), "ok")
    return redirect(_url(line), 303)


def chosen_cycle(programme: Programme) -> Cycle:
    """The cycle asked for, or the one whose decision comes next."""
    asked = request.args.get("dot", "")
    if asked in programme.cycle_by_id:
        return programme.cycle_by_id[asked]
    year = desk.today().year
    ahead = [cycle for cycle in programme.cycles if cycle.year == year]
    tables = [award.quota for award in programme.awards if award.quota and award.quota.percent]
    with_share = [cycle for cycle in ahead if any(cycle.kind in one.cycles for one in tables)]
    return next(iter(with_share or ahead), programme.cycles[-1])


def cycle_choices(programme: Programme, chosen: Cycle) -> list[dict[str, Any]]:
    """Cycles as options of a filter."""
    return [
        {"value": cycle.id, "label": cycle.label, "selected": cycle.id == chosen.id}
        for cycle in programme.cycles
    ]


def _line(cycle_id: str, pool: str, unit: str) -> PoolLine:
    """The pool at this address, if the reader may see what moved in it; else 404."""
    with desk.reading() as db:
        programme = programme_with_cycle(db, cycle_id, side_by_side.asked_for())
        if programme is None:
            abort(404)
        speaking.speak_of(programme)
        lines = pools_seen(db, programme, programme.cycle_by_id[cycle_id], desk.me())
    found = [line for line in lines if (line.pool.pool, line.unit_code) == (pool, unit)]
    if not found or not _sees_moves(found[0]):
        abort(404)
    return found[0]


def _sees_moves(line: PoolLine) -> bool:
    """Who sees which dossier took a place: the deciding unit, and those who read everything."""
    me = desk.me()
    return me.holds(Post.ADMINISTRATOR, Post.AUDITOR) or any(
        held.unit_id == line.pool.deciding_unit_id and held.post in DECIDING for held in me.posts
    )


def _show(line: PoolLine, typed: dict[str, str], problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    with desk.reading() as db:
        moves = moves_of(db, line.pool)
        settable = may_set(db, line, desk.me().person_id, desk.today())
    if exporting.asked():
        return exporting.hand_out(_("Sổ chỉ tiêu"), sheets_of_season.moves(line, moves))
    back = url_for("places.index", dot=line.cycle.id, **side_by_side.address(line.programme))
    page = form_pages.FormPage(
        title=_("{title} {short}", title=TITLE, short=line.award.short),
        crumbs=[{"label": TITLE, "url": back}, {"label": line.award.short, "url": ""}],
        eyebrow=line.unit_name,
        sub=line.cycle.label,
        url=_url(line),
        typed=typed or {"cap": "" if line.quota.cap is None else str(line.quota.cap)},
        errors=list(problems),
    )
    return form_pages.show(
        "places/show.html",
        page,
        card=_card(line),
        may_set=settable,
        removable=settable and line.quota.cap is not None,
        shared=line.table.percent is not None,
        moves=[_move(one) for one in moves],
        snapshot=formats.day(line.cycle.snapshot),
    )


def _group(line: PoolLine) -> dict[str, Any]:
    """One pool on the list; its ledger is for the deciding unit."""
    address = _url(line) if _sees_moves(line) else None
    return {"card": _card(line), "unit": line.unit_name, "url": address}


def _card(line: PoolLine) -> quota_card.QuotaCard:
    return quota_card.card(line.quota, line.table, line.award.short)


def _url(line: PoolLine) -> str:
    return url_for(
        "places.show",
        cycle_id=line.cycle.id,
        pool=line.pool.pool,
        unit=line.unit_code,
        **side_by_side.address(line.programme),
    )


def _move(one: Move) -> dict[str, str]:
    return {
        "at": formats.stamp(one.at),
        "what": places_words.what(one),
        "number": one.number or "–",
        "code": one.code,
        "url": url_for("dossiers.show", code=one.code),
        "subject": one.subject,
        "change": _signed(one.used),
        "kept": _signed(one.reserved),
        "by": one.by or _("Hệ thống"),
    }


def _signed(value: int) -> str:
    return f"{value:+d}".replace("-", "−") if value else "0"


def _fault(refusal: Refusal) -> Fault:
    told = form_pages.told(refusal)
    message = _("{text} {remedy}", text=told["text"], remedy=told["remedy"]).strip()
    return Fault(FIELD_OF.get(refusal.code, ""), message)
