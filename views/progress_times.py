"""Two progress reports about time: how long each step took, and how long those that wait have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models.progress_conditions import AGES, OPEN
from models.progress_figures import Passage
from views import formats, progress_pictures
from views.formats import _
from views.progress_filters import STEP, age_key, age_words
from views.progress_ground import OLD, Figure, Ground, Report, told
from views.workbooks import Column
from workflow.vocabulary import State
from workflow.words import phrase

ENOUGH: Final = 5
"""Fewer dossiers than this have no median worth telling."""


def times(ground: Ground) -> Report:
    """How long each step took, in working days, beside what the programme gives it."""
    counts, late = ground.states(), ground.late()
    taken = {state: _taken(ground.found.passages, state) for state in OPEN}
    rows = []
    for state in OPEN:
        one = taken[state]
        rows.append(
            (
                Figure(STEP[state]),
                ground.figure(one.count, qua_buoc=state.value),
                Figure(one.median, text="" if one.median is not None else _("chưa đủ số liệu")),
                Figure(one.limits_said or _until(ground.deadlines)),
                ground.figure(one.over, vuot=state.value) if one.limits else Figure(None),
                ground.figure(counts[state], trang_thai=state.value),
                ground.figure(late[state], trang_thai=state.value, co="qua-han"),
            )
        )
    return Report(
        name="thoi-gian",
        title=_time_finding(taken),
        why=_(
            "Ngày làm việc từ khi vào bước đến khi qua bước, hồ sơ ở giữa; "
            "vạch đen là hết thời hạn của chương trình"
        ),
        columns=(
            Column(phrase("Bước"), 24),
            Column(phrase("Đã qua bước"), 12, "whole"),
            Column(phrase("Ở giữa (ngày làm việc)"), 16, "whole"),
            Column(phrase("Thời hạn (ngày làm việc)"), 18),
            Column(phrase("Vượt thời hạn"), 12, "whole"),
            Column(phrase("Đang ở bước"), 12, "whole"),
            Column(phrase("Quá mốc của đợt"), 12, "whole"),
        ),
        rows=rows,
        picture={"bars": [_bullet(state, taken[state], ground.deadlines) for state in OPEN]},
        follow=_("Hồ sơ từng tạm dừng thời hạn không tính ngày."),
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """The days one step took."""

    count: int
    median: int | None
    over: int
    limits: tuple[int, ...]
    used: int | None
    """Share of its time the dossier in the middle used, in per cent."""

    @property
    def limits_said(self) -> str:
        """8, or 3–8 where forms of award have different ones."""
        if not self.limits:
            return ""
        low, high = self.limits[0], self.limits[-1]
        return str(low) if low == high else f"{low}–{high}"


def _taken(passages: Iterable[Passage], state: State) -> Taken:
    mine = [one for one in passages if one.state is state]
    limited = [(one, one.limit) for one in mine if one.limit]
    total = sum(one.count for one in mine)
    used = [(round(100 * one.days / limit), one.count) for one, limit in limited]
    return Taken(
        count=total,
        median=_median([(one.days, one.count) for one in mine]),
        over=sum(one.count for one, limit in limited if one.days > limit),
        limits=tuple(sorted({limit for _one, limit in limited})),
        used=_median(used),
    )


def _median(weighed: Iterable[tuple[int, int]]) -> int | None:
    """The value in the middle (the lower of two); None for too few."""
    ordered = sorted(weighed)
    total = sum(weight for _value, weight in ordered)
    if total < ENOUGH:
        return None
    passed = 0
    for value, weight in ordered:
        passed += weight
        if 2 * passed >= total:
            return value
    raise AssertionError(ordered)  # pragma: no cover - the weights add up to the total


def _time_finding(taken: Mapping[State, Taken]) -> str:
    measured = {state: one for state, one in taken.items() if one.used is not None}
    if not measured:
        return _("Số ngày làm việc ở mỗi bước")
    worst = max(measured, key=lambda state: measured[state].over / measured[state].count)
    one = measured[worst]
    if one.over:
        return _(
            "{over} trong {all} hồ sơ vượt thời hạn ở bước {step}",
            over=formats.number(one.over),
            all=formats.number(one.count),
            step=STEP[worst],
        )
    slowest = max(measured, key=lambda state: measured[state].used or 0)
    return _(
        "Không hồ sơ nào vượt thời hạn; sát nhất là bước {step}, dùng {share}% số ngày",
        step=STEP[slowest],
        share=measured[slowest].used,
    )


def _until(deadlines: Sequence[date]) -> str:
    if len(deadlines) == 1:
        return _("đến mốc {day}", day=formats.day(deadlines[0]))
    return _("theo mốc của đợt")


def _bullet(state: State, one: Taken, deadlines: Sequence[date]) -> dict[str, Any]:
    limit = one.limits_said or _until(deadlines)
    said = (
        _("chưa đủ số liệu")
        if one.median is None
        else _("{days} ngày, thời hạn {limit}", days=one.median, limit=limit)
    )
    return {
        "label": STEP[state],
        "said": said,
        "value": "–" if one.median is None else formats.number(one.median),
        "limit": one.limits_said,
        "until": "" if one.limits_said else _until(deadlines),
        **progress_pictures.bullet(one.used),
    }


def ages(ground: Ground) -> Report:
    """How long those that wait have stood where they are, in working days."""
    grid: Counter[tuple[State, int]] = Counter()
    for one in ground.found.cells:
        if one.age is not None:
            grid[one.state, one.age] += one.count
    rows = [
        (
            Figure(STEP[state]),
            *(
                ground.figure(
                    grid[state, number], trang_thai=state.value, cho=age_key(*AGES[number])
                )
                for number in range(len(AGES))
            ),
        )
        for state in OPEN
    ]
    most = max(sum(grid[state, number] for number in range(len(AGES))) for state in OPEN)
    return Report(
        name="cho-lau",
        title=_age_finding(grid),
        why=_("Ngày làm việc từ lần chuyển bước gần nhất, theo bước đang chờ"),
        columns=(
            Column(phrase("Đang chờ bước"), 24),
            *(Column(age_words(*each), 18, "whole") for each in AGES),
        ),
        rows=rows,
        picture={
            "bars": [
                {
                    "label": STEP[state],
                    "total": sum(grid[state, number] for number in range(len(AGES))),
                    "said": told(
                        (age_words(*AGES[number]), grid[state, number])
                        for number in range(len(AGES))
                    ),
                    "segments": progress_pictures.stacked(
                        [(f"a{number}", grid[state, number]) for number in range(len(AGES))], most
                    ),
                }
                for state in OPEN
            ],
            "legend": [
                {"class": f"swa{number}", "label": age_words(*each)}
                for number, each in enumerate(AGES)
            ],
        },
    )


def _age_finding(grid: Counter[tuple[State, int]]) -> str:
    old = {state: grid[state, OLD] for state in OPEN}
    total, days = sum(old.values()), AGES[OLD][0] - 1
    if total:
        worst = max(OPEN, key=lambda state: old[state])
        if old[worst] == total:
            return _(
                "{old} hồ sơ chờ quá {days} ngày làm việc, đều ở bước {step}",
                old=formats.number(total),
                days=days,
                step=STEP[worst],
            )
        return _(
            "{old} hồ sơ chờ quá {days} ngày làm việc, nhiều nhất ở bước {step}: {most}",
            old=formats.number(total),
            days=days,
            step=STEP[worst],
            most=formats.number(old[worst]),
        )
    if grid.total():
        return _("Không hồ sơ nào chờ quá {days} ngày làm việc", days=days)
    return _("Tuổi của hồ sơ đang chờ")
