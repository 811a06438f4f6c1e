"""A ranking as words: figures, places, the margin, and why somebody was not awarded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import url_for

from models.rankings import LeftOut, Line, Snapshot
from views import formats, labels
from views.formats import _, joined
from workflow.programme import QuotaTable
from workflow.ranking import Inside, Margin, Row
from workflow.vocabulary import Better
from workflow.words import phrase

MISSING = phrase("chưa có")
INSIDE = {
    Inside.IN: ("ok", "ok", phrase("Trong chỉ tiêu")),
    Inside.OUT: ("", "i", phrase("Ngoài chỉ tiêu")),
    Inside.TIED: ("warn", "alert", phrase("Ngang nhau ở vạch")),
}


def figure(value: Decimal | None, unit: str) -> str:
    """86,42 điểm; 100%; chưa có."""
    if value is None:
        return MISSING
    whole = value == value.to_integral_value()
    text = formats.number(int(value)) if whole and unit != "điểm" else formats.decimal(value)
    return f"{text}{unit}" if unit == "%" else _("{text} {unit}", text=text, unit=unit).strip()


def place(row: Row, snapshot: Snapshot) -> str:
    """7/9, with the others of a tie named by their number."""
    together = sum(one.place == row.place for one in snapshot.standing.rows)
    total = len(snapshot.standing.rows)
    return f"{row.place}/{total}" + (
        _(" (ngang {count} hồ sơ)", count=together) if together > 1 else ""
    )


def margin(snapshot: Snapshot) -> str:
    """Who is the first not awarded, and by which criterion; nothing when nobody is."""
    found = snapshot.standing.margin
    out = next((row for row in snapshot.standing.rows if row.inside is Inside.OUT), None)
    if out is None:
        return ""
    names = {line.row.code: line.name for line in snapshot.content.lines}
    first = _(
        "Hồ sơ đầu tiên ngoài chỉ tiêu: {names} ({code})", names=names[out.code], code=out.code
    )
    if found is None:
        return _(
            "{first}, bằng mọi tiêu chí với hồ sơ cuối trong chỉ tiêu; người phân định đã chọn.",
            first=first,
        )
    return _("{first}, {by_how_much}.", first=first, by_how_much=_by_how_much(found, snapshot))


def reason_for(code: str, snapshot: Snapshot, table: QuotaTable) -> str:
    """Why this one was not awarded, with clause and figures; nothing when the ranking is silent."""
    row = next((one for one in snapshot.standing.rows if one.code == code), None)
    cap = snapshot.content.quota.cap
    if row is None or row.inside is Inside.IN or cap is None:
        return ""
    last_in = next(
        (one for one in reversed(snapshot.standing.rows) if one.inside is Inside.IN), None
    )
    words = _(
        "Đủ điều kiện nhưng ngoài chỉ tiêu, xếp thứ {place}; chỉ tiêu {cap} ({clause_text})",
        place=place(row, snapshot),
        cap=cap,
        clause_text=labels.clause_text(table.clause),
    )
    if last_in is not None:
        found = _between(last_in, row)
        words += _(
            "; {by_how_much}",
            by_how_much=_by_how_much(found, snapshot) if found else _who_chose(code, snapshot),
        )
    return f"{words}."


def _who_chose(code: str, snapshot: Snapshot) -> str:
    """Equal in everything: who put them in order, and why."""
    given = next((one for one in reversed(snapshot.content.breaks) if code in one.codes), None)
    equal = _("bằng mọi tiêu chí với hồ sơ cuối trong chỉ tiêu")
    return (
        _(
            "{equal}, {by} phân định: {rstrip}",
            equal=equal,
            by=given.by,
            rstrip=given.reason.rstrip("."),
        )
        if given
        else equal
    )


def _between(last_in: Row, row: Row) -> Margin | None:
    for number, (theirs, mine) in enumerate(zip(last_in.values, row.values, strict=True)):
        if theirs != mine:
            return Margin(number, last_in.code, row.code, theirs, mine)
    return None


def _by_how_much(found: Margin, snapshot: Snapshot) -> str:
    criterion = snapshot.ranking.criteria[found.criterion]
    theirs = figure(found.last_in_value, criterion.unit)
    mine = figure(found.first_out_value, criterion.unit)
    if found.difference is None:
        return _(
            "ở tiêu chí “{title}”: {mine}, hồ sơ cuối trong chỉ tiêu {theirs}",
            title=criterion.title,
            mine=mine,
            theirs=theirs,
        )
    less = _("kém") if criterion.better is Better.HIGHER else "sau"
    by = figure(found.difference, criterion.unit)
    where = _(
        "ở tiêu chí “{title}” ({mine} so với {theirs})",
        title=criterion.title,
        mine=mine,
        theirs=theirs,
    )
    return _("{count} hồ sơ cuối trong chỉ tiêu {by} {where}", count=less, by=by, where=where)


def line(one: Line, snapshot: Snapshot, first_out: str) -> dict[str, Any]:
    """One contender as a row of the table."""
    tone, icon, words = INSIDE[one.row.inside]
    row = one.row
    if snapshot.content.places is None:
        tone, icon, words = "", "", phrase("")
    return {
        "place": row.place,
        "note": _("ngang nhau") if row.tied else _("đã phân định") if row.broken else "",
        "code": row.code,
        "name": one.name,
        "unit": one.unit if one.unit != one.name else "",
        "url": url_for("dossiers.show", code=row.code),
        "figures": [
            figure(value, criterion.unit)
            for value, criterion in zip(row.values, snapshot.ranking.criteria, strict=True)
        ],
        "tone": tone,
        "icon": icon,
        "words": words,
        "first_out": row.code == first_out,
    }


def left_out(one: LeftOut) -> dict[str, Any]:
    """Somebody not eligible, with every reason."""
    why = [
        {
            "text": _("{title}: ", title=result.title)
            + joined((formats.sentence(piece.text) for piece in result.finding.evidence), " "),
            "ref": labels.clause_text(result.clause),
            "href": labels.clause_url(result.clause),
        }
        for result in one.why
    ]
    return {
        "code": one.code,
        "name": one.name,
        "url": url_for("dossiers.show", code=one.code),
        "state": labels.STATE[one.state],
        "why": why,
    }
