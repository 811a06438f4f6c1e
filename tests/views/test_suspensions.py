"""Stopping the clock of one dossier: a decision with reason, approver and clause."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import select

from models.tables import OutgoingMessage, Suspension
from models.words import MessageStatus
from schedules.second_look import look_again
from tests.builders import AUTUMN, a_registered, a_submitted, person_id, step, taken
from workflow.forecast import MOVED_ON
from workflow.vocabulary import Action

DAYS = {
    "since": "21/11/2023",
    "until": "23/11/2023",
    "comment": "Chờ kết luận thanh tra",
    "clause": "V.3",
}


def test_the_appraiser_stops_the_clock_and_the_page_tells(sign_in, sqlite_database, clock) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    where = f"/ho-so/{code}/tam-dung-thoi-han"
    browser.get(where)
    assert "17:00 ngày 30/11/2023" in browser.last
    assert browser.post(where, browser.carried() | DAYS).status_code == 303
    with sqlite_database.reading() as session:
        kept = session.scalars(select(Suspension)).one()
        assert kept.approved_by == person_id(session, "appraiser@UBND-TINH")
    assert (kept.reason, kept.clause) == ("Chờ kết luận thanh tra", "V.3")
    browser.get(f"/ho-so/{code}")
    # 30/11 and three days is Sunday 03/12: the deadline rolls on to Monday.
    assert 'datetime="2023-12-04T17:00+07:00"' in browser.last
    assert "30/11/2023</s>" in browser.last
    assert "tạm dừng tính thời hạn lúc" in browser.last
    assert "(Mục V.3)" in browser.last


def test_a_stop_must_end_after_it_begins_and_begin_before_the_deadline(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    where = f"/ho-so/{code}/tam-dung-thoi-han"
    for days in (
        {"since": "23/11/2023", "until": "21/11/2023"},
        {"since": "10/12/2023", "until": "11/12/2023"},
        {"since": "21/11/2023", "until": "21/06/2024"},
        {"comment": ""},
    ):
        browser.get(where)
        answer = browser.post(where, browser.carried() | DAYS | days)
        assert answer.status_code == 422, days
    with sqlite_database.reading() as session:
        assert session.scalars(select(Suspension)).all() == []


def test_a_unit_cannot_stop_its_own_clock(sign_in, sqlite_database, clock) -> None:
    code = a_submitted(sqlite_database, "H029")
    browser = sign_in("clerk@h029")
    browser.get(f"/ho-so/{code}/tam-dung-thoi-han")
    assert "Người có quyền" in browser.last


def test_a_late_dossier_with_a_stopped_clock_is_not_listed_as_late(
    sign_in, sqlite_database, clock
) -> None:
    code = a_registered(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    where = f"/ho-so/{code}/tam-dung-thoi-han"
    browser.get(where)
    browser.post(where, browser.carried() | DAYS)
    clock.now = datetime(2023, 12, 4, 9, 59, tzinfo=UTC)
    reader = sign_in("appraiser@ubnd-tinh")
    reader.get("/ho-so?co=qua-han")
    assert code not in reader.last
    clock.now = datetime(2023, 12, 4, 10, 1, tzinfo=UTC)
    reader.get("/ho-so?co=qua-han")
    assert code in reader.last


def test_those_concerned_are_told_when_the_clock_stops_and_when_it_goes_on(
    sign_in, sqlite_database, clock
) -> None:
    code = a_submitted(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    where = f"/ho-so/{code}/tam-dung-thoi-han"
    browser.get(where)
    # Until Friday 24/11: the clock goes on over the weekend, the letter comes on Monday.
    days = DAYS | {"until": "24/11/2023"}
    assert browser.post(where, browser.carried() | days).status_code == 303
    with sqlite_database.reading() as session:
        letters = session.scalars(
            select(OutgoingMessage).where(
                OutgoingMessage.letter.in_(("suspended", "suspension_over"))
            )
        ).all()
        concerned = {
            person_id(session, f"{post}@H029") for post in ("clerk", "head", "council_secretary")
        }
    told = {(one.letter, one.recipient_id): one for one in letters}
    assert set(told) == {
        (letter, person) for letter in ("suspended", "suspension_over") for person in concerned
    }
    for (letter, _), one in told.items():
        monday = datetime(2023, 11, 27, 1, 0, tzinfo=UTC)
        assert one.due_at == (AUTUMN if letter == "suspended" else monday)
        assert one.status is MessageStatus.WAITING
    browser.get(f"/ho-so/{code}")
    lines = re.findall(r"<li.*?</li>", browser.last, re.DOTALL)
    (line,) = [one for one in lines if "Đã báo: " in one and "tạm dừng tính thời hạn" in one]
    assert "Clerk H029" in line
    assert "Council Secretary H029" in line


def test_the_end_of_a_stop_is_told_only_while_the_dossier_is_on_its_way(
    sign_in, sqlite_database, clock
) -> None:
    code = a_submitted(sqlite_database, "H029")
    clock.now = AUTUMN
    browser = sign_in("appraiser@ubnd-tinh")
    where = f"/ho-so/{code}/tam-dung-thoi-han"
    browser.get(where)
    browser.post(where, browser.carried() | DAYS)
    later = datetime(2023, 11, 24, 1, 5, tzinfo=UTC)
    with sqlite_database.reading() as session:
        letter = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.letter == "suspension_over").limit(1)
        ).one()
        assert look_again(session, letter, later) == ""
    taken(step(sqlite_database, code, "clerk@H029", Action.WITHDRAW, now=AUTUMN, comment="Rút"))
    with sqlite_database.reading() as session:
        assert look_again(session, letter, later) == MOVED_ON
