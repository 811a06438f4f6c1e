"""The running workflow as a drawing: states with live counts, every arrow that changes a state.

Drawn here, not by scripts, twice: lying for a wide page, standing for a phone. All numbers are
units of the drawing. Where it is read and not seen, each state is a link with its words, and the
list below says the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from flask import url_for

from views import labels
from views.formats import _, joined, told
from workflow.vocabulary import PROGRESS, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workflow.programme import Programme, StepTable

BOX_WIDE, BOX_TALL, GAP, EDGE, TOP = 176, 78, 52, 8, 62
LINE, LANE = 15, 27
STAND_WIDE, STAND_TALL, STAND_GAP = 344, 58, 58
SIGNS: Final = 24
"""Letters of a label that fit above one arrow."""
ENDS: Final = (State.WITHDRAWN, State.REJECTED, State.REVOKED)


@dataclass(frozen=True, slots=True)
class Back:
    """An arrow that leads back, or several with one way."""

    source: int
    target: int
    words: str


def lying(programme: Programme, counts: Mapping[State, int]) -> dict[str, Any]:
    """The drawing for a wide page."""
    wide = EDGE * 2 + len(PROGRESS) * BOX_WIDE + (len(PROGRESS) - 1) * GAP
    boxes = [
        _box(state, number, counts, _left(number), TOP, wraps=True)
        for number, state in enumerate(PROGRESS)
    ]
    backs = list(_backs(programme))
    low = TOP + BOX_TALL
    arcs = [
        {
            "path": _under(
                _middle(one.source) - 14, _middle(one.target) + 14, low, low + 22 + lane * LANE
            ),
            "x": (_middle(one.source) + _middle(one.target)) // 2,
            "y": low + 16 + lane * LANE,
            "words": one.words,
        }
        for lane, one in enumerate(backs)
    ]
    foot = low + 46 + len(backs) * LANE
    ends = [
        one | {"x": _left(number * 2), "y": foot}
        for number, one in enumerate(_ends(programme, counts))
    ]
    return {
        "wide": wide,
        "tall": foot + BOX_TALL + EDGE,
        "boxes": boxes,
        "arrows": [
            {
                "x1": _left(number) + BOX_WIDE,
                "x2": _left(number + 1) - 7,
                "y": TOP + BOX_TALL // 2,
                "lines": _lines(step.title, _left(number) + BOX_WIDE + GAP // 2, TOP - 12),
            }
            for number, step in enumerate(_forward(programme))
        ],
        "arcs": arcs,
        "ends": ends,
        "box": {"wide": BOX_WIDE, "tall": BOX_TALL},
    }


def standing(programme: Programme, counts: Mapping[State, int]) -> dict[str, Any]:
    """The drawing for a phone: one state under the other, ways back as words."""
    backs = list(_backs(programme))
    y, boxes, arrows, notes = EDGE, [], [], []
    steps = list(_forward(programme))
    for number, state in enumerate(PROGRESS):
        boxes.append(_box(state, number, counts, EDGE, y))
        y += STAND_TALL
        for one in backs:
            if one.source == number:
                y += 20
                words = _("{words}: về bước {number}", words=one.words, number=one.target + 1)
                notes.append({"y": y - 3, "words": words})
        if number < len(steps):
            words = told(steps[number].title)
            arrows.append({"y1": y + 6, "y2": y + STAND_GAP - 7, "words": words})
            y += STAND_GAP
    ends = []
    y += 16
    for end in _ends(programme, counts):
        ends.append(end | {"x": EDGE, "y": y})
        y += STAND_TALL + 10
    return {
        "wide": EDGE * 2 + STAND_WIDE,
        "tall": y,
        "boxes": boxes,
        "arrows": arrows,
        "notes": notes,
        "ends": ends,
        "box": {"wide": STAND_WIDE, "tall": STAND_TALL},
    }


def _left(number: int) -> int:
    return EDGE + number * (BOX_WIDE + GAP)


def _middle(number: int) -> int:
    return _left(number) + BOX_WIDE // 2


def _box(
    state: State, number: int, counts: Mapping[State, int], x: int, y: int, *, wraps: bool = False
) -> dict[str, Any]:
    count = counts.get(state, 0)
    return {
        "number": number + 1,
        "label": labels.STATE[state],
        "lines": _wrapped(_numbered(state, number)) if wraps else [_numbered(state, number)],
        "count": count,
        "url": f"{url_for('dossiers.index')}?trang-thai={state.value}",
        "x": x,
        "y": y,
    }


def _numbered(state: State, number: int) -> str:
    return f"{number + 1}. {labels.STATE[state]}" if number >= 0 else str(labels.STATE[state])


def _forward(programme: Programme) -> Iterable[StepTable]:
    for source, target in pairwise(PROGRESS):
        yield from (
            step for step in programme.steps if step.source is source and step.target is target
        )


def _backs(programme: Programme) -> Iterable[Back]:
    """Ways back, the short ones first so that arcs lie in each other."""
    found: dict[tuple[int, int], list[str]] = {}
    for step in programme.steps:
        if step.source in PROGRESS and step.target in PROGRESS:
            way = PROGRESS.index(step.source), PROGRESS.index(step.target)
            if way[1] < way[0]:
                found.setdefault(way, []).append(step.title)
    for (source, target), titles in sorted(found.items(), key=lambda one: one[0][0] - one[0][1]):
        yield Back(source, target, joined(dict.fromkeys(titles)))


def _ends(programme: Programme, counts: Mapping[State, int]) -> Iterable[dict[str, Any]]:
    """The other ends, each with the step that leads there and from which states."""
    for state in ENDS:
        steps = [step for step in programme.steps if step.target is state]
        sources = sorted(
            {PROGRESS.index(step.source) + 1 for step in steps if step.source in PROGRESS}
        )
        if sources:
            yield _box(state, -1, counts, 0, 0) | {
                "words": _("từ bước {numbers}", numbers=joined(sources)),
            }


def _under(start: int, end: int, low: int, deep: int) -> str:
    """A way under the boxes: down, along and up again."""
    return f"M{start} {low}V{deep}H{end}V{low + 8}"


def _wrapped(text: str) -> list[str]:
    """A text of the reader's language in lines that fit over an arrow, or in a box."""
    lines: list[str] = []
    for word in told(text).split():
        if lines and len(lines[-1]) + len(word) < SIGNS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _lines(text: str, x: int, bottom: int) -> list[dict[str, Any]]:
    """Words above an arrow, the last line lowest."""
    lines = _wrapped(text)
    first = bottom - (len(lines) - 1) * LINE
    return [{"x": x, "y": first + number * LINE, "words": one} for number, one in enumerate(lines)]
