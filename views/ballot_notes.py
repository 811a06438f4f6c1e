"""A member's own notes on the ballot's form, and the papers to be read beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import request, url_for

from models import council_ballots
from models.council_ballots import Ballot
from models.council_notes import LONGEST_NOTE
from views import formats, labels
from views.formats import _
from views.forms import Fault, clean
from workflow.vocabulary import DocumentKind


def read_notes(ballot: Ballot) -> dict[int, str]:
    """The member's own notes by item."""
    votable = council_ballots.votable(ballot.sitting, ballot.seat)
    return {item.id: clean(request.form.get(f"ghi-chu-{item.code}", "")) for item in votable}


def too_long(ballot: Ballot, notes: Mapping[int, str]) -> list[Fault]:
    """Notes longer than can be kept, each named."""
    return [
        Fault(
            f"ghi-chu-{item.code}",
            _(
                "Ghi chú riêng cho {subject_name} tối đa {longest_note} ký tự. Rút gọn "
                "rồi lưu lại.",
                subject_name=item.subject_name,
                longest_note=formats.number(LONGEST_NOTE),
            ),
        )
        for item in ballot.sitting.items
        if len(notes.get(item.id, "")) > LONGEST_NOTE
    ]


def links_to(code: str, papers: Sequence[tuple[int, DocumentKind]]) -> list[dict[str, str]]:
    """The current papers of a dossier, to be opened."""
    return [
        {
            "label": labels.DOCUMENT[kind],
            "url": url_for("documents.download", code=code, document_id=paper),
        }
        for paper, kind in papers
    ]
