"""Quản trị: where an administrator starts, and who could take every next step now."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.queries_staff import posts_asked
from models.queries_turns import programmes
from models.stuck import stuck_count, stuck_dossiers
from models.who_could import Answer, who_could
from views import backups, checkpoints, desk, exporting, formats, labels, sheets_of_work
from views.formats import _, joined
from views.navigation import address
from workflow.decisions import Judgement
from workflow.words import phrase

pages = Blueprint("administration", __name__)

ROOMS = (
    (
        "people.index",
        phrase("Người dùng"),
        phrase("Tìm người, vai trò theo đơn vị, bổ nhiệm, bàn giao việc."),
    ),
    ("delegations.everybody", phrase("Ủy quyền"), phrase("Ai xử lý thay ai, từ ngày đến ngày.")),
    (
        "administration.who",
        phrase("Ai xử lý được"),
        phrase("Mỗi hồ sơ đang chờ: ai làm được bước tiếp theo."),
    ),
    ("audit_log.index", phrase("Nhật ký"), phrase("Ai đã làm gì, lúc nào; lọc và tải Excel.")),
    (
        "checkpoints.show",
        phrase("Mốc nhật ký"),
        phrase("Kiểm mã trên giấy, khóa công khai, nơi giữ bên ngoài."),
    ),
    (
        "backups.index",
        phrase("Sao lưu"),
        phrase("Bản sao lưu gần nhất, đã soát chưa; thư chờ sau khi khôi phục."),
    ),
    (
        "emergencies.index",
        phrase("Truy cập khẩn cấp"),
        phrase("Xin và mở quyền tạm cho một hồ sơ."),
    ),
    (
        "erasures.index",
        phrase("Xóa dữ liệu cá nhân"),
        phrase("Đề nghị và đồng ý xóa theo luật; cần hai người."),
    ),
    ("milestones.show", phrase("Đợt và mốc"), phrase("Ngày của từng đợt, ai trễ khi đổi.")),
    ("working_calendar.show", phrase("Lịch nghỉ"), phrase("Ngày nghỉ, ngày làm bù.")),
    (
        "units.index",
        phrase("Đơn vị"),
        phrase("Tìm đơn vị, cấp trên, thời gian hiệu lực; nạp và tải Excel."),
    ),
    (
        "importing.index",
        phrase("Nạp bảng"),
        phrase("Nạp chỉ số, người dùng, đơn vị từ Excel: xem trước rồi ghi."),
    ),
    (
        "paper_templates.index",
        phrase("Mẫu văn bản"),
        phrase("Mẫu Word của mọi văn bản: sửa, thử, đưa vào dùng."),
    ),
    ("office.clock", phrase("Ngày hệ thống"), phrase("Chỉ trong bản minh hoạ.")),
)
MOST = 300


@pages.get("/quan-tri")
def index() -> ResponseReturnValue:
    """The rooms of an administrator, and what waits there."""
    with desk.reading() as db:
        # Counted by the clock: to look now would read everybody and every open dossier.
        known = stuck_count(db)
        stuck = len(stuck_dossiers(db, desk.now())) if known is None else known
        asked = len(posts_asked(db))
    rooms = [
        {"url": url, "label": label, "text": text}
        for endpoint, label, text in ROOMS
        if (url := address(endpoint))
    ]
    return render_template(
        "people/administration.html",
        rooms=rooms,
        stuck=stuck,
        asked=asked,
        warnings=checkpoints.front_page_warnings(),
        copies=backups.warnings(),
    )


@pages.get("/quan-tri/ai-xu-ly")
def who() -> ResponseReturnValue:
    """Who could act now, for every open dossier; those with nobody first."""
    programme, cycle = request.args.get("chuong-trinh", ""), request.args.get("dot", "")
    only_alarms = request.args.get("chi") == "bao-dong"
    with desk.reading() as db:
        known = programmes(db)
        found = who_could(db, desk.now())
    kept = [
        one
        for one in found
        if (not programme or one.programme_id == programme)
        and (not cycle or one.cycle_id == cycle)
        and (not only_alarms or one.alarm)
    ]
    kept.sort(key=lambda one: (not one.alarm, one.code))
    titles = {each.id: each.title for each in known.values()}
    cycles = {
        cycle.id: cycle.label
        for each in known.values()
        if not programme or each.id == programme
        for cycle in each.cycles
    }
    if exporting.asked():
        told = {_("Chương trình"): titles.get(programme, ""), _("Đợt"): cycles.get(cycle, "")}
        sheet = sheets_of_work.who_could((one, row(one)) for one in kept)
        return exporting.hand_out(_("Ai xử lý được"), sheet, filters=told)
    return render_template(
        "people/who.html",
        rows=[row(one) for one in kept[:MOST]],
        total=len(kept),
        most=MOST,
        stuck=sum(one.alarm for one in kept),
        programmes=[{"value": key, "label": words} for key, words in sorted(titles.items())],
        cycles=[{"value": key, "label": words} for key, words in sorted(cycles.items())],
        programme=programme,
        cycle=cycle,
        only_alarms=only_alarms,
    )


def row(one: Answer) -> dict[str, Any]:
    """One dossier as the list shows it."""
    return {
        "code": one.code,
        "url": url_for("dossiers.show", code=one.code),
        "subject": one.subject,
        "step": one.step.title,
        "alarm": one.alarm,
        "able": able_words(one),
        "reasons": reasons(one),
        "remedy": remedy(one),
    }


def able_words(one: Answer) -> str:
    """Up to three names, and how many more."""
    names = list(dict.fromkeys(signed(verdict) for verdict in one.able))
    more = _(" và {count} người khác", count=len(names) - 3) if len(names) > 3 else ""  # noqa: PLR2004 - three
    return joined(names[:3]) + more


def signed(verdict: Judgement) -> str:
    """The name, for whom, or under which emergency."""
    actor = verdict.actor
    emergency = actor.acting is not None and actor.principal is None
    return _("{signature} (khẩn cấp)", signature=actor.signature) if emergency else actor.signature


def reasons(one: Answer) -> list[str]:
    """Why nobody is left: the post is vacant, each holder's conflict, what ran out."""
    if not one.alarm:
        return []
    found = [
        formats.sentence(verdict.blocking[0].finding.evidence[0].text) for verdict in one.unable
    ]
    found += [
        _("{name} giữ vai trò nhưng chưa có tài khoản, hoặc tài khoản đang khóa.", name=name)
        for name in one.locked_out
    ]
    if not found:
        roles = joined(
            (formats.lower_first(labels.ROLE[role]) for role in one.step.by), _(" hoặc ")
        )
        found.append(_("Chưa có ai giữ vai trò {roles} ở đơn vị của bước này.", roles=roles))
    return found + [_("Đã hết hạn: {words}.", words=words) for words in one.expired]


def remedy(one: Answer) -> str:
    """What an administrator can do about it."""
    if not one.alarm:
        return ""
    if one.unable:
        return _(
            "Bổ nhiệm hoặc ủy quyền cho người không liên quan; gấp thì hai người mở "
            "truy cập khẩn cấp."
        )
    if one.locked_out:
        return _(
            "Cấp hoặc mở lại tài khoản cho người giữ vai trò, hoặc lập ủy quyền cho "
            "người có tài khoản."
        )
    return _("Bổ nhiệm người vào vai trò còn trống, hoặc người giữ vai trò lập ủy quyền.")
