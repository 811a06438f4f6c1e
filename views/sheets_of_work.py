"""Lists of work as worksheets: dossiers, registrations, the inbox, the queue of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from models.form_queries import RegistrationLine
from models.queries_dossiers import Row
from models.queries_holders import Holders
from models.who_could import Answer
from views import dossier_list, flags, labels
from views.formats import _, joined
from views.tasks import Task
from views.workbooks import Cell, Column, Sheet
from workflow.programme import Programme
from workflow.vocabulary import ENDS
from workflow.words import phrase

DOSSIERS = (
    Column(phrase("Mã hồ sơ"), 15),
    Column(phrase("Tên"), 34),
    Column(phrase("Đối tượng"), 12),
    Column(phrase("Đơn vị"), 30),
    Column(phrase("Đơn vị đề nghị"), 30),
    Column(phrase("Hình thức"), 26),
    Column(phrase("Đợt"), 22),
    Column(phrase("Bước"), 7, "whole"),
    Column(phrase("Trạng thái"), 20),
    Column(phrase("Vào trạng thái lúc"), 18, "moment"),
    Column(phrase("Cờ"), 26),
    Column(phrase("Đang giữ việc"), 30),
    Column(phrase("Hạn"), 18, "moment"),
)
REGISTRATIONS = (
    Column(phrase("Mã đăng ký"), 15),
    Column(phrase("Đối tượng"), 34),
    Column(phrase("Loại"), 12),
    Column(phrase("Đơn vị"), 30),
    Column(phrase("Cấp trên"), 30),
    Column(phrase("Số bản đăng ký"), 18),
    Column(phrase("Ngày ký"), 13, "day"),
    Column(phrase("Người gửi"), 24),
    Column(phrase("Gửi lúc"), 18, "moment"),
    Column(phrase("Tình trạng"), 18),
    Column(phrase("Người trả lời"), 24),
    Column(phrase("Tiếp nhận lúc"), 18, "moment"),
    Column(phrase("Lý do"), 34),
    Column(phrase("Hồ sơ"), 15),
)
TASKS = (
    Column(phrase("Việc"), 44),
    Column(phrase("Của ai, đợt nào"), 44),
    Column(phrase("Hạn"), 18, "moment"),
    Column(phrase("Còn lại"), 16),
    Column(phrase("Bước"), 7, "whole"),
    Column(phrase("Trạng thái"), 20),
    Column(phrase("Cờ"), 26),
    Column(phrase("Tình hình"), 34),
    Column(phrase("Làm gì tiếp"), 22),
)
WHO = (
    Column(phrase("Mã hồ sơ"), 15),
    Column(phrase("Tên"), 34),
    Column(phrase("Đơn vị"), 30),
    Column(phrase("Bước tiếp theo"), 26),
    Column(phrase("Có ai làm được"), 14),
    Column(phrase("Ai làm được"), 40),
    Column(phrase("Vì sao người khác không"), 60),
    Column(phrase("Cách xử lý"), 40),
)


def dossiers(
    batches: Iterable[tuple[Sequence[Row], Holders]], known: Mapping[str, Programme], now: datetime
) -> Sheet:
    """Every dossier of a list; `batches` are read while the sheet is written."""

    def rows() -> Iterator[Sequence[Cell]]:
        for found, holders in batches:
            for row in found:
                yield _dossier(row, known[row.dossier.programme_hash], holders, now)

    return Sheet(_("Hồ sơ"), _("Danh sách hồ sơ khen thưởng"), DOSSIERS, rows())


def _dossier(row: Row, programme: Programme, holders: Holders, now: datetime) -> Sequence[Cell]:
    one = row.dossier
    where = flags.standing(programme, one, row.terms)
    award = programme.award_by_id.get(one.award_form)
    marks = [] if one.state in ENDS else flags.flags(where, now)
    return (
        one.code,
        one.subject_name,
        labels.SUBJECT[one.subject_kind],
        row.unit,
        row.proposing_unit,
        award.short if award else _("Chưa chọn hình thức"),
        programme.cycle_by_id[one.cycle_id].label,
        labels.step_number(one.state),
        labels.STATE[one.state],
        one.entered_state_at,
        joined((flag.text for flag in marks), "; "),
        dossier_list.holder_words(row, where, holders),
        where.due,
    )


def registrations(lines: Iterable[RegistrationLine]) -> Sheet:
    """Registrations as the page lists them."""
    return Sheet(
        _("Đăng ký"),
        _("Danh sách đăng ký thi đua"),
        REGISTRATIONS,
        (_registration(one) for one in lines),
    )


def _registration(line: RegistrationLine) -> Sequence[Cell]:
    one = line.registration
    return (
        one.code,
        one.subject_name,
        labels.SUBJECT[one.subject_kind],
        line.unit,
        line.superior,
        one.number,
        one.registered_on,
        line.sent_by,
        one.sent_at,
        labels.REGISTRATION[one.status].text,
        line.answered_by,
        one.acknowledged_at,
        one.reason,
        line.dossier_code,
    )


def tasks(title: str, found: Iterable[Task]) -> Sheet:
    """Rows of an inbox, or of the queue of an appraiser."""
    return Sheet(_("Việc"), title, TASKS, (_task(one) for one in found))


def _task(one: Task) -> Sequence[Cell]:
    return (
        one.title,
        one.who,
        one.due,
        one.due_text,
        one.step_number,
        one.state_label,
        joined((flag.text for flag in one.flags), "; "),
        one.progress_text,
        one.button_label,
    )


def who_could(found: Iterable[tuple[Answer, Mapping[str, object]]]) -> Sheet:
    """Every open dossier with who could take its next step; `told` as the page words it."""
    rows = (
        (
            one.code,
            one.subject,
            one.unit,
            one.step.title,
            _("không") if one.alarm else _("có"),
            str(told["able"]),
            "\n".join(told["reasons"]) if isinstance(told["reasons"], list) else "",
            str(told["remedy"]),
        )
        for one, told in found
    )
    return Sheet(_("Ai xử lý được"), _("Ai làm được bước tiếp theo của mỗi hồ sơ"), WHO, rows)
