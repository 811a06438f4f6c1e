"""What steps tell waits for the morning, unless it cannot wait or is no news by then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.database import Database
from models.deadlines import NewMilestone
from models.forecasting import mails, news_ahead
from models.move_letters import move_milestones
from models.news import ANSWERED, NEWER_NEWS, STILL_STOPPED
from models.reconciling import reconcile
from models.rulebooks import rulebook_in_force
from models.words import MessageStatus
from schedules.planner import plan
from schedules.postman import Postman
from tests import builders as build
from tests.schedules.cases import (
    StoppedClock,
    at,
    book,
    digests,
    empty_book,
    relieve,
    remind_of_no_reports,
)
from tests.schedules.mailbox import Mailbox
from tests.schedules.test_report_reminders import act
from workflow.facts import ExtensionInput, HoldInput, SupplementInput, SuspensionInput
from workflow.forecast import MOVED_ON, NOT_THEIRS, RELEASED
from workflow.news import TITLES, leaves_alone, news_line
from workflow.vocabulary import Action, DocumentKind, ReportAction, State

SECRETARY, BOARD = "council_secretary@H029", f"appraiser@{build.PROVINCE}"
MORNING = at(11, 21, 8)
WAITING, SENT, SUPPRESSED = MessageStatus.WAITING, MessageStatus.SENT, MessageStatus.SUPPRESSED


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One engine: what is asked of both is in `test_postman`."""
    return sqlite_database


def come_to(database: Database, clock: StoppedClock, postman: Postman, *moments) -> None:
    """Let the clock plan and post at each of these instants."""
    for moment in moments:
        clock.now = moment
        plan(database, clock())
        postman.post_all()


def submit(database: Database) -> str:
    """A dossier handed in on Monday 20/11 at nine, and nothing else in the book."""
    remind_of_no_reports(database)
    code = build.a_written(database)
    empty_book(database)
    build.taken(build.step(database, code, "head@H029", Action.SUBMIT, now=build.AUTUMN))
    return code


def told(mailbox: Mailbox, code: str) -> list[str]:
    """The letters to one person, each with plain line ends."""
    return [
        "\n".join(letter.get_content().splitlines())
        for letter in mailbox.letters
        if letter["To"].startswith(code)
    ]


def whys(database: Database, letter: str) -> set[str]:
    return {one.reason for one in book(database, letter)}


def test_a_step_is_told_with_the_next_morning_in_one_letter(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    code = submit(database)
    (news,) = book(database, "submitted")
    assert (news.alone, news.due_at, news.day) == (False, build.AUTUMN, None)
    come_to(database, clock, postman, at(11, 20, 9, 1), at(11, 20, 17), at(11, 21, 7, 59))
    assert book(database, "submitted")[0].status is WAITING
    with database.reading() as session:
        ahead = mails((), news_ahead(session, clock.now, at(11, 21, 8)))
    assert [(one.leaves_at, len(one.news)) for one in ahead] == [(MORNING, 1)]
    come_to(database, clock, postman, MORNING, at(11, 21, 8, 1), at(11, 22, 8))
    (news,) = book(database, "submitted")
    assert news.status is SENT
    letters = told(mailbox, "council_secretary.h029")
    assert sum(code in one for one in letters) == 1
    with database.reading() as session:
        assert all(day.holds for day in reconcile(session, at(11, 22, 9)))
        assert news_ahead(session, clock.now, at(12, 1)) == []


def test_news_stands_beside_what_is_due_in_a_part_of_its_own(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    code = submit(database)
    inputs = SuspensionInput(date(2023, 11, 22), date(2023, 11, 23), "V.3")
    suspend = build.step(
        database, code, BOARD, Action.SUSPEND, inputs, now=at(11, 20, 10), comment="Lũ"
    )
    build.taken(suspend)
    come_to(database, clock, postman, MORNING)
    (letter,) = told(mailbox, "council_secretary.h029")
    _, _, news = letter.partition("Tin mới:\n")
    assert f"- Đã nộp, chờ Hội đồng xét: {code} (UBND huyện Quản Bạ), Vàng Head H029" in news
    assert f"- Tạm dừng tính thời hạn: {code}" in news
    assert "từ ngày 22/11/2023 đến hết ngày 23/11/2023" in news
    subject = next(one["Subject"] for one in mailbox.letters if "council_secretary" in one["To"])
    assert subject == "[TĐKT] 2 tin mới"


def test_what_cannot_wait_leaves_at_once(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    code = submit(database)

    asked = SupplementInput(("Ký trang 3",), (DocumentKind.BAO_CAO_THANH_TICH,), at(11, 24, 17))
    build.taken(
        build.step(
            database,
            code,
            SECRETARY,
            Action.REQUEST_SUPPLEMENT,
            asked,
            now=at(11, 20, 10),
            comment="Thiếu chữ ký",
        )
    )
    come_to(database, clock, postman, at(11, 20, 10, 1))
    assert {one.status for one in book(database, "supplement_requested")} == {SENT}
    assert len(told(mailbox, "clerk.h029")) == 1


def test_a_step_whose_next_deadline_ends_before_the_morning_leaves_at_once(
    database: Database,
) -> None:
    remind_of_no_reports(database)
    code = build.a_written(database)
    empty_book(database)
    late = at(11, 30, 15)
    build.taken(build.step(database, code, "clerk@H029", Action.PRESENT, now=late))
    assert [one.alone for one in book(database, "presented")] == [True]


def test_what_is_over_by_the_morning_is_not_told(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    code = submit(database)
    build.taken(
        build.step(database, code, "clerk@H029", Action.WITHDRAW, now=at(11, 20, 14), comment="Rút")
    )
    come_to(database, clock, postman, MORNING)
    assert whys(database, "submitted") == {MOVED_ON}
    assert told(mailbox, "council_secretary.h029") == []
    assert {one.status for one in digests(database)} <= {SUPPRESSED, SENT}


def test_of_two_like_it_only_the_newer_is_told(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    remind_of_no_reports(database)
    code = build.a_written(database)
    empty_book(database)
    for hour, day in ((9, 5), (10, 6)):
        build.taken(
            build.step(
                database,
                code,
                BOARD,
                Action.GRANT_EXTENSION,
                ExtensionInput(at(12, day, 17)),
                now=at(11, 20, hour),
                comment="Mưa lũ",
            )
        )
    come_to(database, clock, postman, MORNING)
    first, second = (
        [one for one in book(database, "extended") if one.due_at == at(11, 20, hour)]
        for hour in (9, 10)
    )
    assert {one.reason for one in first} == {NEWER_NEWS}
    assert {one.status for one in second} == {SENT}


def test_news_of_a_hold_falls_with_the_hold(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:

    code = submit(database)
    build.taken(
        build.step(
            database,
            code,
            BOARD,
            Action.HOLD,
            HoldInput("Thanh tra"),
            now=at(11, 20, 10),
            comment="Xem xét",
        )
    )
    build.taken(
        build.step(database, code, BOARD, Action.RELEASE_HOLD, now=at(11, 20, 11), comment="Xong")
    )
    come_to(database, clock, postman, MORNING)
    assert whys(database, "held") == {RELEASED}
    assert {one.status for one in book(database, "released")} == {SENT}


def test_who_left_the_post_by_the_morning_is_not_told(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    submit(database)
    relieve(database, SECRETARY, at(11, 20))
    come_to(database, clock, postman, MORNING)
    assert whys(database, "submitted") == {NOT_THEIRS}
    assert told(mailbox, "council_secretary.h029") == []


@pytest.mark.parametrize(("since", "until"), [(24, 30), (27, 28)])
def test_the_end_of_a_stop_is_not_told_while_another_runs(
    database: Database, clock: StoppedClock, postman: Postman, since: int, until: int
) -> None:
    """A stop until Friday 24/11, another that overlaps it or begins on the Monday it is told on."""
    code = submit(database)
    for hour, days in ((10, (22, 24)), (11, (since, until))):
        inputs = SuspensionInput(date(2023, 11, days[0]), date(2023, 11, days[1]))
        build.taken(
            build.step(
                database, code, BOARD, Action.SUSPEND, inputs, now=at(11, 20, hour), comment="Lũ"
            )
        )
    come_to(database, clock, postman, at(11, 27, 8))
    over = book(database, "suspension_over")
    assert {one.reason for one in over if one.due_at == at(11, 27, 8)} == {STILL_STOPPED}
    come_to(database, clock, postman, at(11, until + 1, 8) if until < 30 else at(12, 1, 8))
    later = [one for one in book(database, "suspension_over") if one.due_at > at(11, 27, 8)]
    assert {one.status for one in later} == {SENT}


def test_a_report_accepted_by_the_morning_is_no_news_to_the_board(
    database: Database, clock: StoppedClock, postman: Postman
) -> None:
    plan(database, at(12, 4, 9))
    act(database, ReportAction.FILE, "clerk@H029", at(12, 4, 10))
    assert {one.alone for one in book(database, "report_filed")} == {False}
    act(database, ReportAction.ACCEPT, BOARD, at(12, 4, 11))
    come_to(database, clock, postman, at(12, 5, 8))
    assert whys(database, "report_filed") == {ANSWERED}
    assert {one.status for one in book(database, "report_accepted")} == {SENT}


def test_a_milestone_moved_twice_is_told_once(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    remind_of_no_reports(database)
    build.a_written(database)
    empty_book(database)
    for hour, day in ((9, 6), (10, 7)):
        with database.writing() as session:
            programme = rulebook_in_force(session).programme
            wanted = [NewMilestone("2023-midterm", State.SUBMITTED, date(2023, 12, day))]
            by = build.person_id(session, BOARD)
            move_milestones(session, programme, wanted, "Mưa lũ", by, at(11, 20, hour))
    come_to(database, clock, postman, MORNING)
    moved = book(database, "milestone_moved")
    assert {one.reason for one in moved if one.due_at == at(11, 20, 9)} == {NEWER_NEWS}
    (letter,) = told(mailbox, "clerk.h029")
    assert "17:00 ngày 07/12/2023" in letter


def test_news_written_by_a_clock_that_was_ahead_does_not_wait_for_that_day(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    submit(database)
    come_to(database, clock, postman, build.AUTUMN - timedelta(days=6))
    assert {one.status for one in book(database, "submitted")} == {SENT}


def test_only_letters_with_a_line_of_their_own_can_wait() -> None:
    morning, values = at(12, 5, 8), {"code": "HS", "unit": "U", "actor": "A", "at": at(12, 4, 9)}
    more = {"until": at(12, 8, 17), "since": date(2023, 12, 5), "items": ()}
    more |= {"report": "báo cáo năm", "was": at(12, 4, 17), "now_at": at(12, 8, 17)}
    for letter in TITLES:
        assert news_line(letter, values | more).startswith(TITLES[letter])
        assert not leaves_alone(letter, (None, at(12, 6, 17)), morning)
        assert leaves_alone(letter, (at(12, 4, 17),), morning)
    for letter in ("supplement_requested", "decided", "rejected", "revoked", "people"):
        assert leaves_alone(letter, (), morning)
