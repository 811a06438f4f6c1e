"""The due day of a report is set anew on a page that first says what that does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from models.report_obligations import ensure_obligations
from models.rulebooks import rulebook_in_force
from models.tables import Report, ReportDate
from tests.builders import person_id

NOW = datetime(2023, 12, 5, 3, 0, tzinfo=UTC)
WHERE = "/quan-tri/moc/bao-cao/SK-2023"


@pytest.fixture
def owed(sqlite_database, clock):
    """The clock stands at 05/12/2023 and every unit owes the mid-term report."""
    clock.now = NOW
    with sqlite_database.writing() as session:
        ensure_obligations(session, rulebook_in_force(session), NOW)
        return session.scalars(select(Report.id).where(Report.report_id == "SK-2023")).first()


TYPED = {"due": "22/12/2023", "reason": "Mưa lũ chia cắt đường", "clause": "V.1", "seen": "0"}


def preview(browser, **more: str):
    return browser.post(WHERE, TYPED | more)


def confirm(browser, **more: str):
    return browser.post(WHERE, TYPED | {"confirm": "1"} | more)


def test_a_report_is_moved_with_reason_and_clause_after_a_look(
    sign_in, sqlite_database, owed
) -> None:
    browser = sign_in("appraiser@ubnd-tinh")
    browser.get("/quan-tri/moc")
    assert WHERE in browser.last
    assert preview(browser).status_code == 200
    assert "Hạn gửi sẽ đổi" in browser.last
    assert "Thứ Sáu, 22/12/2023" in browser.last
    assert "đơn vị còn phải gửi" in browser.last
    with sqlite_database.reading() as session:
        assert session.scalars(select(ReportDate)).all() == []
    assert confirm(browser).status_code == 303
    with sqlite_database.reading() as session:
        kept = session.scalars(select(ReportDate)).one()
        assert kept.set_by == person_id(session, "appraiser@UBND-TINH")
        assert (kept.due_on, kept.reason, kept.clause, kept.version) == (
            date(2023, 12, 22),
            "Mưa lũ chia cắt đường",
            "V.1",
            2,
        )
        code = session.get_one(Report, owed).code
    browser.get("/quan-tri/moc")
    assert "22/12/2023" in browser.last
    browser.get(f"/bao-cao-dinh-ky/{code}")
    assert "đổi thành 22/12/2023" in browser.last
    assert "Mưa lũ chia cắt đường" in browser.last


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"due": ""}, "Ghi hạn gửi mới."),
        ({"due": "41/12/2023"}, "Gõ theo ngày/tháng/năm"),
        ({"reason": ""}, "Ghi lý do đổi hạn bằng một câu."),
        ({"due": "01/01/2023"}, "Hạn không thể trước ngày mở báo cáo"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(sign_in, owed, typed, told) -> None:
    browser = sign_in("appraiser@ubnd-tinh")
    assert preview(browser, **typed).status_code == 422
    assert told in browser.last


def test_the_page_says_what_the_reminders_make_of_the_day(sign_in, owed) -> None:
    browser = sign_in("appraiser@ubnd-tinh")
    preview(browser, due="03/12/2023")
    for words in (
        "Chủ Nhật, 03/12/2023 là ngày nghỉ.",
        "Chủ Nhật, 03/12/2023 đã qua.",
        "không bao giờ gửi trước hạn",
        "đơn vị thành quá hạn",
    ):
        assert words in browser.last


def test_a_day_somebody_else_has_moved_is_looked_at_again(sign_in, sqlite_database, owed) -> None:
    first, second = sign_in("appraiser@ubnd-tinh"), sign_in("administrator@ubnd-tinh")
    assert confirm(second, due="20/12/2023").status_code == 303
    assert confirm(first).status_code == 200
    assert "Hạn vừa được người khác đổi" in first.last
    with sqlite_database.reading() as session:
        assert [one.due_on for one in session.scalars(select(ReportDate))] == [date(2023, 12, 20)]


def test_nobody_else_moves_reports(sign_in, owed) -> None:
    browser = sign_in("clerk@h029")
    assert browser.get(WHERE).status_code == 403
    assert browser.get("/quan-tri/moc/bao-cao/KHONG-CO").status_code in {403, 404}
