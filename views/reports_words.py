"""Reports of units as pages show them: rows, groups, figures, what has happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import url_for

from models.evaluations import from_json
from models.queries_history import Line
from models.report_book import OpenedReport
from models.report_figures import ReportFigures
from models.report_queries import ReportLine
from views import formats, labels
from views.formats import _
from views.forms import day_text
from views.side_by_side import Choice
from views.timeline import Entry
from workflow.programme import Programme, ReportTable
from workflow.reports_due import ReportText, is_overdue, owes
from workflow.vocabulary import ReportAction, ReportState, Role, State
from workflow.words import phrase

OVERDUE: Final = "qua-han"
GROUPS: Final = (
    (OVERDUE, phrase("Quá hạn"), "late"),
    (ReportState.FILED.value, phrase("Chờ tiếp nhận"), "soon"),
    (ReportState.RETURNED.value, phrase("Trả lại, chờ gửi lại"), "soon"),
    (ReportState.DUE.value, phrase("Chưa gửi"), "later"),
    (ReportState.ACCEPTED.value, phrase("Đã tiếp nhận"), "later"),
)
"""Overdue ones first, whatever their state; then what somebody must act on."""

_PROGRESS: Final = (
    ("making", phrase("Đang lập"), (State.REGISTERED,)),
    (
        "examined",
        phrase("Đang xét"),
        (State.SUBMITTED, State.COUNCIL_REVIEWED, State.BOARD_CHECKED),
    ),
    ("awarded", phrase("Được khen"), (State.DECIDED,)),
    ("ended", phrase("Kết thúc khác"), (State.REJECTED, State.WITHDRAWN, State.REVOKED)),
)


def title_of(line: ReportLine, known: Mapping[str, Programme]) -> str:
    """The report's title in the version it stands under."""
    return table_of(line, known).title


def table_of(line: ReportLine, known: Mapping[str, Programme]) -> ReportTable:
    """What the programme says of this report."""
    return known[line.report.programme_hash].report_by_id[line.report.report_id]


def group_of(line: ReportLine, now: datetime) -> str:
    """Which group of the list a report stands in."""
    late = is_overdue(line.report.state, line.report.due_at, now)
    return OVERDUE if late else line.report.state.value


def row(line: ReportLine, known: Mapping[str, Programme], now: datetime) -> dict[str, Any]:
    """One report in a list."""
    report = line.report
    flag = labels.REPORT[report.state]
    late = is_overdue(report.state, report.due_at, now)
    return {
        "code": report.code,
        "url": url_for("reports_due.show", code=report.code),
        "unit": line.unit,
        "title": title_of(line, known),
        "kind": labels.REPORT_KIND[table_of(line, known).kind],
        "year": report.year,
        "due": formats.day(report.due_on),
        "left": formats.relative(report.due_on, formats.local(now).date())
        if owes(report.state)
        else "",
        "late": late,
        "flag": flag,
        "rounds": report.rounds,
        "filed": filed_words(line),
        "button": button(report.state, drafted=report.version > 1),
    }


def button(state: ReportState, *, drafted: bool) -> str:
    """The verb on the button of a unit's own report."""
    if state is ReportState.RETURNED:
        return _("Sửa và gửi lại")
    if state is ReportState.DUE:
        return _("Soạn tiếp") if drafted else _("Soạn báo cáo")
    return _("Xem báo cáo")


def filed_words(line: ReportLine) -> str:
    """When it was filed, and whether that was in time."""
    report = line.report
    if report.filed_at is None or owes(report.state):
        return ""
    late = _(" (sau hạn)") if report.filed_at > report.due_at else ""
    return f"{formats.day(report.filed_at)}{late}"


def groups(
    lines: Iterable[ReportLine], known: Mapping[str, Programme], now: datetime
) -> list[dict[str, Any]]:
    """The list in its groups, without the empty ones."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        rows.setdefault(group_of(line, now), []).append(row(line, known, now))
    return [
        {"id": f"nhom-{name}", "label": label, "tone": tone, "rows": rows[name]}
        for name, label, tone in GROUPS
        if name in rows
    ]


def counts(lines: Iterable[ReportLine], now: datetime) -> list[dict[str, Any]]:
    """How many are accepted, waiting, still owed and overdue; each a way into the list."""
    found = list(lines)
    states = Counter(line.report.state for line in found)
    late = sum(group_of(line, now) == OVERDUE for line in found)
    owed = states[ReportState.DUE] + states[ReportState.RETURNED]
    shown = (
        (_("Đã tiếp nhận"), states[ReportState.ACCEPTED], ReportState.ACCEPTED.value),
        (_("Chờ tiếp nhận"), states[ReportState.FILED], ReportState.FILED.value),
        (_("Chưa gửi hoặc bị trả lại"), owed, "con-no"),
        (_("Quá hạn"), late, OVERDUE),
    )
    return [
        {"label": label, "count": count, "value": value, "hot": value == OVERDUE and count > 0}
        for label, count, value in shown
    ]


def chosen(lines: Iterable[ReportLine], wanted: str, now: datetime) -> list[ReportLine]:
    """The reports of one state, the overdue ones, or all."""
    if wanted == OVERDUE:
        return [line for line in lines if group_of(line, now) == OVERDUE]
    if wanted == "con-no":
        return [line for line in lines if owes(line.report.state)]
    return [line for line in lines if wanted in {"", line.report.state.value}]


def narrowed(report_id: str, state: str, choice: Choice) -> dict[str, str]:
    """The filters in use as the page names them."""
    states = {name: label for name, label, _ in GROUPS} | {"con-no": _("Chưa gửi hoặc bị trả lại")}
    cycles = {cycle.id: cycle.label for one in choice.chosen for cycle in one.cycles}
    return {
        _("Kỳ"): report_id,
        _("Tình trạng"): states.get(state, ""),
        _("Đợt"): cycles.get(choice.cycle_id, ""),
    }


def known_figures(figures: ReportFigures) -> list[tuple[str, str]]:
    """What the service knows, as pairs."""
    par = (
        _("{par} điểm", par=formats.decimal(figures.par))
        if figures.par is not None
        else _("chưa công bố")
    )
    if figures.par_class is not None:
        par += _(
            ", xếp loại {classification}", classification=labels.CLASSIFICATION[figures.par_class]
        )
    sipas = f"{formats.decimal(figures.sipas)}%" if figures.sipas is not None else _("chưa công bố")
    return [
        (_("Đăng ký thi đua đã gửi"), formats.number(figures.sent)),
        (_("Đăng ký được tiếp nhận"), formats.number(figures.acknowledged)),
        (_("Hồ sơ khen thưởng"), formats.number(figures.dossier_count)),
        (_("Được khen thưởng"), formats.number(figures.award_count)),
        (_("Chỉ số CCHC của năm"), par),
        (_("Chỉ số hài lòng của năm"), sipas),
    ]


def award_rows(figures: ReportFigures, programme: Programme) -> list[dict[str, Any]]:
    """Dossiers by form of award, with how far they are."""
    found = []
    for award, states in figures.awards().items():
        form = programme.award_by_id.get(award)
        counted = {key: sum(states[one] for one in of) for key, _, of in _PROGRESS}
        name = form.short if form else _("Chưa chọn hình thức")
        found.append({"award": name, "all": states.total(), **counted})
    return found


def award_columns() -> list[dict[str, Any]]:
    """The columns of that table."""
    return [
        {"key": "award", "label": _("Hình thức"), "head": True},
        {"key": "all", "label": _("Hồ sơ"), "num": True},
        *({"key": key, "label": label, "num": True} for key, label, _ in _PROGRESS),
    ]


def happened(lines: Iterable[Line]) -> list[Entry]:
    """What has happened to a report, newest first."""
    return [_entry(line) for line in lines]


def _entry(line: Line) -> Entry:
    name = line.action.removeprefix("report_")
    words = labels.REPORT_ACTION[ReportAction(name)] if name in set(ReportAction) else name
    role = labels.ROLE[Role(line.role)] if line.role in set(Role) else ""
    told = from_json(line.told)
    told = told if isinstance(told, dict) else {}
    late = _(" sau hạn") if told.get("late") and name == ReportAction.FILE.value else ""
    file = told.get("file")
    brought = _(", kèm tệp {name}", name=file["name"]) if isinstance(file, dict) else ""
    said = f"{words}{late}{brought}"
    return Entry(
        at=line.at,
        actor=line.actor,
        text=_("({role}) {said}", role=formats.lower_first(role), said=said) if role else said,
        said=str(told.get("comment") or ""),
        is_key=line.moved,
    )


def about(line: ReportLine, opened: OpenedReport, now: datetime) -> dict[str, Any]:
    """What the page of one report says of it, besides form and figures."""
    report, facts = line.report, opened.facts
    told: list[tuple[str, ...]] = [
        (_("Đơn vị"), line.unit),
        (_("Hạn gửi"), formats.moment(report.due_at)),
        (
            _("Căn cứ"),
            facts.table.title,
            labels.clause_text(facts.table.clause),
            labels.clause_url(facts.table.clause),
        ),
    ]
    if report.number:
        told.append((_("Số báo cáo"), report.number))
    if report.dated:
        told.append((_("Ngày ký"), formats.day(report.dated)))
    if report.filed_at is not None:
        told.append(
            (
                _("Gửi lúc"),
                _(
                    "{filed_at}, {filed_by}",
                    filed_at=formats.stamp(report.filed_at),
                    filed_by=line.filed_by,
                ),
            )
        )
    if report.rounds:
        told.append((_("Số lần trả lại"), str(report.rounds)))
    return {
        "flag": labels.REPORT[report.state],
        "facts": told,
        "late": is_overdue(report.state, report.due_at, now),
        "owed": owes(report.state),
        "due_left": formats.relative(report.due_on, formats.local(now).date()),
        "reason": report.reason if report.state is ReportState.RETURNED else "",
        "quote": facts.table.quote,
        "clause_ref": labels.clause_text(facts.table.clause),
        "clause_href": labels.clause_url(facts.table.clause),
        "text": facts.text,
        "report_id": report.report_id,
    }


def stored(text: ReportText) -> dict[str, str]:
    """What the fields of the form show."""
    return {
        "results": text.results,
        "shortcomings": text.shortcomings,
        "proposals": text.proposals,
        "number": text.number,
        "dated": day_text(text.dated),
    }
