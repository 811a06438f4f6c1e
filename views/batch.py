"""One step for many dossiers of the list: every item named and judged first, then done by itself.

There is no second law here: what is shown beforehand is `workflow.decisions.judge`, what is done is
`models.stepping.take_step`, once for each dossier, in its own transaction, from its own version and
under its own key. So nothing is possible for many that is not for one; a refusal stops no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.ledger import look
from models.stepping import take_step
from views import desk, formats, labels, steps
from views.batch_steps import ACTIONS
from views.deciding_words import reason
from views.formats import _, joined
from views.forms import read_id
from workflow.decisions import Accepted, Judgement, judge
from workflow.facts import Command
from workflow.ports import NotFound, Repeated, Stale
from workflow.vocabulary import Action
from workflow.words import phrase

pages = Blueprint("batch", __name__)

MOST: Final = 50
"""As many as one page of the list shows."""
GONE: Final = phrase("Không có hồ sơ này, hoặc bạn không được xem.")


@pages.post("/ho-so/hang-loat")
def confirm() -> ResponseReturnValue:
    """Name every dossier chosen, and say of each that is refused why and by which clause."""
    action, codes = _wanted()
    if action is None or not codes:
        return _nothing()
    with desk.reading() as db:
        items: list[dict[str, Any]] = []
        for code in codes:
            try:
                opened = look(db, code, desk.me().person_id, desk.now())
            except NotFound:
                items.append({"code": code, "name": "", "url": "", "why": [_plain(GONE)]})
                continue
            verdict = judge(opened.rulebook, action, opened.facts, opened.actor, desk.now())
            items.append({**_who(verdict), "version": opened.facts.version, "why": _why(verdict)})
    return render_template(
        "dossiers/batch.html",
        title=labels.ACTION[action],
        action=action.value,
        ready=[one for one in items if not one["why"]],
        left_out=[one for one in items if one["why"]],
    )


@pages.post("/ho-so/hang-loat/thuc-hien")
def carry_out() -> ResponseReturnValue:
    """Take the step for each dossier by itself, and tell what became of each."""
    action, codes = _wanted()
    if action is None or not codes:
        return _nothing()
    key = steps.key_from_form()
    done = [_one(action, code, f"{key}:{code}") for code in codes]
    return render_template(
        "dossiers/batch_done.html",
        title=labels.ACTION[action],
        done=[one for one in done if not one["why"]],
        refused=[one for one in done if one["why"]],
        at=formats.moment(desk.now()),
    )


def _one(action: Action, code: str, key: str) -> dict[str, Any]:
    version = read_id(request.form.get(f"v-{code}", ""))
    told: dict[str, Any] = {"code": code, "name": "", "why": [], "note": ""}
    told["url"] = url_for("dossiers.show", code=code)
    if version is None:
        return told | {"why": [_plain(_("Biểu mẫu thiếu phiên bản của hồ sơ này; chọn lại."))]}
    command = Command(code, desk.me().person_id, action, version, key=key)
    try:
        verdict = take_step(desk.desk().database, command, desk.now())
    except NotFound:
        return told | {"url": "", "why": [_plain(GONE)]}
    except Repeated:
        return told | {"note": _("đã ghi từ lần gửi trước")}
    except Stale as stale:
        return told | {"why": [_plain(_overtaken(stale))]}
    if isinstance(verdict, Accepted):
        return _who(verdict.judgement) | {"why": [], "note": ""}
    return _who(verdict) | {"why": _why(verdict)}


def _overtaken(stale: Stale) -> str:
    if stale.at is None:
        return _("Hồ sơ vừa được người khác sửa; xem lại rồi làm tiếp.")
    return _(
        "{name} vừa làm một bước trên hồ sơ này lúc {at}; xem lại rồi làm tiếp.",
        name=stale.by,
        at=formats.moment(stale.at),
    )


def _wanted() -> tuple[Action | None, list[str]]:
    """The step, and the dossiers chosen, each once, in the order of the list."""
    given = request.form.get("viec", "")
    action = Action(given) if given in set(Action) else None
    codes = list(dict.fromkeys(code[:40] for code in request.form.getlist("ma")))[:MOST]
    return (action if action in ACTIONS else None), codes


def _nothing() -> ResponseReturnValue:
    flash(
        _("Chưa chọn hồ sơ hoặc việc cần làm. Đánh dấu hồ sơ trong danh sách rồi chọn việc."),
        "warn",
    )
    return redirect(url_for("dossiers.index"), 303)


def _who(verdict: Judgement) -> dict[str, Any]:
    facts = verdict.facts
    url = url_for("dossiers.show", code=facts.code)
    return {"code": facts.code, "name": facts.subject.name, "url": url}


def _why(verdict: Judgement) -> list[dict[str, str]]:
    return list(_reasons(verdict))


def _reasons(verdict: Judgement) -> Iterator[dict[str, str]]:
    for refusal in verdict.refusals:
        told = reason(refusal)
        if refusal.roles:
            roles = joined(labels.ROLE[role] for role in refusal.roles)
            told["text"] += " " + _("Bước này dành cho: {who}.", who=roles)
        yield told
    yield from map(reason, verdict.blocking)


def _plain(text: str) -> dict[str, str]:
    return {"text": formats.written(text), "ref": "", "href": ""}
