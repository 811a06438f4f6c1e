"""News for the morning digest: which letters about a step can wait for it, and their line there.

Whatever is not named here leaves at once: what asks for something of somebody else's time limit
(a supplement), what the law dates (a decision), what touches rights (delegations, emergencies).
A policy of the service, not in the text of the programme; decision record 27.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workflow.vocabulary import State
from workflow.words import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

MOVED: Final = "milestone_moved"
REPORT_MOVED: Final = "day_moved"
STOP_OVER: Final = "suspension_over"
TITLES: Final = {
    "registered": phrase("Đã tiếp nhận đăng ký"),
    "presented": phrase("Trình ký"),
    "submitted": phrase("Đã nộp, chờ Hội đồng xét"),
    "council_reviewed": phrase("Hội đồng đã xét"),
    "board_checked": phrase("Đã kiểm tra"),
    "supplement_sent": phrase("Đã gửi bổ sung"),
    "approval_fell": phrase("Phải làm lại sau bổ sung"),
    "extended": phrase("Đã gia hạn nộp"),
    "suspended": phrase("Tạm dừng tính thời hạn"),
    STOP_OVER: phrase("Thời hạn tính tiếp"),
    "held": phrase("Tạm dừng xem xét"),
    "released": phrase("Đã gỡ tạm dừng"),
    "withdrawn": phrase("Đã rút"),
    "report_filed": phrase("Đã gửi báo cáo"),
    "report_accepted": phrase("Đã tiếp nhận báo cáo"),
    MOVED: phrase("Mốc đã đổi"),
    REPORT_MOVED: phrase("Hạn báo cáo đã đổi"),
}
"""Letters that can wait, with the words that begin their line."""

MILESTONE: Final = {
    State.REGISTERED.value: phrase("hạn đăng ký"),
    State.SUBMITTED.value: phrase("hạn nộp hồ sơ"),
    State.COUNCIL_REVIEWED.value: phrase("Hội đồng họp xét"),
    State.BOARD_CHECKED.value: phrase("Ban TĐKT kiểm tra xong"),
    State.DECIDED.value: phrase("quyết định khen thưởng"),
}


def leaves_alone(letter: str, deadlines: Iterable[datetime | None], digest_at: datetime) -> bool:
    """Must this letter leave at once: by its kind, or as a deadline ends before the digest?

    Instants are aware UTC; `digest_at` is when the next digest leaves.
    """
    if letter not in TITLES:
        return True
    return any(one is not None and one <= digest_at for one in deadlines)


def news_line(letter: str, values: Mapping[str, Any]) -> str:
    """Word one letter as a line. Raises `LookupError` when it lacks what the line needs.

    `values` are those of the letter, days and instants as such.
    """
    title = TITLES[letter]
    if letter == MOVED:
        moved = joined((_moved(one) for one in values["items"]), "; ")
        return phrase("{title}: {moved}.", title=title, moved=moved)
    if letter == REPORT_MOVED:
        return phrase(
            "{title}: {report} từ {was} thành {now_at}.",
            title=title,
            report=values["report"],
            was=values["was"],
            now_at=values["now_at"],
        )
    what = phrase("{title}: {code} ({unit})", title=title, code=values["code"], unit=values["unit"])
    if letter == STOP_OVER:
        return phrase("{what}, việc tạm dừng đã hết ngày {day}.", what=what, day=values["until"])
    if letter == "extended":
        what = phrase("{what}, hạn nộp mới {until}", what=what, until=values["until"])
    if letter == "suspended":
        what = phrase(
            "{what}, từ ngày {since} đến hết ngày {until}",
            what=what,
            since=values["since"],
            until=values["until"],
        )
    return phrase(
        "{what}, {actor}, lúc {moment}.",
        what=what,
        actor=values["actor"],
        moment=values["at"],
    )


def _moved(one: Mapping[str, Any]) -> str:
    award = f", {one['award']}" if one["award"] else ""
    return phrase(
        "{milestone} ({cycle}{award}) từ {was} thành {now_at}",
        milestone=MILESTONE[one["state"]],
        cycle=one["cycle"],
        award=award,
        was=one["was"],
        now_at=one["now_at"],
    )
