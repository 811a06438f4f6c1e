"""The Board's check: papers beside rules, three things only a person can judge, then a word."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.form_queries import dossier_row, initiatives_of, papers_of
from models.ledger import SqlLedger
from views import check_figures, desk, form_pages, formats, labels, steps, supplements, uploads
from views.forms import Answers
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import Command, Mark, MarkInput
from workflow.ports import Opened
from workflow.programme import RuleTable
from workflow.use_cases import perform
from workflow.vocabulary import Action, Outcome

pages = Blueprint("check", __name__)
_SUPPLEMENT, _EXTENSION = "/ho-so/<code>/yeu-cau-bo-sung", "/ho-so/<code>/gia-han"
pages.add_url_rule(_SUPPLEMENT, "supplement", supplements.supplement)
pages.add_url_rule(_SUPPLEMENT, "ask", supplements.ask, methods=["POST"])
pages.add_url_rule(_EXTENSION, "extension", supplements.extension)
pages.add_url_rule(_EXTENSION, "extend", supplements.extend, methods=["POST"])

TITLE = "Kiểm tra hồ sơ"
MARKS = (Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE)
OUTCOMES = [
    {"value": Outcome.MET.value, "label": "Đạt"},
    {"value": Outcome.NOT_MET.value, "label": "Chưa đạt", "hint": "Ghi cách sửa cho đơn vị."},
    {"value": Outcome.NOT_APPLICABLE.value, "label": "Không áp dụng", "hint": "Ghi lý do."},
]
SAVED = "Đã lưu kết quả kiểm lúc {at}."


@pages.get("/ho-so/<code>/kiem-tra")
def check(code: str) -> ResponseReturnValue:
    """Papers left, rules right, with what was marked already."""
    seen = form_pages.opened(code)
    judgement = _judged(seen)
    closed = form_pages.closed(seen, TITLE, judgement)
    if closed is not None:
        return closed
    return _show(seen, judgement, form_pages.dossier_page(seen, TITLE, stored(seen)))


@pages.post("/ho-so/<code>/kiem-tra")
def mark(code: str) -> ResponseReturnValue:
    """Keep the marks that changed; then, if asked, confirm the check. All of it or nothing."""
    seen = form_pages.opened(code)
    answers = Answers(request.form, desk.today())
    wanted = read_marks(seen, answers)
    if answers.faults:
        page = form_pages.dossier_page(seen, TITLE, problems=answers.faults)
        return _show(seen, _judged(seen), page)
    confirming = request.form.get("do") == "confirm"
    verdict = _carry_out(_commands(code, wanted, confirming=confirming))
    if isinstance(verdict, Judgement):
        seen = form_pages.opened(code)
        page = form_pages.dossier_page(seen, TITLE, problems=form_pages.problems(verdict))
        return _show(seen, _judged(seen), page)
    if verdict is not None and confirming:
        steps.say_done(verdict)
        return steps.to_dossier(code)
    flash(SAVED.format(at=formats.moment(desk.now())), "ok")
    return redirect(url_for("check.check", code=code), 303)


def read_marks(seen: Opened, answers: Answers) -> list[tuple[MarkInput, str]]:
    """The marks that differ from what stands, each with its note."""
    kept = {code: (one.outcome, one.note) for code, one in standing(seen).items()}
    found = []
    for number, rule in enumerate(human_rules(seen), 1):
        name = str(rule.params["code"])
        outcome = answers.choice(f"check-{number}", Outcome)
        note = answers.text(f"note-{number}", most=2000)
        if outcome not in MARKS:
            continue
        if outcome is not Outcome.MET and not note:
            words = f"{rule.title}: ghi cách sửa hoặc lý do, bằng lời cho đơn vị."
            answers.blame(f"note-{number}", words)
        if kept.get(name) != (outcome, note):
            found.append((MarkInput(name, outcome), note))
    return found


def human_rules(seen: Opened) -> list[RuleTable]:
    """The rules of this check that only a person can judge, for this kind of subject."""
    programme = seen.rulebook.programme
    asked = [
        use.rule
        for step in programme.steps
        if step.action is Action.CONFIRM_CHECK
        for use in step.rules
    ]
    rules = (programme.rule_by_id[name] for name in asked)
    kind = seen.facts.subject.kind
    return [rule for rule in rules if rule.guard == "attested" and kind in rule.subjects]


def standing(seen: Opened) -> dict[str, Mark]:
    """The marks that still speak of the dossier as it is: one from before a change does not."""
    unseen = {one.rule for one in _judged(seen).results if one.outcome is Outcome.NOT_LOOKED_AT}
    codes = {str(rule.params["code"]) for rule in human_rules(seen) if rule.id not in unseen}
    return {one.code: one for one in seen.facts.marks if one.code in codes}


def stored(seen: Opened) -> dict[str, str]:
    """The marks that stand, as the form shows them; the others are to be made anew."""
    marks = standing(seen)
    found: dict[str, str] = {}
    for number, rule in enumerate(human_rules(seen), 1):
        mark = marks.get(str(rule.params["code"]))
        if mark is not None:
            found |= {f"check-{number}": mark.outcome.value, f"note-{number}": mark.note}
    return found


def _commands(code: str, wanted: list[tuple[MarkInput, str]], *, confirming: bool) -> list[Command]:
    """One command for each mark and, last, the confirmation: each from the version before it."""
    first = steps.command_from_form(code, Action.MARK_CHECK)
    found = [
        replace(
            first,
            inputs=inputs,
            comment=note,
            key=f"{first.key}:{inputs.code}",
            expected_version=first.expected_version + number,
        )
        for number, (inputs, note) in enumerate(wanted)
    ]
    if confirming:
        version = first.expected_version + len(found)
        last = replace(first, action=Action.CONFIRM_CHECK, expected_version=version, comment="")
        found.append(last)
    return found


def _carry_out(commands: list[Command]) -> Accepted | Judgement | None:
    """All in one transaction; stops at the first that is refused, keeping what went before."""
    verdict: Accepted | Judgement | None = None
    with desk.writing() as db:
        ledger = SqlLedger(db)
        for command in commands:
            verdict = perform(command, ledger=ledger, now=desk.now())
            if isinstance(verdict, Judgement):
                break
    return verdict


def _judged(seen: Opened) -> Judgement:
    return judge(seen.rulebook, Action.CONFIRM_CHECK, seen.facts, seen.actor, desk.now())


def _show(seen: Opened, judgement: Judgement, page: form_pages.FormPage) -> ResponseReturnValue:
    rules = human_rules(seen)
    own = {rule.id for rule in rules}
    others = [result for result in judgement.results if result.rule not in own]
    with desk.reading() as db:
        dossier = dossier_row(db, seen.facts.code, desk.me().person_id, desk.today())
        papers = uploads.rows(seen, papers_of(db, dossier.id), judgement)
        initiatives = initiatives_of(db, dossier.id)
    unseen = len(rules) - len(standing(seen))
    return form_pages.show(
        "check/check.html",
        page,
        papers=papers,
        report=dossier,
        initiatives=[check_figures.initiative(one) for one in initiatives],
        figures=check_figures.compare(seen),
        checks=[_check(n, rule, seen, judgement) for n, rule in enumerate(rules, 1)],
        outcomes=OUTCOMES,
        seen_text=progress(judgement, unseen),
        results=form_pages.conditions(seen, replace(judgement, results=tuple(others))),
        blocking=len(judgement.blocking),
        defects=len(supplements.defects(seen)),
        supplement_url=url_for("check.supplement", code=seen.facts.code),
    )


def progress(judgement: Judgement, unseen: int) -> str:
    """5/7 điều đã xem: what applies here, less what nobody has looked at."""
    applying = [one for one in judgement.results if one.outcome is not Outcome.NOT_APPLICABLE]
    return f"{len(applying) - unseen}/{len(applying)} điều đã xem"


def _check(number: int, rule: RuleTable, seen: Opened, judgement: Judgement) -> dict[str, Any]:
    result = next(one for one in judgement.results if one.rule == rule.id)
    marked = any(one.code == rule.params["code"] for one in seen.facts.marks)
    return {
        "rule": rule.id,
        "title": rule.title,
        "question": f"Kết quả kiểm: {rule.params['question']}",
        "quote": rule.quote,
        "clause_ref": labels.clause_text(rule.clause),
        "clause_href": labels.clause_url(rule.clause),
        "field": f"check-{number}",
        "note_field": f"note-{number}",
        "outcome": result.outcome.value,
        "marked_text": formats.sentence(result.finding.evidence[0].text) if marked else "",
    }
