"""What must always hold, as named statements that find every row for which it does not."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.invariant import Invariant
from models.invariants_log import OF_THE_LOG

SHOWN = 5


INVARIANTS: Final = (
    *OF_THE_LOG,
    Invariant(
        "version-counts-lines",
        "Mỗi phiên bản hồ sơ có đúng một dòng nhật ký",
        "SELECT code FROM dossier WHERE version <> history_count",
        cheap=True,
    ),
    Invariant(
        "history-has-an-end",
        "Dòng nhật ký cuối của hồ sơ có thật",
        "SELECT d.code FROM dossier d WHERE NOT EXISTS (SELECT 1 FROM history_line h"
        " WHERE h.dossier_id = d.id AND h.hash = d.head_hash)",
    ),
    Invariant(
        "state-follows-history",
        "Trạng thái hồ sơ là trạng thái của dòng nhật ký cuối",
        "SELECT d.code FROM dossier d JOIN history_line h ON h.dossier_id = d.id"
        " AND h.seq = d.history_count WHERE h.to_state <> d.state",
    ),
    Invariant(
        "version-follows-history",
        "Phiên bản hồ sơ là phiên bản của dòng nhật ký cuối",
        "SELECT d.code FROM dossier d JOIN history_line h ON h.dossier_id = d.id"
        " AND h.seq = d.history_count WHERE h.dossier_version <> d.version",
    ),
    Invariant(
        "steps-are-judged",
        "Mỗi bước của hồ sơ có kết quả kiểm điều kiện cho phép",
        "SELECT h.stream FROM history_line h LEFT JOIN evaluation e ON e.id = h.evaluation_id"
        " WHERE h.dossier_id IS NOT NULL AND (e.id IS NULL OR NOT e.allowed)",
    ),
    Invariant(
        "dossier-from-acknowledged-registration",
        "Hồ sơ nào cũng sinh từ bản đăng ký đã tiếp nhận",
        "SELECT d.code FROM dossier d JOIN registration r ON r.id = d.registration_id"
        " WHERE r.status <> 'acknowledged' OR r.subject_key <> d.subject_key"
        " OR r.cycle_id <> d.cycle_id OR r.programme_id <> d.programme_id",
    ),
    Invariant(
        "acknowledged-registration-has-dossier",
        "Bản đăng ký đã tiếp nhận nào cũng có hồ sơ",
        "SELECT r.code FROM registration r WHERE r.status = 'acknowledged'"
        " AND NOT EXISTS (SELECT 1 FROM dossier d WHERE d.registration_id = r.id)",
    ),
    Invariant(
        "one-live-dossier",
        "Mỗi đối tượng có không quá một hồ sơ còn hiệu lực trong một đợt",
        "SELECT subject_key FROM dossier WHERE state NOT IN ('rejected', 'withdrawn', 'revoked')"
        " GROUP BY programme_id, cycle_id, subject_key HAVING COUNT(*) > 1",
    ),
    Invariant(
        "current-document-is-newest",
        "Bản hiện hành của tài liệu là bản mới nhất",
        "SELECT d.code FROM document p JOIN dossier d ON d.id = p.dossier_id WHERE p.current"
        " AND EXISTS (SELECT 1 FROM document q WHERE q.dossier_id = p.dossier_id"
        " AND q.kind = p.kind AND q.version > p.version)",
    ),
    Invariant(
        "approval-covers-own-papers",
        "Chấp thuận chỉ gồm tài liệu của chính hồ sơ",
        "SELECT d.code FROM approval a JOIN dossier d ON d.id = a.dossier_id"
        " JOIN approval_document c ON c.approval_id = a.id JOIN document p ON p.id = c.document_id"
        " WHERE p.dossier_id <> a.dossier_id",
    ),
    Invariant(
        "council-result-stands",
        "Hồ sơ đã qua Hội đồng có kết quả Hội đồng đang đứng",
        "SELECT d.code FROM dossier d WHERE d.state IN"
        " ('council_reviewed', 'board_checked', 'decided') AND NOT EXISTS"
        " (SELECT 1 FROM council_result c WHERE c.dossier_id = d.id AND c.standing)",
    ),
    Invariant(
        "checked-is-approved",
        "Hồ sơ đã kiểm tra có chấp thuận của Hội đồng và của người kiểm tra",
        "SELECT d.code FROM dossier d WHERE d.state IN ('board_checked', 'decided') AND"
        " (SELECT COUNT(*) FROM approval a WHERE a.dossier_id = d.id AND a.standing"
        " AND a.gave IN ('council_reviewed', 'board_checked')) <> 2",
    ),
    Invariant(
        "decision-of-the-deciding-unit",
        "Quyết định là của đơn vị có thẩm quyền và không tự hủy bỏ quyết định khác",
        "SELECT d.code FROM dossier d JOIN decision x ON x.id = d.decision_id"
        " WHERE x.unit_id <> d.deciding_unit_id OR x.revokes_id IS NOT NULL",
    ),
    Invariant(
        "revocation-names-the-decision",
        "Quyết định hủy bỏ nêu đúng quyết định bị hủy và căn cứ",
        "SELECT d.code FROM dossier d JOIN decision x ON x.id = d.revocation_id"
        " WHERE x.revokes_id IS NULL OR x.revokes_id <> d.decision_id OR x.ground IS NULL",
    ),
    Invariant(
        "report-version-counts-lines",
        "Mỗi phiên bản báo cáo của đơn vị có đúng một dòng nhật ký",
        "SELECT 'BC-' || r.year || '-' || r.id FROM report r WHERE r.version - 1 <>"
        " (SELECT COUNT(*) FROM history_line h WHERE h.stream = 'report:' || r.id)",
    ),
    Invariant(
        "filed-report-has-file",
        "Báo cáo đã gửi có tệp đã ký",
        "SELECT 'BC-' || r.year || '-' || r.id FROM report r WHERE r.state IN ('filed', 'accepted')"
        " AND NOT EXISTS (SELECT 1 FROM report_file f WHERE f.report_id = r.id AND f.current)",
    ),
    Invariant(
        "supplement-on-the-way",
        "Chỉ hồ sơ đang xét có yêu cầu bổ sung",
        "SELECT code FROM dossier WHERE supplement IS NOT NULL"
        " AND state NOT IN ('submitted', 'council_reviewed', 'board_checked',"
        " 'rejected', 'withdrawn')",
    ),
    Invariant(
        "revoked-once-published",
        "Chỉ quyết định đã công bố mới bị hủy bỏ",
        "SELECT d.code FROM dossier d JOIN decision x ON x.id = d.decision_id"
        " WHERE d.state = 'revoked' AND x.published_at IS NULL",
    ),
    Invariant(
        "listed-dossiers-wait",
        "Hồ sơ trong danh sách trình ký đang chờ quyết định, ở danh sách còn mở của đúng đơn vị",
        "SELECT d.code FROM listed_dossier i JOIN dossier d ON d.id = i.dossier_id"
        " JOIN decision_list l ON l.id = i.list_id WHERE i.standing AND (d.state <> 'board_checked'"
        " OR l.state <> 'open' OR l.unit_id <> d.deciding_unit_id)",
        cheap=True,
    ),
    Invariant(
        "kept-places-are-listed",
        "Chỗ giữ nào cũng của một hồ sơ trong danh sách trình ký",
        "SELECT d.code FROM dossier d JOIN place_movement m ON m.dossier_id = d.id"
        " GROUP BY d.id, d.code HAVING SUM(m.reserved) > 0 AND NOT EXISTS"
        " (SELECT 1 FROM listed_dossier i WHERE i.dossier_id = d.id AND i.standing)",
    ),
    Invariant(
        "held-letters-wait",
        "Thư chờ công bố chỉ thuộc quyết định chưa công bố",
        "SELECT x.number FROM held_letter h JOIN decision x ON x.id = h.decision_id"
        " WHERE x.published_at IS NOT NULL",
    ),
    Invariant(
        "places-within-cap",
        "Chỉ tiêu đã dùng không vượt số được phép",
        "SELECT pool FROM quota WHERE used < 0 OR reserved < 0"
        " OR (cap IS NOT NULL AND used + reserved > cap)",
        cheap=True,
    ),
    Invariant(
        "places-are-their-movements",
        "Chỗ đã dùng và giữ của mỗi chỉ tiêu bằng tổng các lần ghi sổ",
        "SELECT q.pool FROM quota q LEFT JOIN place_movement m ON m.pool = q.pool"
        " AND m.programme_id = q.programme_id AND m.cycle_id = q.cycle_id"
        " AND m.deciding_unit_id = q.deciding_unit_id"
        " GROUP BY q.programme_id, q.cycle_id, q.pool, q.deciding_unit_id, q.used, q.reserved"
        " HAVING q.used <> COALESCE(SUM(m.used), 0) OR q.reserved <> COALESCE(SUM(m.reserved), 0)",
    ),
    Invariant(
        "a-place-is-a-decided-dossier",
        "Hồ sơ dùng một chỗ khi và chỉ khi đã quyết định, và giữ không quá một chỗ",
        "SELECT d.code FROM dossier d JOIN place_movement m ON m.dossier_id = d.id"
        " GROUP BY d.id, d.code, d.state"
        " HAVING SUM(m.used) <> CASE WHEN d.state = 'decided' THEN 1 ELSE 0 END"
        " OR SUM(m.reserved) NOT IN (0, 1) OR SUM(m.used) + SUM(m.reserved) > 1",
    ),
    Invariant(
        "a-place-moves-for-its-own",
        "Mỗi lần ghi sổ chỉ tiêu đúng chương trình, đợt và đơn vị quyết định của hồ sơ",
        "SELECT d.code FROM dossier d JOIN place_movement m ON m.dossier_id = d.id"
        " WHERE m.programme_id <> d.programme_id OR m.cycle_id <> d.cycle_id"
        " OR m.deciding_unit_id <> d.deciding_unit_id",
    ),
    Invariant(
        "stream-counts-lines",
        "Đầu mối của mỗi luồng nhật ký đếm đúng số dòng",
        "SELECT s.stream FROM history_stream s WHERE s.count <>"
        " (SELECT COUNT(*) FROM history_line h WHERE h.stream = s.stream)",
    ),
    Invariant(
        "no-session-of-the-disabled",
        "Tài khoản đã khóa không còn phiên làm việc",
        "SELECT a.login FROM account a JOIN user_session s ON s.person_id = a.person_id"
        " WHERE a.disabled_at IS NOT NULL AND s.ended_at IS NULL",
    ),
    Invariant(
        "programme-in-force",
        "Chương trình nào cũng có một bản đang áp dụng",
        "SELECT programme_id FROM programme_version GROUP BY programme_id"
        " HAVING SUM(CASE WHEN in_force THEN 1 ELSE 0 END) <> 1",
        cheap=True,
    ),
    Invariant(
        "units-have-a-top",
        "Không đơn vị nào nằm dưới chính nó",
        "WITH RECURSIVE up(id, above, depth) AS (SELECT id, parent_id, 1 FROM unit UNION ALL"
        " SELECT up.id, u.parent_id, up.depth + 1 FROM up JOIN unit u ON u.id = up.above"
        " WHERE up.depth < 20)"
        " SELECT DISTINCT u.code FROM up JOIN unit u ON u.id = up.id WHERE up.depth >= 20",
    ),
)


def broken_invariants(session: Session, *, only_cheap: bool = False) -> list[str]:
    """One Vietnamese sentence for every invariant that does not hold, with the first codes."""
    wanted = (one for one in INVARIANTS if one.cheap or not only_cheap)
    return [sentence for one in wanted if (sentence := _sentence(session, one))]


def broken_names(session: Session) -> list[str]:
    """The names of the invariants that do not hold."""
    return [one.name for one in INVARIANTS if _sentence(session, one)]


def _sentence(session: Session, invariant: Invariant) -> str:
    codes = [str(code) for code in session.execute(text(invariant.broken)).scalars()]
    if not codes:
        return ""
    more = f" và {len(codes) - SHOWN} mục khác" if len(codes) > SHOWN else ""
    return f"{invariant.says}: sai ở {', '.join(codes[:SHOWN])}{more} [{invariant.name}]."
