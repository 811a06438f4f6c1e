"""Initiatives of a dossier: what is new, who recognised it, by which paper (IV.1.b)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.editing import Change, PutInitiative, RemoveInitiative, edit
from models.form_queries import dossier_row, initiatives_of
from models.tables import Initiative
from views import check_figures, citing, desk, form_pages, formats, steps
from views.formats import _, joined
from views.forms import Answers, day_text, read_id
from workflow.decisions import Judgement, judge
from workflow.facts import Command
from workflow.ports import NotFound, Opened
from workflow.rule_tables import INITIATIVES
from workflow.vocabulary import Action
from workflow.words import phrase

TITLE = phrase("Sáng kiến, giải pháp, cách làm mới")


def initiatives(code: str) -> ResponseReturnValue:
    """The list, and the form for a new one or, with `?sua=`, for one of them."""
    seen = form_pages.opened(code)
    judgement = judge(seen.rulebook, Action.EDIT, seen.facts, seen.actor, desk.now())
    closed = form_pages.closed(seen, TITLE, judgement)
    if closed is not None:
        return closed
    rows = _rows(code)
    wanted = request.args.get("sua", "")
    editing = next((row for row in rows if str(row.id) == wanted), None)
    if wanted and editing is None:
        raise NotFound(code)
    return _show(seen, form_pages.dossier_page(seen, TITLE, _typed(editing)), rows)


def put(code: str) -> ResponseReturnValue:
    """Add one, change one, or take one out."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    removing = answers.raw("remove")
    change = RemoveInitiative(_id(removing)) if removing else _read(answers)
    if answers.faults:
        page = form_pages.dossier_page(seen, TITLE, problems=answers.faults)
        return _show(seen, page, _rows(code))
    verdict = _carry_out(code, change)
    if isinstance(verdict, Judgement):
        problems = form_pages.problems(verdict)
        seen = form_pages.opened(code)
        page = form_pages.dossier_page(seen, TITLE, problems=problems)
        return _show(seen, page, _rows(code))
    done = _("Đã bỏ") if removing else _("Đã lưu")
    flash(_("{count} sáng kiến lúc {now}.", count=done, now=formats.moment(desk.now())), "ok")
    return redirect(url_for("assembly.initiatives", code=code), 303)


def _carry_out(code: str, change: Change) -> Any:  # noqa: ANN401 - a verdict
    command = steps.command_from_form(code, Action.EDIT)
    try:
        return desk.in_transaction(lambda db: edit(db, command, change, desk.now()))
    except LookupError:
        raise NotFound(code) from None


def _read(answers: Answers) -> PutInitiative:
    given = answers.raw("initiative_id")
    return PutInitiative(
        title=answers.text("title", _("Ghi tên sáng kiến, giải pháp hoặc cách làm mới."), most=300),
        recognised_by=answers.text("recognised_by", most=200),
        recognition_number=answers.text("recognition_number", most=60),
        recognised_on=answers.day("recognised_on", future=_("Ngày công nhận")),
        applied=answers.ticked("applied"),
        used_before_in=answers.text("used_before_in", most=60),
        initiative_id=_id(given) if given else None,
    )


def _id(text: str) -> int:
    number = read_id(text)
    if number is None:
        raise NotFound(text)
    return number


def _rows(code: str) -> list[Initiative]:
    with desk.reading() as db:
        dossier = dossier_row(db, code, desk.me().person_id, desk.today())
        return initiatives_of(db, dossier.id)


def _typed(row: Initiative | None) -> dict[str, str]:
    if row is None:
        return {}
    return {
        "initiative_id": str(row.id),
        "title": row.title,
        "recognised_by": row.recognised_by,
        "recognition_number": row.recognition_number,
        "recognised_on": day_text(row.recognised_on),
        "applied": "1" if row.applied else "",
        "used_before_in": row.used_before_in,
    }


def _show(seen: Opened, page: form_pages.FormPage, rows: list[Initiative]) -> ResponseReturnValue:
    kind = seen.facts.subject.kind
    return form_pages.show(
        "assembly/initiatives.html",
        page,
        rows=[check_figures.initiative(row) for row in rows],
        cited=citing.rule(seen.rulebook.programme, "initiative_recognised", kind=kind),
        locked=_locked(seen),
    )


def _locked(seen: Opened) -> str:
    """Why this part cannot be changed now; empty when it can."""
    extra = {"part": INITIATIVES}
    facts, actor = seen.facts, seen.actor
    command = Command(facts.code, actor.person_id, Action.EDIT, facts.version, extra=extra)
    verdict = judge(seen.rulebook, Action.EDIT, facts, actor, desk.now(), command)
    return joined((formats.sentence(one.finding.evidence[0].text) for one in verdict.blocking), " ")
