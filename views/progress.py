"""Báo cáo: how the dossiers stand, as charts whose titles are what they found, and as tables.

`/bao-cao` shows every report, `/bao-cao/<report>` one; each is also a workbook (`tai=xlsx`), a Word
paper and a PDF to print. All count what the reader may see, under the conditions of the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import access
from models.deadlines import cycle_terms
from models.progress_conditions import AGES, OPEN
from models.progress_figures import Asked, cycles_seen, progress_of
from models.queries_dossiers import conditions_for, units_seen
from models.queries_turns import programmes
from views import desk, dossier_list, exporting, formats, labels, progress_paper
from views.formats import _
from views.papers.handing import answer
from views.progress_filters import age_key
from views.progress_ground import NAMES, OLD, Figure, Ground, Report
from views.progress_reports import all_reports
from views.workbooks import Sheet
from workflow.deadlines import WholeCycle, deadline_of
from workflow.programme import Cycle, Programme
from workflow.vocabulary import PROGRESS, State
from workflow.words import phrase
from workflow.working_days import office_day

pages = Blueprint("progress", __name__)

TITLE: Final = phrase("Báo cáo tiến độ")
SCOPE: Final = ("chuong-trinh", "dot", "don-vi", "doi-tuong", "hinh-thuc")
"""Filters a report has in common with the list of dossiers."""
UNITS_FIRST: Final = 8
"""Units shown among the other reports; all of them have a page of their own."""
PAGE: Final = 30
ONE: Final = "any({})".format(", ".join(f'"{name}"' for name in NAMES))
"""In an address: the name of one report."""
ENDINGS: Final = ("docx", "pdf")


@dataclass(frozen=True, slots=True)
class Made:
    """The reports of one request, with what narrows them."""

    ground: Ground
    reports: Mapping[str, Report]
    filters: list[dict[str, Any]]
    cycle: Cycle | None

    @property
    def scope(self) -> dict[str, Any]:
        """The filters as an address carries them."""
        return self.ground.scope


@pages.get("/bao-cao")
def index() -> ResponseReturnValue:
    """Every report on one page."""
    made = _made()
    if exporting.asked():
        return _workbook(made, list(made.reports.values()), TITLE)
    return render_template(
        "progress/index.html",
        **_frame(made, ""),
        reports=made.reports,
        reports_ways={name: _ways(made, name) for name in made.reports},
        kpis=_kpis(made.ground),
        tabs=_tabs(),
        shown_units=UNITS_FIRST,
    )


@pages.get(f"/bao-cao/<{ONE}:report>")
def show(report: str) -> ResponseReturnValue:
    """One report with its whole table."""
    name, made = report, _made()
    found = made.reports[name]
    if exporting.asked():
        return _workbook(made, [found], NAMES[name])
    number = min(dossier_list.page_number(request.args), _last(found))
    part = slice((number - 1) * PAGE, number * PAGE)
    bars = found.picture.get("bars", [])
    return render_template(
        "progress/show.html",
        **_frame(made, name),
        report=found,
        rows=found.rows[part],
        bars=bars[part],
        pages=_page_links(made, found, number),
        crumb_items=[
            {"label": TITLE, "url": url_for("progress.index", **made.scope)},
            {"label": NAMES[name], "url": ""},
        ],
    )


@pages.get("/bao-cao/<any(docx,pdf):ending>")
def paper(ending: str) -> ResponseReturnValue:
    """Every report as one paper, in Word or as PDF on A4."""
    return _paper("", ending)


@pages.get(f"/bao-cao/<{ONE}:report>/<any(docx,pdf):ending>")
def one_paper(report: str, ending: str) -> ResponseReturnValue:
    """One report as a paper."""
    return _paper(report, ending)


def _paper(name: str, ending: str) -> ResponseReturnValue:
    content, title = progress_paper.written(desk.me(), desk.now(), lambda: _chosen(name))
    file_name = exporting.file_name(title).removesuffix(".xlsx")
    return answer(content, title, file_name, ending)


def _chosen(name: str) -> progress_paper.Wanted:
    """What a paper is to hold; asked for inside it, so that it is worded in Vietnamese."""
    made = _made()
    title = NAMES[name] if name else str(TITLE)
    chosen = [made.reports[name]] if name else list(made.reports.values())
    return progress_paper.Wanted(title, _narrowed(made), chosen)


def _made() -> Made:
    """Read the filters, count everything in one look at the record, word what was found."""
    person_id, day, now = desk.me().person_id, desk.today(), desk.now()
    with desk.reading(at_length=True, as_one=True) as db:
        known = programmes(db)
        given = _given(db, known)
        wanted = dossier_list.wanted(given)
        conditions = conditions_for(db, person_id, day, wanted, known, now)
        found = progress_of(db, Asked(person_id, day, now, known, tuple(conditions.values())))
        every = dossier_list.filters(wanted, known, units_seen(db, person_id, day))
        cycle, deadlines = _cycle(db, known, given)
    scope: dict[str, Any] = {name: given[name] for name in SCOPE if name in given}
    ground = Ground(found, scope, known, day, deadlines)
    filters = [each for each in every if each["name"] in SCOPE and each["options"]]
    return Made(ground, all_reports(ground), filters, cycle)


def _given(db: Session, known: Mapping[str, Programme]) -> dict[str, str]:
    """The filters of the address; without a cycle, the latest begun one that has dossiers.

    An empty `dot` asks for all cycles.
    """
    given = {name: request.args[name] for name in SCOPE if request.args.get(name)}
    if "dot" in request.args:
        return given
    seen = cycles_seen(db, desk.me().person_id, desk.today())
    begun = [
        (cycle.registration_opens, number, one.id, cycle.id)
        for one in known.values()
        if given.get("chuong-trinh", one.id) == one.id
        for number, cycle in enumerate(one.cycles)
        if cycle.registration_opens <= desk.today() and (one.id, cycle.id) in seen
    ]
    if begun:
        given |= {"dot": max(begun)[-1]}
        if len({one.id for one in known.values()}) > 1:
            given |= {"chuong-trinh": max(begun)[-2]}
    return given


def _cycle(
    db: Session, known: Mapping[str, Programme], given: Mapping[str, str]
) -> tuple[Cycle | None, tuple[date, ...]]:
    """The cycle asked for, and the days by which its dossiers must be handed in."""
    for one in reversed(list(known.values())):
        cycle = one.cycle_by_id.get(given.get("dot", ""))
        if cycle is None or given.get("chuong-trinh", one.id) != one.id:
            continue
        terms = cycle_terms(db, one.id, cycle.id)
        awards = [given["hinh-thuc"]] if "hinh-thuc" in given else ["", *one.award_by_id]
        due = (
            deadline_of(one, WholeCycle(cycle.id, award, terms=terms), State.SUBMITTED)
            for award in awards
        )
        return cycle, tuple(sorted({office_day(each.instant, one.zone) for each in due if each}))
    return None, ()


def _frame(made: Made, name: str) -> dict[str, Any]:
    """What both pages show around their charts."""
    where = made.cycle.label if made.cycle else _("Mọi đợt")
    sub = _("{where}, số liệu lúc {now}", where=where, now=formats.moment(desk.now()))
    if not access.overseer(desk.me()):
        sub = _("{sub}; chỉ gồm hồ sơ bạn được xem", sub=sub)
    page: dict[str, Any] = {
        "title": NAMES[name] if name else TITLE,
        "sub": sub,
        "filters": made.filters,
        "action": url_for("progress.show", report=name) if name else url_for("progress.index"),
        "ways": _ways(made, name),
        "state_names": [labels.STATE[state] for state in PROGRESS],
    }
    if not made.ground.found.total:
        page["empty"] = _empty(made)
    return page


def _empty(made: Made) -> dict[str, Any]:
    """Why there is nothing, and the nearest way to something."""
    actions = [{"label": _("Xem mọi đợt"), "url": url_for("progress.index", dot="")}]
    if made.cycle is None:
        text = _("Hồ sơ được tính ở đây khi đăng ký thi đua được cấp trên tiếp nhận.")
        actions = [] if set(made.scope) <= {"dot"} else actions
        return {"title": _("Chưa có hồ sơ để báo cáo."), "text": text, "actions": actions}
    closes = formats.day(made.cycle.registration_closes)
    text = _("Hạn đăng ký của đợt: {closes}. Bỏ bớt bộ lọc, hoặc xem mọi đợt.", closes=closes)
    return {"title": _("Không có hồ sơ trong phạm vi này."), "text": text, "actions": actions}


def _kpis(ground: Ground) -> list[dict[str, Any]]:
    counts, late = ground.states(), ground.late()
    old = sum(one.count for one in ground.found.cells if one.age == OLD)
    return [
        {"figure": ground.figure(ground.found.total), "text": _("hồ sơ"), "hot": False},
        {
            "figure": ground.figure(sum(late[state] for state in OPEN), co="qua-han"),
            "text": _("hồ sơ quá hạn"),
            "hot": bool(late),
        },
        {
            "figure": ground.figure(old, cho=age_key(*AGES[OLD])),
            "text": _("hồ sơ chờ trên {days} ngày làm việc", days=AGES[OLD][0] - 1),
            "hot": False,
        },
        {
            "figure": ground.figure(counts[State.DECIDED], trang_thai=State.DECIDED.value),
            "text": _("hồ sơ đã có quyết định khen thưởng"),
            "hot": False,
        },
    ]


def _tabs() -> list[dict[str, Any]]:
    wanted = (("progress.index", TITLE), ("reports_due.index", phrase("Báo cáo định kỳ")))
    return [
        {"label": label, "url": url_for(name), "count": None, "current": name == request.endpoint}
        for name, label in wanted
    ]


def _ways(made: Made, name: str) -> dict[str, str]:
    """Where a report can be had: its page, workbook, Word paper and PDF."""
    if not name:
        here = url_for("progress.index", **made.scope)
        book = url_for("progress.index", **made.scope, tai="xlsx")
        papers = {each: url_for("progress.paper", ending=each, **made.scope) for each in ENDINGS}
        return {"url": here, "xlsx": book, **papers}
    return {
        "url": url_for("progress.show", report=name, **made.scope),
        "xlsx": url_for("progress.show", report=name, **made.scope, tai="xlsx"),
        **{
            each: url_for("progress.one_paper", report=name, ending=each, **made.scope)
            for each in ENDINGS
        },
    }


def _workbook(made: Made, reports: list[Report], name: str) -> ResponseReturnValue:
    """One sheet for each report; its finding stands above its table."""
    sheets = [
        Sheet(
            tab=NAMES[one.name],
            title=one.title,
            columns=one.columns,
            rows=[tuple(_cell(figure) for figure in row) for row in one.rows],
            told=[one.why, *([one.follow] if one.follow else [])],
        )
        for one in reports
    ]
    return exporting.hand_out(name, *sheets, filters=_narrowed(made))


def _cell(figure: Figure) -> Any:  # noqa: ANN401 - whatever a cell holds
    return figure.shown if figure.value is None else figure.value


def _narrowed(made: Made) -> dict[str, str]:
    return {label: text for label, text in dossier_list.narrowed("", made.filters).items() if text}


def _last(report: Report) -> int:
    return max(1, -(-len(report.rows) // PAGE))


def _page_links(made: Made, report: Report, number: int) -> dict[str, Any] | None:
    last = _last(report)
    if last == 1 or report.name != "don-vi":
        return None

    def at(wanted: int) -> str:
        turn: dict[str, Any] = {"trang": wanted} if wanted > 1 else {}
        return url_for("progress.show", report=report.name, **made.scope, **turn)

    return {
        "links": [
            {"number": each, "url": at(each), "current": each == number}
            for each in range(1, last + 1)
        ],
        "summary": _(
            "Đơn vị {first}–{end} trong {total}",
            first=(number - 1) * PAGE + 1,
            end=min(len(report.rows), number * PAGE),
            total=formats.number(len(report.rows)),
        ),
        "previous": at(number - 1) if number > 1 else None,
        "next": at(number + 1) if number < last else None,
    }
