"""Office papers as they come back from being read, in a dossier whose record is the true story."""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from tests.workflow.cases import PROVINCE, collective, individual
from workflow.facts import (
    CouncilResult,
    Document,
    DossierFacts,
    Initiative,
    RegistrationFacts,
    SubjectFacts,
)
from workflow.papers.reading import paged, read
from workflow.statements import Legibility, Line
from workflow.vocabulary import DocumentKind, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.workflow.office_papers import Block
    from tests.workflow.office_stories import Story


def facts_of(story: Story, papers: Sequence[Document]) -> DossierFacts:
    """The record of the dossier the story is about."""
    base = (
        collective(story.unit) if story.kind is SubjectKind.COLLECTIVE else individual(story.unit)
    )
    person = None if story.kind is SubjectKind.COLLECTIVE else 77
    subject = SubjectFacts(story.kind, story.name, (story.unit, PROVINCE), person, story.position)
    return replace(
        base,
        subject=subject,
        registration=RegistrationFacts(
            7, subject.key, 2023, "UBND tỉnh", date(2023, 2, 14), date(2023, 2, 15)
        ),
        initiatives=(
            Initiative(5, "Tổ lưu động", "UBND tỉnh", story.recognised, story.recognised_on, True),
        ),
        documents=tuple(papers),
        council=CouncilResult(
            story.met_on, story.members, story.present, story.yes, votes_against=story.no
        ),
    )


def as_word(blocks: Sequence[Block]) -> list[Line]:
    """Paragraphs and rows; lines inside a cell have become spaces."""
    found: list[Line] = []
    table = 0
    for number, block in enumerate(blocks, 1):
        if isinstance(block, str):
            found.append(Line(block, paragraph=number))
            continue
        table += 1
        for row in block:
            cells = tuple(" ".join(cell.split()) for cell in row)
            found.append(Line("\n".join(cells), paragraph=number, cells=cells, table=table))
    return found


def as_pages(blocks: Sequence[Block], width: int = 68, length: int = 38) -> list[Line]:
    """Pages of lines: paragraphs are broken where the line is full, cells one after the other."""
    lines: list[str] = []
    for block in blocks:
        cells = [block] if isinstance(block, str) else [cell for row in block for cell in row]
        for cell in cells:
            for piece in cell.split("\n"):
                wide = width if isinstance(block, str) else width // 2
                lines += textwrap.wrap(piece, wide) or [""]
    starts = range(0, len(lines), length)
    return paged(
        "\n".join([*([str(start // length + 1)] if start else []), *lines[start : start + length]])
        for start in starts
    )


def decomposed(lines: Sequence[Line]) -> list[Line]:
    """The same text as some programs write it: letters and marks apart."""
    return [
        replace(
            line,
            text=unicodedata.normalize("NFD", line.text),
            cells=tuple(unicodedata.normalize("NFD", cell) for cell in line.cells),
        )
        for line in lines
    ]


def document(number: int, kind: DocumentKind, lines: Sequence[Line], story: Story) -> Document:
    """The paper with its particulars as the clerk typed them, read."""
    signed = {
        DocumentKind.TO_TRINH: (f"{story.number}/TTr-{story.symbol}", story.letter_on, story.head),
        DocumentKind.BIEN_BAN: ("", story.minutes_on, story.secretary),
        DocumentKind.BAO_CAO_THANH_TICH: ("", story.report_on, story.head),
    }.get(kind, (story.recognised, story.recognised_on, ""))
    if kind is DocumentKind.BAO_CAO_THANH_TICH and story.kind is SubjectKind.INDIVIDUAL:
        signed = ("", story.report_on, story.name)
    return Document(
        id=number,
        kind=kind,
        version=1,
        sha256=f"{number}" * 64,
        file_name=f"{kind.value.lower()}.docx",
        number=signed[0],
        dated=signed[1],
        signer=signed[2],
        confirmed=True,
        legibility=Legibility.READ,
        statements=read(lines),
    )
