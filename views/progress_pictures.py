"""Where the parts of a chart lie: plain numbers in per cent, drawn by `macros/charts.html`.

No colour is said here, only classes; lengths are attributes of SVG, so no page needs inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from views import formats

GAP: Final = 0.25
LETTER: Final = 2.6
"""Width of a figure in per cent of a bar on a narrow phone; what does not fit is left out."""
LIMIT_AT: Final = 60.0
"""Where the limit stands in a bar of time, in per cent of its length."""
MOST_POINTS: Final = 60
GRID: Final = 3


def stacked(parts: Sequence[tuple[str, int]], full: int = 0) -> list[dict[str, Any]]:
    """Segments of one bar by class; `full` is the number its whole length stands for."""
    whole = full or sum(count for _name, count in parts)
    found: list[dict[str, Any]] = []
    at = 0.0
    for name, count in parts:
        if not count:
            continue
        width, said = 100 * count / whole, formats.number(count)
        found.append(
            {
                "class": name,
                "x": percent(at),
                "width": percent(max(width - GAP, 0.5)),
                "middle": percent(at + width / 2),
                "count": said if width >= LETTER * (len(said) + 1) else "",
            }
        )
        at += width
    return found


def bullet(used: int | None) -> dict[str, Any]:
    """A bar of time: how far it goes when the limit stands at `LIMIT_AT`; none without a limit."""
    if used is None:
        return {"width": "", "limit_at": "", "over": False}
    return {
        "width": percent(min(100.0, LIMIT_AT * used / 100)),
        "limit_at": percent(LIMIT_AT),
        "over": used > 100,  # noqa: PLR2004 - per cent
    }


def bars(rows: Sequence[tuple[Any, ...]], most: int = 6) -> list[dict[str, Any]]:
    """The longest rows of a table as bars: the third cell is the length, the fourth a part."""
    longest = max((row[2].value for row in rows), default=0)
    return [
        {
            "label": row[0],
            "count": row[2],
            "still": row[3],
            "width": percent(100 * row[2].value / longest),
            "part": percent(100 * row[3].value / longest),
        }
        for row in rows[:most]
    ]


def line(
    days: Sequence[tuple[date, int]], deadlines: Sequence[date], today: date, total: int
) -> dict[str, Any]:
    """A line of sums by day, from the first handed in to today or the last deadline to come."""
    if not days:
        return {"points": ""}
    start = min(days[0][0], *deadlines) if deadlines else days[0][0]
    end = max(days[-1][0], today, *deadlines)
    span = max(1, (end - start).days)
    top = _round_top(max(total, 1))

    def across(day: date) -> float:
        return 100 * (day - start).days / span

    points, so_far = [], 0
    for day, count in days:
        if so_far == 0:
            points.append((across(day), 100.0))
        so_far += count
        points.append((across(day), 100 - 100 * so_far / top))
    points.append((across(min(max(today, days[-1][0]), end)), 100 - 100 * so_far / top))
    written = " ".join(f"{x:.1f},{y:.1f}" for x, y in _thinned(points))
    return {
        "points": written,
        "area": f"{points[0][0]:.1f},100 {written} {points[-1][0]:.1f},100",
        "grid": [
            {
                "y": f"{18 + 168 * step / GRID:.0f}",
                "label": formats.number(top * (GRID - step) // GRID),
            }
            for step in range(GRID + 1)
        ],
        "limits": [
            {
                "x": percent(across(day)),
                "label": formats.short_day(day),
                "anchor": "end" if across(day) > 50 else "start",  # noqa: PLR2004 - per cent
                "text_x": percent(across(day) + (-1 if across(day) > 50 else 1)),  # noqa: PLR2004
            }
            for day in deadlines
        ],
        "first": formats.day(start),
        "last": formats.day(end),
    }


def percent(value: float) -> str:
    """62.50%."""
    return f"{value:.2f}%"


def _round_top(total: int) -> int:
    """A round number not below the total that divides into the lines of the grid."""
    step, unit = -(-total // GRID), 1
    while step > 10 * unit:
        unit *= 10
    return GRID * next(unit * each for each in range(1, 11) if unit * each >= step)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most so many points, the first and the last among them."""
    step = max(1, -(-len(points) // MOST_POINTS))
    kept = points[::step]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]
