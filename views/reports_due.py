"""Reports units owe: the list, the form of one, its answer by the Board (III.2, V.1)."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models import access
from models.file_checks import FileRefused
from models.files import StoredFile
from models.report_book import OpenedReport, look_at_report, take_report_step
from models.report_dates import dates_of, reports_as_set
from models.report_figures import ReportFigures, figures_of, read_back
from models.report_queries import (
    ReportLine,
    latest_report_id,
    paper_of_report,
    papers_of_report,
    report_history,
    report_line,
    reports_seen,
    text_at,
)
from models.rulebooks import rulebook_of
from views import (
    citing,
    conflicts,
    desk,
    documents,
    errors,
    exporting,
    file_desk,
    form_pages,
    formats,
    labels,
    report_dates,
    reports_consolidated,
    reports_words,
    sheets_of_season,
    side_by_side,
    steps,
    uploads,
)
from views.formats import _
from views.forms import Answers, Fault, clean, read_id
from views.papers.handing import answer
from views.reports_paper import unit_report
from workflow.ports import Repeated, Stale
from workflow.programme import Programme
from workflow.reports_due import (
    ReportCommand,
    ReportRefused,
    ReportStep,
    ReportText,
    may_take,
    owes,
)
from workflow.verdicts import Refusal
from workflow.vocabulary import ReportAction
from workflow.words import phrase

pages = Blueprint("reports_due", __name__)
pages.add_url_rule(
    "/bao-cao-dinh-ky/tong-hop/<report_id>", "consolidated", reports_consolidated.show
)
pages.add_url_rule(
    "/bao-cao-dinh-ky/tong-hop/<report_id>/xlsx", "sheet", reports_consolidated.sheet
)
pages.add_url_rule(
    "/bao-cao-dinh-ky/tong-hop/<report_id>/<any(docx,pdf):ending>",
    "paper",
    reports_consolidated.paper,
)

TITLE: Final = phrase("Báo cáo định kỳ")
LONGEST_TEXT: Final = 20_000
TEXT_FIELDS: Final = {part.name: labels.FIELD[part.name] for part in fields(ReportText)}
FIELDS: Final = {
    "RESULTS_MISSING": "results",
    "FILE_MISSING": "file",
    "COMMENT_MISSING": "reason",
    "COMMENT_TOO_LONG": "reason",
}
"""Which field of the form a refusal is about."""


@pages.get("/bao-cao-dinh-ky")
def index() -> ResponseReturnValue:
    """Whoever looks at all units sees them in groups; a unit sees what it owes."""
    me, now = desk.me(), desk.now()
    with desk.reading() as db:
        seen = reports_seen(db, me.person_id, desk.today())
        choice = side_by_side.choice(db)
        hashes = {line.report.programme_hash for line in seen}
        known = {each: rulebook_of(db, each).programme for each in hashes}
        programme = citing.in_force()
        ahead = reports_as_set(db, programme) if programme else ()
    if choice.narrows:
        seen = [line for line in seen if _kept(choice, line, known)]
    whole = access.sees_whole(me)
    reports = {line.report.report_id: line for line in seen}
    wanted = request.args.get("ky", latest_report_id(seen, now) if whole else "")
    state = request.args.get("trang-thai", "")
    of_report = [line for line in seen if wanted in {"", line.report.report_id}]
    shown = reports_words.chosen(of_report, state, now)
    if exporting.asked():
        return exporting.hand_out(
            _("Báo cáo định kỳ"),
            sheets_of_season.reports(shown, known, now),
            filters=reports_words.narrowed(wanted, state, choice),
        )
    coming = citing.next_report(ahead, desk.today())
    page = form_pages.FormPage(title=TITLE)
    return form_pages.show(
        "reports_due/index.html",
        page,
        coming=coming,
        cited=citing.Cited(coming.clause if coming else ""),
        whole=whole,
        groups=reports_words.groups(shown, known, now),
        shown=len(shown),
        counts=reports_words.counts(of_report, now),
        wanted=wanted,
        state=state,
        filters=choice.fields(),
        narrows=choice.narrows,
        kept=choice.kept,
        reports=[
            {
                "value": name,
                "label": _(
                    "{title_of} ({name})", title_of=reports_words.title_of(line, known), name=name
                ),
            }
            for name, line in reversed(reports.items())
        ],
        states=[{"value": name, "label": label} for name, label, _ in reports_words.GROUPS],
        today_text=formats.day(desk.today()),
    )


def _kept(choice: side_by_side.Choice, line: ReportLine, known: dict[str, Programme]) -> bool:
    table = known[line.report.programme_hash].report_by_id[line.report.report_id]
    return choice.keeps(line.report.programme_id, table.cycles)


@pages.get("/bao-cao-dinh-ky/<code>")
def show(code: str) -> ResponseReturnValue:
    """One report: its form for the unit, its answer for the Board, its history for all."""
    return _show(code, None, ())


@pages.post("/bao-cao-dinh-ky/<code>")
def act(code: str) -> ResponseReturnValue:
    """Save, file, accept or return."""
    doing = request.form.get("do", "")
    if doing not in set(ReportAction):
        abort(400)
    command = _command(code, ReportAction(doing))
    if command.action in {ReportAction.SAVE, ReportAction.FILE}:
        return _write(command)
    with desk.writing() as db:
        verdict = take_report_step(db, command, None, desk.now())
    return _answer(command, verdict)


@pages.get("/bao-cao-dinh-ky/<code>/tep/<int(max=2147483647):file_id>")
def download(code: str, file_id: int) -> ResponseReturnValue:
    """One version of the signed file."""
    with desk.reading() as db:
        paper = paper_of_report(db, code, file_id, desk.me().person_id, desk.today())
    path = file_desk.lying(paper.sha256, paper.file_name)
    return documents.hand_out(path, paper.content_type, paper.file_name)


@pages.get("/bao-cao-dinh-ky/<code>/ban-word", defaults={"ending": "docx"})
@pages.get("/bao-cao-dinh-ky/<code>/ban-pdf", defaults={"ending": "pdf"})
def word(code: str, ending: str) -> ResponseReturnValue:
    """The report as a paper to be signed, in the layout of the decree."""
    with desk.reading() as db:
        opened = look_at_report(db, code, desk.me().person_id, desk.now())
        known = _figures(db, opened)
    content = unit_report(opened, known, desk.today())
    return answer(content, opened.facts.table.title, code, ending)


@pages.errorhandler(Stale)
def overtaken(error: Stale) -> ResponseReturnValue:
    """Somebody else was faster; what was typed is given back."""
    told: dict[str, Any] = {
        "noun": _("Báo cáo"),
        "url": url_for("reports_due.show", code=error.code),
    }
    with desk.reading() as db:
        opened = look_at_report(db, error.code, desk.me().person_id, desk.now())
        lines = report_history(db, opened.report.id)
    rows = conflicts.of_texts(
        TEXT_FIELDS,
        text_at(lines, error.expected_version),
        opened.facts.text,
    )
    told["rows"] = [one.row for one in rows]
    if error.at is not None:
        told |= {
            "by": error.by,
            "role": errors.role_words(error.role),
            "what": _("cập nhật"),
            "at_text": formats.moment(error.at),
        }
    facts = errors.stale_facts(error, opened.facts.state.value)
    changes = {"changed_fields": [one.field for one in rows], "changes": [one.fact for one in rows]}
    return errors.conflict(told, facts | changes)


@pages.errorhandler(Repeated)
def done_before(error: Repeated) -> ResponseReturnValue:
    """The same form came twice: the first result is the answer."""
    flash(_("Thao tác này đã được ghi từ lần gửi trước."))
    return redirect(url_for("reports_due.show", code=error.code), 303)


def _command(code: str, action: ReportAction) -> ReportCommand:
    version = read_id(request.form.get("version", ""))
    if version is None:
        abort(400)
    key, comment = steps.key_from_form(), clean(request.form.get("reason", ""))
    return ReportCommand(code, desk.me().person_id, action, version, key, comment=comment)


def _write(command: ReportCommand) -> ResponseReturnValue:
    """Save or file. What was typed is kept as a draft even when it cannot be filed yet."""
    with desk.reading() as db:
        opened = look_at_report(db, command.code, command.person_id, desk.now())
    answers = Answers(request.form, desk.today())
    text = _text(answers)
    file = _file(answers) if may_take(ReportAction.SAVE, opened.facts, opened.actor) else None
    text = _without_faults(text, opened.facts.text, answers)
    faulty = bool(answers.faults)
    wanted = replace(
        command,
        action=ReportAction.SAVE if faulty else command.action,
        text=text,
        new_file=file is not None,
        comment="",
    )
    with desk.writing() as db:
        verdict = take_report_step(db, wanted, file, desk.now())
        if isinstance(verdict, ReportRefused) and wanted.action is ReportAction.FILE:
            draft = replace(wanted, action=ReportAction.SAVE, key=f"{wanted.key}:draft")
            take_report_step(db, draft, file, desk.now())
    file_desk.used("file")
    if faulty:
        return _show(command.code, request.form.to_dict(), answers.faults)
    return _answer(command, verdict)


def _text(answers: Answers) -> ReportText:
    return ReportText(
        results=answers.text("results", most=LONGEST_TEXT),
        shortcomings=answers.text("shortcomings", most=LONGEST_TEXT),
        proposals=answers.text("proposals", most=LONGEST_TEXT),
        number=answers.text("number", most=60),
        dated=answers.day("dated", future=_("Ngày ký")),
    )


def _without_faults(text: ReportText, stored: ReportText, answers: Answers) -> ReportText:
    """The text with what stands in the record wherever a field is at fault."""
    faulty = {fault.field for fault in answers.faults}
    kept = {part.name: getattr(stored, part.name) for part in fields(text) if part.name in faulty}
    return replace(text, **kept)


def _file(answers: Answers) -> StoredFile | None:
    if not uploads.chosen("file"):
        return None
    try:
        return file_desk.received("file")
    except FileRefused as refused:
        answers.blame("file", str(refused))
        return None


def _answer(command: ReportCommand, verdict: ReportStep | ReportRefused) -> ResponseReturnValue:
    if isinstance(verdict, ReportRefused):
        problems = [_problem(refusal) for refusal in verdict.refusals]
        return _show(command.code, request.form.to_dict(), problems)
    done = formats.lower_first(labels.REPORT_ACTION[verdict.action])
    late = _(", sau hạn") if verdict.late else ""
    flash(
        _(
            "Đã {done} {code} lúc {now}{late}.",
            done=done,
            code=command.code,
            now=formats.moment(desk.now()),
            late=late,
        ),
        "ok",
    )
    return redirect(url_for("reports_due.show", code=command.code), 303)


def _problem(refusal: Refusal) -> Fault:
    told = form_pages.told(refusal)
    who = _("Bước này dành cho: {who}.", who=told["who"]) if told["who"] else told["remedy"]
    return Fault(
        FIELDS.get(refusal.code, ""), _("{text} {who}", text=told["text"], who=who).strip()
    )


def _figures(db: Any, opened: OpenedReport) -> ReportFigures:  # noqa: ANN401 - a session
    """As filed, or as known now while the report is still to be filed."""
    report = opened.report
    if report.figures is not None and not owes(report.state):
        return read_back(report.figures)
    unit = report.unit_id
    return figures_of(db, opened.facts.table, opened.programme.id, [unit])[unit]


def _show(
    code: str,
    typed: dict[str, str] | None,
    problems: Any,  # noqa: ANN401 - faults or mappings
) -> ResponseReturnValue:
    me, now = desk.me(), desk.now()
    with desk.reading() as db:
        opened = look_at_report(db, code, me.person_id, now)
        line = report_line(db, code, me.person_id, desk.today())
        known = _figures(db, opened)
        history = report_history(db, opened.report.id)
        papers = papers_of_report(db, opened.report.id)
        dates = dates_of(db, opened.programme.id).get(opened.report.report_id, ())
    facts, table = opened.facts, opened.facts.table
    page = form_pages.FormPage(
        title=table.title,
        code=code,
        version=facts.version,
        crumbs=[
            {"label": TITLE, "url": url_for("reports_due.index")},
            {"label": code, "url": ""},
        ],
        eyebrow=_("{report_kind} · {code}", report_kind=labels.REPORT_KIND[table.kind], code=code),
        sub=_("{unit} · {short_title}", unit=facts.unit, short_title=opened.programme.short_title),
        url=url_for("reports_due.show", code=code),
        typed=reports_words.stored(facts.text) if typed is None else typed,
        errors=list(problems),
    )
    return form_pages.show(
        "reports_due/show.html",
        page,
        **reports_words.about(line, opened, now),
        figures=reports_words.known_figures(known),
        award_rows=reports_words.award_rows(known, opened.programme),
        award_columns=reports_words.award_columns(),
        entries=reports_words.happened(history),
        papers=papers,
        moves=report_dates.moves(opened.programme, table, dates),
        may={action.value: may_take(action, facts, opened.actor) for action in ReportAction},
        whole=access.sees_whole(me),
    )
