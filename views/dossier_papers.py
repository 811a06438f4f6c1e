"""Thành phần hồ sơ: the papers a programme asks for, as far as they are there."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from models.queries_history import Paper
from views import formats
from views.flags import Standing
from views.formats import _, joined
from views.presenting import Condition
from workflow.programme import DocumentTable, Programme
from workflow.vocabulary import DocumentKind, Outcome
from workflow.words import phrase

_STATUS = {
    Outcome.MET.value: ("ok", "ok", phrase("Đạt")),
    Outcome.NOT_MET.value: ("bad", "x", phrase("Chưa đạt")),
}


def paper_rows(
    papers: list[Paper], conditions: list[Condition], where: Standing, edit_url: str | None
) -> list[dict[str, Any]]:
    """One row for every paper of the programme that is demanded or present."""
    current = {paper.document.kind: paper for paper in papers if paper.document.current}
    found = found_of(where.programme, conditions)
    supplement = where.dossier.supplement or {}
    asked = {DocumentKind(kind) for kind in supplement.get("kinds", ())}
    rows: list[dict[str, Any]] = []
    for table in where.programme.documents:
        paper = current.get(table.kind)
        if paper is None and not table.mandatory:
            continue
        tone, icon, words = status(table, paper, found, asked)
        wanted = edit_url and (paper is None or table.kind in asked)
        rows.append(
            {
                **file_words(paper, where.dossier.code),
                "title": table.title,
                "tone": tone,
                "icon": icon,
                "status_text": words,
                "action_label": _("Thay bản mới") if paper else _("Tải lên"),
                "action_url": edit_url if wanted else None,
            }
        )
    return rows


def file_words(paper: Paper | None, code: str) -> dict[str, Any]:
    """What is to be said about a file before it is opened."""
    if paper is None:
        return {"url": None, "file_text": ""}
    document = paper.document
    named = [
        document.file_name,
        _("số {number}", number=document.number) if document.number else "",
    ]
    return {
        "url": download_url(code, document.id),
        "look_url": url_for("quick_looks.show", code=code, document_id=document.id),
        "file_text": joined(filter(None, named)),
        "signed_text": formats.day(document.dated) if document.dated else "",
        "version": document.version,
        "size_text": formats.size(document.size),
    }


def status(
    table: DocumentTable,
    paper: Paper | None,
    found: dict[DocumentKind, str],
    asked: set[DocumentKind],
) -> tuple[str, str, str]:
    """The tag of one paper."""
    if paper is None:
        return "", "wait", _("Chưa có")
    if table.kind in asked:
        return "warn", "back", _("Được yêu cầu thay")
    return _STATUS.get(found.get(table.kind, ""), ("", "file", _("Đã có")))


def found_of(programme: Programme, conditions: list[Condition]) -> dict[DocumentKind, str]:
    """What the rules about papers found, by kind of paper."""
    outcomes = {one.code: one.outcome for one in conditions}
    return {
        DocumentKind(rule.params["kind"]): outcomes[rule.id]
        for rule in programme.rules
        if rule.guard == "document" and rule.id in outcomes
    }


def download_url(code: str, document_id: int) -> str | None:
    """Where a file is read."""
    if "documents.download" not in current_app.view_functions:
        return f"/ho-so/{code}/tai-lieu/{document_id}"
    return url_for("documents.download", code=code, document_id=document_id)
