"""Putting a dossier together: a list of four short pages, in any order after the first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.editing import ChooseAward, WriteReport, edit, part_of
from models.form_queries import dossier_row, initiatives_of, papers_of
from models.ledger import SqlLedger
from models.tables import Dossier
from views import (
    citing,
    desk,
    form_pages,
    formats,
    initiatives,
    labels,
    paper_slots,
    presenting,
    steps,
)
from views.formats import _
from views.forms import Answers
from workflow.decisions import Judgement, choices, judge
from workflow.facts import Command
from workflow.ports import Opened
from workflow.programme import AwardForm
from workflow.vocabulary import Action, DocumentKind
from workflow.words import phrase

pages = Blueprint("assembly", __name__)
_INITIATIVES, _PAPERS = "/ho-so/<code>/lap/sang-kien", "/ho-so/<code>/lap/tai-lieu"
pages.add_url_rule(_INITIATIVES, "initiatives", initiatives.initiatives)
pages.add_url_rule(_INITIATIVES, "put_initiative", initiatives.put, methods=["POST"])
pages.add_url_rule(_PAPERS, "documents", paper_slots.documents)
pages.add_url_rule(_PAPERS, "keep_document", paper_slots.keep, methods=["POST"])

TITLE = phrase("Lập hồ sơ")
AWARD_TITLE = phrase("Hình thức và thành tích")
FINAL = (Action.SUBMIT, Action.SEND_SUPPLEMENT)
HANDING_ON = (Action.PRESENT, *FINAL)
LONGEST = 20_000
TEXTS = ("profile_text", "achievements_text", "prior_awards_text")
DONE, TO_DO = ("ok", "ok", phrase("Đã nhập")), ("", "i", phrase("Chưa nhập"))


@pages.get("/ho-so/<code>/lap")
def overview(code: str) -> ResponseReturnValue:
    """The list of pages, what is in them, and the conditions as they stand."""
    seen = form_pages.opened(code)
    closed = form_pages.closed(seen, TITLE, _editing(seen))
    if closed is not None:
        return closed
    page = form_pages.dossier_page(seen, TITLE, {})
    with desk.reading() as db:
        dossier = dossier_row(db, code, desk.me().person_id, desk.today())
        declared = initiatives_of(db, dossier.id)
        papers = papers_of(db, dossier.id)
    offered = choices(seen.rulebook, seen.facts, seen.actor, desk.now())
    final = next((one for one in offered if one.action in FINAL and _is_open(one, seen)), None)
    return form_pages.show(
        "assembly/overview.html",
        page,
        tasks=_tasks(seen, dossier, len(declared), {paper.kind for paper in papers}),
        results=form_pages.conditions(seen, final) if final else [],
        guard_title=presenting.heading(final.action, final.step.title)
        if final and final.step
        else "",
        buttons=[_button(seen, one) for one in offered if _is_open(one, seen)],
        supplement=_asked(seen),
        checked_at_text=formats.recently(desk.now(), desk.today()),
    )


@pages.get("/ho-so/<code>/lap/hinh-thuc")
def award(code: str) -> ResponseReturnValue:
    """The form of award and the three texts of the report."""
    seen = form_pages.opened(code)
    closed = form_pages.closed(seen, AWARD_TITLE, _editing(seen))
    if closed is not None:
        return closed
    dossier = _row(code)
    typed = {name: getattr(dossier, name) for name in TEXTS} | {"award": dossier.award_form}
    return _show_award(seen, form_pages.dossier_page(seen, AWARD_TITLE, typed))


@pages.post("/ho-so/<code>/lap/hinh-thuc")
def write(code: str) -> ResponseReturnValue:
    """Keep what changed: the form of award, the report, or both; all or nothing."""
    seen = form_pages.opened(code)
    dossier = _row(code)
    answers = Answers(request.form, desk.today())
    known = seen.rulebook.programme.award_by_id
    wanted = answers.one_of("award", known, _("Chọn hình thức khen thưởng."))
    texts = {name: answers.text(name, most=LONGEST) for name in TEXTS}
    if answers.faults:
        page = form_pages.dossier_page(seen, AWARD_TITLE, problems=answers.faults)
        return _show_award(seen, page)
    changes: list[ChooseAward | WriteReport] = []
    if wanted != dossier.award_form:
        changes.append(ChooseAward(wanted))
    if any(getattr(dossier, name) != text for name, text in texts.items()):
        changes.append(WriteReport(**texts))
    verdict = _keep(code, changes)
    if verdict is not None:
        seen = form_pages.opened(code)
        problems = form_pages.problems(verdict)
        return _show_award(seen, form_pages.dossier_page(seen, AWARD_TITLE, problems=problems))
    flash(_("Đã lưu hình thức và thành tích lúc {now}.", now=formats.moment(desk.now())), "ok")
    return redirect(url_for("assembly.overview", code=code), 303)


class _Refused(Exception):
    """One of several edits was refused: what went before it must not stay either."""

    def __init__(self, judgement: Judgement, command: Command) -> None:
        super().__init__(command.code)
        self.judgement = judgement
        self.command = command


def _keep(code: str, changes: list[ChooseAward | WriteReport]) -> Judgement | None:
    """All in one transaction; a refusal takes back all of it and is then written down alone."""
    first = steps.command_from_form(code, Action.EDIT)
    if not changes:
        form_pages.still_fresh(first)

    def keep(db: Session) -> None:
        for number, change in enumerate(changes):
            _edit(db, first, number, change)

    try:
        desk.in_transaction(keep)
    except _Refused as refused:
        with desk.writing() as db:
            ledger = SqlLedger(db)
            ledger.record_refusal(refused.judgement, refused.command, now=desk.now())
        return refused.judgement
    return None


def _edit(db: Session, first: Command, number: int, change: ChooseAward | WriteReport) -> None:
    """The edit of this number, made on the version the one before it left."""
    command = replace(
        first,
        key=f"{first.key}:{number}",
        expected_version=first.expected_version + number,
        extra={"part": part_of(change)},
    )
    verdict = edit(db, command, change, desk.now())
    if isinstance(verdict, Judgement):
        raise _Refused(verdict, command)


def _row(code: str) -> Dossier:
    with desk.reading() as db:
        return dossier_row(db, code, desk.me().person_id, desk.today())


def _editing(seen: Opened) -> Judgement:
    return judge(seen.rulebook, Action.EDIT, seen.facts, seen.actor, desk.now())


def _show_award(seen: Opened, page: form_pages.FormPage) -> ResponseReturnValue:
    programme = seen.rulebook.programme
    report = programme.document_by_kind.get(DocumentKind.BAO_CAO_THANH_TICH)
    return form_pages.show(
        "assembly/award.html",
        page,
        awards=[_award_choice(one) for one in programme.awards],
        form_text=_(
            "mẫu số {form_code}, {form_decree}",
            form_code=report.form_code,
            form_decree=report.form_decree,
        )
        if report and report.form_code
        else _("báo cáo thành tích"),
        award_cited=citing.awards(programme, page.value("award")),
        report_cited=citing.Cited(report.clause) if report else citing.Cited(),
        merit_cited=citing.rule(
            programme, "attested", "initiative_recognised", kind=seen.facts.subject.kind
        ),
    )


def _award_choice(one: AwardForm) -> dict[str, str]:
    return {
        "value": one.id,
        "label": one.title,
        "hint": _(
            "{decider_title} quyết định, {appraiser_title} thẩm định (Mục {clause})",
            decider_title=one.decider_title,
            appraiser_title=one.appraiser_title,
            clause=one.clause,
        ),
    }


def _is_open(judgement: Judgement, seen: Opened) -> bool:
    """Is this a way on for this reader? Conditions may still stop it: the button says which."""
    if judgement.action not in HANDING_ON or judgement.step is None:
        return False
    if judgement.action is Action.SEND_SUPPLEMENT and seen.facts.supplement is None:
        return False
    return seen.actor.may_take(judgement.step.by, judgement.action)


def _button(seen: Opened, judgement: Judgement) -> dict[str, Any]:
    step = judgement.step
    return {
        "label": step.title if step else "",
        "url": url_for("steps.take", code=seen.facts.code, action=judgement.action.value),
        "primary": judgement.action is not Action.PRESENT,
    }


def _asked(seen: Opened) -> dict[str, Any] | None:
    asked = seen.facts.supplement
    if asked is None:
        return None
    return {"items": asked.items, "due": formats.moment(asked.due), "by": asked.by}


def _tasks(
    seen: Opened, dossier: Dossier, declared: int, papers: set[DocumentKind]
) -> list[dict[str, Any]]:
    code, programme = seen.facts.code, seen.rulebook.programme
    needed = [table.kind for table in programme.documents if table.mandatory]
    source = citing.mandatory_papers(programme)
    there = sum(kind in papers for kind in needed)
    written = sum(bool(getattr(dossier, name)) for name in TEXTS)
    chosen = programme.award_by_id.get(dossier.award_form)
    subject = seen.facts.subject
    post = _("{position}, ", position=subject.position) if subject.position else ""
    return [
        {
            "title": _("1. Đối tượng"),
            "url": None,
            "text": _(
                "{subject}: {name}, {post}{name2}. Đăng ký với {superior}.",
                subject=labels.SUBJECT[subject.kind],
                name=subject.name,
                post=post,
                name2=subject.unit.name,
                superior=seen.facts.registration.superior,
            ),
            "tag": ("ok", "ok", _("Theo đăng ký")),
        },
        {
            "title": _("2. Hình thức và thành tích"),
            "url": url_for("assembly.award", code=code),
            "text": _(
                "{title}; báo cáo {written}/{count} phần.",
                title=chosen.title if chosen else _("Chưa chọn hình thức"),
                written=written,
                count=len(TEXTS),
            ),
            "tag": DONE if chosen and written == len(TEXTS) else TO_DO,
        },
        {
            "title": _("Sáng kiến, giải pháp, cách làm mới"),
            "url": url_for("assembly.initiatives", code=code),
            "text": _("Đã khai {declared}.", declared=declared) if declared else _("Chưa khai."),
            "tag": DONE if declared else TO_DO,
        },
        {
            "title": _("3. Tài liệu"),
            "url": url_for("assembly.documents", code=code),
            "text": _("Có {there}/{count} tài liệu bắt buộc", there=there, count=len(needed))
            + (f" theo {source}." if source else "."),
            "tag": DONE if there == len(needed) else TO_DO,
        },
    ]
