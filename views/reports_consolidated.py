"""The consolidated report for the province (V.3): as page, XLSX, DOCX and PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from models.folding import search_key
from models.report_summary import Summary, Totals, UnitSummary, summary_of, totals
from views import desk, documents, formats, labels, side_by_side, speaking
from views.formats import _
from views.papers.handing import answer
from views.reports_paper import consolidated_report
from views.reports_sheet import consolidated_sheet
from views.reports_words import filed_words
from views.workbooks import XLSX
from workflow.reports_due import is_overdue
from workflow.vocabulary import ReportKind
from workflow.words import phrase

NAMES: Final = {
    ReportKind.YEARLY: "BaoCao",
    ReportKind.MIDTERM: "SoKet",
    ReportKind.FINAL: "TongKet",
}
COLUMNS: Final = (
    {"key": "unit", "label": phrase("Đơn vị"), "head": True},
    {"key": "status", "label": phrase("Tình trạng")},
    {"key": "filed", "label": phrase("Ngày gửi")},
    {"key": "sent", "label": phrase("Đăng ký"), "num": True},
    {"key": "dossiers", "label": phrase("Hồ sơ"), "num": True},
    {"key": "awards", "label": phrase("Được khen"), "num": True},
    {"key": "par", "label": phrase("Chỉ số CCHC"), "num": True},
    {"key": "sipas", "label": phrase("Chỉ số hài lòng"), "num": True},
)


def show(report_id: str) -> ResponseReturnValue:
    """The table by unit, in its two groups, with sums and the units that did not report."""
    found = _summary(report_id)
    return render_template(
        "reports_due/consolidated.html",
        title=found.table.title,
        report_id=report_id,
        kind=labels.REPORT_KIND[found.table.kind],
        due=formats.day(found.table.due),
        clause_ref=labels.clause_text(found.table.clause),
        clause_href=labels.clause_url(found.table.clause),
        columns=COLUMNS,
        groups=[
            {
                "label": labels.UNIT[kind],
                "rows": [_row(unit, found) for unit in found.of_kind(kind)],
                "sums": _sums(totals(found.of_kind(kind), found.at)),
            }
            for kind in found.table.owed_by
        ],
        totals=found.totals,
        sums=_sums(found.totals),
        silent=[_row(unit, found) for unit in found.silent],
        at_text=formats.moment(found.at),
    )


def sheet(report_id: str) -> ResponseReturnValue:
    """The same as a workbook."""
    found = _summary(report_id)
    return documents.hand_out(BytesIO(consolidated_sheet(found)), XLSX, file_name(found, "xlsx"))


def paper(report_id: str, ending: str) -> ResponseReturnValue:
    """The same as a paper to be signed, in Word or as PDF."""
    found = _summary(report_id)
    name = file_name(found, ending).removesuffix(f".{ending}")
    return answer(consolidated_report(found, desk.today()), found.table.title, name, ending)


def file_name(found: Summary, ending: str) -> str:
    """HaGiang_BaoCao2023_TongHop_20231205.xlsx."""
    place = "".join(word.capitalize() for word in search_key(found.programme.place).split())
    what = f"{NAMES[found.table.kind]}{found.table.year}"
    day = f"{formats.local(found.at):%Y%m%d}"
    return f"{place}_{what}_TongHop_{day}.{ending}"


def _summary(report_id: str) -> Summary:
    with desk.reading() as db:
        found = summary_of(db, report_id, desk.now(), side_by_side.asked_for())
    speaking.speak_of(found.programme)
    return found


def _row(unit: UnitSummary, found: Summary) -> dict[str, Any]:
    report, figures = unit.line.report, unit.figures
    return {
        "unit": unit.line.unit,
        "url": url_for("reports_due.show", code=report.code),
        "flag": labels.REPORT[report.state],
        "late": is_overdue(report.state, report.due_at, found.at),
        "filed": filed_words(unit.line) or "–",
        "sent": figures.sent,
        "dossiers": figures.dossier_count,
        "awards": figures.award_count,
        "par": formats.decimal(figures.par) if figures.par is not None else "–",
        "sipas": f"{formats.decimal(figures.sipas)}%" if figures.sipas is not None else "–",
    }


def _sums(of: Totals) -> dict[str, Any]:
    return {
        "status": _("{reported}/{units} đã gửi", reported=of.reported, units=of.units),
        "filed": "",
        "sent": of.sent,
        "dossiers": of.dossiers,
        "awards": of.awards,
        "par": f"TB {formats.decimal(of.par)}" if of.par is not None else "–",
        "sipas": f"TB {formats.decimal(of.sipas)}%" if of.sipas is not None else "–",
    }
