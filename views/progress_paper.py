"""The progress reports as a paper: the findings as sentences, the figures as tables, on A4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.queries_people import Reader
from views import formats, speaking
from views.languages import vietnamese
from views.official_paper import Foot, Head, OfficialPaper
from views.progress_ground import Report
from views.workbooks import Column
from workflow.vocabulary import UnitKind
from workflow.working_days import office_day

WIDTH: Final = 165
"""Of the text on A4 with the margins of the decree, in millimetres."""
ROMAN: Final = ("I", "II", "III", "IV", "V", "VI")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a paper is to hold: its name, the filters in use, its reports."""

    title: str
    narrowed: Mapping[str, str]
    reports: Sequence[Report]


@vietnamese
def written(reader: Reader, now: datetime, chosen: Callable[[], Wanted]) -> tuple[bytes, str]:
    """The paper and its title. `chosen` is called inside, so that it is worded in Vietnamese."""
    wanted = chosen()
    paper = OfficialPaper(_head(reader, now, wanted))
    told = "; ".join(
        f"{formats.told(label).lower()}: {formats.told(value)}"
        for label, value in wanted.narrowed.items()
    )
    about = f" ({told})" if told else ""
    paper.text(
        f"Số liệu{about} lấy từ hệ thống lúc {formats.moment(now)}, "
        f"chỉ gồm hồ sơ {reader.name} được xem:"
    )
    alone = len(wanted.reports) == 1
    for number, report in zip(ROMAN, wanted.reports, strict=False):
        paper.heading(report.title if alone else f"{number}. {report.title}")
        paper.text(f"{report.why}.", italic=True)
        rows = [[formats.told(figure.shown) for figure in row] for row in report.rows]
        paper.table(_columns(report.columns), rows or [_nothing(report)], set())
        paper.text(report.follow)
    return paper.sign(Foot("Người lập báo cáo", reader.name, (), "VT")), wanted.title


def _head(reader: Reader, now: datetime, wanted: Wanted) -> Head:
    programme = speaking.in_force()
    post = reader.posts[0] if reader.posts else None
    body = formats.shortened(post.unit_name if post else reader.employer)
    above = formats.shortened(programme.issued_by) if programme else ""
    if programme and programme.consolidation and post and post.unit_kind is UnitKind.PROVINCE:
        above, body = programme.consolidation.superior, programme.consolidation.body
    return Head(
        superior=above,
        body=body,
        number="Số:       /BC",
        place=programme.place if programme else "",
        dated=office_day(now),
        kind="Báo cáo",
        about=formats.told(wanted.title).removeprefix("Báo cáo ").capitalize(),
    )


def _columns(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Headings with widths in millimetres that fill the line."""
    whole = sum(column.width for column in columns)
    return [(formats.told(column.title), WIDTH * column.width // whole) for column in columns]


def _nothing(report: Report) -> list[str]:
    return ["Chưa có số liệu.", *[""] * (len(report.columns) - 1)]
