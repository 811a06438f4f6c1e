"""What every paper says: its head, its foot, and how people, dossiers and counts are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.queries_papers import Named
from views import labels
from views.official_paper import place_and_date
from views.papers.offices import Office, count, in_a_sentence, number_line, padded
from workflow.programme import Programme
from workflow.vocabulary import SubjectKind


@dataclass(frozen=True, slots=True)
class Sheet:
    """The frame of one paper; `kind` is the word on top, `symbol` what follows the number."""

    office: Office
    kind: str
    about: str
    symbol: str
    dated: date
    number: str = ""
    signs: Sequence[str] = ()
    signer: str = ""
    copies: Sequence[str] = ()
    archive: str = "VT"
    more: dict[str, Any] = field(default_factory=dict)

    def words(self) -> dict[str, Any]:
        """The words of head and foot, with those of the paper itself."""
        return {
            "co_quan_tren": self.office.above,
            "co_quan": self.office.lines,
            "so_ky_hieu": number_line(self.number, self.symbol),
            "so_trong_cau": padded(self.number) if self.number else f"      /{self.symbol}",
            "dia_danh_ngay": place_and_date(self.office.place, self.dated),
            "ngay_trong_cau": in_a_sentence(self.dated),
            "ten_loai": self.kind.upper(),
            "trich_yeu": self.about,
            "ky": list(self.signs),
            "nguoi_ky": self.signer,
            "noi_nhan": list(self.copies),
            "luu": self.archive,
            "don_vi": self.office.name,
            **self.more,
        }


def people_and_units(rows: Iterable[Named]) -> str:
    """02 tập thể và 01 cá nhân; one kind alone when there is no other."""
    kinds = [row.dossier.subject_kind for row in rows]
    found = [
        f"{count(kinds.count(kind))} {labels.SUBJECT[kind].lower()}"
        for kind in SubjectKind
        if kind in kinds
    ]
    return " và ".join(found)


def where(row: Named) -> str:
    """Post and unit of a person; nothing for a collective that is a unit itself."""
    if row.dossier.subject_kind is SubjectKind.COLLECTIVE:
        return "" if row.unit == row.dossier.subject_name else row.unit
    return ", ".join(filter(None, (row.position, row.unit)))


def paragraphs(text: str, otherwise: str) -> list[str]:
    """The paragraphs of a text somebody typed; the words for none when it is empty."""
    return [part.strip() for part in text.split("\n") if part.strip()] or [otherwise]


def movement(programme: Programme) -> str:
    """The movement as a sentence names it."""
    return f"phong trào “{programme.short_title}”"
