"""News for the morning digest: which letters about a step can wait for it, and their line there.

Whatever is not named here leaves at once: what asks for something of somebody else's time limit
(a supplement), what the law dates (a decision), what touches rights (delegations, emergencies).
A policy of the service, not in the text of the programme; decision record 27.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast
from zoneinfo import ZoneInfo

from workflow.vocabulary import State
from workflow.working_days import OFFICE_ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

MOVED: Final = "milestone_moved"
REPORT_MOVED: Final = "day_moved"
STOP_OVER: Final = "suspension_over"
TITLES: Final = {
    "registered": "Đã tiếp nhận đăng ký",
    "presented": "Trình ký",
    "submitted": "Đã nộp, chờ Hội đồng xét",
    "council_reviewed": "Hội đồng đã xét",
    "board_checked": "Đã kiểm tra",
    "supplement_sent": "Đã gửi bổ sung",
    "approval_fell": "Phải làm lại sau bổ sung",
    "extended": "Đã gia hạn nộp",
    "suspended": "Tạm dừng tính thời hạn",
    STOP_OVER: "Thời hạn tính tiếp",
    "held": "Tạm dừng xem xét",
    "released": "Đã gỡ tạm dừng",
    "withdrawn": "Đã rút",
    "report_filed": "Đã gửi báo cáo",
    "report_accepted": "Đã tiếp nhận báo cáo",
    MOVED: "Mốc đã đổi",
    REPORT_MOVED: "Hạn báo cáo đã đổi",
}
"""Letters that can wait, with the words that begin their line."""

MILESTONE: Final = {
    State.REGISTERED.value: "hạn đăng ký",
    State.SUBMITTED.value: "hạn nộp hồ sơ",
    State.COUNCIL_REVIEWED.value: "Hội đồng họp xét",
    State.BOARD_CHECKED.value: "Ban TĐKT kiểm tra xong",
    State.DECIDED.value: "quyết định khen thưởng",
}
_ZONE = ZoneInfo(OFFICE_ZONE)


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
        return f"{title}: {'; '.join(_moved(one) for one in values['items'])}."
    if letter == REPORT_MOVED:
        was, now_at = _moment(values["was"]), _moment(values["now_at"])
        return f"{title}: {values['report']} từ {was} thành {now_at}."
    what = f"{title}: {values['code']} ({values['unit']})"
    if letter == STOP_OVER:
        return f"{what}, việc tạm dừng đã hết ngày {_day(values['until'])}."
    if letter == "extended":
        what += f", hạn nộp mới {_moment(values['until'])}"
    if letter == "suspended":
        what += f", từ ngày {_day(values['since'])} đến hết ngày {_day(values['until'])}"
    return f"{what}, {values['actor']}, lúc {_moment(values['at'])}."


def _moved(one: Mapping[str, Any]) -> str:
    award = f", {one['award']}" if one["award"] else ""
    was, now_at = _moment(one["was"]), _moment(one["now_at"])
    return f"{MILESTONE[one['state']]} ({one['cycle']}{award}) từ {was} thành {now_at}"


def _moment(value: object) -> str:
    return cast("datetime", value).astimezone(_ZONE).strftime("%H:%M ngày %d/%m/%Y")


def _day(value: object) -> str:
    return cast("date", value).strftime("%d/%m/%Y")
