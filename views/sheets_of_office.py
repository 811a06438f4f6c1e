"""The office's own lists as worksheets: people, powers lent, days, milestones, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from models.delegations import Shown as Delegated
from models.emergencies import Shown as Opened
from models.forecasting import Coming, Heard
from models.office_calendar import DayRow
from models.queries_staff import Listed
from models.reconciling import DayCount
from models.tables import OutgoingMessage
from views import formats, labels, labels_time, milestone_words, reminder_words
from views.formats import _, joined
from views.workbooks import Cell, Column, Sheet
from workflow.vocabulary import Action, Post
from workflow.words import phrase

PEOPLE = (
    Column(phrase("Mã"), 14),
    Column(phrase("Họ và tên"), 28),
    Column(phrase("Chức vụ"), 26),
    Column(phrase("Cơ quan"), 34),
    Column(phrase("Thư điện tử"), 28),
    Column(phrase("Vai trò theo đơn vị"), 50),
    Column(phrase("Tên đăng nhập"), 18),
    Column(phrase("Tài khoản"), 18),
    Column(phrase("Vào lần cuối"), 18, "moment"),
)
DELEGATIONS = (
    Column(phrase("Người giao"), 28),
    Column(phrase("Người nhận"), 28),
    Column(phrase("Từ ngày"), 13, "day"),
    Column(phrase("Đến hết ngày"), 13, "day"),
    Column(phrase("Phạm vi"), 34),
    Column(phrase("Các bước"), 44),
    Column(phrase("Lý do"), 40),
    Column(phrase("Người lập"), 28),
    Column(phrase("Tình trạng"), 16),
)
EMERGENCIES = (
    Column(phrase("Hồ sơ"), 15),
    Column(phrase("Tên"), 34),
    Column(phrase("Người xin"), 28),
    Column(phrase("Vai trò"), 24),
    Column(phrase("Số giờ"), 8, "whole"),
    Column(phrase("Lý do"), 44),
    Column(phrase("Xin lúc"), 18, "moment"),
    Column(phrase("Người trả lời"), 28),
    Column(phrase("Trả lời lúc"), 18, "moment"),
    Column(phrase("Hết lúc"), 18, "moment"),
    Column(phrase("Tình trạng"), 24),
)
DAYS = (
    Column(phrase("Ngày"), 13, "day"),
    Column(phrase("Thứ"), 24),
    Column(phrase("Loại"), 18),
    Column(phrase("Tên"), 34),
    Column(phrase("Nguồn"), 60),
)
MILESTONES = (
    Column(phrase("Đợt"), 28),
    Column(phrase("Áp dụng cho"), 28),
    Column(phrase("Mốc"), 28),
    Column(phrase("Hạn"), 18, "moment"),
    Column(phrase("Trước đó"), 14),
    Column(phrase("Ai đổi"), 60),
)
LETTERS = (
    Column(phrase("Ngày"), 13, "day"),
    Column(phrase("Đến hạn"), 10, "whole"),
    Column(phrase("Đã gửi"), 10, "whole"),
    Column(phrase("Không gửi, có lý do"), 12, "whole"),
    Column(phrase("Gửi không được"), 12, "whole"),
    Column(phrase("Đang chờ"), 10, "whole"),
    Column(phrase("Đối chiếu"), 26),
)
FAILED = (
    Column(phrase("Thư"), 40),
    Column(phrase("Người nhận"), 30),
    Column(phrase("Đến hạn lúc"), 20),
    Column(phrase("Lỗi"), 60),
)
FORECAST = (
    Column(phrase("Gửi lúc"), 18, "moment"),
    Column(phrase("Người nhận"), 30),
    Column(phrase("Về việc"), 24),
    Column(phrase("Vì sao"), 70),
    Column(phrase("Cách gửi"), 18),
)


PostsHeld = Mapping[int, Sequence[tuple[Post, str]]]
"""Posts by person, each with the name of its unit."""


def people(found: Iterable[tuple[Sequence[Listed], PostsHeld]]) -> Sheet:
    """People with their posts and accounts, by given name."""
    rows = (
        (
            one.person.code,
            one.person.full_name,
            one.person.position,
            one.employer,
            one.person.email,
            joined(
                (
                    _("{post}, {unit}", post=labels.POST[post], unit=unit)
                    for post, unit in posts.get(one.person.id, ())
                ),
                "; ",
            ),
            one.login,
            _account(one),
            one.last_seen,
        )
        for some, posts in found
        for one in some
    )
    return Sheet(_("Người dùng"), _("Danh sách người dùng"), PEOPLE, rows)


def _account(one: Listed) -> str:
    if not one.person.active:
        return _("Đã nghỉ")
    return {None: _("Chưa có tài khoản"), True: _("Tài khoản khóa"), False: _("Đang mở")}[
        one.disabled
    ]


def delegations(found: Iterable[tuple[Delegated, Mapping[str, object]]]) -> Sheet:
    """Powers lent, with the words the page has for scope and standing."""
    rows = (
        (
            one.giver,
            one.delegate,
            one.delegation.first_day,
            one.delegation.last_day,
            str(told["scope"]),
            joined(labels.ACTION[Action(each)] for each in one.delegation.actions),
            one.delegation.reason,
            one.made_by,
            str(told["status"]),
        )
        for one, told in found
    )
    return Sheet(_("Ủy quyền"), _("Ủy quyền xử lý hồ sơ"), DELEGATIONS, rows)


def emergencies(found: Iterable[tuple[Opened, str]]) -> Sheet:
    """Emergency accesses with their standing in words."""
    rows = (
        (
            one.code,
            one.subject,
            one.person,
            labels.ROLE[one.access.role],
            one.access.hours,
            one.access.reason,
            one.access.asked_at,
            one.answered_by,
            one.access.answered_at,
            one.access.expires_at,
            status,
        )
        for one, status in found
    )
    return Sheet(_("Khẩn cấp"), _("Truy cập khẩn cấp"), EMERGENCIES, rows)


def days(year: int, found: Iterable[DayRow]) -> Sheet:
    """Days that are not what their weekday says."""
    rows = (
        (one.date, formats.weekday(one.date), labels_time.DAY_KIND[one.kind], one.name, one.source)
        for one in found
    )
    return Sheet(
        _("Lịch nghỉ"), _("Ngày nghỉ và ngày làm bù"), DAYS, rows, (_("Năm {year}.", year=year),)
    )


def milestones(cycles: Iterable[Mapping[str, Any]]) -> Sheet:
    """Milestones of every cycle and tier, as `milestone_words.cycle_rows` tells them."""
    rows = (
        (
            cycle["label"],
            tier["tier"],
            labels.MILESTONE[state],
            datetime.fromisoformat(cell["iso"]),
            cell["was"],
            cell["who"],
        )
        for cycle in cycles
        for tier in cycle["tiers"]
        for state in milestone_words.STATES
        if (cell := tier[state.value])
    )
    return Sheet(_("Đợt và mốc"), _("Đợt và mốc của Chương trình"), MILESTONES, rows)


def letters(
    found: Iterable[DayCount], failed: Iterable[tuple[OutgoingMessage, str]]
) -> list[Sheet]:
    """Letters by day, and those given up."""
    rows = (
        (
            one.day,
            one.due,
            one.sent,
            one.suppressed,
            one.failed,
            one.waiting,
            _("Khớp") if one.holds else reminder_words.fault(one),
        )
        for one in found
    )
    told = (reminder_words.failed_row(*one) for one in failed)
    lost = ((one["what"], one["to"], one["day"], one["error"]) for one in told)
    return [
        Sheet(_("Theo ngày"), _("Đối chiếu thư nhắc"), LETTERS, rows),
        Sheet(_("Gửi không được"), _("Thư gửi không được"), FAILED, lost),
    ]


def forecast(found: Iterable[Coming], news: Iterable[Heard], span: tuple[date, date]) -> Sheet:
    """Who will get what, when and why."""
    first, last = (formats.day(day) for day in span)

    def rows() -> Iterable[Sequence[Cell]]:
        for heard in news:
            told = reminder_words.news_row(heard)
            yield (heard.leaves_at, told["to"], told["what"], told["why"], told["how"])
        for coming in found:
            told = reminder_words.coming_row(coming)
            yield (coming.leaves_at, told["to"], told["what"], told["why"], told["how"])

    return Sheet(
        _("Dự báo"),
        _("Dự báo thư nhắc"),
        FORECAST,
        rows(),
        (_("Từ {first} đến {last}.", first=first, last=last),),
    )
