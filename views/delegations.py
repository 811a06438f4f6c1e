"""Ủy quyền: who acts for whom, from when to when; made by the giver or by an administrator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import true

from models.delegations import (
    ACTIONS,
    Shown,
    Wish,
    about,
    delegate,
    end_delegation,
    lendable_posts,
    may_end,
    scope_words,
    shown,
)
from models.queries_staff import colleagues, person_named
from models.tables import Delegation
from views import desk, exporting, form_pages, formats, labels, sheets_of_office
from views.formats import _, joined
from views.forms import Answers, Fault, day_text
from workflow.vocabulary import Action, Post
from workflow.words import phrase

pages = Blueprint("delegations", __name__)

TITLE = phrase("Ủy quyền")
STANDS = {
    "running": ("ok", phrase("Đang chạy")),
    "coming": ("info", phrase("Chưa bắt đầu")),
    "over": ("", phrase("Đã hết hạn")),
    "ended": ("", phrase("Đã kết thúc")),
}
MOST = 200


@pages.get("/uy-quyen")
def own() -> ResponseReturnValue:
    """The reader's own delegations, given and received, and a form for another."""
    return _show({"first_day": day_text(desk.today())}, [], everybody=False)


@pages.post("/uy-quyen")
def lend() -> ResponseReturnValue:
    """Lend one's own power."""
    return _lend(everybody=False)


@pages.get("/quan-tri/uy-quyen")
def everybody() -> ResponseReturnValue:
    """Everybody's delegations, for an administrator."""
    return _show({"first_day": day_text(desk.today())}, [], everybody=True)


@pages.post("/quan-tri/uy-quyen")
def lend_for() -> ResponseReturnValue:
    """Make a delegation for somebody else, who is told."""
    return _lend(everybody=True)


@pages.post("/uy-quyen/<int(max=2147483647):number>/ket-thuc")
def end(number: int) -> ResponseReturnValue:
    """End a delegation before its last day."""
    me = desk.me()
    with desk.writing() as db:
        one = db.get(Delegation, number)
        administrator = me.holds(Post.ADMINISTRATOR)
        if one is None or not may_end(one, me.person_id, administrator=administrator):
            abort(404)
        ended = end_delegation(db, number, me.person_id, desk.now())
    if ended:
        flash(_("Đã kết thúc ủy quyền; người kia được báo bằng thư."), "ok")
    else:
        flash(_("Ủy quyền này đã hết từ trước."), "warn")
    back = "delegations.everybody" if request.form.get("from") == "all" else "delegations.own"
    return redirect(url_for(back), 303)


def _lend(*, everybody: bool) -> ResponseReturnValue:
    me, answers = desk.me(), Answers(request.form, desk.today())
    first = answers.day("first_day", _("Ghi ngày đầu được xử lý thay."))
    last = answers.day("last_day", _("Ghi ngày cuối còn được xử lý thay."))
    reason = answers.text("reason", _("Ghi lý do bằng một câu, ví dụ: nghỉ phép năm."), most=500)
    wanted = request.form.getlist("actions")
    actions = tuple(action for action in ACTIONS if action.value in wanted)
    with desk.writing() as db:
        giver = person_named(db, answers.raw("giver")) if everybody else me.person_id
        if giver is None:
            answers.blame("giver", _("Không có người này; gõ mã hoặc tên đăng nhập."))
        taker = person_named(db, answers.raw("delegate"))
        if taker is None:
            answers.blame("delegate", _("Chọn người được ủy quyền."))
        made: object = None
        if not answers.faults and giver is not None and taker is not None:
            post = _post(answers.raw("post"))
            wish = Wish(giver, taker, first, last, reason, post, actions)
            made = delegate(db, wish, me.person_id, desk.now())
            if isinstance(made, list):
                for problem in made:
                    answers.blame(problem.field, problem.message)
    if answers.faults:
        return _show(request.form.to_dict(), answers.faults, everybody=everybody)
    flash(_("Đã lập ủy quyền; người được ủy quyền nhận thư ngay."), "ok")
    return redirect(url_for("delegations.everybody" if everybody else "delegations.own"), 303)


def _post(typed: str) -> tuple[Post, int] | None:
    name, _at, unit = typed.partition("@")
    return (Post(name), int(unit)) if name in set(Post) and unit.isdecimal() else None


def _show(typed: dict[str, str], faults: list[Fault], *, everybody: bool) -> ResponseReturnValue:
    me = desk.me()
    with desk.reading() as db:
        found = shown(db, true() if everybody else about(me.person_id))
        found = found if exporting.asked() else found[:MOST]
        people = colleagues(db, me.person_id, desk.today())
        posts = lendable_posts(db, me.person_id, desk.today())
        rows = [_row(one) for one in found]
    if exporting.asked():
        sheet = sheets_of_office.delegations(zip(found, rows, strict=True))
        return exporting.hand_out(_("Ủy quyền"), sheet)
    page = form_pages.FormPage(
        title=TITLE, typed=typed, errors=faults, crumbs=_crumbs(everybody=everybody)
    )
    return form_pages.show(
        "people/delegations.html",
        page,
        everybody=everybody,
        rows=rows,
        may_lend=everybody or bool(posts),
        people=[{"value": code, "label": words} for code, words in people],
        posts=[
            {
                "value": f"{post.value}@{unit}",
                "label": _("{post}, {name}", post=labels.POST[post], name=name),
            }
            for post, unit, name in posts
        ],
        actions=[(action.value, labels.ACTION[action]) for action in ACTIONS],
        chosen=request.form.getlist("actions"),
    )


def _crumbs(*, everybody: bool) -> list[dict[str, str]]:
    if not everybody:
        return []
    return [
        {"label": _("Quản trị"), "url": url_for("administration.index")},
        {"label": TITLE, "url": ""},
    ]


def _row(one: Shown) -> dict[str, Any]:
    delegation, me = one.delegation, desk.me()
    stands = one.stands(desk.today())
    tone, words = STANDS[stands]
    ends = stands in {"running", "coming"}
    administrator = me.holds(Post.ADMINISTRATOR)
    return {
        "who": _("{count} thay mặt {giver}", count=one.delegate, giver=one.giver),
        "days": _(
            "{first_day} đến hết {last_day}",
            first_day=formats.day(delegation.first_day),
            last_day=formats.day(delegation.last_day),
        ),
        "scope": upper_first(scope_words(one)),
        "steps": joined(labels.ACTION[Action(each)] for each in delegation.actions),
        "reason": delegation.reason,
        "made_by": "" if delegation.made_by == delegation.giver_id else one.made_by,
        "tone": tone,
        "status": words,
        "end_url": url_for("delegations.end", number=delegation.id)
        if ends and may_end(delegation, me.person_id, administrator=administrator)
        else None,
    }


def upper_first(text: str) -> str:
    """The same words at the beginning of a cell."""
    return text[:1].upper() + text[1:]
