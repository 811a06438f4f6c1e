"""Rules as tables: which guard checks what, under which clause, with which sentences ready."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from workflow.table import CitedTable, Table, Text
from workflow.vocabulary import CycleKind, DocumentKind, Outcome, SubjectKind
from workflow.words import phrase

INITIATIVES = "initiatives"
"""The part of a dossier that is no paper: its declared initiatives."""


def _known_part(part: str) -> str:
    if part != INITIATIVES and part not in set(DocumentKind):
        raise ValueError(phrase("không có phần “{part}” của hồ sơ", part=part))
    return part


Part = Annotated[str, AfterValidator(_known_part)]
"""A part of a dossier as edits and supplements name it: a kind of paper, or `initiatives`."""


class ReadyTable(Table):
    """A sentence ready for “Chưa đạt”, in the words of the unit, and what it asks to unlock."""

    text: Text
    unlocks: tuple[Part, ...] = ()


class RuleTable(CitedTable):
    """One rule: the guard that checks it, its parameters, its clause and the clause's words."""

    title: Text
    guard: Text
    params: dict[str, Any] = Field(default_factory=dict)
    quote: Text
    readings: tuple[str, ...] = ()
    subjects: tuple[SubjectKind, ...] = tuple(SubjectKind)
    cycles: tuple[CycleKind, ...] = tuple(CycleKind)
    awards: tuple[str, ...] = ()
    ready: tuple[ReadyTable, ...] = ()
    otherwise: str = phrase("Quy định này không áp dụng cho trường hợp của hồ sơ.")


class RuleUse(Table):
    """A rule asked for by a step; `tolerate` lists outcomes that warn instead of stop."""

    rule: Text
    tolerate: tuple[Outcome, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"rule": value} if isinstance(value, str) else value
