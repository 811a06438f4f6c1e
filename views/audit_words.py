"""What a line of the audit chain says was done, in words."""

from __future__ import annotations

from typing import Final

from models.tables import HistoryLine
from views import formats, labels
from views.formats import Words, _, joined
from workflow.vocabulary import Action, ReportAction, ReportState, Role, State
from workflow.words import phrase

ACCOUNTS: Final = Words(
    {
        "sign_in": "Đăng nhập",
        "sign_out": "Đăng xuất",
        "refuse_sign_in": "Đăng nhập không thành",
        "prove_again": "Xác nhận lại người dùng",
        "refuse_proof": "Xác nhận lại không thành",
        "add_factor": "Bật xác thực hai bước",
        "remove_factor": "Tắt xác thực hai bước",
        "reset_factor": "Quản trị đặt lại xác thực hai bước",
        "renew_recovery_codes": "Tạo mã dự phòng mới",
        "give_code": "Cấp mã dùng một lần",
        "use_code": "Đặt mật khẩu bằng mã",
        "refuse_code": "Mã dùng một lần không đúng",
        "refuse_code_request": "Xin mã cho tài khoản không có",
        "add_passkey": "Thêm khóa bảo mật",
        "remove_passkey": "Bỏ khóa bảo mật",
        "change_address": "Đổi thư công vụ",
        "link_identity": "Liên kết danh tính đăng nhập",
        "unlink_identity": "Bỏ liên kết danh tính",
        "end_session": "Kết thúc một phiên",
        "end_sessions": "Kết thúc các phiên",
    }
)
OFFICE: Final = Words(
    {
        "acknowledge": "Tiếp nhận đăng ký",
        "rejected": "Không tiếp nhận đăng ký",
        "withdrawn": "Rút đăng ký",
        "send_registration": "Gửi đăng ký",
        "import_registrations": "Nạp danh sách đăng ký",
        "import_nominees": "Nạp danh sách đề nghị",
        "import_scores": "Nạp kết quả chỉ số",
        "import_people": "Nạp người dùng",
        "import_units": "Nạp đơn vị",
        "import_successions": "Nạp kế thừa đơn vị",
        "import_calendar": "Nạp lịch nghỉ",
        "import_done": "Hoàn tất nạp bảng",
        "forget_spent": "Dọn phiên, mã và khóa biểu mẫu đã hết hạn lưu",
        "put_score": "Nhập điểm chỉ số",
        "type_score": "Gõ điểm lần một",
        "confirm_score": "Xác nhận điểm đã gõ",
        "withdraw_typed_score": "Rút điểm đã gõ",
        "appoint": "Giao vai trò",
        "relieve": "Kết thúc vai trò",
        "ask_post": "Đề nghị giao vai trò",
        "answer_post": "Trả lời đề nghị giao vai trò",
        "delegate": "Lập ủy quyền",
        "end_delegation": "Kết thúc ủy quyền",
        "ask_emergency": "Xin truy cập khẩn cấp",
        "answer_emergency": "Trả lời truy cập khẩn cấp",
        "end_emergency": "Đóng truy cập khẩn cấp",
        "create_account": "Mở tài khoản",
        "disable_account": "Khóa tài khoản",
        "enable_account": "Mở lại tài khoản",
        "change_password": "Đổi mật khẩu",
        "choose_language": "Chọn ngôn ngữ",
        "reset_password": "Đặt lại mật khẩu",
        "load_programme": "Nạp chương trình",
        "set_milestone": "Đổi mốc",
        "set_report_date": "Đổi hạn báo cáo",
        "set_calendar_day": "Ghi lịch nghỉ",
        "remove_calendar_day": "Bỏ ngày trong lịch nghỉ",
        "set_cap": "Đặt chỉ tiêu",
        "rank": "Chốt bảng xếp hạng",
        "break_tie": "Phân định hồ sơ ngang nhau",
        "put_on_list": "Đưa vào danh sách trình ký",
        "take_off_list": "Bỏ khỏi danh sách trình ký",
        "drop_list": "Bỏ danh sách trình ký",
        "commit_list": "Ban hành quyết định",
        "publish_decision": "Công bố quyết định",
        "correct_decision": "Sửa quyết định",
        "notify_decision": "Ghi nhận đã báo kết quả",
        "convene_session": "Lập phiên họp",
        "add_to_agenda": "Thêm vào chương trình phiên",
        "open_ballot": "Mở bỏ phiếu",
        "send_ballot": "Gửi phiếu",
        "close_ballot": "Đóng bỏ phiếu",
        "close_session": "Chốt phiên",
        "add_template": "Tải mẫu văn bản",
        "use_template": "Đổi mẫu đang dùng",
        "send_again": "Gửi lại thư",
        "open_calendar_feed": "Mở địa chỉ lịch",
        "revoke_calendar_feed": "Thu hồi địa chỉ lịch",
        "move_clock": "Đổi ngày hệ thống",
        "make_season": "Nhân rộng dữ liệu minh hoạ",
        "change": "Thay đổi dữ liệu",
        "changed_outside": "Thay đổi ngoài dịch vụ",
        "refuse": "Bị từ chối",
        "read_page": "Xem trang",
        "take_file": "Tải tệp",
        "read_audit_log": "Xem nhật ký",
        "take_evidence": "Lấy gói chứng cứ",
        "make_copy": "Sao lưu",
        "restore_copy": "Khôi phục từ bản sao lưu",
        "resume_sending": "Gửi thư trở lại sau khôi phục",
    }
)
DONE: Final = Words(
    {
        **{one.value: labels.ACTION[one] for one in Action},
        **{
            f"report_{one.value}": phrase(
                "Báo cáo: {report_action}", report_action=labels.REPORT_ACTION[one]
            )
            for one in ReportAction
        },
        **OFFICE,
        **ACCOUNTS,
    }
)
"""Everything by the name it is recorded under."""


STREAMS: Final = Words(
    {
        "office": "văn phòng",
        "council": "phiên họp Hội đồng",
        "account": "tài khoản",
        "door": "cửa đăng nhập",
        "person": "việc của một người",
        "system": "hệ thống",
    }
)


def done(action: str) -> str:
    """What was done; a name nobody has put into words stands as it is recorded."""
    return str(DONE.get(action, action))


def role(line: HistoryLine) -> str:
    """In which role, and for whom."""
    words = labels.ROLE[Role(line.role)] if line.role in set(Role) else line.role
    behalf = _("thay mặt {on_behalf}", on_behalf=line.on_behalf) if line.on_behalf else ""
    return joined(filter(None, (words, behalf)))


def states(line: HistoryLine) -> str:
    """From which state to which, where it moved."""
    if line.to_state is None or line.from_state == line.to_state:
        return ""
    after = _state(line.to_state)
    return (
        _("{state} → {after}", state=_state(line.from_state), after=after)
        if line.from_state
        else _("→ {after}", after=after)
    )


def _state(name: str) -> str:
    if name in set(ReportState):
        return formats.lower_first(labels.REPORT[ReportState(name)].text)
    return formats.lower_first(labels.STATE[State(name)]) if name in set(State) else name


def about(stream: str) -> str:
    """What a stream without a code of its own is about."""
    return str(STREAMS.get(stream.partition(":")[0].rstrip("0123456789"), stream))
