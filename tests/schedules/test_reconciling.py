"""Nothing lost: what was due equals what is in the book, whatever happened on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from config.settings import Settings
from models.accounts import appoint
from models.database import Database
from models.outbox import Letter, remember, try_again
from models.reconciling import DayCount, reconcile
from models.reminder_book import put_wishes
from models.staffing import Wish
from models.tables import CalendarDay, OutgoingMessage
from models.words import Channel, DayKind, MessageStatus
from schedules.jobs import run_due
from schedules.planner import SWITCHED_OFF, plan
from schedules.postman import Postman
from schedules.second_look import NOT_THEIRS
from tests import builders as build
from tests.schedules.cases import (
    StoppedClock,
    a_registered_alone,
    at,
    book,
    digests,
    empty_book,
    extend,
    relieve,
    set_person,
)
from tests.schedules.mailbox import Mailbox
from workflow.facts import SupplementInput
from workflow.forecast import MOVED_ON, SUPPLEMENT_SENT
from workflow.vocabulary import Action, DocumentKind, Post, ReminderKind


def counts(database: Database, now: datetime) -> list[DayCount]:
    with database.reading() as session:
        return reconcile(session, now)


def holding(database: Database, now: datetime) -> list[DayCount]:
    found = counts(database, now)
    assert [one for one in found if not one.holds] == []
    return found


def test_before_the_first_planning_nothing_is_owed(database: Database) -> None:
    a_registered_alone(database)
    assert counts(database, at(12, 5)) == []


def test_every_day_adds_up(database: Database, clock: StoppedClock, settings: Settings) -> None:
    a_registered_alone(database)
    for day in range(1, 16):
        clock.now = at(11, day, 8, 1)
        run_due(database, clock, settings)
    found = holding(database, clock.now + timedelta(hours=1))
    assert [(one.day.day, one.due, one.sent) for one in found] == [(1, 4, 4), (15, 4, 4)]


def test_a_lost_row_and_an_invented_one_are_found(database: Database, clock: StoppedClock) -> None:
    a_registered_alone(database)
    plan(database, at(11, 1, 8))
    with database.writing() as session:
        gone = session.scalars(select(OutgoingMessage.id).where(OutgoingMessage.alone)).first()
        session.execute(delete(OutgoingMessage).where(OutgoingMessage.id == gone))
        remember(
            session,
            Letter(
                "N01:HS-9999-0001:x:y:2023-11-01:1:inbox",
                "due_submitted",
                at(11, 1, 8),
                channel=Channel.INBOX,
                day=at(11, 1, 8).date(),
            ),
            at(11, 1, 8),
        )
    (day,) = counts(database, at(11, 1, 9))
    assert not day.holds
    assert (len(day.missing), len(day.unexplained)) == (1, 1)


def test_a_scheduler_that_stands_still_is_seen(database: Database) -> None:
    a_registered_alone(database)
    plan(database, at(10, 20))
    assert holding(database, at(11, 1, 8, 5)) == []
    (day,) = counts(database, at(11, 1, 8, 15))
    assert (day.holds, day.due, len(day.missing)) == (False, 4, 4)
    plan(database, at(11, 1, 8, 16))
    holding(database, at(11, 1, 8, 30))


def test_what_came_while_nobody_planned_is_noted_with_its_reason(database: Database) -> None:
    """The dossier moved on during the outage: its reminder is not lost, but named."""
    code = build.a_written(database)
    empty_book(database)
    plan(database, at(11, 14))
    build.taken(build.step(database, code, "head@H029", Action.SUBMIT, now=build.AUTUMN))
    plan(database, at(11, 21))
    missed = [one for one in book(database, "due_submitted") if str(one.day) == "2023-11-15"]
    assert {(one.status, one.reason) for one in missed} == {(MessageStatus.SUPPRESSED, MOVED_ON)}
    assert len(missed) == 4
    holding(database, at(11, 21, 10))


@pytest.mark.parametrize(
    "outage",
    [
        timedelta(minutes=1),
        timedelta(hours=5),
        timedelta(days=5),
        timedelta(days=12),
        timedelta(days=30),
    ],
)
def test_after_any_outage_everything_is_sent_or_named(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox, outage: timedelta
) -> None:
    code = a_registered_alone(database)
    clock.now = at(10, 31, 12)
    run_due(database, clock, settings)
    clock.now = at(11, 1, 8) + outage
    run_due(database, clock, settings)
    found = holding(database, clock.now + timedelta(minutes=10))
    assert sum(one.sent + one.suppressed for one in found) == sum(one.due for one in found) > 0
    assert len([one for one in mailbox.letters if code in str(one)]) == 2


@pytest.mark.parametrize("jump", [-365, -1, -1 / 24, 1 / 24, 1, 365])
def test_a_clock_that_jumps_and_comes_back_sends_nothing_twice(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox, jump: float
) -> None:
    code = a_registered_alone(database)
    clock.now = at(11, 1, 8, 1)
    run_due(database, clock, settings)
    clock.now += timedelta(days=jump)
    run_due(database, clock, settings)
    for now in (at(11, 1, 9), at(11, 15, 8, 1), at(11, 23, 8, 1)):
        clock.now = now
        run_due(database, clock, settings)
    keys = [one.dedupe_key for one in book(database)]
    assert len(keys) == len(set(keys))
    about = [one["Message-ID"] for one in mailbox.letters if code in one["Subject"]]
    assert len(about) == len(set(about))
    holding(database, clock.now + timedelta(hours=1))


def test_people_replaced_between_planning_and_sending(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    a_registered_alone(database)
    plan(database, at(11, 1, 8))
    relieve(database, "clerk@H029", at(10, 31))
    clock.now = at(11, 1, 8)
    postman.post_all()
    noted = [one for one in book(database, channel=Channel.EMAIL) if one.reason]
    assert [one.reason for one in noted] == [NOT_THEIRS]
    holding(database, at(11, 1, 9))


def test_an_extension_is_a_new_deadline_and_only_its_own_days_count(database: Database) -> None:
    code = a_registered_alone(database)
    plan(database, at(11, 29, 8))
    extend(database, code, at(12, 12, 17), now=at(11, 29, 9))
    plan(database, at(12, 5, 8))
    moved = {
        str(one.day)
        for one in book(database, "due_submitted")
        if one.values["deadline"]["$instant"].startswith("2023-12-12")
    }
    assert moved == {"2023-12-05"}
    holding(database, at(12, 5, 9))


def test_a_supplement_reminds_the_unit_until_it_is_sent(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    code = build.a_submitted(database)
    empty_book(database)
    clock.now = at(11, 21)
    run_due(database, clock, settings)
    due = at(11, 28, 17)
    inputs = SupplementInput(("Ký trang 3.",), (DocumentKind.BAO_CAO_THANH_TICH,), due)
    secretary = "council_secretary@H029"
    build.taken(
        build.step(
            database,
            code,
            secretary,
            Action.REQUEST_SUPPLEMENT,
            inputs,
            now=at(11, 21, 10),
            comment="Thiếu",
        )
    )
    for day in (26, 28, 29):
        clock.now = at(11, day, 8, 1)
        run_due(database, clock, settings)
    told = book(database, "due_supplement", Channel.INBOX)
    assert {str(one.day) for one in told} == {"2023-11-26", "2023-11-28", "2023-11-29"}
    build.taken(
        build.change(
            database,
            code,
            build.a_paper(DocumentKind.BAO_CAO_THANH_TICH, filling="b"),
            now=at(11, 29, 9),
        )
    )
    build.taken(build.step(database, code, "head@H029", Action.SEND_SUPPLEMENT, now=at(11, 29, 10)))
    clock.now = at(12, 1, 8, 1)
    run_due(database, clock, settings)
    later = [one for one in book(database) if str(one.day) == "2023-12-01"]
    after = [one for one in later if one.values["code"] == code]
    assert {one.letter for one in after} == {"due_council_reviewed"}
    holding(database, at(12, 1, 9))
    assert SUPPLEMENT_SENT not in {one.reason for one in after}


def test_saturdays_reminder_comes_with_mondays_digest(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    """The weekly word about missing scores: 08/12/2023 is made a day off."""
    with database.writing() as session:
        session.add(
            CalendarDay(date=at(12, 8).date(), kind=DayKind.HOLIDAY, name="Nghỉ thử", source="thử")
        )
    for day in (7, 8, 9, 10, 11):
        clock.now = at(12, day, 8, 1)
        run_due(database, clock, settings)
    sent = [one for one in digests(database) if one.status is MessageStatus.SENT]
    assert [one.due_at for one in sent if one.due_at > at(12, 7, 9)] == [at(12, 11, 8)]


def test_one_digest_gathers_everything_of_a_morning(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    for unit in ("H029", "H030", "H027"):
        build.a_registered(database, unit)
    empty_book(database)
    with database.writing() as session:
        head, clerk = (build.person_id(session, f"{who}@H029") for who in ("head", "clerk"))
        for unit in ("H030", "H027"):
            post = (Post.CLERK, build.unit_id(session, unit))
            appoint(session, clerk, post, at(3, 1).date(), head, at(3, 1))
    clock.now = at(11, 1, 8)
    run_due(database, clock, settings)
    mine = [one for one in mailbox.letters if one["To"] == "clerk.h029@hagiang.example"]
    (letter,) = mine
    assert letter["Subject"] == "[TĐKT] 3 việc đến hạn ngày 30/11"
    assert letter.get_content().count("hạn 17:00 ngày 30/11/2023, còn 29 ngày") == 3
    assert "https://thidua.example.vn/viec" in letter.get_content()
    assert run_due(database, clock, settings).sent == 0


def test_a_failed_digest_takes_its_letters_along_and_back(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    a_registered_alone(database)
    set_person(database, "head@H029", email="")
    plan(database, at(11, 1, 8))
    clock.now = at(11, 1, 8)
    mailbox.at_rcpt.append("550 5.1.1 no such mailbox")
    postman.post_all()
    (mail,) = [one for one in book(database, channel=Channel.EMAIL) if not one.reason]
    assert (mail.status, mail.error) == (MessageStatus.FAILED, "550 5.1.1 no such mailbox")
    assert [one.failed for one in holding(database, at(11, 1, 9))] == [1]
    (digest,) = digests(database)
    with database.writing() as session:
        assert try_again(session, digest.id, at(11, 1, 9))
    clock.now = at(11, 1, 9)
    postman.post_all()
    assert [one.failed for one in holding(database, at(11, 1, 10))] == [0]
    assert len(mailbox.letters) == 1


def test_what_has_no_legal_date_can_be_switched_off_and_the_rest_cannot(
    database: Database,
) -> None:
    a_registered_alone(database)
    with database.writing() as session:
        for who, kind in (
            ("appraiser@UBND-TINH", ReminderKind.SCORES),
            ("clerk@H029", ReminderKind.MILESTONE),
        ):
            put_wishes(session, build.person_id(session, who), {kind: Wish(email=False)})
    plan(database, at(12, 1, 8))
    scores = book(database, "scores_missing", Channel.EMAIL)
    assert {one.reason for one in scores} == {SWITCHED_OFF}
    clerk = [
        one
        for one in book(database, "due_submitted", Channel.EMAIL)
        if "clerk" in one.address and str(one.day) == "2023-12-01"
    ]
    assert [one.reason for one in clerk] == [""]


def test_a_deploy_loses_no_letter_of_the_release_before(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    """Rows as the first release wrote them: no day, no digest, fewer values (P15)."""
    a_registered_alone(database)
    plan(database, at(11, 1, 8))
    with database.writing() as session:
        session.execute(delete(OutgoingMessage).where(OutgoingMessage.channel == Channel.INBOX))
        for row in session.scalars(select(OutgoingMessage)):
            row.digest_id, row.day, row.alone = None, None, True
            row.values = {name: row.values[name] for name in row.values if name != "mark"}
        session.flush()
        session.execute(delete(OutgoingMessage).where(OutgoingMessage.letter == "digest"))
    clock.now = at(11, 1, 8, 5)
    plan(database, clock.now)
    assert postman.post_all().sent == 2
    assert len(mailbox.letters) == 2
    holding(database, at(11, 1, 9))
