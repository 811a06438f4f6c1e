"""The mark of the audit log below minutes and decisions: which end of the log the paper saw."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from sqlalchemy.orm import Session

from models.checkpoints import latest_mark
from views import desk
from views.papers.kinds import PaperKind
from workflow.words import phrase

MARKED: Final = frozenset({PaperKind.BIEN_BAN, PaperKind.QUYET_DINH})
SMALL: Final = Pt(9)


def mark(filled: bytes, paper: PaperKind, session: Session) -> bytes:
    """The Word paper with the newest checkpoint's short form at its end, in Vietnamese.

    Other papers, and papers made before the first checkpoint, stay byte for byte as they are.
    """
    found = latest_mark(session) if paper in MARKED else None
    if found is None:
        return filled
    document = Document(BytesIO(filled))
    line = document.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.LEFT
    written = line.add_run(
        phrase(
            "Mốc nhật ký: {mark}. Kiểm tại {address}",
            mark=found.short,
            address=f"{desk.settings().base_url}/moc-nhat-ky",
        )
    )
    written.font.size = SMALL
    written.italic = True
    out = BytesIO()
    document.save(out)
    return out.getvalue()
