"""The papers the service writes: their names, their templates, and what a template may use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from config.settings import ROOT
from workflow.words import phrase

TEMPLATES: Final = ROOT / "config" / "papers"
"""Where the templates lie that come with the service."""


class PaperKind(StrEnum):
    """A paper the service writes; the value is its address and the name of its template."""

    TO_TRINH = "to-trinh"
    BIEN_BAN = "bien-ban"
    BAO_CAO_TAP_THE = "bao-cao-tap-the"
    BAO_CAO_CA_NHAN = "bao-cao-ca-nhan"
    QUYET_DINH = "quyet-dinh"
    PHIEU_TIEP_NHAN = "phieu-tiep-nhan"
    YEU_CAU_BO_SUNG = "yeu-cau-bo-sung"
    KHONG_KHEN_THUONG = "khong-khen-thuong"


@dataclass(frozen=True, slots=True)
class PaperWords:
    """How a paper is called, what stands behind it, and where people find it."""

    title: str
    about: str
    found: str


WORDS: Final = {
    PaperKind.TO_TRINH: PaperWords(
        phrase("Tờ trình đề nghị khen thưởng"),
        phrase("Các hồ sơ cùng đơn vị đề nghị, cùng cấp quyết định, cùng đợt, kèm danh sách."),
        phrase("trang hồ sơ"),
    ),
    PaperKind.BIEN_BAN: PaperWords(
        phrase("Biên bản họp Hội đồng"),
        phrase("Thành phần, số phiếu từng hồ sơ, ý kiến khác, người không bỏ phiếu."),
        phrase("trang tổng hợp phiên họp"),
    ),
    PaperKind.BAO_CAO_TAP_THE: PaperWords(
        phrase("Báo cáo thành tích của tập thể (mẫu số 07)"),
        phrase("Sơ lược, thành tích, sáng kiến, hình thức đã được khen."),
        phrase("trang hồ sơ"),
    ),
    PaperKind.BAO_CAO_CA_NHAN: PaperWords(
        phrase("Báo cáo thành tích của cá nhân (mẫu số 07)"),
        phrase("Sơ lược, thành tích, sáng kiến, hình thức đã được khen."),
        phrase("trang hồ sơ"),
    ),
    PaperKind.QUYET_DINH: PaperWords(
        phrase("Quyết định khen thưởng"),
        phrase("Căn cứ theo ngày ký, các điều, danh sách kèm theo."),
        phrase("trang quyết định"),
    ),
    PaperKind.PHIEU_TIEP_NHAN: PaperWords(
        phrase("Phiếu tiếp nhận hồ sơ"),
        phrase("Tài liệu đã nhận, mã kiểm tra, hạn xử lý."),
        phrase("trang hồ sơ, sau khi nộp"),
    ),
    PaperKind.YEU_CAU_BO_SUNG: PaperWords(
        phrase("Phiếu yêu cầu bổ sung"),
        phrase("Mọi mục cần bổ sung và hạn gửi lại."),
        phrase("trang hồ sơ, khi đang được yêu cầu bổ sung"),
    ),
    PaperKind.KHONG_KHEN_THUONG: PaperWords(
        phrase("Thông báo không khen thưởng"),
        phrase("Lý do, từng điều kiện chưa đạt và mục của chương trình."),
        phrase("trang hồ sơ, sau khi kết luận không khen thưởng"),
    ),
}
