"""One decision: whom it honours, correcting it before publication, publishing it, and the rest."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models import deciding
from models.deciding import LONGEST_REASON, Stopped
from models.decision_lists import DECIDERS, NotTheirs
from models.letters import CUT_OFF
from models.queries_deciding import DecisionLine, competing, decision_line, honoured
from models.queries_inbox import office_calendar
from models.rankings import Snapshot
from models.rulebooks import rulebook_of
from models.tables import Dossier
from views import (
    deciding_words,
    desk,
    exporting,
    form_pages,
    formats,
    labels,
    ranking_words,
    sheets_of_season,
    steps,
)
from views.deciding import SEES, TITLE, stopped, unit_ids
from views.decision import read_decision
from views.formats import _
from views.forms import Answers, Fault, clean, day_text, read_id
from views.languages import vietnamese
from views.once import writing_once
from views.papers.decision_words import decision_words
from views.papers.handing import answer
from views.papers.kinds import WORDS, PaperKind
from views.papers.library import written
from views.proving import freshly
from workflow.facts import Command
from workflow.programme import AwardForm, Programme
from workflow.reminders import Calendar
from workflow.vocabulary import Action, ReminderKind, State
from workflow.words import phrase

pages = Blueprint("decision_page", __name__)

FIELDS: Final = {"COMMENT_MISSING": "comment", "NUMBER_TAKEN": "number", "DAY_CANNOT_BE": "dated"}
NO_REASON: Final = phrase("Ghi lý do không khen thưởng bằng một câu; đơn vị đọc được lý do này.")


@pages.get("/quyet-dinh/<int:decision_id>")
def show(decision_id: int) -> ResponseReturnValue:
    """Names, paper, and what may still be done."""
    return _show(_line(decision_id), {}, ())


@pages.get("/quyet-dinh/<int:decision_id>/quyet-dinh.<any(docx,pdf):ending>")
@vietnamese
def download(decision_id: int, ending: str) -> ResponseReturnValue:
    """The decision as a paper to sign or to file, with the list of everybody it honours now."""
    decision = _line(decision_id).decision
    with desk.reading() as db:
        names = [one for one in honoured(db, decision_id) if one.state is not State.REVOKED]
        if not names:
            abort(404)
        programme = rulebook_of(db, names[0].programme_hash).programme
        words = decision_words(db, decision, programme, [one.id for one in names])
        filled = written(db, PaperKind.QUYET_DINH, words)
    return answer(filled, WORDS[PaperKind.QUYET_DINH].title, f"quyet-dinh-{decision_id}", ending)


@pages.post("/quyet-dinh/<int:decision_id>/sua")
@freshly
def correct(decision_id: int) -> ResponseReturnValue:
    """Correct the paper before publication."""
    line = _line(decision_id, acting=True)
    steps.key_from_form()
    answers = Answers(request.form, desk.today())
    paper = read_decision(answers)
    reason = answers.text("comment", _("Ghi lý do sửa bằng một câu."), most=LONGEST_REASON)
    if paper is None or answers.faults:
        return _show(line, request.form.to_dict(), answers.faults)
    me, now = desk.me().person_id, desk.now()
    with writing_once() as form:
        refusal = deciding.correct(form.session, decision_id, paper, reason, me, now)
        if refusal is None:
            form.leads_to = url_for("decision_page.show", decision_id=decision_id)
    if refusal is not None:
        told = form_pages.told(refusal)
        message = _("{text} {remedy}", text=told["text"], remedy=told["remedy"]).strip()
        return _show(line, request.form.to_dict(), [Fault(FIELDS.get(refusal.code, ""), message)])
    flash(_("Đã sửa quyết định lúc {now}.", now=formats.moment(now)), "ok")
    return redirect(form.leads_to, 303)


@pages.post("/quyet-dinh/<int:decision_id>/cong-bo")
def publish(decision_id: int) -> ResponseReturnValue:
    """Publish, and tell those not awarded who were chosen, with the reason."""
    line = _line(decision_id, acting=True)
    key = steps.key_from_form()
    answers = Answers(request.form, desk.today())
    answers.ticked("sure", _("Đánh dấu ô xác nhận trước khi công bố."))
    losers = _losers(answers, line, key)
    if answers.faults:
        return _show(line, request.form.to_dict(), answers.faults)
    try:
        failed = deciding.publish(
            desk.desk().database, decision_id, losers, desk.me().person_id, desk.now()
        )
    except NotTheirs:
        abort(404)
    if isinstance(failed, Stopped):
        faults = [
            Fault(one.field, one.message.replace("Chưa ban hành gì", "Chưa công bố gì"))
            for one in stopped(failed)
            if isinstance(one, Fault)
        ]
        return _show(line, request.form.to_dict(), faults)
    told = _(", thông báo {count} hồ sơ không được khen", count=len(losers)) if losers else ""
    flash(_("Đã công bố lúc {now}{told}.", now=formats.moment(desk.now()), told=told), "ok")
    return redirect(url_for("decision_page.show", decision_id=decision_id), 303)


def _by_when(programme: Programme, signed: date, calendar: Calendar) -> list[tuple[str, ...]]:
    """The working day by which winners and the others are to be told, as the programme sets it."""
    rule = next((one for one in programme.reminders if one.about is ReminderKind.NOTICE), None)
    if rule is None or rule.working_days is None:
        return []
    last = calendar.working_day(signed, rule.working_days)
    words = _("{last} ({count} ngày làm việc)", last=formats.day(last), count=rule.working_days)
    ref, href = labels.clause_text(rule.clause), labels.clause_url(rule.clause)
    return [(_("Hạn thông báo"), words, ref, href)]


def _losers(answers: Answers, line: DecisionLine, key: str) -> list[Command]:
    """Those not awarded whom the decider chose to conclude now, each with its reason."""
    chosen = set(request.form.getlist("khong"))
    with desk.reading() as db:
        others, reasons = _not_awarded(db, line)
    commands = []
    for number, dossier in enumerate(others):
        if dossier.code not in chosen:
            continue
        computed = reasons.get(dossier.code, "")
        reason = computed or clean(request.form.get(f"ly-do-{dossier.code}", ""))
        if not reason:
            answers.blame(f"ly-do-{dossier.code}", NO_REASON)
        commands.append(
            Command(
                code=dossier.code,
                person_id=desk.me().person_id,
                action=Action.REJECT,
                expected_version=read_id(request.form.get(f"v-{dossier.code}", "")) or 0,
                comment=reason,
                key=f"{key}.{number}",
                extra={CUT_OFF: computed} if computed else {},
            )
        )
    return commands


def _not_awarded(db: Any, line: DecisionLine) -> tuple[list[Dossier], dict[str, str]]:  # noqa: ANN401
    """Checked dossiers of the same contest, with the reason the newest ranking gives for each."""
    first = honoured(db, line.decision.id)[0]
    others = competing(db, first)
    snapshot, award = _ranking(db, first)
    if snapshot is None or award.quota is None:
        return others, {}
    return others, {
        one.code: ranking_words.reason_for(one.code, snapshot, award.quota) for one in others
    }


def _ranking(db: Any, first: Dossier) -> tuple[Snapshot | None, AwardForm]:  # noqa: ANN401
    programme = rulebook_of(db, first.programme_hash).programme
    award = programme.award_by_id[first.award_form]
    snapshot, _left = deciding_words.ranking_of(
        db, programme, first.cycle_id, award, first.deciding_unit_id or 0
    )
    return snapshot, award


def _line(decision_id: int, *, acting: bool = False) -> DecisionLine:
    with desk.reading() as db:
        line = decision_line(db, decision_id)
    if line is None or line.decision.unit_id not in unit_ids(DECIDERS if acting else SEES):
        abort(404)
    return line


def _show(line: DecisionLine, typed: dict[str, str], problems: Any) -> ResponseReturnValue:  # noqa: ANN401
    decision = line.decision
    with desk.reading() as db:
        names = honoured(db, decision.id)
        if exporting.asked():
            sheet = sheets_of_season.honoured(line, names)
            return exporting.hand_out(_("Danh sách {number}", number=decision.number), sheet)
        others, reasons = _not_awarded(db, line)
        programme = rulebook_of(db, names[0].programme_hash).programme
        by_when = _by_when(programme, decision.dated, office_calendar(db))
    award = programme.award_by_id[names[0].award_form]
    first = {
        "number": decision.number,
        "dated": day_text(decision.dated),
        "signer": decision.signer,
        "capacity": decision.capacity.value,
    }
    told = decision.published_at
    page = form_pages.FormPage(
        title=_("Quyết định số {number}", number=decision.number),
        crumbs=[
            {"label": TITLE, "url": url_for("deciding.index")},
            {"label": decision.number, "url": ""},
        ],
        eyebrow=line.unit,
        sub=_(
            "{title} · {label}",
            title=award.title,
            label=programme.cycle_by_id[names[0].cycle_id].label,
        ),
        url=url_for("decision_page.show", decision_id=decision.id),
        typed=typed or first,
        errors=list(problems),
    )
    acting = decision.unit_id in unit_ids(DECIDERS)
    return form_pages.show(
        "deciding/decision.html",
        page,
        facts=[
            (_("Số, ký hiệu"), decision.number),
            (_("Ngày ký"), formats.day(decision.dated)),
            (
                _("Người ký"),
                _(
                    "{value} {signer}", value=decision.capacity.value, signer=decision.signer
                ).strip(),
            ),
            (_("Công bố"), formats.stamp(told) if told else _("Chưa công bố")),
            *by_when,
        ],
        published=told is not None,
        acting=acting,
        open=acting and told is None,
        counted=deciding_words.counted(names),
        rows=[{**deciding_words.who(one), "revoked": one.state is State.REVOKED} for one in names],
        losers=[{**deciding_words.who(one), "reason": reasons.get(one.code, "")} for one in others],
        chosen=request.form.getlist("khong"),
        capacities=deciding_words.capacities(),
        clause=(labels.clause_text(award.clause), labels.clause_url(award.clause)),
        docx_url=url_for("decision_page.download", decision_id=decision.id, ending="docx"),
        pdf_url=url_for("decision_page.download", decision_id=decision.id, ending="pdf"),
        correct_url=url_for("decision_page.correct", decision_id=decision.id),
        publish_url=url_for("decision_page.publish", decision_id=decision.id),
    )
