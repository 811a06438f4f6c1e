"""Looking into a PDF or DOCX with parsers: what it would do, and whether it is sound.

The answer is the code of the first fault found, or none, with what else was learned. The words for
a person are said outside (`models.file_inspection`).
"""

from __future__ import annotations

from typing import Any, BinaryIO

from models.guarding import inspecting_pdf, inspecting_word
from models.guarding.faults import Found


def run(file: BinaryIO, options: dict[str, Any]) -> dict[str, Any]:
    """`fault` (a code, or null), `where` (the part of the file), `pages`, `signatures`.

    `options` are the limits: `pages`, `objects`, `depth`.
    """
    start = file.read(8)
    file.seek(0)
    learned: dict[str, Any] = {"fault": None, "where": "", "pages": 0, "signatures": 0}
    try:
        if start.startswith(b"%PDF-"):
            learned |= inspecting_pdf.look(file, options)
        elif start.startswith(b"PK\x03\x04"):
            inspecting_word.look(file)
        else:
            learned["fault"] = "FILE_TYPE"
    except Found as found:
        learned |= {"fault": found.code, "where": found.where[:80]}
    return learned
