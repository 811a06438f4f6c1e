"""Sentences of the invented season."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.demonstration.season import DemoDossier


def profile(subject: str, story: DemoDossier) -> str:
    """Part I of the report: outline of the subject."""
    if story.person:
        return f"Ông/Bà {subject}, trực tiếp tham mưu, thực hiện cải cách hành chính tại đơn vị."
    return f"{subject} thực hiện chức năng, nhiệm vụ được giao; bộ phận một cửa có 6 công chức."


def achievements(subject: str, initiative: str) -> str:
    """Part II of the report: results in this campaign."""
    return (
        f"Năm 2023, {subject} giải quyết 99,2% hồ sơ thủ tục hành chính trước và đúng hạn; "
        f"áp dụng giải pháp “{initiative}”, giảm trung bình 1,5 ngày chờ của người dân."
    )


def reject_reason(story: DemoDossier) -> str:
    """Why the appraiser concludes that no award is given."""
    if story.recognised:
        return "Chỉ số cải cách hành chính năm 2023 dưới 80 điểm (Mục IV.1.b)."
    return "Sáng kiến chưa được cấp có thẩm quyền công nhận (Mục IV.1.b)."
