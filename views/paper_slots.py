"""The slots of IV.3: one form for each paper, with its file and what is written on it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from views import desk, form_pages, formats, uploads
from views.formats import _
from views.forms import day_text
from workflow.decisions import Judgement, judge
from workflow.facts import Command
from workflow.ports import NotFound, Opened
from workflow.vocabulary import Action, DocumentKind
from workflow.words import phrase

TITLE = phrase("Tài liệu")


def documents(code: str) -> ResponseReturnValue:
    """All slots, those open to the reader with a form."""
    seen = form_pages.opened(code)
    closed = form_pages.closed(seen, TITLE, _editing(seen))
    return closed or _show(seen, form_pages.dossier_page(seen, TITLE, _typed(seen)))


def keep(code: str) -> ResponseReturnValue:
    """Keep one paper."""
    seen = form_pages.opened(code)
    wanted = request.form.get("kind", "")
    if wanted not in {table.kind.value for table in seen.rulebook.programme.documents}:
        raise NotFound(code)
    kind = DocumentKind(wanted)
    kept = uploads.keep(code, kind, f"{kind.value}-")
    if kept.problems:
        seen = form_pages.opened(code)
        typed = _typed(seen) | request.form.to_dict()
        return _show(seen, form_pages.dossier_page(seen, TITLE, typed, kept.problems))
    title = uploads.table_of(seen, kind).short
    flash(
        _(
            "Đã lưu {title} lúc {now}.",
            title=formats.lower_first(title),
            now=formats.moment(desk.now()),
        ),
        "ok",
    )
    return redirect(url_for("assembly.documents", code=code, _anchor=kind.value), 303)


def _editing(seen: Opened, kind: str = "") -> Judgement:
    facts, actor = seen.facts, seen.actor
    extra = {"part": kind}
    command = Command(facts.code, actor.person_id, Action.EDIT, facts.version, extra=extra)
    return judge(seen.rulebook, Action.EDIT, facts, actor, desk.now(), command)


def _typed(seen: Opened) -> dict[str, str]:
    found: dict[str, str] = {}
    for paper in seen.facts.documents:
        found |= {
            f"{paper.kind.value}-number": paper.number,
            f"{paper.kind.value}-dated": day_text(paper.dated),
            f"{paper.kind.value}-signer": paper.signer,
            f"{paper.kind.value}-confirmed": "1" if paper.confirmed else "",
        }
    return found


def _show(seen: Opened, page: form_pages.FormPage) -> ResponseReturnValue:
    return form_pages.show(
        "assembly/documents.html",
        page,
        slots=[_slot(seen, table.kind) for table in seen.rulebook.programme.documents],
    )


def _slot(seen: Opened, kind: DocumentKind) -> dict[str, Any]:
    judgement = _editing(seen, kind.value)
    locked = [form_pages.told(one)["text"] for one in judgement.refusals]
    locked += [formats.sentence(one.finding.evidence[0].text) for one in judgement.blocking]
    return uploads.slot(seen, kind) | {"locked": " ".join(locked)}
