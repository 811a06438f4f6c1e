"""The draft minutes of a session as a Word file: every figure, ready to be read over and signed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from flask import Response

from views import council_desk, formats, labels, labels_council
from views.council_desk import Seen
from workflow.councils.tally import Tally

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def answer(seen: Seen, tally: Tally, rows: Sequence[dict[str, Any]]) -> Response:
    """The minutes as a download."""
    buffer = io.BytesIO()
    _write(seen, tally, rows).save(buffer)
    name = f"bien-ban-{seen.sitting.code}.docx"
    return Response(
        buffer.getvalue(),
        mimetype=DOCX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _write(seen: Seen, tally: Tally, rows: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401 - a docx
    sitting = seen.sitting
    paper = Document()
    style = paper.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    head = paper.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    head.add_run(f"{council_desk.council_name(sitting).upper()}\n").bold = True
    head.add_run("BIÊN BẢN (DỰ THẢO)\n").bold = True
    head.add_run(f"Phiên {sitting.code}: {labels_council.KIND[sitting.kind].lower()}")
    paper.add_paragraph(
        f"Họp lúc {formats.moment(sitting.held_at)}, tại {seen.row.place}. "
        f"Cách biểu quyết: {labels.VOTE[sitting.method].lower()}."
    )
    _members(paper, seen, tally)
    _results(paper, seen, tally, rows)
    for row in rows:
        for text in row["recused"]:
            paper.add_paragraph(f"{row['code']}: {text} Không bỏ phiếu.", "List Bullet")
        for text in row["opinions"]:
            paper.add_paragraph(f"{row['code']}: {text}", "List Bullet")
    paper.add_paragraph("\nTHƯ KÝ\t\t\t\t\t\tCHỦ TRÌ")
    return paper


def _members(paper: Any, seen: Seen, tally: Tally) -> None:  # noqa: ANN401 - a docx
    sitting = seen.sitting
    paper.add_paragraph("I. Thành phần").runs[0].bold = True
    paper.add_paragraph(
        f"Tổng số thành viên {tally.members}; tham gia {tally.present}; cần {tally.quorum} để họp "
        f"hợp lệ: {'đủ' if tally.quorate else 'chưa đủ'}."
    )
    for seat in sitting.seats:
        told = (
            labels_council.ATTENDANCE[seat.attendance]
            if seat.attendance
            else ("tham gia bằng phiếu" if seat.sent else "chưa ghi")
        )
        why = f" ({seat.absence_reason})" if seat.absence_reason else ""
        paper.add_paragraph(
            f"{seat.name}, {labels.POST[seat.role].lower()}: {told.lower()}{why}", "List Bullet"
        )
        if seat.opinion:
            paper.add_paragraph(f"Ý kiến của {seat.name}: {seat.opinion}")


def _results(paper: Any, seen: Seen, tally: Tally, rows: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401
    sitting = seen.sitting
    paper.add_paragraph("II. Kết quả").runs[0].bold = True
    paper.add_paragraph(
        f"Thông qua khi có ít nhất {tally.approvals}/{tally.members} thành viên đồng ý. "
        f"{sitting.settings.note}"
    )
    table = paper.add_table(1, 8)
    table.style = "Table Grid"
    titles = (
        "Hồ sơ",
        "Đồng ý",
        "Không",
        "Ý kiến khác",
        "Không bỏ phiếu",
        "Hạng TB",
        "Hạng",
        "Kết luận",
    )
    for cell, text in zip(table.rows[0].cells, titles, strict=True):
        cell.text = text
    for row in rows:
        one = row["tally"]
        values = (
            f"{row['name']} ({row['code']})",
            one.votes_for,
            one.votes_against,
            one.votes_other,
            one.recused,
            row["mean"],
            row["place"],
            row["outcome"],
        )
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = str(value)
