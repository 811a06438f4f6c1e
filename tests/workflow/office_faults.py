"""Twenty ways in which one paper of a set can contradict the others, each with its heading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.workflow.office_stories import OFFICES, Story, share_of
from workflow.facts import UnitFacts
from workflow.vocabulary import DocumentKind, SubjectKind, UnitKind

if TYPE_CHECKING:
    from collections.abc import Callable

LETTER, MINUTES = DocumentKind.TO_TRINH, DocumentKind.BIEN_BAN
REPORT, RECOGNITION = DocumentKind.BAO_CAO_THANH_TICH, DocumentKind.CONG_NHAN_SANG_KIEN
PERSON, UNIT = SubjectKind.INDIVIDUAL, SubjectKind.COLLECTIVE


@dataclass(frozen=True, slots=True)
class Fault:
    """`spoil` makes another story for the paper `where`; `typed` spoils what was typed in too."""

    name: str
    where: DocumentKind
    spoil: Callable[[Story], Story]
    topic: str
    kind: SubjectKind | None = None
    typed: bool = False


def _like(story: Story) -> Story:
    return replace(story, name=story.like, like="Nông Văn Bảy")


def _stranger(story: Story) -> Story:
    return replace(story, name="Tẩn Láo Tả", like="Nông Văn Bảy")


def _other_unit(story: Story) -> Story:
    if story.unit.kind is UnitKind.DISTRICT:
        other = "Bắc Quang" if "Quang" not in story.unit.name else "Quang Bình"
        unit = replace(story.unit, name=f"UBND huyện {other}")
    else:
        name = next(name for name, _ in OFFICES if name != story.unit.name)
        unit = UnitFacts(story.unit.id, story.unit.code, name, story.unit.kind)
    name = unit.name if story.kind is UNIT else story.name
    return replace(story, unit=unit, name=name)


def _next_day(name: str, days: int) -> Callable[[Story], Story]:
    def spoil(story: Story) -> Story:
        return replace(story, **{name: getattr(story, name) + timedelta(days=days)})

    return spoil


def _more_votes(story: Story) -> Story:
    yes = story.yes - 2
    return replace(story, yes=yes, no=story.no + 2, share=share_of(yes, story.members))


def _fewer(story: Story) -> Story:
    return replace(story, present=story.present - 3)


FAULTS = (
    Fault("tên trong Tờ trình sai một dấu", LETTER, _like, "name", PERSON),
    Fault("tên trong Biên bản sai một dấu", MINUTES, _like, "name", PERSON),
    Fault("tên trong Báo cáo sai một dấu", REPORT, _like, "name", PERSON),
    Fault("Tờ trình đề nghị người khác", LETTER, _stranger, "name", PERSON),
    Fault("Tờ trình của đơn vị khác", LETTER, _other_unit, "unit"),
    Fault("Biên bản của đơn vị khác", MINUTES, _other_unit, "unit"),
    Fault("Báo cáo của tập thể khác", REPORT, _other_unit, "name", UNIT),
    Fault("Báo cáo ghi nơi công tác khác", REPORT, _other_unit, "unit", PERSON),
    Fault(
        "Tờ trình xin Giấy khen",
        LETTER,
        lambda story: replace(story, award="Giấy khen của Giám đốc Sở Nội vụ"),
        "award",
    ),
    Fault(
        "Báo cáo xin Bằng khen của Thủ tướng",
        REPORT,
        lambda story: replace(story, award="Bằng khen của Thủ tướng Chính phủ"),
        "award",
    ),
    Fault("Biên bản xét năm trước", MINUTES, lambda story: replace(story, year=2022), "year"),
    Fault("Báo cáo theo mẫu số 01", REPORT, lambda story: replace(story, form="01"), "form"),
    Fault("số Tờ trình khác số đã nhập", LETTER, lambda one: replace(one, number="777"), "number"),
    Fault("ngày Tờ trình khác ngày đã nhập", LETTER, _next_day("letter_on", 3), "dated"),
    Fault(
        "Tờ trình do người khác ký",
        LETTER,
        lambda story: replace(story, head="Cháng A Phủ"),
        "signer",
    ),
    Fault("Biên bản họp ngày khác", MINUTES, _next_day("met_on", -4), "meeting"),
    Fault("Tờ trình nêu biên bản ngày khác", LETTER, _next_day("met_on", -4), "meeting"),
    Fault("Biên bản ký sau Tờ trình", MINUTES, _next_day("minutes_on", 9), "order", typed=True),
    Fault("số phiếu khác kết quả đã ghi", MINUTES, _more_votes, "votes"),
    Fault(
        "ngày công nhận khác ngày đã khai",
        REPORT,
        lambda story: replace(story, recognised_on=story.recognised_on + timedelta(days=40)),
        "recognition",
    ),
    Fault(
        "quyết định công nhận số khác",
        RECOGNITION,
        lambda story: replace(story, recognised=f"3{story.recognised}"),
        "recognition",
    ),
    Fault(
        "số người dự họp khác", MINUTES, lambda s: replace(s, present=s.present - 3), "attendance"
    ),
    Fault("Báo cáo ký sau Tờ trình", REPORT, _next_day("report_on", 30), "order", typed=True),
    Fault(
        "tỷ lệ không ra từ số phiếu",
        MINUTES,
        lambda story: replace(story, share="71,5"),
        "votes",
    ),
    Fault(
        "công nhận sau ngày kiểm tra",
        RECOGNITION,
        lambda story: replace(story, recognised_on=date(2024, 1, 15)),
        "recognition",
    ),
)
