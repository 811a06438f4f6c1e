"""A paper on its way out: as Word, to be changed, or as PDF, to be looked at and kept."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from flask import Response

from models.file_checks import DOCX, PDF
from views import desk
from views.attachments import hand_out
from views.papers.typesetting import typeset

ENDINGS: Final = (("Word", "docx"), ("PDF", "pdf"))


def answer(filled: bytes, title: str, name: str, ending: str) -> Response:
    """The filled paper as a download; the PDF is set from the Word file and says its title."""
    if ending == "pdf":
        made = typeset(filled, title, desk.now())
        return hand_out(BytesIO(made), PDF, f"{name}.pdf")
    return hand_out(BytesIO(filled), DOCX, f"{name}.docx")
