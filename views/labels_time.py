"""Words for days and deadlines: kinds of days, rules of counting, who set a date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from models.words import DayKind
from views import formats, labels
from views.formats import Words, _, joined
from workflow.deadlines import Deadline, Move, MoveKind
from workflow.programme import Programme
from workflow.vocabulary import DayRule
from workflow.words import phrase

DAY_KIND: Final = Words(
    {
        DayKind.HOLIDAY: "Ngày lễ, tết",
        DayKind.COMPENSATION: "Nghỉ bù, nghỉ hoán đổi",
        DayKind.WORKING_SWAP: "Làm bù ngày nghỉ cuối tuần",
    }
)

DAY_RULE: Final = Words(
    {
        DayRule.AS_SET: "Đúng ngày đã ghi",
        DayRule.NEXT_WORKING_DAY: "Rơi vào ngày nghỉ thì sang ngày làm việc kế tiếp",
        DayRule.COUNTED_BACK: "Tính lùi theo ngày làm việc từ ngày quyết định",
    }
)

TEXT_TAG: Final = phrase("Văn bản")
NAMED: Final = 4
"""More people than this are counted, not named."""


def source_tag(programme: Programme, deadline: Deadline) -> str:
    """Where the date comes from, in two or three words."""
    if deadline.moves:
        last = deadline.moves[-1]
        return _("{by} đặt", by=last.by) if last.by else _("Đã thay đổi")
    return (
        _("{milestones_set_by} đặt", milestones_set_by=programme.milestones_set_by)
        if programme.milestones_set_by
        else TEXT_TAG
    )


def move_words(move: Move) -> str:
    """Who moved a deadline, when and why, as one sentence."""
    who = move.by or _("Người có thẩm quyền")
    did = {
        MoveKind.MILESTONE: _("đổi mốc"),
        MoveKind.SUSPENSION: _("tạm dừng tính thời hạn"),
        MoveKind.EXTENSION: _("cho gia hạn"),
    }[move.kind]
    when = _(" lúc {at}", at=formats.moment(move.at)) if move.at else ""
    clause = (
        _(" ({clause_text})", clause_text=labels.clause_text(move.clause)) if move.clause else ""
    )
    reason = _(": {reason}", reason=move.reason) if move.reason else ""
    return (
        _(
            "{who} {did}{when}{clause}{reason}",
            who=who,
            did=did,
            when=when,
            clause=clause,
            reason=reason,
        ).rstrip(".")
        + "."
    )


def told_words(names: Sequence[str]) -> str:
    """Đã báo: A, B và 3 người khác; empty when nobody was told."""
    if not names:
        return ""
    more = _(" và {count} người khác", count=len(names) - NAMED) if len(names) > NAMED else ""
    return _("Đã báo: {names}{more}.", names=joined(names[:NAMED]), more=more)


def missing_year(year: int) -> str:
    """The warning about a year the calendar knows nothing of."""
    return _(
        "Lịch năm {year} chưa có ngày nghỉ nào; ngày lễ năm này đang bị tính là "
        "ngày làm việc. Điền lịch năm {year} rồi soát lại các mốc.",
        year=year,
    )
