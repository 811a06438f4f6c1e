"""What a stored paper says, for whoever compares papers: read in a guarded process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.guarded import Answer, run_guarded
from workflow.words import phrase

NOT_READ: Final = {
    "no_text": phrase("tệp là ảnh quét, không có chữ"),
    "locked": phrase("tệp đặt mật khẩu"),
    "broken": phrase("tệp hỏng"),
    "other": phrase("tệp không phải PDF hay DOCX"),
}
"""Why a paper was not read, in words that follow “không đọc được:”."""
_GAVE_UP: Final = phrase("máy không đọc xong trong giới hạn")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a table as rows of cells; of a PDF each line, with its page (from 1)."""

    paragraph: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a paper, or in `not_read` the Vietnamese reason why there is none."""

    blocks: Sequence[Block] = ()
    pages: int = 0
    not_read: str = ""

    @property
    def plain(self) -> str:
        """Everything as lines; the cells of a row stand between tabs."""
        return "\n".join(line for block in self.blocks for line in _lines(block))


def text_of(path: Path) -> FileText:
    """Read a DOCX or a text PDF. What cannot be read is an answer, never an error."""
    return understood(run_guarded("text", path))


def understood(answer: Answer) -> FileText:
    """The answer of the task `text`, as a text or as the reason why there is none."""
    if answer.failure is not None:
        return FileText(not_read=_GAVE_UP)
    if not answer.content["readable"]:
        return FileText(not_read=NOT_READ[answer.content["why"]])
    blocks = tuple(
        Block(
            one.get("paragraph", ""),
            tuple(tuple(row) for row in one.get("table", ())),
            one.get("page"),
        )
        for one in answer.content["blocks"]
    )
    return FileText(blocks, answer.content["pages"])


def _lines(block: Block) -> list[str]:
    return ["\t".join(row) for row in block.table] if block.table else [block.paragraph]
