"""Stopping the clock of one dossier: from when to when, why, and under which clause."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from views import desk, form_pages, formats, steps
from views.formats import _
from views.forms import Answers
from workflow.deadlines import deadline_of, next_state
from workflow.decisions import Accepted, judge
from workflow.facts import SuspensionInput
from workflow.ports import Opened
from workflow.vocabulary import Action
from workflow.words import phrase

pages = Blueprint("suspensions", __name__)

TITLE = phrase("Tạm dừng tính thời hạn")


@pages.get("/ho-so/<code>/tam-dung-thoi-han")
def form(code: str) -> ResponseReturnValue:
    """The two days, the reason and the clause."""
    seen = form_pages.opened(code)
    verdict = judge(seen.rulebook, Action.SUSPEND, seen.facts, seen.actor, desk.now())
    closed = form_pages.closed(seen, TITLE, verdict)
    return closed or _show(seen, form_pages.dossier_page(seen, TITLE, {}))


@pages.post("/ho-so/<code>/tam-dung-thoi-han")
def suspend(code: str) -> ResponseReturnValue:
    """Stop the clock; every deadline after the first day moves by as many days."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    since = answers.day("since", _("Ghi ngày bắt đầu tạm dừng."))
    until = answers.day("until", _("Ghi ngày cuối cùng còn tạm dừng."))
    clause = answers.text("clause", most=100)
    answers.text("comment", _("Ghi lý do tạm dừng bằng một câu."), most=2000)
    if since is not None and until is not None and until < since:
        answers.blame("until", _("Ngày cuối không thể trước ngày bắt đầu."))
    if since is None or until is None or answers.faults:
        page = form_pages.dossier_page(seen, TITLE, problems=answers.faults)
        return _show(seen, page)
    inputs = SuspensionInput(since, until, clause)
    verdict = steps.carry_out(steps.command_from_form(code, Action.SUSPEND, inputs))
    if isinstance(verdict, Accepted):
        steps.say_done(verdict)
        return steps.to_dossier(code)
    seen = form_pages.opened(code)
    return _show(seen, form_pages.dossier_page(seen, TITLE, problems=form_pages.problems(verdict)))


def _show(seen: Opened, page: form_pages.FormPage) -> ResponseReturnValue:
    target = next_state(seen.facts.state) if seen.facts.state else None
    deadline = deadline_of(seen.rulebook.programme, seen.facts, target) if target else None
    return form_pages.show(
        "suspensions/form.html",
        page,
        deadline_text=_("Hạn đang có: {instant}.", instant=formats.moment(deadline.instant))
        if deadline
        else "",
    )
