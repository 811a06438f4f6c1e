"""Units as a worksheet, with the headings the import reads: change it and bring it back."""

from __future__ import annotations

from collections.abc import Iterable

from models.importing_units import COLUMNS, KINDS
from models.queries_units import UnitLine
from views.formats import _
from views.workbooks import Column, Sheet

WIDTHS = {"name": 44, "kind": 24}
UNITS = tuple(
    Column(
        one.title,
        WIDTHS.get(one.key, 14),
        "day" if one.key in {"valid_from", "valid_to"} else "text",
    )
    for one in COLUMNS
)


def units(found: Iterable[UnitLine]) -> Sheet:
    """Units with everything the import may change."""
    rows = (
        (
            one.unit.code,
            one.unit.name,
            KINDS[one.unit.kind],
            one.parent_code,
            one.unit.valid_from,
            one.unit.valid_to,
            one.unit.gso_code,
            one.unit.edoc_code,
            "x" if one.unit.scored_by_province else "",
            "x" if one.unit.in_quota_base else "",
        )
        for one in found
    )
    return Sheet(_("Đơn vị"), _("Danh sách đơn vị"), UNITS, rows)
