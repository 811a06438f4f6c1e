"""A sample of every paper: what a template can use, and what a preview is filled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from views.papers.kinds import PaperKind
from views.papers.offices import Office, office_of
from views.papers.parts import Sheet
from workflow.vocabulary import UnitKind

DAY: Final = date(2023, 12, 5)
DISTRICT: Final = office_of("Huyện Quản Bạ", UnitKind.DISTRICT, "", "Hà Giang")
PROVINCE: Final = office_of("Ủy ban nhân dân tỉnh Hà Giang", UnitKind.PROVINCE, "", "Hà Giang")
BOARD: Final = Office(
    above="SỞ NỘI VỤ",
    lines="BAN THI ĐUA - KHEN THƯỞNG",
    name="Ban Thi đua - Khen thưởng",
    symbol="BTĐKT",
    place="Hà Giang",
    head="Trưởng ban",
    deputy="Phó Trưởng ban",
    committee=False,
)
AWARD: Final = "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh"
MOVEMENT: Final = "phong trào “Thi đua đẩy mạnh cải cách hành chính 2021 - 2025”"
CYCLE: Final = "đợt sơ kết tháng 12/2023"
BASES: Final = (
    "Căn cứ Luật Thi đua, khen thưởng ngày 26 tháng 11 năm 2003;",
    "Căn cứ Nghị định số 91/2017/NĐ-CP ngày 31 tháng 7 năm 2017 của Chính phủ.",
)
ABOUT: Final = {
    "ma_ho_so": "HS-2023-0027",
    "ten": "Huyện Quản Bạ",
    "hinh_thuc": AWARD,
    "dot": CYCLE,
}


def sample(kind: PaperKind) -> dict[str, Any]:
    """Words of every name a paper of this kind has, about nobody real."""
    return _SHEETS[kind].words() | _OVER.get(kind, {})


def placeholders(kind: PaperKind) -> list[tuple[str, str, str]]:
    """Every name a template of this kind may use, with what it stands for and a sample.

    It stands for a `text`, a `list`, or for `rows`, whose parts follow as `mot.…`.
    """
    return list(_flat(sample(kind)))


def _flat(words: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str, str]]:
    for name, value in words.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{before}{name}", "rows", ""
            yield from _flat(value[0], "mot.")
        elif isinstance(value, list):
            yield f"{before}{name}", "list", str(value[0]) if value else ""
        else:
            yield f"{before}{name}", "text", str(value).replace("\n", " / ")


_REPORT: Final = {
    "loai_doi_tuong": "tập thể",
    "ten": "Huyện Quản Bạ",
    "chuc_vu_don_vi": "",
    "phong_trao": "Thi đua đẩy mạnh cải cách hành chính 2021 - 2025, đợt sơ kết tháng 12/2023",
    "so_luoc": ["Huyện có 13 xã, thị trấn; bộ phận một cửa có 06 công chức."],
    "thanh_tich": ["Giải quyết 99,2% hồ sơ thủ tục hành chính trước và đúng hạn."],
    "sang_kien": ["Tổ trả kết quả lưu động tại chợ phiên (công nhận: số 1203/QĐ-UBND)."],
    "da_khen": ["Không có."],
}

_SHEETS: Final = {
    PaperKind.TO_TRINH: Sheet(
        office=DISTRICT,
        kind="Tờ trình",
        about=f"Về việc đề nghị khen thưởng trong {MOVEMENT}",
        symbol="TTr-UBND",
        dated=DAY,
        signs=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
        signer="Nguyễn Văn Mẫu",
        copies=("Như trên", BOARD.name),
        more={
            "kinh_gui": [PROVINCE.head_of, BOARD.name],
            "can_cu": list(BASES),
            "nguoi_quyet_dinh": PROVINCE.head_of,
            "cac_nhom": [{"hinh_thuc": AWARD, "so_luong": "01 tập thể và 01 cá nhân"}],
            "ten_danh_sach": f"Đề nghị khen thưởng trong {MOVEMENT}",
            "danh_sach": [
                {
                    "ten": "Huyện Quản Bạ",
                    "don_vi": "",
                    "hinh_thuc": "Bằng khen tỉnh",
                    "dong_y": "9/9",
                },
                {
                    "ten": "Trần Thị Thử",
                    "don_vi": "Chuyên viên, Huyện Quản Bạ",
                    "hinh_thuc": "Bằng khen tỉnh",
                    "dong_y": "8/9",
                },
            ],
        },
    ),
    PaperKind.BIEN_BAN: Sheet(
        office=DISTRICT,
        kind="Biên bản",
        about="Họp Hội đồng TĐKT huyện Quản Bạ",
        symbol="BB-HĐTĐKT",
        dated=DAY,
        more={
            "gio_hop": "14:00 ngày 05/12/2023",
            "dia_diem": "phòng họp số 2",
            "chu_tri": "Nguyễn Văn Mẫu, Chủ tịch UBND huyện",
            "thu_ky": "Trần Thị Thử, Thư ký Hội đồng",
            "ten_chu_tri": "Nguyễn Văn Mẫu",
            "ten_thu_ky": "Trần Thị Thử",
            "tong_so": 9,
            "co_mat": 8,
            "can_co_mat": 6,
            "hop_le": "đủ",
            "thanh_vien": ["Nguyễn Văn Mẫu, chủ tịch hội đồng: dự họp."],
            "so_ho_so": "01",
            "cach_bieu_quyet": "bỏ phiếu kín",
            "can_dong_y": 8,
            "ghi_chu": "Thiết lập chính sách, không có trong văn bản chương trình.",
            "khong_bo_phieu": [],
            "y_kien": ["Huyện Quản Bạ (HS-2023-0027): Ý kiến khác: cần thêm số liệu."],
            "ket_qua": [
                {
                    "ten": "Huyện Quản Bạ (HS-2023-0027)",
                    "dong_y": 8,
                    "khong": 0,
                    "khac": 0,
                    "khong_bo": 0,
                    "ty_le": "89%",
                    "hang": "1",
                    "ket_luan": "Đề nghị khen",
                }
            ],
            "phong_trao": MOVEMENT,
        },
    ),
    PaperKind.BAO_CAO_TAP_THE: Sheet(
        office=DISTRICT,
        kind="Báo cáo thành tích",
        about=f"Đề nghị tặng {AWARD}",
        symbol="BC-UBND",
        dated=DAY,
        signer="Nguyễn Văn Mẫu",
        more=_REPORT,
    ),
    PaperKind.BAO_CAO_CA_NHAN: Sheet(
        office=DISTRICT,
        kind="Báo cáo thành tích",
        about=f"Đề nghị tặng {AWARD}",
        symbol="BC-UBND",
        dated=DAY,
        signer="Nguyễn Văn Mẫu",
        more=_REPORT
        | {
            "loai_doi_tuong": "cá nhân",
            "ten": "Trần Thị Thử",
            "chuc_vu_don_vi": "Chuyên viên, Huyện Quản Bạ",
        },
    ),
    PaperKind.QUYET_DINH: Sheet(
        office=PROVINCE,
        kind="Quyết định",
        about=f"Về việc tặng {AWARD}",
        symbol="QĐ-UBND",
        number="2103/QĐ-UBND",
        dated=DAY,
        signs=("CHỦ TỊCH",),
        signer="Nguyễn Văn Mẫu",
        copies=("Như Điều 3", "Sở Nội vụ (Ban Thi đua - Khen thưởng)"),
        more={
            "tham_quyen_ban_hanh": PROVINCE.head_of.upper(),
            "can_cu": list(BASES),
            "hinh_thuc": AWARD,
            "so_luong": "01 tập thể và 01 cá nhân",
            "phong_trao": MOVEMENT,
            "dot": CYCLE,
            "thi_hanh": "Chánh Văn phòng Ủy ban nhân dân tỉnh Hà Giang, Giám đốc Sở Nội vụ",
            "nguoi_ban_hanh": PROVINCE.head_of,
            "ten_danh_sach": f"Tập thể, cá nhân được tặng {AWARD}",
            "muc_tap_the": "I. TẬP THỂ (01)",
            "muc_ca_nhan": "II. CÁ NHÂN (01)",
            "tap_the": [{"ten": "Huyện Quản Bạ", "don_vi": ""}],
            "ca_nhan": [{"ten": "Trần Thị Thử", "don_vi": "Chuyên viên, Huyện Quản Bạ"}],
        },
    ),
    PaperKind.PHIEU_TIEP_NHAN: Sheet(
        office=BOARD,
        kind="Phiếu tiếp nhận hồ sơ",
        about="Đề nghị khen thưởng",
        symbol="PTN-BTĐKT",
        dated=DAY,
        signs=("NGƯỜI TIẾP NHẬN",),
        copies=(DISTRICT.name,),
        archive="hồ sơ",
        more={
            **ABOUT,
            "chuc_vu_don_vi": "",
            "don_vi": DISTRICT.name,
            "nhan_luc": "09:40 ngày 28/11/2023",
            "tai_lieu": [
                {
                    "ten": "Tờ trình đề nghị khen thưởng",
                    "so_ngay": "86/TTr-UBND, 28/11/2023",
                    "ban": 1,
                    "ma": "b951e99d863fb426",
                }
            ],
            "ma_kiem_tra": "471F-83F0",
            "han": ["Quyết định khen thưởng: 25/12/2023."],
        },
    ),
    PaperKind.YEU_CAU_BO_SUNG: Sheet(
        office=BOARD,
        kind="Phiếu yêu cầu bổ sung",
        about="Hồ sơ đề nghị khen thưởng",
        symbol="PYC-BTĐKT",
        dated=DAY,
        signs=("NGƯỜI YÊU CẦU",),
        signer="Lê Thị Thẩm",
        copies=("Như trên",),
        archive="hồ sơ",
        more={
            **ABOUT,
            "kinh_gui": [DISTRICT.name],
            "don_vi": DISTRICT.name,
            "noi_kiem_tra": BOARD.name,
            "cac_muc": ["Tờ trình: ghi số, ngày ký.", "Báo cáo thành tích: nêu số liệu năm trước."],
            "han_bo_sung": "17:00 ngày 12/12/2023",
            "lan_thu": 1,
            "ly_do_lan_sau": "",
            "phan_duoc_sua": "Tờ trình đề nghị khen thưởng; Báo cáo thành tích (mẫu số 07)",
        },
    ),
    PaperKind.KHONG_KHEN_THUONG: Sheet(
        office=BOARD,
        kind="Thông báo",
        about="Về việc không khen thưởng",
        symbol="TB-BTĐKT",
        dated=DAY,
        signs=("TRƯỞNG BAN",),
        copies=("Như trên",),
        more={
            **ABOUT,
            "kinh_gui": [DISTRICT.name],
            "chuong_trinh": "văn bản ngày 09 tháng 10 năm 2021 của Ủy ban nhân dân tỉnh Hà Giang",
            "ngay_ket_luan": "05/12/2023",
            "nguoi_ket_luan": "Lê Thị Thẩm",
            "ly_do": "Chỉ số cải cách hành chính năm 2023 dưới 80 điểm.",
            "chua_dat": [
                {
                    "dieu_kien": "Chỉ số cải cách hành chính từ 80 điểm trở lên",
                    "thuc_te": "Năm 2023: 71,20 điểm.",
                    "muc": "Mục IV.1.b",
                }
            ],
            "noi_kiem_tra": BOARD.name,
        },
    ),
}
_OVER: Final = {
    PaperKind.BIEN_BAN: {
        "co_quan_tren": "UBND HUYỆN QUẢN BẠ",
        "co_quan": "HỘI ĐỒNG THI ĐUA - KHEN THƯỞNG",
    }
}
