"""What the progress reports are made from, and what one is: a finding, a table, a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask import url_for

from models.progress_conditions import AGES
from models.progress_figures import Progress
from views import formats
from views.formats import Words, _
from views.workbooks import Cell, Column
from workflow.programme import Programme
from workflow.vocabulary import PROGRESS, State

NAMES: Final = Words(
    {
        "trang-thai": "Trạng thái hồ sơ",
        "thoi-gian": "Thời gian ở mỗi bước",
        "nop-ho-so": "Nộp hồ sơ",
        "cho-lau": "Tuổi hồ sơ đang chờ",
        "dieu-kien": "Điều kiện hay chặn",
        "don-vi": "Theo đơn vị",
    }
)
OLD: Final = len(AGES) - 1
ENDED: Final = tuple(state for state in State if state not in PROGRESS)


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: its value, the list of just these dossiers, and how it is shown if otherwise."""

    value: Cell
    url: str = ""
    text: str = ""
    clause: tuple[str, str] = ("", "")

    @property
    def shown(self) -> str:
        """As the page and the paper write it."""
        if self.text:
            return self.text
        if self.value is None:
            return "–"
        return formats.number(self.value) if isinstance(self.value, int) else str(self.value)


@dataclass(frozen=True, slots=True)
class Report:
    """One report: `title` is what it found, `why` what it counts, `follow` what comes of it."""

    name: str
    title: str
    why: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Figure, ...]]
    picture: Mapping[str, Any] = field(default_factory=dict)
    follow: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the reports are made from; `scope` are the filters of the page, as the list has them."""

    found: Progress
    scope: dict[str, Any]
    known: Mapping[str, Programme]
    today: date
    deadlines: tuple[date, ...] = ()

    def figure(self, count: int, **more: str) -> Figure:
        """A number of dossiers and the list of just these; `_` stands for `-` in names."""
        if not count:
            return Figure(count)
        narrowed: dict[str, Any] = {name.replace("_", "-"): value for name, value in more.items()}
        return Figure(count, url_for("dossiers.index", **(self.scope | narrowed)))

    def states(self) -> Counter[State]:
        """How many stand in each state."""
        return counted((one.state, one.count) for one in self.found.cells)

    def late(self) -> Counter[State]:
        """How many are late in each state."""
        return counted((one.state, one.count) for one in self.found.cells if one.late)


def counted(pairs: Iterable[tuple[State, int]]) -> Counter[State]:
    """Sum up by state."""
    found: Counter[State] = Counter()
    for state, count in pairs:
        found[state] += count
    return found


def share(part: int, total: int) -> int:
    """Whole per cent."""
    return round(100 * part / total) if total else 0


def told(pairs: Iterable[tuple[str, int]]) -> str:
    """Đã nộp 3, Hội đồng đã xét 2: what is not there is left out."""
    said = formats.joined(f"{label} {formats.number(count)}" for label, count in pairs if count)
    return said or _("chưa có hồ sơ")
