"""Đơn vị: every unit with the one above it, its days, and the table to change many at once."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from models import access
from models.queries_units import PAGE, UnitLine, UnitsWanted, units_like
from views import desk, exporting, formats, labels, sheets_of_units
from views.formats import _
from workflow.vocabulary import UnitKind

pages = Blueprint("units", __name__)

LONGEST: Final = 100


@pages.get("/quan-tri/don-vi")
def index() -> ResponseReturnValue:
    """Units by name; administrators and auditors look at them."""
    kind = request.args.get("loai", "")
    wanted = UnitsWanted(
        " ".join(request.args.get("q", "")[:LONGEST].split()),
        UnitKind(kind) if kind in set(UnitKind) else None,
        past=bool(request.args.get("ca-cu")),
    )
    number = min(max(request.args.get("trang", 1, int), 1), 10_000)
    with desk.reading() as db:
        found, total = units_like(db, wanted, desk.today(), None if exporting.asked() else number)
    if exporting.asked():
        told = {
            _("Tìm"): wanted.words,
            _("Loại"): labels.UNIT[wanted.kind] if wanted.kind else "",
            _("Gồm"): _("cả đơn vị không còn") if wanted.past else "",
        }
        return exporting.hand_out(_("Đơn vị"), sheets_of_units.units(found), filters=told)
    kept: dict[str, Any] = {
        "q": wanted.words or None,
        "loai": kind or None,
        "ca-cu": "1" if wanted.past else None,
    }
    return render_template(
        "units/index.html",
        rows=[_row(one) for one in found],
        total=total,
        wanted=wanted,
        kinds=[{"value": one.value, "label": labels.UNIT[one]} for one in UnitKind],
        number=number,
        pages_count=-(-total // PAGE),
        kept=kept,
        may_change=access.administrator(desk.me()),
    )


def _row(one: UnitLine) -> dict[str, Any]:
    unit = one.unit
    until = _(" đến hết {valid_to}", valid_to=formats.day(unit.valid_to)) if unit.valid_to else ""
    over = unit.valid_to is not None and unit.valid_to < desk.today()
    return {
        "name": unit.name,
        "code": unit.code,
        "kind": labels.UNIT[unit.kind],
        "parent": one.parent or "–",
        "days": _("từ {valid_from}{until}", valid_from=formats.day(unit.valid_from), until=until),
        "over": over,
        "marks": [
            words
            for words, holds in (
                (_("Tỉnh chấm điểm"), unit.scored_by_province),
                (_("Tính chỉ tiêu"), unit.in_quota_base),
            )
            if holds
        ],
    }
