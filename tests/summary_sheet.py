"""A summary sheet as a province lays it out: merged titles, Roman groups, thirty bodies, a sum."""

from __future__ import annotations

import io
from typing import Any, Final

import xlsxwriter

DEPARTMENTS: Final = (
    "Văn phòng UBND tỉnh",
    "Thanh tra tỉnh",
    "Sở Nội vụ",
    "Sở Tư pháp",
    "Sở Tài chính",
    "Sở Kế hoạch và Đầu tư",
    "Sở Công thương",
    "Sở Nông nghiệp & PTNT",
    "Sở Giao thông vận tải",
    "Sở Xây dựng",
    "Sở Tài nguyên và Môi trường",
    "Sở Thông tin và Truyền thông",
    "Sở Lao động – Thương binh và Xã hội",
    "Sở Văn hoá, Thể thao và Du lịch",
    "Sở Khoa học và Công nghệ",
    "Sở Giáo dục và Đào tạo",
    "Sở Y tế",
    "Sở Ngoại vụ",
    "Ban Dân tộc",
)
DISTRICTS: Final = (
    "TP. Hà Giang",
    "Huyện Đồng Văn",
    "Mèo Vạc",
    "UBND huyện Yên Minh",
    "Quản Bạ",
    "Huyện Vị Xuyên",
    "Bắc Mê",
    "Hoàng Su Phì",
    "Xín Mần",
    "H. Bắc Quang",
    "UBND huyện Quang Bình",
)
HEADINGS: Final = ("STT", "Đơn vị", "Tổng điểm", "Chỉ số (%)", "Xếp hạng", "Xếp loại")
FIRST: Final = 7
"""The line of the first department; the first district stands 20 lines below."""


def good_rows() -> list[list[Any]]:
    """Thirty rows without a fault, with figures as different people type them."""
    rows: list[list[Any]] = []
    for number, name in enumerate((*DEPARTMENTS, *DISTRICTS)):
        score = 92.10 - number
        shown: Any = (f"{score:.2f}".replace(".", ","), f"{score:.2f}", round(score, 2))[number % 3]
        rating = "Xuất sắc" if score >= 90 else "Tốt" if score >= 80 else "khá"
        first = 1 if number < len(DEPARTMENTS) else 1 - len(DEPARTMENTS)
        rows.append([number + first, name, round(score, 2), shown, number + 1, rating])
    rows[7][1] = "Sở Nông nghiệp và Phát triển nông thôn"
    return rows


def sheet(rows: list[list[Any]]) -> bytes:
    """The workbook with these thirty rows, titles above, sum and signatures below."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("Tổng hợp")
        bold = book.add_format({"bold": True, "align": "center"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page.merge_range("A1:C1", "UBND TỈNH HÀ GIANG", bold)
        page.merge_range("D1:F1", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold)
        page.merge_range("A2:F2", "KẾT QUẢ CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM 2023", bold)
        page.merge_range("A3:F3", "(Kèm theo Quyết định số 2400/QĐ-UBND)", bold)
        page.write_row(4, 0, HEADINGS, bold)
        page.write_string(5, 0, "I", bold)
        page.merge_range("B6:F6", "Các sở, ban, ngành", bold)
        at = FIRST - 1
        for number, row in enumerate(rows):
            if number == len(DEPARTMENTS):
                page.write_row(at, 0, ["II", "UBND các huyện, thành phố"], bold)
                at += 1
            for column, value in enumerate(row):
                if isinstance(value, str) and value.startswith("="):
                    page.write_formula(at, column, value, None, "#REF!")
                elif hasattr(value, "year"):
                    page.write_datetime(at, column, value, day)
                else:
                    page.write(at, column, value)
            at += 1
        page.write_row(at, 1, ["Trung bình toàn tỉnh", "", 84.2])
        page.write_row(at + 2, 1, ["NGƯỜI LẬP BIỂU", "", "", "GIÁM ĐỐC"])
        hidden = book.add_worksheet("Tính toán")
        hidden.write(0, 0, "không ai đọc")
        hidden.hide()
    return out.getvalue()
