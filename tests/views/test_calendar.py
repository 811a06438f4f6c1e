"""Lịch và hạn, and the feeds a calendar program reads: one instant everywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select

from models.calendar_feeds import open_feed, reader_behind
from models.database import Database
from models.deadlines import NewMilestone, set_milestones
from models.gathering import facts_of
from models.reminding import standing_dossiers
from models.rulebooks import rulebook_in_force
from models.tables import Account, CalendarFeed, Dossier
from tests.builders import (
    AUTUMN,
    NOW,
    a_decided,
    a_registered,
    a_submitted,
    person_id,
)
from views import formats
from workflow.case import Case
from workflow.deadlines import deadline_of
from workflow.facts import Actor
from workflow.guards.timing import Milestone, before_milestone
from workflow.reminders import Calendar as OfficeCalendar
from workflow.reminders import marks
from workflow.vocabulary import State

LICH = "/lich"
SECRET = re.compile(r'<p class="copy">([^<]+)</p>')


def events(content: bytes) -> dict[str, dict[str, object]]:
    """What a calendar program makes of the feed: instants and texts by UID."""
    calendar = Calendar.from_ical(content)
    return {
        str(one["uid"]): {
            "at": one.decoded("dtstart"),
            "sequence": one.decoded("sequence"),
            "summary": str(one["summary"]),
            "description": str(one["description"]),
        }
        for one in calendar.walk("VEVENT")
    }


def move(database: Database, day: date, state: State = State.SUBMITTED, award: str = "") -> None:
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        admin = person_id(session, "administrator@UBND-TINH")
        wanted = [NewMilestone("2023-midterm", state, day, award)]
        set_milestones(session, programme, wanted, "Lùi theo đề nghị", admin, AUTUMN)


def address(browser) -> str:
    browser.get(LICH)
    browser.post(f"{LICH}/dia-chi")
    found = SECRET.search(browser.last)
    assert found is not None
    return found[1].removeprefix(found[1].split("/lich/")[0])


def test_the_agenda_names_date_task_holder_and_source(sign_in, sqlite_database, clock) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    browser.get(LICH)
    for words in (code, "Hạn nộp hồ sơ", "Ban TĐKT đặt", "còn 10 ngày", "17:00", "Đang giữ việc"):
        assert words in browser.last
    assert "Hôm nay, Thứ Hai, 20/11/2023" in browser.last
    assert 'aria-current="page">Lịch và hạn' in browser.last
    clock.now = datetime(2025, 11, 3, 2, 0, tzinfo=UTC)
    browser = sign_in("clerk@h029")
    browser.get(f"{LICH}?loc=tat-ca")
    assert "Văn bản</span>" in browser.last
    assert "Hết thời gian phát động" in browser.last


def test_a_moved_milestone_is_struck_through_with_who_moved_it(
    sign_in, sqlite_database, clock
) -> None:
    a_registered(sqlite_database, "H029")
    move(sqlite_database, date(2023, 12, 6))
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    browser.get(LICH)
    assert "30/11/2023</s>" in browser.last
    assert "đổi mốc lúc 09:00 ngày 20/11/2023: Lùi theo đề nghị." in browser.last


def test_what_is_over_comes_first_and_empty_is_told(sign_in, sqlite_database, clock) -> None:
    code = a_registered(sqlite_database, "H029")
    browser = sign_in("clerk@h029")
    browser.get(LICH)
    assert browser.last.index("Đã quá hạn") < browser.last.index("Từ hôm nay đến")
    assert code in browser.last
    clock.now = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
    stranger = sign_in("clerk@h026")
    stranger.get(LICH)
    assert "Không có hạn nào trong 30 ngày tới." in stranger.last
    assert code not in stranger.last


def test_the_scopes_are_mine_my_units_and_all_i_may_see(sign_in, sqlite_database, clock) -> None:
    own, other = a_submitted(sqlite_database, "H029"), a_registered(sqlite_database, "H026")
    clock.now = AUTUMN

    def codes(login: str, scope: str) -> set[str]:
        browser = sign_in(login)
        browser.get(f"{LICH}?loc={scope}")
        return {code for code in (own, other) if code in browser.last}

    assert codes("clerk@h029", "toi") == set()
    assert codes("clerk@h029", "don-vi") == {own}
    assert codes("clerk@h029", "tat-ca") == {own}
    assert codes("auditor@ubnd-tinh", "tat-ca") == {own, other}


def test_the_month_is_a_table_with_today_in_words(sign_in, sqlite_database, clock) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    browser.get(f"{LICH}?xem=thang")
    assert "Tháng 11/2023" in browser.last
    assert browser.last.count('<th scope="col">') == 7
    assert browser.last.count("<b>hôm nay</b>") == 1
    assert code in browser.last
    browser.get(f"{LICH}?xem=thang&thang=2024-02")
    assert "Tháng 2/2024" in browser.last
    assert browser.get(f"{LICH}?xem=thang&thang=9999-99").status_code == 200


def test_many_dossiers_with_one_deadline_are_one_line(sign_in, sqlite_database, clock) -> None:
    for unit in ("H026", "H027", "H028", "H029", "H030", "H031"):
        a_registered(sqlite_database, unit)
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    browser.get(f"{LICH}?loc=tat-ca")
    assert "Hạn nộp hồ sơ: 6 hồ sơ" in browser.last


# --- Feeds -------------------------------------------------------------------------------------


def test_the_secret_address_is_shown_once_and_stored_as_a_hash(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    where = address(browser)
    browser.get(LICH)
    assert where.split("/")[-1] not in browser.last
    assert "Địa chỉ riêng đang dùng" in browser.last
    with sqlite_database.reading() as session:
        kept = session.scalars(select(CalendarFeed)).one()
    assert kept.token_hash not in where
    answer = browser.client.application.test_client().get(where)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    found = events(answer.data)
    assert [one["at"] for one in found.values()] == [datetime(2023, 11, 30, 10, 0, tzinfo=UTC)]
    assert code in str(next(iter(found.values()))["summary"])
    assert b"\r\n" in answer.data
    assert not re.search(rb"[^\r]\n", answer.data)


def test_an_address_ends_when_renewed_revoked_or_its_owner_leaves(
    sign_in, sqlite_database, clock
) -> None:
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    anybody = browser.client.application.test_client()
    first, second = address(browser), address(browser)
    assert anybody.get(first).status_code == 404
    assert anybody.get(second).status_code == 200
    browser.post(f"{LICH}/dia-chi/thu-hoi")
    assert anybody.get(second).status_code == 404
    assert anybody.get(f"{LICH}/khong-co.ics").status_code == 404
    third = address(browser)
    with sqlite_database.writing() as session:
        owner = person_id(session, "clerk@H029")
        session.get_one(Account, owner).disabled_at = AUTUMN
    assert anybody.get(third).status_code == 404


def test_a_feed_holds_only_what_its_owner_deals_with(sign_in, sqlite_database, clock) -> None:
    own, other = a_registered(sqlite_database, "H029"), a_registered(sqlite_database, "H026")
    over = a_decided(sqlite_database, "H030")
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    told = browser.client.get(address(browser)).get_data(as_text=True)
    assert own in told
    assert other not in told
    assert over not in told


def test_the_sequence_grows_and_the_uid_stays_when_a_milestone_moves(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("clerk@h029")
    where = address(browser)
    before = events(browser.client.get(where).data)
    move(sqlite_database, date(2023, 12, 6))
    after = events(browser.client.get(where).data)
    assert set(before) == set(after)
    uid = next(uid for uid in before if uid.startswith(code))
    assert after[uid]["at"] == datetime(2023, 12, 6, 10, 0, tzinfo=UTC)
    assert (before[uid]["sequence"], after[uid]["sequence"]) == (0, 1)
    assert "Trước là 17:00 ngày 30/11/2023" in str(after[uid]["description"])


def test_the_public_feed_tells_milestones_and_nothing_of_anybody(
    app, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    where = f"{LICH}/chuong-trinh/ha-giang-par-2021-2025.ics"
    first = events(app.test_client().get(where).data)
    move(sqlite_database, date(2023, 12, 6))
    move(sqlite_database, date(2023, 12, 7), award="GIAY_KHEN_XA")
    answer = app.test_client().get(where)
    found = events(answer.data)
    assert code not in answer.get_data(as_text=True)
    assert len(first) == 35
    assert len(found) == 36
    uid = next(uid for uid in found if "2023-midterm.submitted.moi-hinh-thuc" in uid)
    assert found[uid]["at"] == datetime(2023, 12, 6, 10, 0, tzinfo=UTC)
    assert found[uid]["sequence"] > first[uid]["sequence"]  # type: ignore[operator]
    own = next(uid for uid in found if "GIAY_KHEN_XA" in uid)
    assert found[own]["at"] == datetime(2023, 12, 7, 10, 0, tzinfo=UTC)
    assert app.test_client().get(f"{LICH}/chuong-trinh/khac.ics").status_code == 404


def test_the_token_opens_nothing_else(sqlite_database) -> None:
    with sqlite_database.writing() as session:
        owner = person_id(session, "clerk@H029")
        token = open_feed(session, owner, NOW)
        found = reader_behind(session, token, date(2023, 12, 5))
        assert found is not None
        assert found.person_id == owner
        assert reader_behind(session, token + "x", date(2023, 12, 5)) is None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    day=st.dates(date(2023, 11, 21), date(2024, 1, 20)),
    award=st.sampled_from(["", "BANG_KHEN_TINH", "GIAY_KHEN_XA"]),
)
def test_page_guard_letter_and_feed_show_the_same_instant(
    sign_in, sqlite_database, day, award
) -> None:
    with sqlite_database.reading() as session:
        known = session.scalar(select(Dossier.code).limit(1))
    code = known or a_submitted(sqlite_database, "H029")
    move(sqlite_database, day, State.COUNCIL_REVIEWED, award)
    with sqlite_database.writing() as session:
        programme = rulebook_in_force(session).programme
        token = open_feed(session, person_id(session, "clerk@H029"), NOW)
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        facts = facts_of(session, dossier)
        (standing,) = standing_dossiers(session, [dossier.id])
    deadline = deadline_of(programme, facts, State.COUNCIL_REVIEWED)
    assert deadline is not None
    browser = sign_in("clerk@h029")
    found = events(browser.client.get(f"{LICH}/{token}.ics").data)
    assert [one["at"] for one in found.values()] == [deadline.instant]
    shown = formats.local(deadline.instant).isoformat(timespec="minutes")
    for page in (f"/ho-so/{code}", f"{LICH}?loc=don-vi"):
        browser.get(page)
        assert f'datetime="{shown}"' in browser.last
    case = Case(facts, Actor(1, "Ai"), programme, NOW)
    finding = before_milestone(case, Milestone(of=State.COUNCIL_REVIEWED))
    assert finding.evidence[0].threshold == deadline.instant
    milestone = {rule.id: rule.milestone for rule in programme.reminders}
    live = replace(standing.live, entered_state_at=datetime(2023, 1, 1, tzinfo=UTC))
    told = marks(programme, live, OfficeCalendar())
    letters = {one.deadline for one in told if milestone[one.rule] is State.COUNCIL_REVIEWED}
    assert letters == {deadline.instant}
