"""What each role has to do, as the help pages say it: a few steps, each with the page it is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workflow.vocabulary import Post, UnitKind
from workflow.words import phrase

if TYPE_CHECKING:
    from models.queries_people import Reader


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, how, and the page where it is done."""

    title: str
    text: str
    endpoint: str
    link: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide of one role; `picture` is a file under `static/help`, `alt` says what it shows."""

    name: str
    title: str
    lead: str
    picture: str
    alt: str
    steps: tuple[Step, ...]


INBOX: Final = phrase("Việc của tôi")
CLERK: Final = Guide(
    "can-bo",
    phrase("Cán bộ lập hồ sơ"),
    phrase("Bạn đăng ký, lập hồ sơ, trình thủ trưởng ký và bổ sung khi được yêu cầu."),
    "viec.webp",
    phrase("Trang Việc của tôi: việc gấp đứng trên, mỗi dòng một việc, một hạn, một nút."),
    (
        Step(
            phrase("Đăng ký đầu năm"),
            phrase(
                "Chọn tập thể hoặc cá nhân rồi gửi cấp trên tiếp nhận. Chưa được tiếp nhận thì "
                "chưa có hồ sơ."
            ),
            "registrations.new",
            phrase("Đăng ký thi đua"),
        ),
        Step(
            phrase("Lập hồ sơ"),
            phrase(
                "Mở hồ sơ, điền bốn phần: hình thức, báo cáo thành tích, sáng kiến, tài liệu. Làm "
                "đến đâu lưu đến đó."
            ),
            "inbox.show",
            INBOX,
        ),
        Step(
            phrase("Xem điều kiện trước khi trình"),
            phrase(
                "Trang hồ sơ liệt kê mọi điều kiện: hệ thống thấy gì, cách xử lý, căn cứ mục nào. "
                "Hết mục đỏ thì bấm “Trình ký”."
            ),
            "dossiers.index",
            phrase("Hồ sơ"),
        ),
        Step(
            phrase("Bổ sung một lần cho đủ"),
            phrase(
                "Yêu cầu bổ sung ghi hết các mục và một hạn. Sửa đúng phần được mở rồi bấm “Gửi "
                "bổ sung”."
            ),
            "inbox.show",
            INBOX,
        ),
        Step(
            phrase("Biết trước khi nào được nhắc"),
            phrase("Trang lịch và trang dự báo cho biết thư nào sẽ đến, ngày nào, vì việc gì."),
            "reminders.forecast",
            phrase("Dự báo nhắc việc"),
        ),
    ),
)
HEAD: Final = Guide(
    "thu-truong",
    phrase("Thủ trưởng đơn vị"),
    phrase("Bạn tiếp nhận đăng ký của cấp dưới, nộp hồ sơ của đơn vị và ký Giấy khen."),
    "ho-so.webp",
    phrase("Trang hồ sơ: năm bước, việc tiếp theo của ai, và từng điều kiện với căn cứ."),
    (
        Step(
            phrase("Tiếp nhận đăng ký"),
            phrase("Đăng ký gửi đến bạn nằm trong danh sách; tiếp nhận hoặc trả lại kèm lý do."),
            "registrations.index",
            phrase("Đăng ký"),
        ),
        Step(
            phrase("Nộp hồ sơ đã trình"),
            phrase(
                "Mở hồ sơ trong Việc của tôi, xem các điều kiện rồi bấm “Nộp hồ sơ”. Còn mục đỏ "
                "thì trang ghi rõ vì sao chưa nộp được."
            ),
            "inbox.show",
            INBOX,
        ),
        Step(
            phrase("Đặt số lượng Giấy khen"),
            phrase("Số tối đa của từng đợt do bạn đặt; không đặt là không giới hạn."),
            "places.index",
            phrase("Chỉ tiêu"),
        ),
        Step(
            phrase("Ban hành quyết định"),
            phrase(
                "Chọn hồ sơ, soát từng tên trên trang xác nhận, ghi số và ngày. Hệ thống soạn sẵn "
                "quyết định và danh sách."
            ),
            "deciding.index",
            phrase("Quyết định"),
        ),
        Step(
            phrase("Ủy quyền khi vắng"),
            phrase("Chọn người, từ ngày đến ngày. Việc làm thay ghi tên cả hai người."),
            "delegations.own",
            phrase("Ủy quyền khi vắng"),
        ),
    ),
)
SECRETARY: Final = Guide(
    "thu-ky",
    phrase("Thư ký Hội đồng"),
    phrase("Bạn mở phiên họp, đưa hồ sơ vào, thu phiếu, chốt phiên và soạn biên bản."),
    "phien.webp",
    phrase("Trang phiên họp: hồ sơ trong phiên, ai đã gửi phiếu, còn bao lâu."),
    (
        Step(
            phrase("Mở phiên họp"),
            phrase(
                "Chọn ngày họp, giờ đóng phiếu và hồ sơ đủ điều kiện; hồ sơ khác ghi rõ vì sao."
            ),
            "council_sessions.index",
            phrase("Hội đồng"),
        ),
        Step(
            phrase("Theo dõi phiếu"),
            phrase(
                "Trước khi đóng phiếu bạn chỉ thấy ai đã gửi. Phiếu giấy nhập hộ cần người thứ hai "
                "xác nhận."
            ),
            "council_sessions.index",
            phrase("Hội đồng"),
        ),
        Step(
            phrase("Chốt phiên"),
            phrase(
                "Trang tổng hợp kiểm số dự họp, tỷ lệ đồng ý và xếp hạng; chốt một lần ghi kết quả "
                "cho mọi hồ sơ của phiên."
            ),
            "council_sessions.index",
            phrase("Hội đồng"),
        ),
        Step(
            phrase("Yêu cầu bổ sung"),
            phrase("Hồ sơ thiếu thì ghi hết các mục trong một lần; hồ sơ giữ nguyên bước."),
            "inbox.show",
            INBOX,
        ),
    ),
)
MEMBER: Final = Guide(
    "uy-vien",
    phrase("Ủy viên Hội đồng"),
    phrase("Bạn bỏ phiếu và xếp hạng các hồ sơ của phiên họp trước giờ đóng phiếu."),
    "phieu.webp",
    phrase("Phiếu của tôi: hồ sơ đồng ý xếp theo hạng, vạch chỉ tiêu ở giữa."),
    (
        Step(
            phrase("Mở phiếu"),
            phrase("Phiếu đang mở nằm trên cùng của Việc của tôi, kèm giờ đóng."),
            "inbox.show",
            INBOX,
        ),
        Step(
            phrase("Chọn cho từng hồ sơ"),
            phrase(
                "Đồng ý, Không đồng ý hoặc Ý kiến khác kèm lý do. Trên máy tính dùng phím 1, 2, 3 "
                "khi đang ở dòng đó."
            ),
            "council_sessions.index",
            phrase("Hội đồng"),
        ),
        Step(
            phrase("Xếp hạng"),
            phrase("Đổi hạng bằng nút ▲▼ hoặc Alt và mũi tên. Hồ sơ dưới vạch không được đề nghị."),
            "council_sessions.index",
            phrase("Hội đồng"),
        ),
        Step(
            phrase("Gửi phiếu"),
            phrase("Soát lại rồi gửi. Sửa được đến giờ đóng phiếu; trước đó không ai thấy phiếu."),
            "inbox.show",
            INBOX,
        ),
    ),
)
APPRAISER: Final = Guide(
    "tham-dinh",
    phrase("Người thẩm định, Ban TĐKT"),
    phrase("Bạn đối chiếu từng điều với giấy tờ, yêu cầu bổ sung một lần và xác nhận."),
    "kiem-tra.webp",
    phrase("Trang kiểm tra: giấy tờ bên trái, điều phải đối chiếu bên phải."),
    (
        Step(
            phrase("Lấy hồ sơ gấp nhất"),
            phrase("Hàng đợi xếp theo hạn. Lưu xong một hồ sơ thì mở luôn hồ sơ kế tiếp."),
            "check.queue",
            phrase("Kiểm tra"),
        ),
        Step(
            phrase("Đối chiếu từng điều"),
            phrase(
                "Chọn Đạt, Chưa đạt hoặc Không áp dụng. Hệ thống chỉ sẵn chỗ hai giấy ghi khác "
                "nhau."
            ),
            "check.queue",
            phrase("Kiểm tra"),
        ),
        Step(
            phrase("Yêu cầu bổ sung đủ một lần"),
            phrase("Mọi mục trên một trang, một hạn. Lần thứ hai phải ghi vì sao chưa nêu."),
            "check.queue",
            phrase("Kiểm tra"),
        ),
        Step(
            phrase("Nhập kết quả công bố"),
            phrase("Nạp bảng chỉ số của năm, hoặc nhập tay và nhờ người thứ hai xác nhận."),
            "importing.index",
            phrase("Nạp bảng"),
        ),
        Step(
            phrase("Đôn đốc và báo cáo"),
            phrase("Xem đơn vị nào còn nợ báo cáo, hồ sơ nào chậm; thư nhắc gửi tự động."),
            "progress.index",
            phrase("Báo cáo"),
        ),
    ),
)
DECIDER: Final = Guide(
    "quyet-dinh",
    phrase("Người quyết định"),
    phrase("Bạn xem thứ tự, chọn trong chỉ tiêu, ban hành và công bố quyết định."),
    "quyet-dinh.webp",
    phrase("Trang quyết định: hồ sơ chờ ký theo từng hình thức."),
    (
        Step(
            phrase("Xem chỉ tiêu còn lại"),
            phrase("Phép tính ghi rõ: tỷ lệ nhân số đơn vị, đã dùng, đang giữ chỗ, còn lại."),
            "places.index",
            phrase("Chỉ tiêu"),
        ),
        Step(
            phrase("Xem thứ tự"),
            phrase("Hồ sơ cùng một chỉ tiêu được xếp theo tiêu chí công khai, kèm số liệu."),
            "ranking.index",
            phrase("Xếp hạng"),
        ),
        Step(
            phrase("Soạn danh sách trình ký"),
            phrase("Chọn hồ sơ; trang xác nhận nêu từng tên, và tên bị bỏ ra kèm lý do."),
            "deciding.index",
            phrase("Quyết định"),
        ),
        Step(
            phrase("Ban hành rồi công bố"),
            phrase(
                "Trước khi công bố còn sửa được số, ngày, danh sách; công bố rồi chỉ hủy bỏ theo "
                "căn cứ luật định."
            ),
            "deciding.index",
            phrase("Quyết định"),
        ),
    ),
)
ADMINISTRATOR: Final = Guide(
    "quan-tri",
    phrase("Quản trị hệ thống"),
    phrase("Bạn giữ cho đơn vị, người, vai trò, mốc ngày và bản quy tắc luôn đúng."),
    "quan-tri.webp",
    phrase("Trang quản trị: từng nhóm thiết lập và việc đang chờ."),
    (
        Step(
            phrase("Nạp đơn vị và người"),
            phrase("Bảng được thử trước: mọi dòng sai hiện ra một lần, chưa ghi gì."),
            "importing.index",
            phrase("Nạp bảng"),
        ),
        Step(
            phrase("Giao vai trò"),
            phrase("Vai trò có từ ngày đến ngày; vai trò lớn cần quản trị thứ hai đồng ý."),
            "people.index",
            phrase("Người dùng"),
        ),
        Step(
            phrase("Đặt mốc của đợt"),
            phrase("Trước khi lưu, trang cho biết hồ sơ nào sẽ thành quá hạn."),
            "milestones.show",
            phrase("Đợt và mốc"),
        ),
        Step(
            phrase("Xem nhật ký và bản sao"),
            phrase("Mọi thay đổi có tên, giờ, giá trị trước và sau; bản sao hỏng thì trang báo."),
            "audit_log.index",
            phrase("Nhật ký"),
        ),
    ),
)
AUDITOR: Final = Guide(
    "thanh-tra",
    phrase("Thanh tra, kiểm toán"),
    phrase("Bạn xem được tất cả và không đổi được gì; việc xem cũng được ghi."),
    "nhat-ky.webp",
    phrase("Trang nhật ký: ai, lúc nào, làm gì, trước và sau."),
    (
        Step(
            phrase("Tìm hồ sơ"),
            phrase("Lọc theo đợt, đơn vị, trạng thái; tải danh sách về bảng tính."),
            "dossiers.index",
            phrase("Hồ sơ"),
        ),
        Step(
            phrase("Đọc nhật ký"),
            phrase("Mỗi dòng có dấu niêm; trang cho biết chuỗi còn nguyên vẹn hay đứt ở đâu."),
            "audit_log.index",
            phrase("Nhật ký"),
        ),
        Step(
            phrase("Đối chiếu quy tắc"),
            phrase("Văn bản đặt cạnh điều kiện lập từ từng mục, và các diễn giải đã chọn."),
            "programme.show",
            phrase("Văn bản chương trình"),
        ),
    ),
)

GUIDES: Final = (CLERK, HEAD, SECRETARY, MEMBER, APPRAISER, DECIDER, ADMINISTRATOR, AUDITOR)
BY_POST: Final = {
    Post.CLERK: CLERK,
    Post.HEAD: HEAD,
    Post.DEPUTY_HEAD: HEAD,
    Post.COUNCIL_SECRETARY: SECRETARY,
    Post.COUNCIL_CHAIR: MEMBER,
    Post.COUNCIL_MEMBER: MEMBER,
    Post.APPRAISER: APPRAISER,
    Post.ADMINISTRATOR: ADMINISTRATOR,
    Post.AUDITOR: AUDITOR,
}
_HEADS: Final = frozenset({Post.HEAD, Post.DEPUTY_HEAD})


def guides_of(reader: Reader) -> tuple[Guide, ...]:
    """The guides of what somebody is, each once; at the province a head decides, nothing else."""
    found = (
        DECIDER
        if held.post in _HEADS and held.unit_kind is UnitKind.PROVINCE
        else BY_POST[held.post]
        for held in reader.posts
    )
    return tuple(dict.fromkeys(found))


def guide(name: str) -> Guide | None:
    """The guide with this name in its address."""
    return next((one for one in GUIDES if one.name == name), None)
