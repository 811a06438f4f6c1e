"""Draws the templates that come with the service: `python -m views.papers.drawing`.

The layout is that of Nghị định 30/2020/NĐ-CP, Phụ lục I, as `views.official_paper` has it; the
words in double braces are filled in by `views.papers.filling`. What is drawn lies in
`config/papers/`, where an administrator takes it from to change it in Word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from views.papers.kinds import TEMPLATES, PaperKind
from views.papers.template_pen import TemplatePaper


def to_trinh() -> bytes:
    """The proposal, with its list."""
    paper = TemplatePaper()
    paper.addressees()
    paper.each("dong", "can_cu", "{{ dong }}", italic=True)
    paper.text("{{ don_vi }} kính trình {{ nguoi_quyet_dinh }} xem xét, tặng:")
    paper.each(
        "nhom", "cac_nhom", "{{ loop.index }}. {{ nhom.hinh_thuc }} cho {{ nhom.so_luong }}."
    )
    paper.text("(Có danh sách và hồ sơ kèm theo)", italic=True)
    paper.text(
        "{{ don_vi }} cam kết thành tích nêu trong hồ sơ là đúng và chịu trách nhiệm về "
        "nội dung đề nghị."
    )
    paper.text("Kính đề nghị {{ nguoi_quyet_dinh }} xem xét, quyết định./.")
    paper.foot()
    paper.annex(
        "{{ ten_danh_sach }}",
        "(Kèm theo Tờ trình số {{ so_trong_cau }} {{ ngay_trong_cau }} của {{ don_vi }})",
    )
    paper.repeated(
        (
            ("STT", 13, "{{ loop.index }}"),
            ("Họ và tên, tên tập thể", 45, "{{ mot.ten }}"),
            ("Chức vụ, đơn vị", 45, "{{ mot.don_vi }}"),
            ("Hình thức đề nghị", 37, "{{ mot.hinh_thuc }}"),
            ("Hội đồng đồng ý", 25, "{{ mot.dong_y }}"),
        ),
        "mot",
        "danh_sach",
    )
    return paper.done()


def bien_ban() -> bytes:
    """The minutes of a council session."""
    paper = TemplatePaper()
    paper.text("Hội đồng họp lúc {{ gio_hop }}, tại {{ dia_diem }}.")
    paper.heading("I. THÀNH PHẦN")
    paper.text("Chủ trì: {{ chu_tri }}.")
    paper.text("Thư ký: {{ thu_ky }}.")
    paper.text(
        "Tổng số thành viên: {{ tong_so }}; tham gia: {{ co_mat }}; số cần để họp hợp lệ: "
        "{{ can_co_mat }} ({{ hop_le }})."
    )
    paper.each("nguoi", "thanh_vien", "- {{ nguoi }}")
    paper.heading("II. NỘI DUNG")
    paper.text(
        "Chủ trì nêu tiêu chuẩn, điều kiện khen thưởng của chương trình; Thư ký báo cáo tóm "
        "tắt thành tích của {{ so_ho_so }} hồ sơ; các thành viên thảo luận và biểu quyết "
        "bằng hình thức {{ cach_bieu_quyet }}."
    )
    paper.each("mot", "khong_bo_phieu", "- {{ mot }}")
    paper.control("if y_kien")
    paper.text("Ý kiến không đồng ý và ý kiến khác:")
    paper.each("mot", "y_kien", "- {{ mot }}")
    paper.control("endif")
    paper.heading("III. KẾT QUẢ")
    paper.text(
        "Thông qua khi có ít nhất {{ can_dong_y }}/{{ tong_so }} thành viên đồng ý. {{ ghi_chu }}"
    )
    paper.repeated(
        (
            ("STT", 13, "{{ loop.index }}"),
            ("Tập thể, cá nhân", 42, "{{ mot.ten }}"),
            ("Đồng ý", 15, "{{ mot.dong_y }}"),
            ("Không", 14, "{{ mot.khong }}"),
            ("Ý kiến khác", 15, "{{ mot.khac }}"),
            ("Không bỏ phiếu", 16, "{{ mot.khong_bo }}"),
            ("Tỷ lệ", 14, "{{ mot.ty_le }}"),
            ("Hạng", 13, "{{ mot.hang }}"),
            ("Kết luận", 23, "{{ mot.ket_luan }}"),
        ),
        "mot",
        "ket_qua",
    )
    paper.text("")
    paper.text(
        "Biên bản được đọc lại cho các thành viên dự họp cùng nghe, thống nhất và kết thúc "
        "cùng ngày./."
    )
    paper.two_signatures("THƯ KÝ", "{{ ten_thu_ky }}", "CHỦ TRÌ", "{{ ten_chu_tri }}")
    return paper.done()


def _report(*, individual: bool) -> TemplatePaper:
    paper = TemplatePaper(
        note="(Áp dụng đối với tập thể, cá nhân có thành tích xuất sắc trong phong trào thi đua "
        "theo đợt hoặc chuyên đề)"
    )
    paper.text("Tên {{ loai_doi_tuong }}: {{ ten }}")
    if individual:
        paper.text("Chức vụ, đơn vị công tác: {{ chuc_vu_don_vi }}")
    paper.heading("I. SƠ LƯỢC ĐẶC ĐIỂM, TÌNH HÌNH" if not individual else "I. SƠ YẾU LÝ LỊCH")
    paper.each("doan", "so_luoc", "{{ doan }}")
    paper.heading("II. THÀNH TÍCH ĐẠT ĐƯỢC")
    paper.text("Phong trào thi đua: {{ phong_trao }}.")
    paper.each("doan", "thanh_tich", "{{ doan }}")
    paper.control("if sang_kien")
    paper.text("Sáng kiến, giải pháp, cách làm mới:")
    paper.each("mot", "sang_kien", "- {{ mot }}")
    paper.control("endif")
    paper.heading("III. CÁC HÌNH THỨC ĐÃ ĐƯỢC KHEN THƯỞNG")
    paper.each("doan", "da_khen", "{{ doan }}")
    return paper


def bao_cao_tap_the() -> bytes:
    """Mẫu số 07 for a collective: the head signs, the proposing level confirms."""
    paper = _report(individual=False)
    paper.two_signatures(
        "XÁC NHẬN CỦA\nCẤP TRÌNH KHEN THƯỞNG", "", "THỦ TRƯỞNG ĐƠN VỊ", "{{ nguoi_ky }}"
    )
    return paper.done()


def bao_cao_ca_nhan() -> bytes:
    """Mẫu số 07 for an individual: the person signs, unit and proposing level confirm."""
    paper = _report(individual=True)
    paper.two_signatures("XÁC NHẬN CỦA\nĐƠN VỊ CÔNG TÁC", "", "NGƯỜI BÁO CÁO", "{{ ten }}")
    paper.centred("XÁC NHẬN CỦA CẤP TRÌNH KHEN THƯỞNG", bold=True)
    return paper.done()


ARTICLES: Final = (
    (
        "Điều 1. ",
        "Tặng {{ hinh_thuc }} cho {{ so_luong }} có thành tích xuất sắc trong {{ phong_trao }}, {{ dot }} (có danh sách kèm theo).",  # noqa: E501 - one sentence of the paper
    ),
    (
        "Điều 2. ",
        "Tiền thưởng kèm theo hình thức khen thưởng thực hiện theo quy định hiện hành về thi đua, khen thưởng.",  # noqa: E501 - one sentence of the paper
    ),
    (
        "Điều 3. ",
        "{{ thi_hanh }} và các tập thể, cá nhân có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này. Quyết định có hiệu lực kể từ ngày ký./.",  # noqa: E501 - one sentence of the paper
    ),
)


def quyet_dinh() -> bytes:
    """The commendation decision, with its annex."""
    paper = TemplatePaper()
    paper.centred("{{ tham_quyen_ban_hanh }}", bold=True, after=10)
    paper.each("dong", "can_cu", "{{ dong }}", italic=True)
    paper.centred("QUYẾT ĐỊNH:", bold=True)
    for title, words in ARTICLES:
        paragraph = paper._body_paragraph()  # noqa: SLF001 - the same pen
        paper._write(paragraph, title, bold=True)  # noqa: SLF001
        paper._write(paragraph, words)  # noqa: SLF001
    paper.foot()
    paper.annex(
        "{{ ten_danh_sach }}",
        "(Kèm theo Quyết định số {{ so_trong_cau }} {{ ngay_trong_cau }} của {{ nguoi_ban_hanh }})",
    )
    for condition, heading, many in (
        ("tap_the", "{{ muc_tap_the }}", "tap_the"),
        ("ca_nhan", "{{ muc_ca_nhan }}", "ca_nhan"),
    ):
        paper.control(f"if {condition}")
        paper.heading(heading)
        paper.repeated(
            (
                ("STT", 13, "{{ loop.index }}"),
                ("Họ và tên, tên tập thể", 72, "{{ mot.ten }}"),
                ("Chức vụ, đơn vị", 80, "{{ mot.don_vi }}"),
            ),
            "mot",
            many,
        )
        paper.text("")
        paper.control("endif")
    return paper.done()


def phieu_tiep_nhan() -> bytes:
    """What was received, and until when it is dealt with."""
    paper = TemplatePaper()
    for words in (
        "Đã nhận hồ sơ đề nghị khen thưởng:",
        "- Mã hồ sơ: {{ ma_ho_so }}",
        "- Đối tượng: {{ ten }}{{ ', ' if chuc_vu_don_vi else '' }}{{ chuc_vu_don_vi }}",
        "- Đơn vị đề nghị: {{ don_vi }}",
        "- Hình thức đề nghị: {{ hinh_thuc }}; {{ dot }}",
        "- Nhận lúc: {{ nhan_luc }}",
    ):
        paper.text(words)
    paper.heading("Tài liệu đã nhận")
    paper.repeated(
        (
            ("STT", 13, "{{ loop.index }}"),
            ("Tài liệu", 55, "{{ mot.ten }}"),
            ("Số, ngày ký", 42, "{{ mot.so_ngay }}"),
            ("Bản", 12, "{{ mot.ban }}"),
            ("Mã tệp (SHA-256)", 43, "{{ mot.ma }}"),
        ),
        "mot",
        "tai_lieu",
    )
    paper.text("")
    paper.text("Mã kiểm tra của cả bộ tài liệu: {{ ma_kiem_tra }}.")
    paper.each("mot", "han", "{{ mot }}")
    paper.text("Theo dõi hồ sơ bằng mã hồ sơ trên hệ thống./.")
    paper.foot()
    return paper.done()


def yeu_cau_bo_sung() -> bytes:
    """Everything a dossier lacks, once, and until when."""
    paper = TemplatePaper()
    paper.addressees()
    paper.text(
        "Qua kiểm tra hồ sơ {{ ma_ho_so }} đề nghị tặng {{ hinh_thuc }} cho {{ ten }} "
        "({{ dot }}), {{ noi_kiem_tra }} đề nghị {{ don_vi }} bổ sung các mục sau:"
    )
    paper.each("mot", "cac_muc", "{{ loop.index }}. {{ mot }}")
    paper.text("Hạn bổ sung: {{ han_bo_sung }}. Đây là yêu cầu lần thứ {{ lan_thu }}.")
    paper.either("ly_do_lan_sau", "Lý do chưa nêu ở lần trước: {{ ly_do_lan_sau }}")
    paper.text(
        "Phần hồ sơ được mở để sửa: {{ phan_duoc_sua }}. Quá hạn mà chưa bổ sung, hồ sơ được "
        "xét theo tài liệu đang có./."
    )
    paper.foot()
    return paper.done()


def khong_khen_thuong() -> bytes:
    """Why no award is given, with the clauses."""
    paper = TemplatePaper()
    paper.addressees()
    paper.text("Căn cứ {{ chuong_trinh }};", italic=True)
    paper.text(
        "Qua xem xét hồ sơ {{ ma_ho_so }} đề nghị tặng {{ hinh_thuc }} cho {{ ten }} "
        "({{ dot }}), ngày {{ ngay_ket_luan }} {{ nguoi_ket_luan }} đã kết luận không khen "
        "thưởng."
    )
    paper.text("Lý do: {{ ly_do }}")
    paper.control("if chua_dat")
    paper.text("Các điều kiện chưa đạt:")
    paper.repeated(
        (
            ("STT", 13, "{{ loop.index }}"),
            ("Điều kiện", 57, "{{ mot.dieu_kien }}"),
            ("Thực tế trong hồ sơ", 68, "{{ mot.thuc_te }}"),
            ("Theo mục", 27, "{{ mot.muc }}"),
        ),
        "mot",
        "chua_dat",
    )
    paper.text("")
    paper.control("endif")
    paper.text(
        "Nếu có ý kiến, đơn vị phản ánh bằng văn bản đến {{ noi_kiem_tra }} để được trả lời./."
    )
    paper.foot()
    return paper.done()


DRAWN: Final[dict[PaperKind, Callable[[], bytes]]] = {
    PaperKind.TO_TRINH: to_trinh,
    PaperKind.BIEN_BAN: bien_ban,
    PaperKind.BAO_CAO_TAP_THE: bao_cao_tap_the,
    PaperKind.BAO_CAO_CA_NHAN: bao_cao_ca_nhan,
    PaperKind.QUYET_DINH: quyet_dinh,
    PaperKind.PHIEU_TIEP_NHAN: phieu_tiep_nhan,
    PaperKind.YEU_CAU_BO_SUNG: yeu_cau_bo_sung,
    PaperKind.KHONG_KHEN_THUONG: khong_khen_thuong,
}


def draw_all() -> None:
    """Write every template into its place."""
    TEMPLATES.mkdir(exist_ok=True)
    for kind, draw in DRAWN.items():
        (TEMPLATES / f"{kind.value}.docx").write_bytes(draw())


if __name__ == "__main__":
    draw_all()
