"""Taking a step: a form becomes a command, one call carries it out, one transaction holds it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from models.ledger import SqlLedger
from views import desk, formats, labels
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command, Inputs
from workflow.use_cases import perform
from workflow.vocabulary import Action

pages = Blueprint("steps", __name__)

OWN_PAGE = {
    Action.RECORD_COUNCIL_RESULT: "council.result",
    Action.MARK_CHECK: "check.check",
    Action.CONFIRM_CHECK: "check.check",
    Action.DECIDE: "decision.decide",
    Action.REVOKE: "decision.revoke",
    Action.REQUEST_SUPPLEMENT: "check.supplement",
    Action.GRANT_EXTENSION: "check.extension",
    Action.EDIT: "assembly.overview",
}
"""Steps that need more than a comment, with the page that asks for it."""

LONGEST_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class Done:
    """What a step ended in, for the note on the next page."""

    code: str
    done: str


def command_from_form(code: str, action: Action, inputs: Inputs | None = None) -> Command:
    """Read what every form carries. A form without version or key is not one of ours."""
    version = request.form.get("version", "")
    key = request.form.get("key", "")
    if not version.isdigit() or not key or len(key) > 64:  # noqa: PLR2004 - keys are 22 long
        abort(400)
    return Command(
        code=code,
        person_id=desk.me().person_id,
        action=action,
        expected_version=int(version),
        comment=request.form.get("comment", "")[:LONGEST_COMMENT].strip(),
        inputs=inputs,
        key=key,
    )


def carry_out(command: Command) -> Accepted | Judgement:
    """One transaction, one call. `NotFound`, `Stale`, `Repeated`, `NoSeatLeft` have their pages."""
    with desk.writing() as db:
        return perform(command, ledger=SqlLedger(db), now=desk.now())


def say_done(accepted: Accepted) -> None:
    """Leave a note for the next page: what happened and when."""
    step = accepted.judgement.step
    what = step.done if step else labels.ACTION[accepted.command.action]
    flash(f"Đã {what} lúc {formats.moment(desk.now())}.", "ok")


def to_dossier(code: str) -> ResponseReturnValue:
    """Back to the dossier's page."""
    return redirect(url_for("dossiers.show", code=code), 303)
