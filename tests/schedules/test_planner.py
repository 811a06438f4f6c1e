"""Each reminder is written down once, whoever plans and however often (promises P11 to P14)."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from models import deciding
from models.database import Database, open_database
from models.deadlines import NewMilestone, set_milestones
from models.reconciling import reconcile
from models.rulebooks import rulebook_in_force
from models.words import Channel, MessageStatus
from schedules.planner import LEFT, NO_ADDRESS, plan
from schedules.summary import Summary
from tests import builders as build
from tests.models.test_deciding import HEAD, committed
from tests.schedules.cases import (
    a_registered_alone,
    at,
    book,
    digests,
    extend,
    relieve,
    remind_of_no_reports,
    set_person,
    statuses,
)
from workflow.forecast import NEWER, NOBODY, TOO_OLD, WINDOW_CLOSED
from workflow.vocabulary import State

PLANNERS = 4
FIRST_MARK = at(11, 1, 8)


def plan_elsewhere(url: str, now: datetime) -> Summary:
    """Plan as another process does."""
    database = open_database(url)
    try:
        return plan(database, now)
    finally:
        database.close()


def test_nothing_is_due_before_eight_in_the_office(database: Database) -> None:
    a_registered_alone(database)
    assert plan(database, FIRST_MARK - timedelta(seconds=1)) == Summary()
    assert plan(database, FIRST_MARK) == Summary(queued=2, laid_in_inbox=2)


def test_clerk_and_head_are_told_by_both_channels(database: Database) -> None:
    code = a_registered_alone(database)
    plan(database, FIRST_MARK)
    written = book(database)
    with database.reading() as session:
        people = {build.person_id(session, f"{who}@H029") for who in ("clerk", "head")}
    assert {(one.recipient_id, one.channel) for one in written} == {
        (person, channel) for person in people for channel in (Channel.INBOX, Channel.EMAIL)
    }
    inbox = [one for one in written if one.channel is Channel.INBOX]
    assert {one.status for one in inbox} == {MessageStatus.SENT}
    assert {one.address for one in inbox} == {""}
    mail = [one for one in written if one.channel is Channel.EMAIL]
    assert {one.status for one in mail} == {MessageStatus.WAITING}
    assert {one.address for one in mail} == {
        "clerk.h029@hagiang.example",
        "head.h029@hagiang.example",
    }
    assert {one.values["code"] for one in written} == {code}


def test_somebody_without_address_is_told_in_the_inbox_only(database: Database) -> None:
    a_registered_alone(database)
    set_person(database, "clerk@H029", email="")
    assert plan(database, FIRST_MARK) == Summary(queued=1, laid_in_inbox=2, suppressed=1)
    (noted,) = [one for one in book(database) if one.reason]
    assert (noted.reason, noted.channel) == (NO_ADDRESS, Channel.EMAIL)


def test_planning_twice_writes_nothing_twice(database: Database) -> None:
    a_registered_alone(database)
    plan(database, at(11, 16))
    before = len(book(database))
    assert plan(database, at(11, 16)) == Summary()
    assert plan(database, at(11, 16, 23)) == Summary()
    assert len(book(database)) == before


def test_four_threads_write_each_reminder_once(database: Database) -> None:
    a_registered_alone(database)
    a_registered_alone(database, "H027")
    now = at(11, 16)
    with ThreadPoolExecutor(PLANNERS) as pool:
        done = list(pool.map(lambda _: plan(database, now), range(PLANNERS)))
    total = sum(done, Summary())
    keys = [one.dedupe_key for one in book(database)]
    assert len(keys) == len(set(keys)) == sum(total.told().values())
    assert total == Summary(queued=4, laid_in_inbox=4, suppressed=8)


@pytest.mark.slow
def test_four_processes_write_each_reminder_once(database: Database, database_url: str) -> None:
    a_registered_alone(database)
    a_registered_alone(database, "H027")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PLANNERS, mp_context=spawn) as pool:
        runs = [pool.submit(plan_elsewhere, database_url, at(11, 16)) for _ in range(PLANNERS)]
        total = sum((run.result(60) for run in runs), Summary())
    keys = [one.dedupe_key for one in book(database)]
    assert len(keys) == len(set(keys)) == sum(total.told().values())
    assert total == Summary(queued=4, laid_in_inbox=4, suppressed=8)


def test_after_an_outage_of_ten_days_only_the_newest_is_sent(database: Database) -> None:
    remind_of_no_reports(database)
    a_registered_alone(database)
    plan(database, at(11, 21))
    planned = plan(database, at(12, 1, 10))
    assert (planned.queued, planned.laid_in_inbox, planned.suppressed) == (3, 3, 8)
    mail = book(database, "due_submitted", Channel.EMAIL)
    noted = [one for one in mail if one.status is MessageStatus.SUPPRESSED]
    assert {one.reason for one in noted} == {NEWER}
    assert {one.values["day"]["$date"] for one in noted} == {
        "2023-11-01",
        "2023-11-23",
        "2023-11-29",
    }
    waiting = [one for one in mail if one.status is MessageStatus.WAITING]
    assert {one.values["day"]["$date"] for one in waiting} == {"2023-11-15", "2023-12-01"}


def test_a_late_reminder_keeps_the_day_it_was_due_on(database: Database) -> None:
    a_registered_alone(database)
    plan(database, at(11, 14))
    assert {(one.due_at, one.day) for one in book(database)} == {(FIRST_MARK, date(2023, 11, 1))}
    assert {one.due_at for one in digests(database)} == {at(11, 14, 8)}


def test_what_is_older_than_thirty_days_is_noted_and_not_sent(database: Database) -> None:
    remind_of_no_reports(database)
    a_registered_alone(database)
    assert plan(database, at(1, 20, year=2024)) == Summary(suppressed=28)
    reasons = {one.values["day"]["$date"]: one.reason for one in book(database)}
    assert reasons.pop("2023-12-07") == TOO_OLD
    assert set(reasons.values()) == {NEWER}


def test_a_dossier_that_moved_on_reminds_the_next(database: Database) -> None:
    code = build.a_submitted(database)
    plan(database, at(12, 1, 8))
    reminders = [one for one in book(database) if "rule" in one.values]
    about = [one.letter for one in reminders if one.values["code"] == code]
    assert about == ["due_council_reviewed"] * 2


def test_where_nobody_stands_it_is_said_so_and_the_next_one_is_told(database: Database) -> None:
    a_registered_alone(database)
    relieve(database, "clerk@H029", at(6, 1))
    relieve(database, "head@H029", at(6, 1))
    assert plan(database, FIRST_MARK) == Summary(suppressed=1)
    noted = book(database)[0]
    assert (noted.reason, noted.recipient_id) == (NOBODY, None)
    relieve(database, "clerk@H029", at(12, 30))
    assert plan(database, at(11, 2)) == Summary(queued=1, laid_in_inbox=1)


def test_somebody_locked_out_or_gone_is_not_told(database: Database) -> None:
    a_registered_alone(database)
    set_person(database, "clerk@H029", active=False)
    assert plan(database, FIRST_MARK) == Summary(queued=1, laid_in_inbox=1, suppressed=2)
    assert {one.reason for one in book(database)} == {"", LEFT}


def test_units_that_have_not_registered_are_reminded_once_a_year(database: Database) -> None:
    build.a_registration(database)
    everybody = plan(database, at(3, 1, 8))
    told = book(database, "due_registration")
    assert statuses(told) == {
        MessageStatus.WAITING: everybody.queued,
        MessageStatus.SENT: everybody.laid_in_inbox,
    }
    units = {one.values["unit"] for one in told}
    assert len(told) == 4 * len(units)
    assert "Ủy ban nhân dân huyện Quản Bạ" not in units
    assert not any("Quản Bạ" in unit and "huyện" in unit for unit in units)
    assert len(units) > 25
    assert plan(database, at(3, 2)) == Summary()


def test_a_moved_closing_plans_its_reminders_anew_and_every_day_adds_up(
    database: Database,
) -> None:
    plan(database, at(3, 1, 8))
    with database.writing() as session:
        programme = rulebook_in_force(session).programme
        wanted = [
            NewMilestone(cycle, State.REGISTERED, date(2023, 4, 14))
            for cycle in ("2023-annual", "2023-midterm")
        ]
        admin = build.person_id(session, "administrator@UBND-TINH")
        set_milestones(session, programme, wanted, "Lùi hạn", admin, at(3, 20))
    assert plan(database, at(3, 31)) == Summary()
    told = plan(database, at(4, 7, 8))
    assert told.queued > 0
    assert told.suppressed == 0
    plan(database, at(4, 13, 8))
    after = [one for one in book(database, "due_registration") if one.due_at > at(3, 20)]
    assert {one.values["deadline"]["$instant"] for one in after} == {"2023-04-14T10:00:00+00:00"}
    with database.reading() as session:
        assert [one for one in reconcile(session, at(4, 20)) if not one.holds] == []


def test_reminders_missed_until_the_window_closed_are_noted(database: Database) -> None:
    plan(database, at(3, 25))
    missed = plan(database, at(4, 2))
    assert missed == Summary(suppressed=missed.suppressed)
    closed = [one for one in book(database) if one.reason == WINDOW_CLOSED]
    assert {one.values["day"]["$date"] for one in closed} == {"2023-03-30"}
    assert len(closed) == missed.suppressed
    assert plan(database, at(5, 20)) == Summary()


def test_an_extension_moves_the_reminders(database: Database) -> None:
    code = a_registered_alone(database)
    plan(database, at(11, 29, 8))
    until = at(12, 12, 17)
    extend(database, code, until, now=at(11, 29, 9))
    plan(database, at(12, 5, 8))
    mail = book(database, "due_submitted", Channel.EMAIL)
    moved = [one for one in mail if one.values["deadline"]["$instant"] == until.isoformat()]
    assert {one.values["day"]["$date"] for one in moved if not one.reason} == {"2023-12-05"}


def test_the_result_is_passed_on_only_once_it_is_published(database: Database) -> None:
    """Q39: a reminder before the publication would tell of the decision."""
    code = build.a_checked(database, "H026")
    decision = committed(database, [code])
    plan(database, at(12, 22))
    assert book(database, "due_notice") == []
    published = at(12, 22, 10)
    assert deciding.publish(database, decision, (), build.who(database, HEAD), published) is None
    plan(database, at(12, 28, 16))
    assert book(database, "due_notice") == []
    plan(database, at(12, 29, 8))
    days = {letter.day for letter in book(database, "due_notice")}
    assert days == {date(2023, 12, 29)}, "ten working days from the publication, five before"
    with database.reading() as session:
        assert all(not day.missing for day in reconcile(session, at(12, 29, 9)))
