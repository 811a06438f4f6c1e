"""Letters go out once over real SMTP, whatever happens on the way (promises P11 and P12)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from config.settings import Settings
from models.database import Database
from models.outbox import Letter, remember
from models.words import Channel, MessageStatus
from schedules import second_look
from schedules.planner import plan
from schedules.postman import Postman, Round
from schedules.summary import Summary
from tests import builders as build
from tests.schedules.cases import (
    StoppedClock,
    a_registered_alone,
    at,
    book,
    digests,
    empty_book,
    extend,
    outlast_leases,
    relieve,
    set_person,
    statuses,
)
from tests.schedules.mailbox import DROP, KEEP_AND_DROP, Mailbox, free_port
from workflow.forecast import MOVED_ON, NEWER
from workflow.vocabulary import Action

WAITING, SENT = MessageStatus.WAITING, MessageStatus.SENT
FIRST_MARK = at(11, 1, 8)


def plan_first(database: Database, clock: StoppedClock) -> None:
    """Two e-mails about one dossier wait."""
    a_registered_alone(database)
    clock.now = FIRST_MARK
    plan(database, clock())


def mail(database: Database):
    return book(database, channel=Channel.EMAIL)


def reasons(database: Database) -> set[str]:
    return {one.reason for one in mail(database)}


def test_a_letter_is_sent_once(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    assert postman.post_all() == Summary(sent=2)
    assert postman.post_all() == Summary()
    assert sorted(mailbox.recipients) == ["clerk.h029@hagiang.example", "head.h029@hagiang.example"]
    assert mailbox.connections == 1
    assert {one["Message-ID"] for one in mailbox.letters} == {
        one.message_id for one in digests(database)
    }
    letter = mailbox.letters[0]
    assert letter["Subject"].startswith("[TĐKT] Còn 29 ngày: nộp hồ sơ HS-2023-0001 (")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "https://thidua.example.vn/ho-so/HS-2023-0001" in letter.get_content()
    assert mailbox.envelopes[0].mail_from == "khong-tra-loi@example.vn"
    assert {(one.status, one.sent_at) for one in mail(database)} == {(SENT, clock.now)}


def test_a_decision_is_told_at_once_and_no_news_is_left_of_the_steps_before_it(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    build.a_decided(database)
    clock.now = build.NOW + timedelta(minutes=1)
    decided = book(database, "decided")
    assert postman.post_all() == Summary(sent=len(decided))
    assert {one["Subject"].partition(":")[0] for one in mailbox.letters} == {
        "[TĐKT] Đã quyết định khen thưởng"
    }
    clock.now = at(12, 6, 8)
    plan(database, clock())
    postman.post_all()
    for letter in ("registered", "submitted", "council_reviewed", "board_checked"):
        assert {one.reason for one in book(database, letter)} == {MOVED_ON}


def test_many_postmen_send_each_letter_once(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    clock.now = at(3, 1, 8)
    planned = plan(database, clock()).queued
    postmen = [Postman(database, clock, Round.from_settings(settings)) for _ in range(4)]
    threads = [threading.Thread(target=postman.post_all) for postman in postmen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.letters) == planned
    assert len({one["Message-ID"] for one in mailbox.letters}) == planned
    assert statuses(mail(database)) == {SENT: planned}


@pytest.mark.parametrize("answer", ["451 4.3.0 busy", "421 4.3.2 closing", DROP])
def test_a_temporary_refusal_waits_and_succeeds(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox, answer: str
) -> None:
    plan_first(database, clock)
    mailbox.at_data.append(answer)
    assert postman.post_all() == Summary(sent=1, postponed=1)
    late = next(one for one in digests(database) if one.status is WAITING)
    assert late.next_attempt_at == clock.now + timedelta(minutes=1)
    assert late.error
    assert postman.post_all() == Summary()
    clock.now += timedelta(minutes=1)
    assert postman.post_all() == Summary(sent=1)
    assert statuses(mail(database)) == {SENT: 2}
    assert len(mailbox.letters) == 2


def test_waiting_doubles(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    relieve(database, "head@H029", at(10, 1))
    waits = []
    for _ in range(4):
        mailbox.at_rcpt.append("450 4.2.0 greylisted")
        postman.post_all()
        late = next(one for one in digests(database) if one.status is WAITING)
        waits.append(late.next_attempt_at - clock.now)
        clock.now = late.next_attempt_at
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]


@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_a_final_refusal_is_shown_and_not_repeated(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox, stage: str
) -> None:
    plan_first(database, clock)
    getattr(mailbox, stage).append("550 5.1.1 no such mailbox")
    assert postman.post_all() == Summary(sent=1, failed=1)
    failed = next(one for one in mail(database) if one.status is MessageStatus.FAILED)
    assert failed.error == "550 5.1.1 no such mailbox"
    clock.now += timedelta(days=1)
    assert postman.post_all() == Summary()
    assert len(mailbox.letters) == 1


def test_a_server_out_of_reach_costs_one_call_and_no_letter(
    database: Database, clock: StoppedClock, settings: Settings
) -> None:
    clock.now = at(3, 1, 8)
    planned = plan(database, clock()).queued
    nowhere = replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    postman = Postman(database, clock, Round.from_settings(nowhere))
    assert postman.post_all() == Summary(postponed=20)
    assert statuses(mail(database)) == {WAITING: planned}
    assert {one.error for one in digests(database) if one.attempts} == {
        "ConnectionRefusedError: [Errno 111] Connection refused"
    }


def test_a_letter_nobody_takes_is_given_up_after_three_days(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    for _ in range(14):
        mailbox.at_rcpt.extend(["450 no", "450 no"])
        postman.post_all()
        clock.now += timedelta(hours=6)
    assert statuses(mail(database)) == {MessageStatus.FAILED: 2}
    assert {one.error for one in mail(database)} == {"450 no"}


def test_a_crash_between_sending_and_stamping_repeats_the_same_letter(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    plan_first(database, clock)

    class Crash(Exception):
        pass

    class Falling(Postman):
        def _stamp(self, *_):
            raise Crash

    with pytest.raises(Crash):
        Falling(database, clock, Round.from_settings(settings)).post_all()
    assert len(mailbox.letters) == 1
    postman = Postman(database, clock, Round.from_settings(settings))
    assert postman.post_all() == Summary()
    outlast_leases(database)
    assert postman.post_all() == Summary(sent=2)
    assert len(mailbox.letters) == 3
    assert len({one["Message-ID"] for one in mailbox.letters}) == 2


def test_a_letter_accepted_without_an_answer_repeats_as_itself(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    mailbox.at_data.append(KEEP_AND_DROP)
    postman.post_all()
    clock.now += timedelta(minutes=1)
    postman.post_all()
    assert len(mailbox.letters) == 3
    assert len({one["Message-ID"] for one in mailbox.letters}) == 2
    assert statuses(mail(database)) == {SENT: 2}


def test_an_owner_who_wakes_up_late_stamps_nothing(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    frozen = Postman(database, clock, Round.from_settings(settings))
    batch = frozen.claim()
    outlast_leases(database)
    other = Postman(database, clock, Round.from_settings(settings))
    assert other.post_all() == Summary(sent=2)
    assert frozen.post(batch) == Summary(lost=2)
    assert statuses(mail(database)) == {SENT: 2}
    assert len(mailbox.letters) == 2


def test_asked_to_stop_the_postman_gives_letters_back(
    database: Database, clock: StoppedClock, settings: Settings, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    asked = iter([False, False, True, True])
    postman = Postman(database, clock, Round.from_settings(settings), lambda: next(asked))
    assert postman.post_all() == Summary(sent=1)
    assert sorted((one.status, one.attempts) for one in digests(database)) == [
        (SENT, 1),
        (WAITING, 0),
    ]


def test_a_letter_that_cannot_be_written_does_not_hold_up_the_others(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    with database.writing() as session:
        unknown = Letter("x", "unknown_letter", FIRST_MARK, "a@example.vn")
        remember(session, unknown, FIRST_MARK)
        nowhere = Letter("y", "due_submitted", FIRST_MARK, "a@example.vn\r\nBcc: b@example.vn")
        remember(session, nowhere, FIRST_MARK)
    assert postman.post_all() == Summary(sent=2, failed=2)
    assert len(mailbox.letters) == 2


def test_a_name_with_line_breaks_adds_no_header(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    a_registered_alone(database)
    set_person(database, "clerk@H029", full_name="Lý\r\nBcc: all@example.vn\r\n\r\nMai")
    clock.now = FIRST_MARK
    plan(database, clock())
    assert postman.post_all() == Summary(sent=2)
    assert all(letter["Bcc"] is None for letter in mailbox.letters)
    assert len(mailbox.recipients) == 2
    assert "Kính gửi Ông/Bà Lý Bcc: all@example.vn Mai," in "".join(
        letter.get_content() for letter in mailbox.letters
    )


# --- Does it still make sense? ----------------------------------------------------------------


def test_a_reminder_is_not_sent_when_the_dossier_has_moved_on(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    code = build.a_written(database)
    empty_book(database)
    clock.now = at(11, 15, 8)
    plan(database, clock())
    build.taken(build.step(database, code, "head@H029", Action.SUBMIT, now=build.AUTUMN))
    clock.now = build.AUTUMN
    assert postman.post_all() == Summary(suppressed=2)
    assert reasons(database) >= {second_look.MOVED_ON}
    assert mailbox.letters == []


def test_a_reminder_is_not_sent_to_somebody_relieved(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    relieve(database, "clerk@H029", at(10, 31))
    assert postman.post_all() == Summary(sent=1, suppressed=1)
    assert mailbox.recipients == ["head.h029@hagiang.example"]
    assert reasons(database) == {"", second_look.NOT_THEIRS}


def test_nothing_is_sent_to_somebody_who_left(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    set_person(database, "clerk@H029", active=False)
    assert postman.post_all() == Summary(sent=1, suppressed=1)
    assert reasons(database) == {"", second_look.LEFT}


def test_a_reminder_of_an_old_deadline_is_not_sent(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    code = a_registered_alone(database)
    clock.now = at(11, 29, 8)
    plan(database, clock())
    extend(database, code, at(12, 12, 17), now=clock.now)
    assert postman.post_all() == Summary(suppressed=2)
    assert second_look.DEADLINE_MOVED in reasons(database)
    clock.now = at(11, 30, 8)
    plan(database, clock())
    postman.post_all()
    subjects = {letter["Subject"].partition(":")[0] for letter in mailbox.letters}
    assert subjects == {"[TĐKT] Đã gia hạn nộp"}
    assert "Hạn nộp mới: 17:00 ngày 12/12/2023." in mailbox.letters[0].get_content()
    assert "“Mưa lũ”" in mailbox.letters[0].get_content()


def test_a_reminder_that_waited_until_the_next_is_not_sent(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    plan_first(database, clock)
    clock.now = at(11, 15, 8)
    plan(database, clock())
    assert postman.post_all() == Summary(sent=2, suppressed=2)
    assert reasons(database) == {"", NEWER}


def test_a_unit_that_registered_meanwhile_is_not_reminded(
    database: Database, clock: StoppedClock, postman: Postman, mailbox: Mailbox
) -> None:
    clock.now = at(3, 1, 8)
    planned = plan(database, clock()).queued
    build.a_registration(database)
    assert postman.post_all() == Summary(sent=planned - 2, suppressed=2)
    assert reasons(database) == {"", second_look.NO_LONGER_DUE}
    assert not any("h029" in address for address in mailbox.recipients)
    assert mailbox.letters[0]["Subject"].startswith(
        "[TĐKT] Còn 30 ngày: đăng ký thi đua năm 2023 ("
    )
    assert "https://thidua.example.vn/dang-ky" in mailbox.letters[0].get_content()
