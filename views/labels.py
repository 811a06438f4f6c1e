"""Words, tones and icons for everything the law has a code for. Codes inside, words here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from models.words_people import POSTS
from views import speaking
from views.formats import Words, _
from workflow.programme import Programme
from workflow.vocabulary import (
    PROGRESS,
    Action,
    Classification,
    CycleKind,
    DocumentKind,
    IndexKind,
    Outcome,
    RegistrationStatus,
    ReportAction,
    ReportKind,
    ReportState,
    RevocationGround,
    Role,
    ScoreKind,
    SigningCapacity,
    State,
    SubjectKind,
    UnitKind,
    VoteMethod,
)
from workflow.words import phrase


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark on a state: words, with a tone and a shape."""

    tone: str
    icon: str
    text: str


STATE: Final = Words(
    {
        State.REGISTERED: "Đã đăng ký",
        State.SUBMITTED: "Đã nộp",
        State.COUNCIL_REVIEWED: "Hội đồng đã xét",
        State.BOARD_CHECKED: "Ban TĐKT đã kiểm tra",
        State.DECIDED: "Đã quyết định",
        State.REJECTED: "Không khen thưởng",
        State.WITHDRAWN: "Đã rút",
        State.REVOKED: "Đã hủy bỏ quyết định",
    }
)

STATE_FLAG: Final = {
    State.REJECTED: Flag("bad", "x", phrase("Không khen thưởng")),
    State.WITHDRAWN: Flag("", "back", phrase("Đã rút")),
    State.REVOKED: Flag("bad", "x", phrase("Đã hủy bỏ quyết định")),
    State.DECIDED: Flag("ok", "ok", phrase("Đã quyết định")),
}

MILESTONE: Final = Words(
    {
        State.REGISTERED: "Hạn đăng ký",
        State.SUBMITTED: "Hạn nộp hồ sơ",
        State.COUNCIL_REVIEWED: "Hội đồng họp xét",
        State.BOARD_CHECKED: "Ban TĐKT kiểm tra xong",
        State.DECIDED: "Quyết định khen thưởng",
    }
)

ACTION: Final = Words(
    {
        Action.REGISTER: "Tiếp nhận đăng ký",
        Action.EDIT: "Sửa hồ sơ",
        Action.PRESENT: "Trình ký",
        Action.SUBMIT: "Nộp hồ sơ",
        Action.RECORD_COUNCIL_RESULT: "Ghi kết quả xét",
        Action.MARK_CHECK: "Kiểm từng mục",
        Action.CONFIRM_CHECK: "Xác nhận đã kiểm tra",
        Action.RECORD_RANKING: "Ghi xếp hạng của Hội đồng tỉnh",
        Action.DECIDE: "Ban hành quyết định",
        Action.RETRACT: "Đưa khỏi quyết định",
        Action.REQUEST_SUPPLEMENT: "Yêu cầu bổ sung",
        Action.SEND_SUPPLEMENT: "Gửi bổ sung",
        Action.GRANT_EXTENSION: "Cho gia hạn",
        Action.SUSPEND: "Tạm dừng tính thời hạn",
        Action.HOLD: "Tạm dừng",
        Action.RELEASE_HOLD: "Gỡ tạm dừng",
        Action.REJECT: "Không khen thưởng",
        Action.WITHDRAW: "Rút hồ sơ",
        Action.REVOKE: "Hủy bỏ quyết định",
    }
)

CONDITIONS_FOR: Final = Words(
    {
        Action.SUBMIT: "Điều kiện để nộp hồ sơ",
        Action.RECORD_COUNCIL_RESULT: "Điều kiện để Hội đồng xét",
        Action.CONFIRM_CHECK: "Điều kiện để xác nhận đã kiểm tra",
        Action.DECIDE: "Điều kiện để ban hành quyết định",
        Action.SEND_SUPPLEMENT: "Điều kiện để gửi bổ sung",
    }
)

DESTRUCTIVE: Final = frozenset({Action.REJECT, Action.WITHDRAW, Action.REVOKE, Action.RETRACT})

ROLE: Final = Words(
    {
        Role.CLERK: "Cán bộ lập hồ sơ",
        Role.UNIT_HEAD: "Thủ trưởng đơn vị",
        Role.COUNCIL_SECRETARY: "Thư ký Hội đồng",
        Role.COUNCIL_MEMBER: "Ủy viên Hội đồng",
        Role.RANKING_SECRETARY: "Thư ký Hội đồng TĐKT tỉnh",
        Role.APPRAISER: "Người thẩm định",
        Role.DECIDER: "Người quyết định",
        Role.SUPERIOR: "Cấp trên nhận đăng ký",
        Role.ADMINISTRATOR: "Quản trị",
        Role.AUDITOR: "Thanh tra, kiểm toán",
    }
)

POST: Final = POSTS

OUTCOME: Final = Words(
    {
        Outcome.MET: "Đạt",
        Outcome.NOT_MET: "Chưa đạt",
        Outcome.NOT_APPLICABLE: "Không áp dụng",
        Outcome.NOT_YET_KNOWN: "Chờ nguồn",
        Outcome.NOT_LOOKED_AT: "Chưa ai kiểm",
    }
)

SUBJECT: Final = Words(
    {
        SubjectKind.COLLECTIVE: "Tập thể",
        SubjectKind.INDIVIDUAL: "Cá nhân",
    }
)

CLASSIFICATION: Final = Words(
    {
        Classification.XUAT_SAC: "Xuất sắc",
        Classification.TOT: "Tốt",
        Classification.KHA: "Khá",
        Classification.TRUNG_BINH: "Trung bình",
        Classification.YEU: "Yếu",
    }
)

UNIT: Final = Words(
    {
        UnitKind.PROVINCE: "Tỉnh",
        UnitKind.DEPARTMENT: "Sở, ban, ngành",
        UnitKind.DISTRICT: "Huyện, thành phố",
        UnitKind.COMMUNE: "Xã, phường, thị trấn",
        UnitKind.DIVISION: "Phòng, đơn vị trực thuộc",
    }
)

CYCLE: Final = Words(
    {
        CycleKind.ANNUAL: "Hằng năm",
        CycleKind.MIDTERM: "Sơ kết",
        CycleKind.FINAL: "Tổng kết",
    }
)

DOCUMENT: Final = Words(
    {
        DocumentKind.TO_TRINH: "Tờ trình đề nghị khen thưởng",
        DocumentKind.BIEN_BAN: "Biên bản họp Hội đồng",
        DocumentKind.BAO_CAO_THANH_TICH: "Báo cáo thành tích",
        DocumentKind.CONG_NHAN_SANG_KIEN: "Quyết định công nhận sáng kiến",
        DocumentKind.QUYET_DINH: "Quyết định khen thưởng",
    }
)

INDEX: Final = Words(
    {
        IndexKind.PAR: "Chỉ số CCHC",
        IndexKind.SIPAS: "Chỉ số hài lòng",
    }
)

INDEX_UNIT: Final = Words({IndexKind.PAR: " điểm", IndexKind.SIPAS: "%"})

SCORE: Final = Words(
    {
        ScoreKind.SELF: "Tự chấm",
        ScoreKind.APPRAISED: "Đã thẩm định",
        ScoreKind.PUBLISHED: "Đã công bố",
    }
)

VOTE: Final = Words(
    {
        VoteMethod.SHOW_OF_HANDS: "Biểu quyết giơ tay",
        VoteMethod.SECRET_BALLOT: "Bỏ phiếu kín",
        VoteMethod.WRITTEN: "Lấy ý kiến bằng văn bản",
    }
)

CAPACITY: Final = Words(
    {
        SigningCapacity.SELF: "Ký trực tiếp",
        SigningCapacity.KT: "KT. (ký thay cấp trưởng)",
        SigningCapacity.TL: "TL. (thừa lệnh)",
        SigningCapacity.TUQ: "TUQ. (thừa ủy quyền)",
        SigningCapacity.TM: "TM. (thay mặt)",
    }
)

GROUND: Final = Words(
    {
        RevocationGround.FALSE_ACHIEVEMENT: "Gian dối trong kê khai thành tích",
        RevocationGround.FORGED_PAPERS: "Cung cấp thông tin sai sự thật hoặc làm giả giấy tờ",
        RevocationGround.UNLAWFUL_APPRAISAL: "Thẩm định, xét, duyệt trái pháp luật",
        RevocationGround.LATER_VIOLATION: "Vi phạm đến mức phải hủy bỏ theo quy định của pháp luật",
    }
)

REGISTRATION: Final = {
    RegistrationStatus.SENT: Flag("warn", "wait", phrase("Chờ tiếp nhận")),
    RegistrationStatus.ACKNOWLEDGED: Flag("ok", "ok", phrase("Đã tiếp nhận")),
    RegistrationStatus.REJECTED: Flag("bad", "x", phrase("Không tiếp nhận")),
    RegistrationStatus.WITHDRAWN: Flag("", "back", phrase("Đã rút")),
}

REPORT_KIND: Final = Words(
    {
        ReportKind.YEARLY: "Báo cáo năm",
        ReportKind.MIDTERM: "Báo cáo sơ kết",
        ReportKind.FINAL: "Báo cáo tổng kết",
    }
)

REPORT: Final = {
    ReportState.DUE: Flag("", "wait", phrase("Chưa gửi")),
    ReportState.FILED: Flag("info", "file", phrase("Đã gửi, chờ tiếp nhận")),
    ReportState.ACCEPTED: Flag("ok", "ok", phrase("Đã tiếp nhận")),
    ReportState.RETURNED: Flag("warn", "back", phrase("Trả lại")),
}

REPORT_ACTION: Final = Words(
    {
        ReportAction.SAVE: "lưu nháp báo cáo",
        ReportAction.FILE: "gửi báo cáo",
        ReportAction.ACCEPT: "tiếp nhận báo cáo",
        ReportAction.RETURN: "trả lại báo cáo",
    }
)

FIELD: Final[dict[str, str]] = Words(
    {
        "results": "Kết quả thực hiện",
        "shortcomings": "Tồn tại, nguyên nhân",
        "proposals": "Kiến nghị, đề xuất",
        "comment": "Lý do",
        "text": "Trao đổi",
        "reason": "Lý do",
        "award": "Hình thức khen thưởng",
        "profile_text": "I. Sơ lược đặc điểm, tình hình",
        "achievements_text": "II. Thành tích đạt được",
        "prior_awards_text": "III. Các hình thức đã được khen thưởng",
        "title": "Tên sáng kiến",
        "recognition_number": "Số quyết định công nhận",
        "recognised_by": "Cơ quan công nhận",
        "recognised_on": "Ngày công nhận",
        "held_on": "Ngày họp",
        "members": "Tổng số thành viên",
        "present": "Dự họp",
        "votes_for": "Đồng ý",
        "votes_against": "Không đồng ý",
        "votes_blank": "Ý kiến khác",
        "source": "Nguồn thông tin",
        "again": "Vì sao chưa nêu ở lần trước",
        "due": "Hạn bổ sung",
        "until": "Nộp đến hết ngày",
        "registered_on": "Ngày ký bản đăng ký",
        "number": "Số, ký hiệu",
        "dated": "Ngày ký",
        "signer": "Người ký",
        **{f"item-{number}": f"Mục cần bổ sung {number}" for number in range(1, 25)},
        **{f"note-{number}": f"Ghi chú {number}" for number in range(1, 13)},
    }
)
"""Labels of fields whose typed words come back on the page about a conflict."""


def step_number(state: State) -> int | None:
    """1 to 5 for a state of progress; None for another end."""
    return PROGRESS.index(state) + 1 if state in PROGRESS else None


def clause_text(ref: str) -> str:
    """Mục IV.1.b."""
    return _("Mục {ref}", ref=ref)


def clause_url(ref: str, of: Programme | None = None) -> str:
    """Where the clause stands in the text of this programme, else of the one the page is about."""
    return f"/van-ban{speaking.version(of)}#muc-{ref}"


def options(words: Words, codes: Iterable[Any]) -> list[dict[str, str]]:
    """Choices of a form, in the reader's language: ask at each request, not once."""
    return [{"value": code.value, "label": words[code]} for code in codes]
