"""Words for council sessions: kinds, stages, votes, attendance, what was done."""

from __future__ import annotations

from typing import Final

from views.formats import Words
from views.labels import Flag
from workflow.vocabulary import Attendance, SessionKind, SessionState, Vote
from workflow.words import phrase

KIND: Final = Words(
    {
        SessionKind.UNIT_COUNCIL: "Hội đồng của đơn vị xét, đề nghị khen",
        SessionKind.PROVINCIAL_RANKING: "Hội đồng TĐKT tỉnh xếp hạng",
    }
)

STATE: Final = {
    SessionState.PREPARING: Flag("", "wait", phrase("Đang chuẩn bị")),
    SessionState.OPEN: Flag("council", "wait", phrase("Đang bỏ phiếu")),
    SessionState.COUNTING: Flag("warn", "alert", phrase("Đã đóng bỏ phiếu, chờ chốt")),
    SessionState.CLOSED: Flag("ok", "ok", phrase("Đã chốt")),
    SessionState.CANCELLED: Flag("bad", "x", phrase("Đã hủy")),
}

VOTE: Final = Words(
    {
        Vote.YES: "Đồng ý",
        Vote.NO: "Không đồng ý",
        Vote.OTHER: "Ý kiến khác",
    }
)

NUMBER: Final = {"1": Vote.YES, "2": Vote.NO, "3": Vote.OTHER}
"""The keys of a ballot: what the buttons post."""

ATTENDANCE: Final = Words(
    {
        Attendance.PRESENT: "Dự họp",
        Attendance.WRITTEN: "Vắng, gửi ý kiến bằng văn bản",
        Attendance.ABSENT: "Vắng",
    }
)

GIVEN: Final = {one.value: one for one in Attendance}

DONE: Final[dict[str, str]] = Words(
    {
        "convene_session": "lập phiên",
        "arrange_session": "sửa thời gian, địa điểm",
        "add_to_agenda": "thêm hồ sơ vào chương trình",
        "take_off_agenda": "đưa hồ sơ khỏi chương trình",
        "move_on_agenda": "sắp lại chương trình",
        "note_presence": "ghi dự họp",
        "open_ballot": "mở bỏ phiếu",
        "close_ballot": "đóng bỏ phiếu",
        "cancel_session": "hủy phiên",
        "send_ballot": "gửi phiếu",
        "type_paper_ballot": "nhập một phiếu giấy",
        "check_paper_ballot": "kiểm một phiếu giấy",
        "refuse_closing": "chốt phiên chưa được",
        "close_session": "chốt phiên, ghi kết quả",
    }
)
