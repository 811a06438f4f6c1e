"""Letters: queued once, claimed by one sender, tried again, and given up in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from models.database import Database
from models.outbox import Letter, claim_batch, mark_failed, mark_sent, remember, try_again
from models.tables import OutgoingMessage
from models.words import MessageStatus
from tests import builders as build
from tests.models.test_races import at_once
from workflow.working_days import office_day

NOW = build.NOW
LEASE = timedelta(minutes=5)


def a_letter(key: str = "k1") -> Letter:
    return Letter(key, "due_soon", NOW, "a@hagiang.example", values={"code": "HS-2023-0027"})


def queue(database: Database, *keys: str) -> None:
    with database.writing() as session:
        for key in keys:
            assert remember(session, a_letter(key), NOW)


def the_letter(database: Database) -> OutgoingMessage:
    with database.reading() as session:
        return session.scalars(select(OutgoingMessage)).one()


def test_the_same_letter_is_queued_once(database: Database) -> None:
    def put() -> bool:
        with database.writing() as session:
            return remember(session, a_letter(), NOW)

    assert at_once([put] * 8).count(True) == 1
    assert the_letter(database).message_id.endswith("@award-dossiers.invalid>")


def test_each_letter_goes_to_one_sender(database: Database) -> None:
    queue(database, *(f"k{number}" for number in range(12)))

    def claim() -> list[int]:
        with database.writing() as session:
            return [one.id for one in claim_batch(session, "p", NOW, 5, LEASE)]

    claimed = [one for batch in at_once([claim] * 4) for one in batch]
    assert len(claimed) == len(set(claimed)) == 12


def test_a_sender_that_died_is_followed_by_another_and_fenced_off(database: Database) -> None:
    queue(database, "k1")
    with database.writing() as session:
        first = claim_batch(session, "dead", NOW, 10, LEASE)[0].fence
        assert claim_batch(session, "other", NOW + LEASE, 10, LEASE) == []
    late = NOW + LEASE + timedelta(seconds=1)
    with database.writing() as session:
        (taken,) = claim_batch(session, "other", late, 10, LEASE)
        assert not mark_sent(session, taken.id, first, late)
        assert mark_sent(session, taken.id, taken.fence, late)
        assert not mark_sent(session, taken.id, taken.fence, late)
    found = the_letter(database)
    assert (found.status, found.sent_at, found.attempts) == (MessageStatus.SENT, late, 2)


def test_failures_wait_longer_and_end_after_three_days(sqlite_database: Database) -> None:
    queue(sqlite_database, "k1")
    at, waits = NOW, []
    for _ in range(100):
        with sqlite_database.writing() as session:
            (taken,) = claim_batch(session, "p", at, 1, LEASE)
            assert mark_failed(session, taken.id, taken.fence, "451 try later", at)
        found = the_letter(sqlite_database)
        if found.status is MessageStatus.FAILED:
            break
        waits.append(found.next_attempt_at - at)
        at = found.next_attempt_at
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert timedelta(hours=71) <= at - NOW <= timedelta(hours=72)
    with sqlite_database.writing() as session:
        assert try_again(session, found.id, at)
        assert len(claim_batch(session, "p", at, 1, LEASE)) == 1


def test_an_outage_does_not_use_up_the_three_days(sqlite_database: Database) -> None:
    """Nobody sent for four days; one temporary refusal after that ends nothing."""
    queue(sqlite_database, "k1")
    late = NOW + timedelta(days=4)
    with sqlite_database.writing() as session:
        (taken,) = claim_batch(session, "p", late, 1, LEASE)
        assert mark_failed(session, taken.id, taken.fence, "451 try later", late)
    found = the_letter(sqlite_database)
    assert found.status is MessageStatus.WAITING
    assert found.next_attempt_at == late + timedelta(minutes=1)
    later = late + timedelta(days=4)
    with sqlite_database.writing() as session:
        (taken,) = claim_batch(session, "p", later, 1, LEASE)
        assert mark_failed(session, taken.id, taken.fence, "451 try later", later)
    assert the_letter(sqlite_database).status is MessageStatus.WAITING


def test_a_suppressed_letter_is_kept_but_never_claimed(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        assert remember(session, a_letter(), NOW, suppressed_because="Đã có nhắc mới hơn")
        assert claim_batch(session, "p", NOW, 10, LEASE) == []


def test_a_letter_is_not_sent_before_it_is_due(sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        assert remember(session, a_letter(), NOW - timedelta(hours=1))
        assert claim_batch(session, "p", NOW - timedelta(seconds=1), 10, LEASE) == []
        assert len(claim_batch(session, "p", NOW, 10, LEASE)) == 1


def test_a_clock_that_is_set_back_keeps_no_letter_for_itself(database: Database) -> None:
    """Written, put off, and claimed by a clock a year ahead: all three go out all the same."""
    queue(database, "put off", "claimed", "written")
    behind = NOW - timedelta(days=365)
    with database.writing() as session:
        for one in claim_batch(session, "p", NOW, 2, LEASE):
            if one.dedupe_key == "put off":
                mark_failed(session, one.id, one.fence, "451 later", NOW)
        session.execute(update(OutgoingMessage).values(due_at=behind))
    with database.writing() as session:
        assert len(claim_batch(session, "q", behind, 10, LEASE)) == 3


def test_a_reminder_waits_for_its_day_though_a_clock_ahead_wrote_it(database: Database) -> None:
    with database.writing() as session:
        assert remember(session, replace(a_letter(), day=office_day(NOW)), NOW)
        assert claim_batch(session, "p", NOW - timedelta(minutes=5), 10, LEASE) == []
