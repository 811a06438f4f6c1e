"""Words about people that letters and pages share."""

from __future__ import annotations

from datetime import date
from typing import Final

from workflow.vocabulary import Post

POSTS: Final = {
    Post.CLERK: "Cán bộ lập hồ sơ",
    Post.HEAD: "Thủ trưởng đơn vị",
    Post.DEPUTY_HEAD: "Cấp phó của thủ trưởng",
    Post.COUNCIL_CHAIR: "Chủ tịch Hội đồng",
    Post.COUNCIL_SECRETARY: "Thư ký Hội đồng",
    Post.COUNCIL_MEMBER: "Ủy viên Hội đồng",
    Post.APPRAISER: "Cán bộ thẩm định",
    Post.ADMINISTRATOR: "Quản trị",
    Post.AUDITOR: "Thanh tra, kiểm toán",
}


def day_words(day: date) -> str:
    """07/12/2023."""
    return day.strftime("%d/%m/%Y")
