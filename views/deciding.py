"""Quyết định: choose dossiers, see what would happen, compare names, commit the whole list."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from models import deciding, decision_lists
from models.deciding import ListChanged, Signing, Stopped
from models.decision_lists import DECIDERS, Considered, NothingToPrepare, NotTheirs
from models.queries_deciding import RECENT, ListLine, decisions_of, list_of, open_lists
from models.queries_turns import programmes
from models.rulebooks import rulebook_of
from models.tables import Dossier
from views import (
    deciding_rows,
    deciding_words,
    desk,
    exporting,
    form_pages,
    formats,
    labels,
    sheets_of_season,
    side_by_side,
    steps,
)
from views.decision import read_decision
from views.formats import _, joined
from views.forms import Answers, Fault, day_text, read_id
from views.once import writing_once
from views.proving import freshly
from workflow.ports import Stale
from workflow.programme import Programme
from workflow.verdicts import Refusal, Result
from workflow.vocabulary import Post
from workflow.words import phrase

pages = Blueprint("deciding", __name__)

TITLE: Final = phrase("Quyết định")
LIST: Final = phrase("Danh sách trình ký")
CONSIDERED: Final = 50
"""So many of those who wait are judged beside a list: the first of the ranking, then by code."""
SEES: Final = (*DECIDERS, Post.APPRAISER)
NOT_COMPARED: Final = phrase("Đánh dấu ô xác nhận sau khi đã đối chiếu từng tên.")
NOTHING_CHOSEN: Final = phrase("Chọn ít nhất một hồ sơ, cùng một hình thức và một đợt.")
CHANGED: Final = phrase(
    "Danh sách vừa thay đổi trong lúc bạn xem: tên dưới đây là danh sách "
    "mới. Đối chiếu lại rồi ban hành."
)


@pages.get("/quyet-dinh")
def index() -> ResponseReturnValue:
    """Who waits for a decision, lists being prepared, decisions not yet published and published."""
    return _index(())


@pages.post("/quyet-dinh/danh-sach")
def begin() -> ResponseReturnValue:
    """Begin a list with the dossiers chosen."""
    steps.key_from_form()
    codes = [code for code in request.form.getlist("chon") if code]
    me, now = desk.me().person_id, desk.now()
    with desk.reading() as db:
        rows = db.scalars(
            select(Dossier)
            .where(Dossier.code.in_(codes), Dossier.deciding_unit_id.in_(_units(DECIDERS)))
            .order_by(Dossier.code)
        ).all()
    if not rows or len(rows) != len(set(codes)):
        return _index([Fault("", NOTHING_CHOSEN)])
    try:
        with writing_once() as form:
            list_id, left = decision_lists.open_list(form.session, rows, me, now)
            form.leads_to = url_for("deciding.show", list_id=list_id)
    except NotTheirs:
        return _index([Fault("", NOTHING_CHOSEN)])
    except NothingToPrepare as nothing:
        return _index([_not_put(one) for one in nothing.left])
    taken = len(rows) - len(left)
    words = _(
        "Đã đưa {count} hồ sơ vào danh sách trình ký lúc {now}",
        count=taken,
        now=formats.moment(now),
    )
    flash(
        words
        + (
            _("; {count} hồ sơ không đưa vào được, lý do ở dưới.", count=len(left)) if left else "."
        ),
        "ok",
    )
    return redirect(form.leads_to, 303)


@pages.get("/quyet-dinh/danh-sach/<int:list_id>")
def show(list_id: int) -> ResponseReturnValue:
    """The dry run: what would be decided, what is left out and why, places before and after."""
    first = {"dated": day_text(desk.today()), "capacity": "", "when": "sau"}
    return _show(_list(list_id), first, ())


@pages.post("/quyet-dinh/danh-sach/<int:list_id>/sua")
def change(list_id: int) -> ResponseReturnValue:
    """Put dossiers on the list, take some off, or give it up."""
    line = _list(list_id)
    steps.key_from_form()
    me, now = desk.me().person_id, desk.now()
    codes = request.form.getlist("chon")
    with desk.writing() as db:
        ids = list(db.scalars(select(Dossier.id).where(Dossier.code.in_(codes))))
        try:
            match request.form.get("do", ""):
                case "them":
                    decision_lists.put_on(db, line.id, ids, me, now)
                case "bot":
                    decision_lists.take_off(db, line.id, ids, me, now)
                case "bo":
                    decision_lists.drop(db, line.id, me, now)
                    flash(
                        _("Đã bỏ danh sách, trả lại chỗ lúc {now}.", now=formats.moment(now)), "ok"
                    )
                    return redirect(url_for("deciding.index"), 303)
                case _:
                    abort(400)
        except NotTheirs:
            abort(404)
    return redirect(url_for("deciding.show", list_id=list_id), 303)


@pages.post("/quyet-dinh/danh-sach/<int:list_id>")
@freshly
def commit(list_id: int) -> ResponseReturnValue:
    """Decide for the whole list, or write nothing and say who stands in the way."""
    key = steps.key_from_form()
    answers = Answers(request.form, desk.today())
    paper = read_decision(answers)
    when = answers.one_of("when", ("sau", "ngay"), _("Chọn công bố ngay hay sau."))
    answers.ticked("compared", NOT_COMPARED)
    if paper is None or answers.faults:
        return _show(_list(list_id), request.form.to_dict(), answers.faults)
    versions = {
        name.removeprefix("v-"): read_id(value) or 0
        for name, value in request.form.items()
        if name.startswith("v-")
    }
    signing = Signing(list_id, paper, when == "ngay", versions, key)
    try:
        done = deciding.commit(desk.desk().database, signing, desk.me().person_id, desk.now())
    except ListChanged:
        return _show(_list(list_id), _uncompared(), [Fault("", CHANGED)])
    except NotTheirs:
        abort(404)
    if isinstance(done, Stopped):
        return _show(_list(list_id), _uncompared(), stopped(done))
    words = _(
        "Đã ban hành quyết định {number} cho {count} hồ sơ",
        number=paper.number,
        count=len(done.codes),
    )
    later = "" if signing.publish else _("; chưa công bố")
    flash(
        _("{words} lúc {now}{later}.", words=words, now=formats.moment(desk.now()), later=later),
        "ok",
    )
    return redirect(url_for("decision_page.show", decision_id=done.decision_id), 303)


def stopped(done: Stopped) -> list[form_pages.Problem]:
    """Why nothing was written: the dossier in the way, named, with each reason and its clause."""
    if isinstance(done.verdict, Stale):
        by = _(" ({by})", by=done.verdict.by) if done.verdict.by else ""
        return [
            Fault(
                "",
                _(
                    "Chưa ban hành gì: hồ sơ {code} vừa được người khác chuyển bước{by}. "
                    "Danh sách dưới đây là mới nhất; đối chiếu lại rồi ban hành.",
                    code=done.code,
                    by=by,
                ),
            )
        ]
    why: list[Refusal | Result] = [*done.verdict.refusals, *done.verdict.blocking]
    return [_in_the_way(done.code, one) for one in why]


def _in_the_way(code: str, one: Refusal | Result) -> Fault:
    told = deciding_words.reason(one)
    field = form_pages.FIELD_OF.get(one.code, "") if isinstance(one, Refusal) else ""
    ref = _(" ({ref})", ref=told["ref"]) if told["ref"] else ""
    return Fault(
        field,
        _(
            "Chưa ban hành gì, vướng ở hồ sơ {code}. {text}{ref}",
            code=code,
            text=told["text"],
            ref=ref,
        ),
    )


def _not_put(found: Considered) -> Fault:
    """Why one dossier could not be put on any list."""
    told = [deciding_words.reason(one) for one in found.why]
    why = joined(
        (
            _("{text} ({ref})", text=one["text"], ref=one["ref"]) if one["ref"] else one["text"]
            for one in told
        ),
        " ",
    )
    # The row itself is gone with the transaction that was rolled back.
    facts = found.judgement.facts
    return Fault("", _("{name}, {code}: {why}", name=facts.subject.name, code=facts.code, why=why))


def unit_ids(posts: tuple[Post, ...] = SEES) -> list[int]:
    """Units the reader holds one of these posts at."""
    return _units(posts)


def _units(posts: tuple[Post, ...]) -> list[int]:
    return sorted({held.unit_id for held in desk.me().posts if held.post in posts})


def _uncompared() -> dict[str, str]:
    """Everything typed is kept, but names that changed must be compared again."""
    return {name: value for name, value in request.form.items() if name != "compared"}


def _list(list_id: int) -> ListLine:
    with desk.reading() as db:
        line = list_of(db, list_id)
    if line is None or line.unit_id not in _units(DECIDERS):
        abort(404)
    return line


def _index(problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    seen, deciding_for = _units(SEES), set(_units(DECIDERS))
    with desk.reading() as db:
        known = programmes(db)
        by_id = {one.id: one for one in known.values()}
        wanted = side_by_side.choice(db)
        waiting = [
            one
            for one in decision_lists.waiting(db, seen)
            if wanted.keeps(one.programme_id, {one.cycle_id})
        ]
        groups = deciding_rows.groups(waiting, known, deciding_for)
        tops = {
            group["key"]: deciding_words.ranking_of(
                db, by_id[group["programme"]], group["cycle"], group["award_form"], group["unit"]
            )
            for group in groups
        }
        lists = [
            one for one in open_lists(db, seen) if wanted.keeps(one.programme_id, {one.cycle_id})
        ]
        decisions = decisions_of(
            db,
            seen,
            None if exporting.asked() else RECENT,
            programme_id=wanted.programme_id,
            cycle_id=wanted.cycle_id,
        )
    if exporting.asked():
        return exporting.hand_out(_("Quyết định"), sheets_of_season.decisions(decisions, by_id))
    for group in groups:
        snapshot, address = tops[group["key"]]
        places = deciding_words.places_in(snapshot)
        top = deciding_words.top_of(snapshot)
        group["ranking_url"], group["ranked"] = address, snapshot is not None
        group["rows"] = [
            {**row, "place": places.get(row["code"], ""), "chosen": row["code"] in top}
            for row in group["rows"]
        ]
    return form_pages.show(
        "deciding/index.html",
        form_pages.FormPage(title=TITLE, errors=list(problems)),
        groups=groups,
        lists=[deciding_rows.list_row(one, by_id, deciding_for) for one in lists],
        decisions=[deciding_rows.decision_row(one, by_id) for one in decisions],
        sees=bool(seen),
        filters=wanted.fields(),
        narrows=wanted.narrows,
    )


def _show(line: ListLine, typed: dict[str, str], problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    me, now = desk.me().person_id, desk.now()
    with desk.reading() as db:
        chosen = decision_lists.on_list(db, line.id)
        found = [decision_lists.consider(db, one, me, now) for one in chosen]
        others = decision_lists.waiting(
            db,
            [line.unit_id],
            programme_id=line.programme_id,
            cycle_id=line.cycle_id,
            award_form=line.award_form,
        )
        some = next(iter([*chosen, *others]), None)
        programme = _programme(db, line, some)
        award = programme.award_by_id[line.award_form]
        snapshot, ranking_url = deciding_words.ranking_of(
            db, programme, line.cycle_id, award, line.unit_id
        )
        ranks = deciding_words.places_in(snapshot)
        # Each is judged with all its facts, so only those are who come next.
        order = {code: place for place, code in enumerate(ranks)}
        next_ones = sorted(others, key=lambda one: order.get(one.code, len(order)))
        rest = [decision_lists.consider(db, one, me, now) for one in next_ones[:CONSIDERED]]
    page = form_pages.FormPage(
        title=LIST,
        crumbs=[
            {"label": TITLE, "url": url_for("deciding.index")},
            {"label": LIST, "url": ""},
        ],
        eyebrow=line.unit,
        sub=_(
            "{title} · {label}", title=award.title, label=programme.cycle_by_id[line.cycle_id].label
        ),
        url=url_for("deciding.show", list_id=line.id),
        typed=typed,
        errors=list(problems),
    )
    return form_pages.show(
        "deciding/list.html",
        page,
        counted=deciding_words.counted(chosen),
        rows=[
            {
                **deciding_words.who(one.dossier),
                "place": ranks.get(one.dossier.code, ""),
                "why": [deciding_words.reason(why) for why in one.why],
            }
            for one in found
        ],
        in_the_way=sum(bool(one.why) for one in found),
        addable=[
            {**deciding_words.who(one.dossier), "place": ranks.get(one.dossier.code, "")}
            for one in rest
            if not one.why
        ],
        later=len(others) - len(rest),
        left_out=[deciding_words.left_out(one) for one in rest if one.why],
        quota=deciding_words.places(found, award.quota),
        capacities=deciding_words.capacities(),
        when=deciding_words.WHEN,
        clause=(labels.clause_text(award.clause), labels.clause_url(award.clause)),
        number_hint=_("Ví dụ 2417/QĐ-UBND"),
        change_url=url_for("deciding.change", list_id=line.id),
        ranking_url=ranking_url,
    )


def _programme(db: Any, line: ListLine, some: Dossier | None) -> Programme:  # noqa: ANN401
    """The version the dossiers began under; an empty list looks at the newest of the programme."""
    if some is not None:
        return rulebook_of(db, some.programme_hash).programme
    return next(one for one in programmes(db).values() if one.id == line.programme_id)
