"""Rows of the page of decisions: who waits, lists being prepared, decisions."""

from __future__ import annotations

from typing import Any

from flask import url_for

from models.queries_deciding import DecisionLine, ListLine
from models.tables import Dossier
from views import deciding_words, formats
from views.formats import _
from workflow.programme import Programme


def groups(
    rows: list[Dossier], known: dict[str, Programme], deciding_for: set[int]
) -> list[dict[str, Any]]:
    """Checked dossiers by unit, cycle and award form: one decision never mixes them."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        programme = known[row.programme_hash]
        award = programme.award_by_id[row.award_form]
        key = (row.programme_id, row.cycle_id, row.award_form, row.deciding_unit_id)
        group = found.setdefault(
            key,
            {
                "key": key,
                "id": f"nhom-{len(found) + 1}",
                "programme": row.programme_id,
                "cycle": row.cycle_id,
                "unit": row.deciding_unit_id,
                "award_form": award,
                "award": award.title,
                "label": programme.cycle_by_id[row.cycle_id].label,
                "may_decide": row.deciding_unit_id in deciding_for,
                "rows": [],
            },
        )
        group["rows"].append(deciding_words.who(row))
    return list(found.values())


def list_row(one: ListLine, by_id: dict[str, Programme], deciding_for: set[int]) -> dict[str, Any]:
    """A list being prepared; its page is for those who decide."""
    programme = by_id[one.programme_id]
    open_to = one.unit_id in deciding_for
    return {
        "title": _(
            "{short}: {count} hồ sơ",
            short=programme.award_by_id[one.award_form].short,
            count=one.count,
        ),
        "url": url_for("deciding.show", list_id=one.id) if open_to else None,
        "cycle": programme.cycle_by_id[one.cycle_id].label,
        "by": one.by,
        "at": formats.stamp(one.at),
    }


def decision_row(one: DecisionLine, by_id: dict[str, Programme]) -> dict[str, Any]:
    """A decision on the list."""
    award = by_id[one.programme_id].award_by_id.get(one.award_form)
    told = one.decision.published_at
    return {
        "number": one.decision.number,
        "url": url_for("decision_page.show", decision_id=one.decision.id),
        "dated": formats.day(one.decision.dated),
        "signer": _(
            "{value} {signer}", value=one.decision.capacity.value, signer=one.decision.signer
        ).strip(),
        "award": award.short if award else one.award_form,
        "count": one.count,
        "published": _("Công bố {told}", told=formats.stamp(told)) if told else "",
    }
