"""The Board's check: papers beside rules, what only a person can judge, then a word."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.last_looks import looked
from models.ledger import SqlLedger
from views import (
    check_panes,
    check_queue,
    check_scores,
    desk,
    form_pages,
    formats,
    steps,
    supplements,
)
from views.formats import Words, _
from views.forms import Answers
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import Command, Mark, MarkInput
from workflow.marks import AGREED, ATTESTED, about_of, answered_rules, human_rules, overtaken
from workflow.ports import Opened
from workflow.rule_tables import RuleTable
from workflow.use_cases import perform
from workflow.vocabulary import Action, Outcome
from workflow.words import phrase

pages = Blueprint("check", __name__)
_SUPPLEMENT, _EXTENSION = "/ho-so/<code>/yeu-cau-bo-sung", "/ho-so/<code>/gia-han"
_SCORES = "/ho-so/<code>/chi-so"
pages.add_url_rule("/kiem-tra", "queue", check_queue.queue)
pages.add_url_rule(_SUPPLEMENT, "supplement", supplements.supplement)
pages.add_url_rule(_SUPPLEMENT, "ask", supplements.ask, methods=["POST"])
pages.add_url_rule(_EXTENSION, "extension", supplements.extension)
pages.add_url_rule(_EXTENSION, "extend", supplements.extend, methods=["POST"])
pages.add_url_rule(_SCORES, "scores", check_scores.scores)
pages.add_url_rule(_SCORES, "type_score", check_scores.enter, methods=["POST"])

TITLE = phrase("Kiểm tra hồ sơ")
MARKS = (Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE)
ASKED = Words(
    {
        ATTESTED: "ghi cách sửa hoặc lý do, bằng lời cho đơn vị.",
        AGREED: "ghi đã đối chiếu thế nào và vì sao giữ nguyên, hoặc phải sửa giấy nào.",
    }
)
"""What a note is asked for, by the guard it answers."""
SAVED = phrase("Đã lưu kết quả kiểm {code} lúc {at}.")


@pages.get("/ho-so/<code>/kiem-tra")
def check(code: str) -> ResponseReturnValue:
    """Papers left, rules right, with what was marked already and what has changed since."""
    seen = form_pages.opened(code)
    judgement = judged(seen)
    closed = form_pages.closed(seen, TITLE, judgement)
    if closed is not None:
        return closed
    page = form_pages.dossier_page(seen, TITLE, stored(seen, judgement))
    return check_panes.show(seen, judgement, page)


@pages.post("/ho-so/<code>/kiem-tra")
def mark(code: str) -> ResponseReturnValue:
    """Keep the marks that changed; then, if asked, confirm the check, or go on to the next."""
    seen = form_pages.opened(code)
    closed = form_pages.closed(seen, TITLE, judged(seen))
    if closed is not None:
        return closed[0], form_pages.UNPROCESSABLE
    answers = Answers(request.form, desk.today())
    wanted = read_marks(seen, answers)
    if answers.faults:
        page = form_pages.dossier_page(seen, TITLE, problems=answers.faults)
        return check_panes.show(seen, judged(seen), page)
    do = request.form.get("do")
    verdict = _carry_out(_commands(code, wanted, confirming=do == "confirm"))
    if isinstance(verdict, Judgement):
        seen = form_pages.opened(code)
        page = form_pages.dossier_page(seen, TITLE, problems=form_pages.problems(verdict))
        return check_panes.show(seen, judged(seen), page)
    remember(seen, verdict)
    if verdict is not None and do == "confirm":
        steps.say_done(verdict)
        return steps.to_dossier(code)
    flash(SAVED.format(code=code, at=formats.moment(desk.now())), "ok")
    if do == "next":
        return redirect(check_queue.next_after(code), 303)
    return redirect(url_for("check.check", code=code), 303)


def remember(seen: Opened, verdict: Accepted | None) -> None:
    """This person has seen the dossier as the form showed it, and what they did themselves."""
    version = seen.facts.version if verdict is None else verdict.before.version + 1
    with desk.writing() as db:
        looked(db, seen.facts.id, desk.me().person_id, version, desk.now())


def read_marks(seen: Opened, answers: Answers) -> list[tuple[MarkInput, str]]:
    """The marks that differ from what stands, each with its note and the sentences chosen."""
    judgement = judged(seen)
    kept = {code: (one.outcome, one.note) for code, one in standing(seen, judgement).items()}
    found = []
    for number, rule in enumerate(rules_of(seen, judgement), 1):
        name = str(rule.params["code"])
        outcome = answers.choice(f"check-{number}", Outcome)
        note = _with_ready(rule, number, outcome, answers)
        if outcome not in MARKS:
            continue
        if not note and (outcome is not Outcome.MET or rule.guard == AGREED):
            words = _("{title}: {asked}", title=rule.title, asked=ASKED[rule.guard])
            answers.blame(f"note-{number}", words)
        if kept.get(name) != (outcome, note):
            found.append((MarkInput(name, outcome), note))
    return found


def _with_ready(rule: RuleTable, number: int, outcome: Outcome | None, answers: Answers) -> str:
    """The note, then the ready sentences ticked for “Chưa đạt”, each on a line of its own."""
    note = answers.text(f"note-{number}", most=2000)
    if outcome is not Outcome.NOT_MET:
        return note
    ticked = [
        one.text
        for place, one in enumerate(rule.ready, 1)
        if answers.ticked(f"ready-{number}-{place}") and one.text not in note
    ]
    return "\n".join(filter(None, (note, *ticked)))


def rules_of(seen: Opened, judgement: Judgement) -> tuple[RuleTable, ...]:
    """What a person answers at this check: human rules, then papers that do not agree."""
    programme = seen.rulebook.programme
    human = human_rules(programme, seen.facts.subject.kind)
    return (*human, *answered_rules(programme, judgement.results))


def standing(seen: Opened, judgement: Judgement) -> dict[str, Mark]:
    """The marks that still speak of the dossier as it is: one from before a change does not."""
    codes = {str(rule.params["code"]) for rule in rules_of(seen, judgement)}
    return {
        one.code: one for one in seen.facts.marks if one.code in codes and not _fallen(seen, one)
    }


def _fallen(seen: Opened, mark: Mark) -> bool:
    about = about_of(seen.rulebook.programme, mark.code)
    return overtaken(mark, about, seen.facts.documents, seen.facts.acts)


def stored(seen: Opened, judgement: Judgement) -> dict[str, str]:
    """The marks that stand, as the form shows them; the others are to be made anew."""
    marks = standing(seen, judgement)
    found: dict[str, str] = {}
    for number, rule in enumerate(rules_of(seen, judgement), 1):
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
    if not wanted:
        form_pages.still_fresh(first)
    if confirming:
        version = first.expected_version + len(found)
        last = replace(first, action=Action.CONFIRM_CHECK, expected_version=version, comment="")
        found.append(last)
    return found


def _carry_out(commands: list[Command]) -> Accepted | Judgement | None:
    """All in one transaction; stops at the first that is refused, keeping what went before."""

    def carry_out(db: Session) -> Accepted | Judgement | None:
        verdict: Accepted | Judgement | None = None
        ledger = SqlLedger(db)
        for command in commands:
            verdict = perform(command, ledger=ledger, now=desk.now())
            if isinstance(verdict, Judgement):
                form_pages.wrote(command.expected_version)
                break
        return verdict

    return desk.in_transaction(carry_out)


def judged(seen: Opened) -> Judgement:
    """The verdict on confirming the check, as the dossier stands."""
    return judge(seen.rulebook, Action.CONFIRM_CHECK, seen.facts, seen.actor, desk.now())
