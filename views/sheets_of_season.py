"""The season as worksheets: sessions, rankings, places, decisions, results, reports due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from models.caps import Move, PoolLine
from models.council_reading import SessionLine
from models.queries_deciding import DecisionLine
from models.queries_published import Result
from models.rankings import Contest, Snapshot
from models.report_queries import ReportLine
from models.tables import Dossier
from views import (
    council_desk,
    formats,
    labels,
    labels_council,
    places_words,
    quota_card,
    ranking_words,
    reports_words,
)
from views.formats import _
from views.workbooks import Cell, Column, Sheet
from workflow.councils.tally import ItemTally, Tally
from workflow.programme import Programme
from workflow.words import phrase

SESSIONS = (
    Column(phrase("Phiên"), 15),
    Column(phrase("Hội đồng"), 34),
    Column(phrase("Loại phiên"), 30),
    Column(phrase("Họp lúc"), 18, "moment"),
    Column(phrase("Hạn bỏ phiếu"), 18, "moment"),
    Column(phrase("Số hồ sơ"), 9, "whole"),
    Column(phrase("Thành viên"), 11, "whole"),
    Column(phrase("Đã gửi phiếu"), 11, "whole"),
    Column(phrase("Tình trạng"), 20),
)
TALLY = (
    Column(phrase("Hạng"), 7, "whole"),
    Column(phrase("Đồng hạng"), 11),
    Column(phrase("Mã hồ sơ"), 15),
    Column(phrase("Tên"), 34),
    Column(phrase("Đồng ý"), 9, "whole"),
    Column(phrase("Không đồng ý"), 9, "whole"),
    Column(phrase("Ý kiến khác"), 9, "whole"),
    Column(phrase("Không bỏ phiếu"), 9, "whole"),
    Column(phrase("Cần xác nhận lại"), 10, "whole"),
    Column(phrase("Hạng trung bình"), 11, "decimal"),
    Column(phrase("Kết luận"), 18),
)
POOLS = (
    Column(phrase("Đơn vị quyết định"), 34),
    Column(phrase("Hình thức"), 30),
    Column(phrase("Số lượng tối đa"), 11, "whole"),
    Column(phrase("Đã dùng"), 9, "whole"),
    Column(phrase("Giữ chỗ"), 9, "whole"),
    Column(phrase("Còn"), 9, "whole"),
    Column(phrase("Cách tính"), 34),
    Column(phrase("Căn cứ"), 18),
)
MOVES = (
    Column(phrase("Lúc"), 18, "moment"),
    Column(phrase("Việc"), 32),
    Column(phrase("Quyết định"), 20),
    Column(phrase("Hồ sơ"), 15),
    Column(phrase("Tên"), 34),
    Column(phrase("Dùng"), 8, "whole"),
    Column(phrase("Giữ chỗ"), 8, "whole"),
    Column(phrase("Người làm"), 26),
)
DECISIONS = (
    Column(phrase("Số, ký hiệu"), 20),
    Column(phrase("Ngày ký"), 13, "day"),
    Column(phrase("Người ký"), 30),
    Column(phrase("Đơn vị"), 34),
    Column(phrase("Hình thức"), 30),
    Column(phrase("Số hồ sơ"), 9, "whole"),
    Column(phrase("Công bố lúc"), 18, "moment"),
)
HONOURED = (
    Column("STT", 6, "whole"),
    Column(phrase("Mã hồ sơ"), 15),
    Column(phrase("Tên"), 36),
    Column(phrase("Đối tượng"), 12),
    Column(phrase("Tình trạng"), 20),
)
RESULTS = (
    Column(phrase("Đợt"), 22),
    Column(phrase("Tên"), 36),
    Column(phrase("Đối tượng"), 12),
    Column(phrase("Đơn vị"), 34),
    Column(phrase("Hình thức"), 34),
    Column(phrase("Quyết định"), 20),
    Column(phrase("Ngày quyết định"), 13, "day"),
    Column(phrase("Quyết định hủy bỏ"), 20),
    Column(phrase("Ngày hủy bỏ"), 13, "day"),
)
REPORTS = (
    Column(phrase("Mã báo cáo"), 17),
    Column(phrase("Đơn vị"), 36),
    Column(phrase("Báo cáo"), 34),
    Column(phrase("Năm"), 7, "whole"),
    Column(phrase("Hạn gửi"), 18, "moment"),
    Column(phrase("Tình trạng"), 20),
    Column(phrase("Quá hạn"), 10),
    Column(phrase("Gửi lúc"), 18, "moment"),
    Column(phrase("Người gửi"), 26),
    Column(phrase("Số báo cáo"), 18),
    Column(phrase("Ngày ký"), 13, "day"),
    Column(phrase("Số lần trả lại"), 9, "whole"),
)


def sessions(lines: Iterable[SessionLine]) -> Sheet:
    """Sessions of councils; who has sent is counted, what was voted is not here."""
    rows = (
        (
            one.session.code,
            one.unit,
            labels_council.KIND[one.session.kind],
            one.session.held_at,
            one.session.closes_at,
            one.dossiers,
            one.members,
            one.sent,
            council_desk.stage_words(one.session.state)["text"],
        )
        for one in lines
    )
    return Sheet(_("Phiên họp"), _("Các phiên họp Hội đồng"), SESSIONS, rows)


def tally(code: str, found: Tally) -> Sheet:
    """The figures of one counted session; never who voted how."""
    told = _(
        "Phiên {code}: {present}/{count} thành viên dự họp, cần {quorum}; đề "
        "nghị khen khi có {approvals} phiếu đồng ý.",
        code=code,
        present=found.present,
        count=found.members,
        quorum=found.quorum,
        approvals=found.approvals,
    )
    order = sorted(found.items, key=lambda one: (one.place is None, one.place or 0, one.item.code))
    return Sheet(
        _("Số phiếu"), _("Kết quả bỏ phiếu"), TALLY, [_tallied(one) for one in order], (told,)
    )


def _tallied(one: ItemTally) -> Sequence[Cell]:
    return (
        one.place,
        _("đồng hạng") if one.tied else "",
        one.item.code,
        one.item.subject_name,
        one.votes_for,
        one.votes_against,
        one.votes_other,
        one.recused,
        one.unconfirmed,
        one.mean_rank,
        _("Đề nghị khen") if one.approved else _("Không đề nghị"),
    )


def ranking(contest: Contest, seen: Snapshot) -> list[Sheet]:
    """One frozen ranking: its order with every figure, and who is not in it for which rule."""
    criteria = seen.ranking.criteria
    columns = [
        Column(_("Thứ"), 7, "whole"),
        Column(_("Mã hồ sơ"), 15),
        Column(_("Tên"), 34),
        Column(_("Đơn vị"), 30),
        *(Column(_titled(one.title, one.unit), 16, "decimal") for one in criteria),
        Column(_("Chỉ tiêu"), 22),
        Column(_("Ghi chú"), 18),
    ]
    rows = []
    for line in seen.content.lines:
        row = line.row
        places = seen.content.places is not None
        inside = ranking_words.INSIDE[row.inside][2] if places else ""
        note = "ngang nhau" if row.tied else _("đã phân định") if row.broken else ""
        figures: list[Decimal | None] = list(row.values)
        rows.append((row.place, row.code, line.name, line.unit, *figures, inside, note))
    told = (
        _(
            "{title}, {label}, {name}.",
            title=contest.award.title,
            label=contest.cycle.label,
            name=contest.unit.name,
        ),
        _(
            "Bảng số {number}, chốt {taken_at}, {taken_by}. {margin}",
            number=seen.number,
            taken_at=formats.stamp(seen.taken_at),
            taken_by=seen.taken_by,
            margin=ranking_words.margin(seen),
        ).strip(),
    )
    left = [
        (
            one.code,
            one.name,
            "\n".join(
                _("{text} ({ref})", text=why["text"], ref=why["ref"]) for why in told_of["why"]
            ),
        )
        for one in seen.content.left_out
        for told_of in (ranking_words.left_out(one),)
    ]
    columns_left = (Column(_("Mã hồ sơ"), 15), Column(_("Tên"), 36), Column(_("Vì sao"), 90))
    return [
        Sheet(_("Xếp hạng"), _("Bảng xếp hạng"), columns, rows, told),
        Sheet(_("Không xét"), _("Hồ sơ chưa đủ điều kiện xếp hạng"), columns_left, left, told[:1]),
    ]


def _titled(title: str, unit: str) -> str:
    return _("{title} ({unit})", title=title, unit=unit) if unit else title


def pools(lines: Iterable[PoolLine]) -> Sheet:
    """Places of one cycle, pool by pool."""
    rows = []
    for one in lines:
        quota = one.quota
        left = None if quota.cap is None else quota.cap - quota.used - quota.reserved
        card = quota_card.card(quota, one.table, one.award.short)
        figures = (quota.cap, quota.used, quota.reserved, left)
        rows.append((one.unit_name, one.award.short, *figures, card.sum_text, card.clause_ref))
    return Sheet(_("Chỉ tiêu"), _("Chỉ tiêu khen thưởng"), POOLS, rows)


def moves(line: PoolLine, found: Iterable[Move]) -> Sheet:
    """The ledger of one pool."""
    rows = (
        (
            one.at,
            places_words.what(one),
            one.number,
            one.code,
            one.subject,
            one.used,
            one.reserved,
            one.by or _("Hệ thống"),
        )
        for one in found
    )
    told = (
        _(
            "{short}, {label}, {unit_name}.",
            short=line.award.short,
            label=line.cycle.label,
            unit_name=line.unit_name,
        ),
    )
    return Sheet(_("Sổ chỉ tiêu"), _("Sổ chỉ tiêu"), MOVES, rows, told)


def decisions(lines: Iterable[DecisionLine], by_id: Mapping[str, Programme]) -> Sheet:
    """Signed decisions, those not yet published first."""
    titles = {
        (one.id, key): award.short
        for one in by_id.values()
        for key, award in one.award_by_id.items()
    }
    rows = (
        (
            one.decision.number,
            one.decision.dated,
            _(
                "{value} {signer}", value=one.decision.capacity.value, signer=one.decision.signer
            ).strip(),
            one.unit,
            titles.get((one.programme_id, one.award_form), one.award_form),
            one.count,
            one.decision.published_at,
        )
        for one in lines
    )
    return Sheet(_("Quyết định"), _("Quyết định khen thưởng đã ký"), DECISIONS, rows)


def honoured(line: DecisionLine, names: Iterable[Dossier]) -> Sheet:
    """The names of one decision, as its annex has them."""
    rows = (
        (
            number,
            one.code,
            one.subject_name,
            labels.SUBJECT[one.subject_kind],
            labels.STATE[one.state],
        )
        for number, one in enumerate(names, start=1)
    )
    told = (
        _(
            "Quyết định số {number} ngày {dated}.",
            number=line.decision.number,
            dated=formats.day(line.decision.dated),
        ),
    )
    return Sheet(_("Danh sách"), _("Danh sách kèm theo quyết định"), HONOURED, rows, told)


def results(
    found: Iterable[Result], known: Mapping[str, Programme], cycles: Mapping[str, str]
) -> Sheet:
    """Published awards, as everybody may see them."""

    def award(row: Result) -> str:
        form = known[row.programme_hash].award_by_id.get(row.award_form)
        return form.title if form else row.award_form

    rows = (
        (
            cycles.get(one.cycle_id, one.cycle_id),
            one.name,
            labels.SUBJECT[one.kind],
            one.unit,
            award(one),
            one.number,
            one.dated,
            one.revoked_number,
            one.revoked_on,
        )
        for one in found
    )
    return Sheet(_("Kết quả"), _("Kết quả khen thưởng đã công bố"), RESULTS, rows)


def reports(lines: Iterable[ReportLine], known: Mapping[str, Programme], now: datetime) -> Sheet:
    """Reports units owe, as the page lists them."""
    rows = (
        (
            one.report.code,
            one.unit,
            reports_words.title_of(one, known),
            one.report.year,
            one.report.due_at,
            labels.REPORT[one.report.state].text,
            _("quá hạn") if reports_words.group_of(one, now) == reports_words.OVERDUE else "",
            one.report.filed_at,
            one.filed_by,
            one.report.number,
            one.report.dated,
            one.report.rounds,
        )
        for one in lines
    )
    return Sheet(_("Báo cáo"), _("Báo cáo định kỳ của các đơn vị"), REPORTS, rows)
