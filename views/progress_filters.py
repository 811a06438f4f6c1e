"""The list of dossiers behind a figure of a progress report: its filters, read and named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from flask import url_for

from models.progress_conditions import AGES, OPEN, Counted
from views import formats
from views.formats import Words, _
from workflow.programme import Programme
from workflow.vocabulary import State

NAMES: Final = Words(
    {
        "de-nghi": "Đơn vị đề nghị",
        "cho": "Đã chờ",
        "nop-tu": "Nộp từ ngày",
        "nop-den": "Nộp đến ngày",
        "qua-buoc": "Đã qua bước",
        "vuot": "Vượt thời hạn ở bước",
        "chan": "Từng bị chặn bởi",
        "con-chan": "Còn bị chặn bởi",
    }
)
STEP: Final = Words(
    {
        State.REGISTERED: "Lập và nộp",
        State.SUBMITTED: "Hội đồng xét",
        State.COUNCIL_REVIEWED: "Ban TĐKT kiểm tra",
        State.BOARD_CHECKED: "Quyết định",
    }
)
"""The step a dossier waits for, by the state it stands in."""
LONGEST: Final = 60


def counted(given: Mapping[str, str]) -> Counted:
    """Read what a figure counts from an address; what nobody knows narrows nothing."""
    unit = given.get("de-nghi", "")
    return Counted(
        proposing_unit_id=int(unit) if unit.isdecimal() and len(unit) < 10 else None,  # noqa: PLR2004
        waiting=_age(given.get("cho", "")),
        handed_in_from=_day(given.get("nop-tu", "")),
        handed_in_to=_day(given.get("nop-den", "")),
        passed=_step(given.get("qua-buoc", "")),
        over=_step(given.get("vuot", "")),
        stopped_by=given.get("chan", "")[:LONGEST],
        still_stopped_by=given.get("con-chan", "")[:LONGEST],
    )


def age_key(low: int, high: int | None) -> str:
    """A class of age as an address says it: 4-7, or 15- for the open one."""
    return f"{low}-{'' if high is None else high}"


def age_words(low: int, high: int | None) -> str:
    """A class of age in words, in working days."""
    if high is None:
        return _("trên {days} ngày làm việc", days=low - 1)
    return _("{low}–{high} ngày làm việc", low=low, high=high)


def rule_title(known: Mapping[str, Programme], rule: str, programme_id: str = "") -> str:
    """The title of a rule, by the newest programme that has it; its id where none has."""
    found = [
        each.title
        for one in known.values()
        if programme_id in {"", one.id}
        for each in one.rules
        if each.id == rule
    ]
    return formats.value(found[-1]) if found else rule


def chips(
    given: Mapping[str, str],
    units: Mapping[int, str],
    known: Mapping[str, Programme],
    names: Iterable[str],
) -> list[dict[str, Any]]:
    """Every filter of this kind in use: what it says, and the list without it.

    `names` are all filters an address of the list may carry.
    """
    wanted = counted(given)
    kept: dict[str, Any] = {name: given[name] for name in names if given.get(name)}
    return [
        {
            "name": name,
            "value": given[name],
            "label": NAMES[name],
            "text": text,
            "url": url_for(
                "dossiers.index", **{each: value for each, value in kept.items() if each != name}
            ),
        }
        for name, text in _said(wanted, units, known).items()
    ]


def _said(
    wanted: Counted, units: Mapping[int, str], known: Mapping[str, Programme]
) -> dict[str, str]:
    unit = wanted.proposing_unit_id
    found: dict[str, str | None] = {
        "de-nghi": None if unit is None else units.get(unit, _("đơn vị khác")),
        "cho": age_words(*wanted.waiting) if wanted.waiting else None,
        "nop-tu": formats.day(wanted.handed_in_from) if wanted.handed_in_from else None,
        "nop-den": formats.day(wanted.handed_in_to) if wanted.handed_in_to else None,
        "qua-buoc": STEP[wanted.passed] if wanted.passed else None,
        "vuot": STEP[wanted.over] if wanted.over else None,
        "chan": rule_title(known, wanted.stopped_by) if wanted.stopped_by else None,
        "con-chan": (
            rule_title(known, wanted.still_stopped_by) if wanted.still_stopped_by else None
        ),
    }
    return {name: text for name, text in found.items() if text is not None}


def _age(text: str) -> tuple[int, int | None] | None:
    return next((one for one in AGES if age_key(*one) == text), None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2023-12-05") else None
    except ValueError:
        return None


def _step(text: str) -> State | None:
    return next((state for state in OPEN if state.value == text), None)
