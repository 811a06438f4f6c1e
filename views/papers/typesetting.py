"""A Word paper as PDF: the same paragraphs and tables, set with a font that travels along.

The PDF comes from the filled Word file itself, so that a changed template changes both.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Final, cast

import typst

from views.papers.kinds import TEMPLATES
from views.papers.word_blocks import read_blocks

SOURCE: Final = TEMPLATES / "paper.typ"
STANDARD: Final = "a-2b"
"""Made to be kept: fonts inside, no script."""


def typeset(paper: bytes, title: str, at: datetime) -> bytes:
    """Set a Word paper as PDF; the same paper at the same instant gives the same bytes."""
    told = json.dumps(read_blocks(paper, title), ensure_ascii=False)
    compiler = typst.Compiler(SOURCE.read_bytes(), root=TEMPLATES, font_paths=_fonts())
    made = compiler.compile(
        format="pdf",
        sys_inputs={"doc": told},
        pdf_standards=[STANDARD],
        timestamp=at.replace(microsecond=0),
    )
    return cast("bytes", made)


@cache
def _fonts() -> typst.Fonts:
    """Tinos alone: as wide as Times New Roman, with every Vietnamese letter."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[TEMPLATES / "fonts"],
    )
