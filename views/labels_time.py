"""Words for days and deadlines: kinds of days, rules of counting, who set a date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.words import DayKind
from views import formats, labels
from workflow.deadlines import Deadline, Move, MoveKind
from workflow.programme import Programme
from workflow.vocabulary import DayRule

DAY_KIND: Final = {
    DayKind.HOLIDAY: "Ngày lễ, tết",
    DayKind.COMPENSATION: "Nghỉ bù, nghỉ hoán đổi",
    DayKind.WORKING_SWAP: "Làm bù ngày nghỉ cuối tuần",
}

DAY_RULE: Final = {
    DayRule.AS_SET: "Đúng ngày đã ghi",
    DayRule.NEXT_WORKING_DAY: "Rơi vào ngày nghỉ thì sang ngày làm việc kế tiếp",
    DayRule.COUNTED_BACK: "Tính lùi theo ngày làm việc từ ngày quyết định",
}

TEXT_TAG: Final = "Văn bản"
NAMED: Final = 4
"""More people than this are counted, not named."""


def source_tag(programme: Programme, deadline: Deadline) -> str:
    """Where the date comes from, in two or three words."""
    if deadline.moves:
        last = deadline.moves[-1]
        return f"{last.by} đặt" if last.by else "Đã thay đổi"
    return f"{programme.milestones_set_by} đặt" if programme.milestones_set_by else TEXT_TAG


def move_words(move: Move) -> str:
    """Who moved a deadline, when and why, as one sentence."""
    who = move.by or "Người có thẩm quyền"
    did = {
        MoveKind.MILESTONE: "đổi mốc",
        MoveKind.SUSPENSION: "tạm dừng tính thời hạn",
        MoveKind.EXTENSION: "cho gia hạn",
    }[move.kind]
    when = f" lúc {formats.moment(move.at)}" if move.at else ""
    clause = f" ({labels.clause_text(move.clause)})" if move.clause else ""
    reason = f": {move.reason}" if move.reason else ""
    return f"{who} {did}{when}{clause}{reason}".rstrip(".") + "."


def told_words(names: Sequence[str]) -> str:
    """Đã báo: A, B và 3 người khác; empty when nobody was told."""
    if not names:
        return ""
    more = f" và {len(names) - NAMED} người khác" if len(names) > NAMED else ""
    return f"Đã báo: {', '.join(names[:NAMED])}{more}."


def missing_year(year: int) -> str:
    """The warning about a year the calendar knows nothing of."""
    return (
        f"Lịch năm {year} chưa có ngày nghỉ nào; ngày lễ năm này đang bị tính là ngày làm việc. "
        f"Điền lịch năm {year} rồi soát lại các mốc."
    )
