"""Changing milestones and days off: seen first, saved whole, by those who may."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from models.database import Database
from models.deadlines import NewMilestone, set_milestones, terms_of, timed
from models.evaluations import facts_in
from models.moving import becoming_late
from models.office_calendar import days_of, fill_in, read_days
from models.rulebooks import rulebook_in_force
from models.tables import (
    CalendarDay,
    Evaluation,
    HistoryLine,
    MilestoneVersion,
    OutgoingMessage,
)
from schedules.wording import render
from tests.builders import (
    AUTUMN,
    NOW,
    ROOT,
    SPRING,
    a_registered,
    a_registration,
    a_submitted,
    person_id,
    step,
    the_dossier,
)
from workflow.deadlines import deadline_of
from workflow.vocabulary import Action, State

MOC = "/quan-tri/moc"
FORM = f"{MOC}/2023-midterm"
LATER = {
    "award": "",
    "submitted": "06/12/2023",
    "council_reviewed": "08/12/2023",
    "board_checked": "15/12/2023",
    "decided": "25/12/2023",
    "rule": "as_set",
    "reason": "Lùi theo đề nghị của các huyện",
    "clause": "",
    "seen": "0",
}


def versions(database: Database) -> list[MilestoneVersion]:
    with database.reading() as session:
        return list(session.scalars(select(MilestoneVersion).order_by(MilestoneVersion.id)))


def set_handing_in(database: Database, day: date, award: str = "") -> None:
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        admin = person_id(session, "administrator@UBND-TINH")
        wanted = [NewMilestone("2023-midterm", State.SUBMITTED, day, award)]
        set_milestones(session, programme, wanted, "Lùi hạn", admin, NOW)


@pytest.mark.parametrize("address", [MOC, FORM, "/quan-tri/lich-nghi"])
def test_everybody_else_is_told_who_can(sign_in, address) -> None:
    for login in ("clerk@h029", "appraiser@h029", "auditor@ubnd-tinh", "head@ubnd-tinh"):
        answer = sign_in(login).get(address)
        assert answer.status_code == 403
        assert "Người xử lý được" in answer.get_data(as_text=True)
    for login in ("administrator@ubnd-tinh", "appraiser@ubnd-tinh"):
        assert sign_in(login).get(address).status_code == 200


def test_a_clerk_cannot_post_either(sign_in, sqlite_database) -> None:
    clerk = sign_in("clerk@h029")
    assert clerk.post(FORM, LATER | {"confirm": "1"}).status_code == 403
    assert clerk.post("/quan-tri/lich-nghi", {"day": "24/11/2026"}).status_code == 403
    assert versions(sqlite_database) == []


def test_a_change_is_shown_before_it_is_saved(sign_in, sqlite_database, clock) -> None:
    clock.now = AUTUMN
    browser = sign_in("administrator@ubnd-tinh")
    browser.get(FORM)
    shown = browser.post(FORM, LATER)
    assert shown.status_code == 200
    assert "1 mốc sẽ đổi" in browser.last
    assert "Không hồ sơ, bản đăng ký nào thành quá hạn" in browser.last
    assert versions(sqlite_database) == []
    done = browser.post(FORM, LATER | {"confirm": "1"})
    assert done.status_code == 303
    saved = versions(sqlite_database)
    assert [(one.state, one.version) for one in saved] == [(State.SUBMITTED, 2)]
    assert saved[0].instant == datetime(2023, 12, 6, 10, 0, tzinfo=UTC)
    with sqlite_database.reading() as session:
        line = session.scalars(
            select(HistoryLine).where(HistoryLine.action == "set_milestone")
        ).one()
    assert "2023-11-30T10:00:00+00:00" in line.payload
    browser.get(MOC)
    assert "30/11/2023</s>" in browser.last
    again = browser.post(FORM, LATER | {"confirm": "1"})
    assert again.status_code == 303
    assert len(versions(sqlite_database)) == 1


def test_dossiers_that_become_late_are_named_and_counted(sign_in, sqlite_database, clock) -> None:
    code = a_registered(sqlite_database, "H029")
    a_submitted(sqlite_database, "H026")
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    browser.post(FORM, LATER | {"submitted": "15/11/2023"})
    assert "1 hồ sơ, bản đăng ký thành quá hạn" in browser.last
    assert code in browser.last
    assert "15/11/2023 đã qua" in browser.last


def test_the_closing_of_registration_is_moved_like_the_others(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registration(sqlite_database)
    clock.now = SPRING
    browser = sign_in("appraiser@ubnd-tinh")
    days = LATER | {"submitted": "30/11/2023"}
    browser.post(FORM, days | {"registered": "10/02/2023"})
    assert "1 hồ sơ, bản đăng ký thành quá hạn" in browser.last
    assert code in browser.last
    done = browser.post(FORM, days | {"registered": "14/04/2023", "confirm": "1"})
    assert done.status_code == 303
    assert [(one.state, one.award_form) for one in versions(sqlite_database)] == [
        (State.REGISTERED, "")
    ]
    browser.get(MOC)
    assert "31/03/2023</s>" in browser.last
    browser.get("/lich")
    assert "Hạn đăng ký: đợt sơ kết tháng 12/2023" in browser.last
    assert "31/03/2023</s>" in browser.last
    clerk = sign_in("clerk@h030")
    clerk.get("/dang-ky/moi")
    assert "đến 17:00 ngày 14/04/2023. " in clerk.last
    assert "Lùi theo đề nghị của các huyện" in clerk.last
    feed = clerk.get("/lich/chuong-trinh/ha-giang-par-2021-2025.ics").get_data(as_text=True)
    event = next(part for part in feed.split("BEGIN:VEVENT") if "2023-midterm.registered" in part)
    assert "DTSTART:20230414T100000Z" in event
    assert "SEQUENCE:1" in event


def test_what_a_new_date_does_to_the_reminders_is_said_before_it_is_saved(
    sign_in, sqlite_database, clock
) -> None:
    a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("administrator@ubnd-tinh")
    browser.get(FORM)
    browser.post(FORM, LATER)
    assert "Nhắc việc" not in browser.last.partition("mốc sẽ đổi")[0].partition("<h1")[2]
    browser.post(FORM, LATER | {"submitted": "20/11/2023"})
    assert "Nhắc việc N01: không bao giờ gửi trước hạn" in browser.last
    assert versions(sqlite_database) == []


def test_the_closing_has_no_tier_and_stays_in_its_window(sign_in, sqlite_database) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    wrong = LATER | {"award": "BANG_KHEN_TINH", "registered": "14/04/2023"}
    assert browser.post(FORM, wrong).status_code == 422
    assert "Hạn đăng ký chung cho mọi hình thức" in browser.last
    assert browser.post(FORM, LATER | {"registered": "14/04/2022"}).status_code == 422
    assert "Hạn đăng ký không thể trước ngày mở, 01/01/2023" in browser.last
    assert versions(sqlite_database) == []


def test_faults_are_told_and_nothing_is_saved(sign_in, sqlite_database) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    answer = browser.post(
        FORM, LATER | {"council_reviewed": "01/12/2023", "reason": "", "decided": "mai"}
    )
    assert answer.status_code == 422
    for words in ("sớm hơn mốc đứng trước", "Ghi lý do đổi mốc", "Gõ theo ngày/tháng/năm"):
        assert words in browser.last
    assert versions(sqlite_database) == []


def test_whoever_was_overtaken_sees_the_page_again(sign_in, sqlite_database, clock) -> None:
    clock.now = AUTUMN
    browser = sign_in("administrator@ubnd-tinh")
    set_handing_in(sqlite_database, date(2023, 12, 1))
    browser.post(FORM, LATER | {"confirm": "1"})
    assert "vừa được người khác đổi" in browser.last
    assert len(versions(sqlite_database)) == 1


def test_days_are_proposed_backwards_from_the_decision(sign_in, sqlite_database) -> None:
    with sqlite_database.writing() as session:
        fill_in(session, [2023], (), NOW)
    browser = sign_in("administrator@ubnd-tinh")
    browser.get(f"{FORM}?hinh-thuc=BANG_KHEN_TINH&quyet-dinh=31/12/2023")
    assert "Ngày đề xuất, chưa lưu" in browser.last
    assert "25 ngày làm việc" in browser.last
    assert 'value="24/11/2023"' in browser.last
    assert versions(sqlite_database) == []
    browser.get(f"{FORM}?quyet-dinh=31/12/2023")
    assert "Chọn một hình thức để tính lùi" in browser.last


def test_the_next_working_day_is_what_is_saved(sign_in, sqlite_database) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    days = LATER | {"submitted": "02/12/2023", "rule": "next_working_day", "confirm": "1"}
    browser.post(FORM, days)
    assert versions(sqlite_database)[0].instant == datetime(2023, 12, 4, 10, 0, tzinfo=UTC)


def test_page_guard_list_and_stored_facts_follow_a_moved_milestone(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    set_handing_in(sqlite_database, date(2023, 12, 6))
    clock.now = datetime(2023, 12, 6, 9, 59, 59, tzinfo=UTC)
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}")
    assert "30/11/2023</s>" in browser.last
    assert "đổi mốc lúc" in browser.last
    assert "Quá hạn nộp" not in browser.last
    browser.get("/ho-so?co=qua-han")
    assert code not in browser.last
    step(sqlite_database, code, "clerk@H029", Action.SUBMIT, now=clock.now)
    with sqlite_database.reading() as session:
        kept = session.scalars(select(Evaluation).order_by(Evaluation.id.desc())).first()
        assert kept is not None
        facts = facts_in(kept)
    assert facts.terms.milestones[0].instant == datetime(2023, 12, 6, 10, 0, tzinfo=UTC)
    clock.now = datetime(2023, 12, 6, 10, 0, 1, tzinfo=UTC)
    browser.get(f"/ho-so/{code}")
    assert "Quá hạn nộp" in browser.last
    browser.get("/ho-so?co=qua-han")
    assert code in browser.last


def test_a_milestone_of_one_form_of_award_moves_only_its_dossiers(sqlite_database) -> None:
    code = a_submitted(sqlite_database, "H029")
    with sqlite_database.writing() as session:
        programme = rulebook_in_force(session).programme
        admin = person_id(session, "administrator@UBND-TINH")
        day = date(2023, 12, 11)
        for award in ("GIAY_KHEN_HUYEN", "BANG_KHEN_TINH"):
            wanted = [NewMilestone("2023-midterm", State.COUNCIL_REVIEWED, day, award)]
            set_milestones(session, programme, wanted, "Riêng", admin, NOW)
            dossier = the_dossier(sqlite_database, code)
            terms = terms_of(session, [dossier])[dossier.id]
            found = deadline_of(programme, timed(dossier, terms), State.COUNCIL_REVIEWED)
            assert found is not None
            assert (found.version > 1) is (award == dossier.award_form)


def test_a_change_of_one_tier_names_only_its_dossiers(database) -> None:
    code = a_submitted(database, "H029")
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        day = date(2023, 12, 1)

        def late(award: str) -> list[str]:
            wanted = [NewMilestone("2023-midterm", State.COUNCIL_REVIEWED, day, award)]
            return [one.code for one in becoming_late(session, programme, wanted, NOW)]

        assert late("") == [code]
        assert late("BANG_KHEN_TINH") == [code]
        assert late("GIAY_KHEN_XA") == []


# --- Days off ----------------------------------------------------------------------------------

NGHI = "/quan-tri/lich-nghi"


def test_a_day_is_added_changed_and_removed_with_a_source(sign_in, sqlite_database) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    day = {"day": "24/11/2026", "kind": "holiday", "name": "Ngày Văn hóa", "source": "NQ 28/2026"}
    assert browser.post(NGHI, day).status_code == 303
    browser.get(f"{NGHI}?nam=2026")
    assert "NQ 28/2026" in browser.last
    browser.get(f"{NGHI}?sua=2026-11-24")
    assert 'value="24/11/2026"' in browser.last
    browser.post(NGHI, day | {"kind": "working_swap"})
    with sqlite_database.reading() as session:
        assert days_of(session, 2026)[0].kind.value == "working_swap"
    assert "Bỏ ngày 24/11/2026" in browser.get(f"{NGHI}/2026-11-24/bo").get_data(as_text=True)
    assert browser.post(f"{NGHI}/2026-11-24/bo").status_code == 303
    assert browser.get(f"{NGHI}/2026-11-24/bo").status_code == 404
    with sqlite_database.reading() as session:
        assert session.scalars(select(CalendarDay)).all() == []
        done = session.scalars(select(HistoryLine.action).order_by(HistoryLine.id)).all()
    assert done[-3:] == ["set_calendar_day", "set_calendar_day", "remove_calendar_day"]


def test_a_day_without_a_source_is_refused(sign_in, sqlite_database) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    answer = browser.post(NGHI, {"day": "31/02/2026", "kind": "feast", "name": "", "source": ""})
    assert answer.status_code == 422
    assert "Ghi văn bản hoặc thông báo" in browser.last


def test_a_year_in_use_without_rows_is_warned_of(sign_in, sqlite_database) -> None:
    browser = sign_in("administrator@ubnd-tinh")
    for address in (MOC, FORM, NGHI, "/lich"):
        browser.get(address)
        assert "Lịch năm 2023 chưa có ngày nghỉ nào" in browser.last
    with sqlite_database.writing() as session:
        fill_in(session, [2023], (), NOW)
    browser.get(MOC)
    assert "Lịch năm 2023" not in browser.last


def test_the_programmes_page_shows_the_day_in_force_and_strikes_the_old_one(
    sign_in, sqlite_database
) -> None:
    browser = sign_in("clerk@h029")
    browser.get("/van-ban")
    assert "Hạn nộp hồ sơ 30/11/2023" in browser.last
    assert "Ban TĐKT đặt" in browser.last
    set_handing_in(sqlite_database, date(2023, 12, 7))
    set_handing_in(sqlite_database, date(2023, 12, 4), "GIAY_KHEN_XA")
    browser.get("/van-ban")
    words = browser.last
    assert "Hạn nộp hồ sơ 07/12/2023" in words
    assert '<s><span class="sr">Ngày cũ: </span>30/11/2023</s>' in words
    assert '<s><span class="sr">Ngày cũ: </span>07/12/2023</s>' in words
    assert "Lùi hạn." in words


def test_a_day_without_a_known_notice_is_marked(sign_in, sqlite_database) -> None:
    overrides = read_days((ROOT / "config" / "data" / "calendar-overrides.csv").read_bytes())
    with sqlite_database.writing() as session:
        fill_in(session, [2026], overrides.changes, NOW)
    browser = sign_in("administrator@ubnd-tinh")
    browser.get("/quan-tri/lich-nghi?nam=2026")
    assert browser.last.count("Chưa đối chiếu") == 2


def test_whoever_a_moved_milestone_concerns_is_told_once_and_the_pages_say_who(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    a_registered(sqlite_database, "H026")
    passed = a_submitted(sqlite_database, "H030")
    clock.now = AUTUMN
    browser = sign_in("administrator@ubnd-tinh")
    browser.get(FORM)
    browser.post(FORM, LATER | {"confirm": "1"})
    with sqlite_database.reading() as session:
        letters = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.letter == "milestone_moved")
        ).all()
        wanted = {
            person_id(session, f"{post}@{unit}")
            for post in ("clerk", "head")
            for unit in ("H029", "H026")
        }
    assert sorted(one.recipient_id for one in letters) == sorted(wanted)
    assert passed not in str([one.values for one in letters])
    text = render("milestone_moved", letters[0].values, None, "http://localhost", AUTUMN)
    assert "17:00 ngày 30/11/2023 đổi thành 17:00 ngày 06/12/2023" in text.body
    assert "Lùi theo đề nghị của các huyện" in text.body
    assert "Thư báo gửi tới 4 người" in browser.get(MOC).get_data(as_text=True)
    browser.get(f"/ho-so/{code}")
    assert "Đã báo: " in browser.last
    assert "Clerk H029" in browser.last.partition("Đã báo: ")[2][:80]
    assert "H026" not in browser.last.partition("Đã báo: ")[2][:80]
    browser.get("/lich")
    assert "Đã báo: " in browser.last
