"""Published scores typed by hand from the paper: by one person, then by a second (reading Q43)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.scores import NotForYou, Statement
from models.typed_scores import (
    Gone,
    SaidAlready,
    SamePerson,
    Waiting,
    confirm_score,
    may_type,
    type_score,
    waiting,
    withdraw_score,
)
from views import check_figures, citing, desk, form_pages, formats, labels, steps
from views.formats import _, joined
from views.forms import Answers, Fault, day_text, read_id
from workflow.ports import Opened
from workflow.vocabulary import Classification, IndexKind, ScoreKind
from workflow.words import phrase

TITLE = phrase("Nhập chỉ số đã công bố")
YEARS = 3
ALREADY = phrase("Giá trị này bạn đã nhập, hoặc đã có trong kết quả công bố.")
NOT_YOURS = phrase(
    "Chỉ số này đang chờ người thứ hai của cấp khác; người của cấp đó xác nhận hoặc nhập lại."
)
SAME = phrase("Bạn đã nhập giá trị này. Người xác nhận phải là người thẩm định khác cùng cấp.")
GONE = phrase("Giá trị vừa được sửa, rút lại hoặc đã được xác nhận. Xem lại bảng dưới đây.")
NOT_READ = phrase("Đánh dấu ô xác nhận sau khi đã đọc văn bản công bố.")


def scores(code: str) -> ResponseReturnValue:
    """What was typed, by whom, what differs, and a form for one's own figure."""
    seen = form_pages.opened(code)
    return _closed(seen) or _show(seen, form_pages.dossier_page(seen, TITLE, _first(seen)))


def enter(code: str) -> ResponseReturnValue:
    """Type a figure, confirm another's, or take back one's own."""
    seen = form_pages.opened(code)
    closed = _closed(seen)
    if closed is not None:
        return closed
    steps.key_from_form()
    do, _dash, number = request.form.get("do", "type").partition("-")
    fault = _type(seen) if do == "type" else _answer(do, read_id(number))
    if not fault:
        return redirect(url_for("check.scores", code=code), 303)
    typed = request.form.to_dict() if do == "type" else _first(seen)
    return _show(seen, form_pages.dossier_page(seen, TITLE, typed, problems=fault))


def _type(seen: Opened) -> list[Fault]:
    answers = Answers(request.form, desk.today())
    stated = _read(seen, answers)
    if stated is None or answers.faults:
        return answers.faults
    try:
        with desk.writing() as db:
            known = type_score(db, stated, desk.me().person_id, desk.now())
    except SaidAlready:
        return [Fault("value", ALREADY)]
    except NotForYou:
        return [Fault("", NOT_YOURS)]
    at = formats.moment(desk.now())
    words = _("Hai người đã nhập cùng giá trị; chỉ số có hiệu lực") if known else _("Đã ghi")
    flash(
        _("{words} lúc {at}.", words=words, at=at)
        if known
        else _("{words} lúc {at}. Đang chờ người thứ hai.", words=words, at=at),
        "ok",
    )
    return []


def _answer(do: str, typed_id: int | None) -> list[Fault]:
    """Confirm, or take back."""
    if typed_id is None or do not in {"confirm", "withdraw"}:
        abort(400)
    if do == "confirm" and not request.form.get(f"read-{typed_id}"):
        return [Fault(f"read-{typed_id}", NOT_READ)]
    carry_out = confirm_score if do == "confirm" else withdraw_score
    try:
        with desk.writing() as db:
            carry_out(db, typed_id, desk.me().person_id, desk.now())
    except Gone:
        return [Fault("", GONE)]
    except SamePerson:
        return [Fault("", SAME)]
    except NotForYou:
        return [Fault("", NOT_YOURS)]
    done = _("xác nhận chỉ số") if do == "confirm" else _("rút lại giá trị đã nhập")
    flash(_("Đã {done} lúc {now}.", done=done, now=formats.moment(desk.now())), "ok")
    return []


def _read(seen: Opened, answers: Answers) -> Statement | None:
    index = answers.choice("index", IndexKind, _("Chọn chỉ số."))
    year = answers.one_of("year", [str(one) for one in _years(seen)], _("Chọn năm của chỉ số."))
    value = answers.score("value", _("Ghi điểm như trong văn bản công bố."))
    rating = answers.choice("classification", Classification)
    day = answers.day("published_on", _("Ghi ngày công bố."), future=_("Ngày công bố"))
    source = answers.text("source", _("Ghi số, ký hiệu văn bản công bố."))
    if index is None or not year or value is None or day is None:
        return None
    unit = check_figures.scored_unit(seen)
    kind = ScoreKind.PUBLISHED
    return Statement(unit.id, index, int(year), kind, value, rating, day, source)


def _closed(seen: Opened) -> ResponseReturnValue | None:
    unit = check_figures.scored_unit(seen)
    with desk.reading() as db:
        if may_type(db, desk.me().person_id, unit.id, desk.now()):
            return None
    page = form_pages.dossier_page(seen, TITLE, {})
    reason = {
        "text": _("Bạn không nhập được chỉ số của đơn vị này."),
        "remedy": _("Chỉ số do người thẩm định của cấp chấm điểm đơn vị nhập."),
        "who": "",
    }
    return form_pages.show("assembly/closed.html", page, reasons=[reason])


def _first(seen: Opened) -> dict[str, str]:
    return {"year": str(_years(seen)[0]), "index": IndexKind.PAR.value}


def _years(seen: Opened) -> list[int]:
    last = seen.rulebook.programme.cycle_by_id[seen.facts.cycle_id].year
    return list(range(last, last - YEARS, -1))


def _show(seen: Opened, page: form_pages.FormPage) -> ResponseReturnValue:
    unit = check_figures.scored_unit(seen)
    with desk.reading() as db:
        typed = waiting(db, [unit.id])
    return form_pages.show(
        "check/scores.html",
        page,
        unit=unit.name,
        waiting=[_row(one, typed) for one in typed],
        indices=[{"value": one.value, "label": labels.INDEX[one]} for one in IndexKind],
        years=[{"value": str(one), "label": str(one)} for one in _years(seen)],
        classes=[
            {"value": one.value, "label": labels.CLASSIFICATION[one]} for one in Classification
        ],
        cited=citing.rule(
            seen.rulebook.programme, "par_index", "unit_indices", kind=seen.facts.subject.kind
        ),
        check_url=url_for("check.check", code=seen.facts.code),
        known=_known(seen, unit.id),
    )


def _row(one: Waiting, others: list[Waiting]) -> dict[str, Any]:
    """One open figure; next to figures of others that say something else, the difference."""
    typed = one.typed
    rivals = [
        other
        for other in others
        if other is not one
        and (other.typed.index_kind, other.typed.year) == (typed.index_kind, typed.year)
    ]
    rating = (
        labels.CLASSIFICATION[typed.classification] if typed.classification else _("không xếp loại")
    )
    return {
        "id": typed.id,
        "what": _("{index} {year}", index=labels.INDEX[typed.index_kind], year=typed.year),
        "text": _(
            "{value}{index_unit}, {rating}, công bố {day_text}{more}",
            value=formats.decimal(typed.value),
            index_unit=labels.INDEX_UNIT[typed.index_kind],
            rating=rating,
            day_text=day_text(typed.published_on),
            more=f" ({typed.source})" if typed.source else "",
        ),
        "by": _("{by}, {at}", by=one.by, at=formats.moment(typed.at)),
        "mine": typed.by_id == desk.me().person_id,
        "differs": [_differs(one, other) for other in rivals],
    }


def _differs(one: Waiting, other: Waiting) -> str:
    mine, theirs = one.typed, other.typed
    parts = []
    if mine.value != theirs.value:
        gap = formats.decimal(abs(mine.value - theirs.value))
        parts.append(_("điểm {value} (lệch {gap})", value=formats.decimal(theirs.value), gap=gap))
    if mine.classification is not theirs.classification:
        rating = theirs.classification
        parts.append(
            _(
                "xếp loại {classification}",
                classification=labels.CLASSIFICATION[rating] if rating else _("không có"),
            )
        )
    if mine.published_on != theirs.published_on:
        parts.append(_("công bố {day_text}", day_text=day_text(theirs.published_on)))
    return _("{by} nhập {parts}", by=other.by, parts=joined(parts))


def _known(seen: Opened, unit_id: int) -> list[dict[str, str]]:
    """What is published already, so that nobody types it again."""
    return [
        {
            "what": _("{index} {year}", index=labels.INDEX[one.index], year=one.year),
            "value": f"{formats.decimal(one.value)}{labels.INDEX_UNIT[one.index]}",
            "day": formats.day(one.published_on) if one.published_on else "",
            "source": one.source,
        }
        for one in seen.facts.scores
        if one.unit_id == unit_id and one.kind is ScoreKind.PUBLISHED
    ]
