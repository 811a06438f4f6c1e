"""The progress reports: states and handing in, and all of them by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from models.progress_conditions import OPEN
from views import formats, labels, progress_pictures
from views.formats import _
from views.progress_causes import rules, units
from views.progress_filters import STEP
from views.progress_ground import ENDED, Figure, Ground, Report, share, told
from views.progress_times import ages, times
from views.workbooks import Column
from workflow.vocabulary import PROGRESS, State
from workflow.words import phrase

DAYS_SHOWN: Final = 14
"""Up to so many days of handing in are told one by one, more by weeks."""


def all_reports(ground: Ground) -> dict[str, Report]:
    """Every report by its name in the address, in the order of the page."""
    makers = (states, times, handing_in, ages, rules, units)
    return {made.name: made for made in (make(ground) for make in makers)}


def states(ground: Ground) -> Report:
    """How many dossiers stand in each state, and how many of them are late."""
    counts, late, total = ground.states(), ground.late(), ground.found.total
    shown = [state for state in State if state in PROGRESS or counts[state]]
    rows = [
        (
            Figure(labels.STATE[state]),
            ground.figure(counts[state], trang_thai=state.value),
            Figure(share(counts[state], total), text=f"{share(counts[state], total)}%"),
            ground.figure(late[state], trang_thai=state.value, co="qua-han"),
        )
        for state in shown
    ]
    return Report(
        name="trang-thai",
        title=_state_finding(counts, late, total),
        why=_("Số hồ sơ theo trạng thái hiện tại"),
        columns=(
            Column(phrase("Trạng thái"), 26),
            Column(phrase("Hồ sơ"), 10, "whole"),
            Column(phrase("Tỉ lệ (%)"), 10, "whole"),
            Column(phrase("Quá hạn"), 10, "whole"),
        ),
        rows=rows,
        picture={
            "segments": progress_pictures.stacked(
                [(f"s{labels.step_number(state)}", counts[state]) for state in PROGRESS]
            ),
            "legend": [
                {"class": f"sw{labels.step_number(row)}", "label": row_label, "figure": figure}
                for row, row_label, figure in (
                    (state, labels.STATE[state], rows[number][1])
                    for number, state in enumerate(PROGRESS)
                )
            ],
            "said": told((labels.STATE[state], counts[state]) for state in shown),
        },
        follow=_ended_words(counts),
    )


def _state_finding(counts: Counter[State], late: Counter[State], total: int) -> str:
    worst = max(OPEN, key=lambda state: (late[state], -OPEN.index(state)))
    most = max(OPEN, key=lambda state: counts[state])
    if late[worst]:
        return _(
            "{late} trong {all} hồ sơ quá hạn ở bước {step}",
            late=formats.number(late[worst]),
            all=formats.number(counts[worst]),
            step=STEP[worst],
        )
    if counts[most]:
        return _(
            "{waiting} trong {all} hồ sơ đang chờ ở bước {step}, không hồ sơ nào quá hạn",
            waiting=formats.number(counts[most]),
            all=formats.number(total),
            step=STEP[most],
        )
    if total:
        return _("Mọi hồ sơ đã có kết quả")
    return _("Số hồ sơ theo trạng thái")


def _ended_words(counts: Counter[State]) -> str:
    ended = [(labels.STATE[state], counts[state]) for state in ENDED if counts[state]]
    return _("Ngoài năm bước: {said}.", said=told(ended)) if ended else ""


def handing_in(ground: Ground) -> Report:
    """How many had been handed in by each day, beside the day it had to be done by."""
    days = ground.found.handed_in
    handed = sum(count for _day, count in days)
    rows, so_far = [], 0
    for first, last, count in _periods(days):
        so_far += count
        until = last.isoformat()
        rows.append(
            (
                Figure(_period_words(first, last)),
                ground.figure(count, nop_tu=first.isoformat(), nop_den=until),
                ground.figure(so_far, nop_den=until),
            )
        )
    return Report(
        name="nop-ho-so",
        title=_handing_in_finding(ground, handed),
        why=_("Số hồ sơ đã nộp, cộng dồn theo ngày; vạch đứt là hạn nộp"),
        columns=(
            Column(phrase("Ngày nộp"), 26),
            Column(phrase("Nộp trong kỳ"), 14, "whole"),
            Column(phrase("Cộng dồn"), 14, "whole"),
        ),
        rows=rows,
        picture=progress_pictures.line(days, ground.deadlines, ground.today, ground.found.total)
        | {
            "said": _(
                "Đã nộp {handed} hồ sơ đến {day}",
                handed=formats.number(handed),
                day=formats.day(ground.today),
            )
        },
    )


def _handing_in_finding(ground: Ground, handed: int) -> str:
    total, late = ground.found.total, ground.late()[State.REGISTERED]
    told = {"handed": formats.number(handed), "all": formats.number(total)}
    if not total:
        return _("Số hồ sơ nộp theo ngày")
    day = ground.deadlines[0] if len(ground.deadlines) == 1 else None
    if late and day is not None:
        template = phrase("{handed} trong {all} hồ sơ đã nộp; {late} hồ sơ quá hạn nộp {day}")
        return _(template, **told, late=formats.number(late), day=formats.day(day))
    if late:
        return _(
            "{handed} trong {all} hồ sơ đã nộp; {late} hồ sơ quá hạn nộp",
            **told,
            late=formats.number(late),
        )
    if day is not None and day >= ground.today:
        left = formats.relative(day, ground.today)
        template = phrase("{handed} trong {all} hồ sơ đã nộp; hạn nộp {day} ({left})")
        return _(template, **told, day=formats.day(day), left=left)
    return _("{handed} trong {all} hồ sơ đã nộp; không hồ sơ nào quá hạn nộp", **told)


def _periods(days: Sequence[tuple[date, int]]) -> list[tuple[date, date, int]]:
    """Days one by one, or weeks from Monday to Sunday where there are many."""
    if len(days) <= DAYS_SHOWN:
        return [(day, day, count) for day, count in days]
    weeks: Counter[date] = Counter()
    for day, count in days:
        weeks[day - timedelta(days=day.weekday())] += count
    return [(monday, monday + timedelta(days=6), weeks[monday]) for monday in sorted(weeks)]


def _period_words(first: date, last: date) -> str:
    if first == last:
        return formats.day(first)
    return _("{first} – {last}", first=formats.day(first), last=formats.day(last))
