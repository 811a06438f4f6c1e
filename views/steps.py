"""Taking a step: a form becomes a command, one call carries it out, one transaction holds it."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.ledger import SqlLedger
from models.notes import leave_note
from models.stepping import take_step
from views import desk, dossiers, formats, labels
from views.formats import _
from views.forms import clean, read_id
from views.once import writing_once
from views.presenting import problems, summary_title
from views.steps_pages import OWN_PAGE, page_of
from workflow.decisions import Accepted, Judgement
from workflow.facts import Command, HoldInput, Inputs
from workflow.ports import Ledger
from workflow.vocabulary import Action

__all__ = ["carry_out", "command_from_form", "problems", "say_done", "summary_title", "to_dossier"]

pages = Blueprint("steps", __name__)

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def command_from_form(code: str, action: Action, inputs: Inputs | None = None) -> Command:
    """Read what every form carries. A form without version or key is not one of ours."""
    version = read_id(request.form.get("version", ""))
    if version is None:
        abort(400)
    return Command(
        code=code,
        person_id=desk.me().person_id,
        action=action,
        expected_version=version,
        comment=clean(request.form.get("comment", "")),
        inputs=inputs,
        key=key_from_form(),
    )


def key_from_form() -> str:
    """The one-time key of a form; one that `secrets` cannot have made is none of ours."""
    key = request.form.get("key", "")
    if not _KEY.fullmatch(key):
        abort(400)
    return key


def carry_out(
    command: Command, ledger_in: Callable[[Session], Ledger] = SqlLedger
) -> Accepted | Judgement:
    """One transaction, one call. `NotFound`, `Stale` and `Repeated` have their own pages."""
    return take_step(desk.desk().database, command, desk.now(), ledger_in=ledger_in)


def say_done(accepted: Accepted) -> None:
    """Leave a note for the next page: what happened and when."""
    step = accepted.judgement.step
    done = step.done if step else labels.ACTION[accepted.command.action]
    what, comma, follows = done.partition(";")
    flash(
        _(
            "Đã {what} lúc {now}{comma}{follows}.",
            what=what,
            now=formats.moment(desk.now()),
            comma=comma,
            follows=follows,
        ),
        "ok",
    )


def to_dossier(code: str) -> ResponseReturnValue:
    """Back to the dossier's page."""
    return redirect(url_for("dossiers.show", code=code), 303)


@pages.post("/ho-so/<code>/buoc/<action>")
def take(code: str, action: str) -> ResponseReturnValue:
    """Take a step that needs no more than a comment; refused, the page comes back with reasons."""
    if action not in set(Action):
        abort(404)
    wanted = Action(action)
    own = page_of(wanted, code)
    if own is not None:
        return redirect(own, 303)
    if wanted in OWN_PAGE or wanted is Action.REGISTER:
        abort(404)
    inputs = (
        HoldInput(clean(request.form.get("source", ""))[:200]) if wanted is Action.HOLD else None
    )
    verdict = carry_out(command_from_form(code, wanted, inputs))
    if isinstance(verdict, Accepted):
        say_done(verdict)
        return to_dossier(code)
    return dossiers.page(code, refused=verdict), 422


@pages.post("/ho-so/<code>/trao-doi")
def leave(code: str) -> ResponseReturnValue:
    """Leave a note for the people working on the dossier."""
    text = clean(request.form.get("text", ""))
    try:
        with writing_once() as form:
            leave_note(form.session, code, desk.me().person_id, text, desk.now())
            form.leads_to = url_for("dossiers.show", code=code, _anchor="trao-doi")
    except ValueError as error:
        return dossiers.page(code, note_fault=str(error)), 422
    flash(_("Đã gửi trao đổi lúc {now}.", now=formats.moment(desk.now())), "ok")
    return redirect(form.leads_to, 303)
