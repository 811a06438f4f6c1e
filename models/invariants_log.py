"""What must always hold of the audit log, of its seals, checkpoints and records of changes."""

from __future__ import annotations

from typing import Final

from models.invariant import Invariant

OF_THE_LOG: Final = (
    Invariant(
        "lines-follow-each-other",
        "Mỗi dòng nhật ký nối vào dòng ngay trước trong luồng của nó",
        "SELECT h.stream FROM history_line h JOIN history_line p ON p.stream = h.stream"
        " AND p.seq = h.seq - 1 WHERE h.prev_hash <> p.hash",
    ),
    Invariant(
        "seals-follow-each-other",
        "Mỗi niêm phong nối vào niêm phong ngay trước",
        "SELECT s.seq FROM sealed_line s JOIN sealed_line p ON p.seq = s.seq - 1"
        " WHERE s.prev_hash <> p.hash",
    ),
    Invariant(
        "seals-leave-no-gap",
        "Số niêm phong liên tục từ 1",
        "SELECT MAX(seq) FROM sealed_line HAVING MAX(seq) <> COUNT(*)",
        cheap=True,
    ),
    Invariant(
        "sealed-lines-are-there",
        "Dòng đã niêm phong vẫn còn, đúng mã băm",
        "SELECT s.seq FROM sealed_line s LEFT JOIN history_line h ON h.stream = s.stream"
        " AND h.seq = s.line_seq WHERE s.stream NOT LIKE 'changes:%'"
        " AND (h.hash IS NULL OR h.hash <> s.line_hash)",
    ),
    Invariant(
        "sealed-changes-are-there",
        "Bản ghi thay đổi đã niêm phong vẫn còn, đúng mã băm",
        "SELECT s.seq FROM sealed_line s LEFT JOIN change_set c ON c.stream = s.stream"
        " WHERE s.stream LIKE 'changes:%' AND (c.hash IS NULL OR c.hash <> s.line_hash)",
    ),
    Invariant(
        "lines-have-a-record",
        "Mỗi dòng nhật ký có bản ghi thay đổi ghi cùng giao dịch",
        "SELECT h.stream FROM history_line h LEFT JOIN change_set_line c ON c.line_id = h.id"
        " WHERE c.line_id IS NULL AND h.id > (SELECT MIN(line_id) FROM change_set_line)",
    ),
    Invariant(
        "captured-is-recorded",
        "Không còn thay đổi nào chưa vào nhật ký",
        "SELECT table_name FROM captured_change",
        cheap=True,
    ),
    Invariant(
        "kept-values-are-spoken-of",
        "Giá trị cá nhân nào cũng được bản ghi thay đổi nhắc đến bằng mã băm",
        "SELECT k.table_name FROM kept_value k JOIN change_set c ON c.id = k.change_set_id"
        " WHERE c.content NOT LIKE '%' || k.commitment || '%'",
    ),
    Invariant(
        "erased-is-gone",
        "Dữ liệu đã xóa theo luật không còn giá trị nào",
        "SELECT e.id FROM erasure e JOIN kept_value k ON k.table_name IN ('person', 'account')"
        " AND k.row_key = CAST(e.person_id AS TEXT) JOIN change_set c ON c.id = k.change_set_id"
        " WHERE e.granted AND c.at < e.answered_at",
    ),
    Invariant(
        "checkpoints-are-seals",
        "Mốc đã ký nói đúng về niêm phong của nó",
        "SELECT k.size FROM log_checkpoint k LEFT JOIN sealed_line s ON s.seq = k.size"
        " WHERE s.hash IS NULL OR s.hash <> k.head_hash",
        cheap=True,
    ),
    Invariant(
        "delivered-was-tried",
        "Mốc đã giao là mốc đã gửi ít nhất một lần",
        "SELECT size FROM checkpoint_delivery WHERE delivered_at IS NOT NULL AND attempts = 0",
        cheap=True,
    ),
)
