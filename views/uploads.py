"""Papers coming in: one slot, one file, and what is written on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import g, request, url_for

from models.editing import AddDocument, Change, DescribeDocument, Particulars, edit
from models.file_checks import FileRefused
from models.files import FileStore, StoredFile
from models.tables import Document
from views import desk, file_desk, form_pages, formats, labels, steps
from views.formats import _
from views.forms import Answers, Fault
from workflow.decisions import Judgement, judge
from workflow.facts import Command
from workflow.ports import Opened
from workflow.programme import DocumentTable
from workflow.vocabulary import Action, DocumentKind, Outcome
from workflow.words import phrase

STATUS = {
    Outcome.MET: ("ok", "ok", phrase("Đủ")),
    Outcome.NOT_MET: ("bad", "x", phrase("Còn thiếu")),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an upload; a file may be kept although something else is still wrong."""

    problems: Sequence[form_pages.Problem] = field(default_factory=tuple)


def store() -> FileStore:
    """Where files lie."""
    return file_desk.store()


def chosen(name: str) -> bool:
    """Did the form bring a file in this field?"""
    return file_desk.chosen(name)


def keep(code: str, kind: DocumentKind, prefix: str = "") -> Kept:
    """Keep the file and the particulars of one slot as a new version of the paper.

    The file is kept even when a date beside it is mistyped: nobody should send it twice.
    """
    seen = form_pages.opened(code)
    command = steps.command_from_form(code, Action.EDIT)
    command = replace(command, key=f"{command.key}:{kind.value}", extra={"part": kind.value})
    refused = _refused(seen, command)
    if refused:
        return Kept(refused)
    answers = Answers(request.form, desk.today())
    particulars = _particulars(answers, prefix)
    change = _change(seen, kind, particulars, answers, f"{prefix}file")
    if change is None:
        return Kept(answers.faults)
    verdict = desk.in_transaction(lambda db: edit(db, command, change, desk.now()))
    if isinstance(verdict, Judgement):
        return Kept(form_pages.problems(verdict))
    file_desk.used(f"{prefix}file")
    form_pages.wrote(verdict.before.version + 1)
    return Kept(answers.faults)


def after_keeping(command: Command) -> Command:
    """The same command from the version that keeping a file in this request has made."""
    version = g.get("wrote")
    return command if version is None else replace(command, expected_version=version)


def _refused(seen: Opened, command: Command) -> list[form_pages.Problem]:
    """Why this part is closed, before a single byte is stored."""
    judgement = judge(seen.rulebook, Action.EDIT, seen.facts, seen.actor, desk.now(), command)
    return [] if judgement.allowed else form_pages.problems(judgement)


def _particulars(answers: Answers, prefix: str) -> Particulars:
    return Particulars(
        number=answers.text(f"{prefix}number", most=60),
        dated=answers.day(f"{prefix}dated", future=_("Ngày ký")),
        signer=answers.text(f"{prefix}signer", most=120),
        confirmed=answers.ticked(f"{prefix}confirmed"),
    )


def _change(
    seen: Opened, kind: DocumentKind, particulars: Particulars, answers: Answers, name: str
) -> Change | None:
    if not chosen(name):
        if seen.facts.document(kind) is None:
            answers.blame(
                name, _("Chọn tệp {document}.", document=formats.lower_first(labels.DOCUMENT[kind]))
            )
        return None if answers.faults else DescribeDocument(kind, particulars)
    stored = _stored(answers, name)
    if stored is None:
        return None
    return AddDocument(
        kind=kind,
        file_name=stored.file_name,
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        particulars=particulars,
    )


def _stored(answers: Answers, name: str) -> StoredFile | None:
    try:
        return file_desk.received(name)
    except FileRefused as refused:
        answers.faults.insert(0, Fault(name, str(refused)))
        return None


def table_of(seen: Opened, kind: DocumentKind) -> DocumentTable:
    """What the programme says of a paper."""
    return seen.rulebook.programme.document_by_kind[kind]


def slot(seen: Opened, kind: DocumentKind) -> dict[str, Any]:
    """One slot, named as the programme names it, with what lies in it."""
    table, paper = table_of(seen, kind), seen.facts.document(kind)
    return {
        "kind": kind.value,
        "title": table.title,
        "mandatory": table.mandatory,
        "demands": table.demands,
        "form_text": _(
            "Mẫu số {form_code}, {form_decree}",
            form_code=table.form_code,
            form_decree=table.form_decree,
        )
        if table.form_code
        else "",
        "clause_ref": labels.clause_text(table.clause),
        "clause_href": labels.clause_url(table.clause),
        "file_text": _(
            "{file_name}, bản {version}", file_name=paper.file_name, version=paper.version
        )
        if paper
        else "",
        "url": url_for("documents.download", code=seen.facts.code, document_id=paper.id)
        if paper
        else None,
        "look_url": url_for("quick_looks.show", code=seen.facts.code, document_id=paper.id)
        if paper
        else None,
    }


def status_of(
    seen: Opened, kind: DocumentKind, paper: Document | None, judgement: Judgement
) -> tuple[str, str, str]:
    """What the rules of a step say of a paper, as a tag."""
    for result in judgement.results:
        rule = seen.rulebook.programme.rule_by_id[result.rule]
        if rule.guard == "document" and rule.params.get("kind") == kind.value:
            return STATUS.get(result.outcome, ("", "", ""))
    return ("info", "file", _("Đã nhận")) if paper else ("", "", "")
