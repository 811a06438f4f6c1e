"""Which clause a page cites: always one that the dossier's own programme names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask

from views import form_pages, formats, labels
from views.formats import _, joined
from views.speaking import in_force as in_force  # noqa: PLC0414 - asked for here
from views.speaking import spoken_of
from workflow.ports import NotFound
from workflow.programme import Programme, ReportTable
from workflow.vocabulary import SubjectKind

PERIOD = "within_period"


@dataclass(frozen=True, slots=True)
class Cited:
    """A clause as a page shows it; empty and false when the programme names none."""

    clause: str = ""

    def __bool__(self) -> bool:
        return bool(self.clause)

    @property
    def ref(self) -> str:
        """Mục IV.1.b."""
        return labels.clause_text(self.clause) if self.clause else ""

    @property
    def href(self) -> str:
        """Where it stands on the page of the programme."""
        return labels.clause_url(self.clause) if self.clause else ""


def rule(programme: Programme, *guards: str, kind: SubjectKind | None = None) -> Cited:
    """The clause of the first rule with one of these guards that applies to this subject."""
    for one in programme.rules:
        if one.guard in guards and (kind is None or kind in one.subjects):
            return Cited(one.clause)
    return Cited()


def period(programme: Programme) -> Cited:
    """The clause that says how long the programme runs."""
    return rule(programme, PERIOD)


def awards(programme: Programme, chosen: str = "") -> Cited:
    """The clause of the chosen form of award; of them all when it is one and none is chosen."""
    known = programme.award_by_id
    if chosen in known:
        return Cited(known[chosen].clause)
    clauses = {one.clause for one in programme.awards}
    return Cited(clauses.pop()) if len(clauses) == 1 else Cited()


def award_title(award: str) -> str:
    """The name of a form of award as the programme in force has it; its code when it has none."""
    programme = in_force()
    known = programme.award_by_id if programme else {}
    return known[award].title if award in known else award


def mandatory_papers(programme: Programme) -> str:
    """Mục III.1, III.2: the clauses of the papers a dossier must have, each once."""
    clauses = dict.fromkeys(paper.clause for paper in programme.documents if paper.mandatory)
    return labels.clause_text(joined(clauses)) if clauses else ""


def next_report(reports: Iterable[ReportTable], today: date) -> ReportTable | None:
    """The report units owe next: the soonest that is not past its day."""
    ahead = [one for one in reports if one.due >= today]
    return min(ahead, key=lambda one: one.due, default=None)


def quota_of(code: str) -> Cited:
    """The clause of the quota a dossier's award stands under; none when it is not at hand."""
    try:
        seen = form_pages.opened(code)
    except NotFound:
        return Cited()
    award = seen.rulebook.programme.award_by_id.get(seen.facts.award_form)
    return Cited(award.quota.clause) if award and award.quota else Cited()


def put_up(app: Flask) -> None:
    """Give `base.html` the name and the sources of the programme in force."""
    app.context_processor(masthead)


def masthead() -> dict[str, Any]:
    """Whose service it is and by which programme; neutral while none is loaded."""
    programme = spoken_of()
    if programme is None:
        return {"masthead": None}
    return {
        "masthead": {
            "issued_by": programme.issued_by,
            "place": programme.place,
            "period": period(programme),
            "standing_text": _standing_body(programme),
            "rules_text": _(
                "Quy tắc theo Chương trình “{short_title}”, {issued_by} ban hành ngày {issued_on}.",
                short_title=programme.short_title,
                issued_by=programme.issued_by,
                issued_on=formats.day(programme.issued_on),
            ),
        }
    }


def _standing_body(programme: Programme) -> str:
    table = programme.consolidation
    return (
        _("Cơ quan thường trực: {body}, {superior}.", body=table.body, superior=table.superior)
        if table
        else ""
    )
