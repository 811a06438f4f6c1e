"""Words about people that letters and pages share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from workflow.vocabulary import Post
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE

POSTS: Final = {
    Post.CLERK: phrase("Cán bộ lập hồ sơ"),
    Post.HEAD: phrase("Thủ trưởng đơn vị"),
    Post.DEPUTY_HEAD: phrase("Cấp phó của thủ trưởng"),
    Post.COUNCIL_CHAIR: phrase("Chủ tịch Hội đồng"),
    Post.COUNCIL_SECRETARY: phrase("Thư ký Hội đồng"),
    Post.COUNCIL_MEMBER: phrase("Ủy viên Hội đồng"),
    Post.APPRAISER: phrase("Cán bộ thẩm định"),
    Post.ADMINISTRATOR: phrase("Quản trị"),
    Post.AUDITOR: phrase("Thanh tra, kiểm toán"),
}


def instant_words(instant: datetime) -> str:
    """17:00 ngày 07/12/2023, on the office's clock."""
    return instant.astimezone(ZoneInfo(OFFICE_ZONE)).strftime("%H:%M ngày %d/%m/%Y")


def day_words(day: date) -> str:
    """07/12/2023."""
    return day.strftime("%d/%m/%Y")
