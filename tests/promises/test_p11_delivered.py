"""P11: every due reminder is accepted by the mail server at least once, whatever happens.

A real SMTP server with every fault of the promise, and real senders that are killed at chance and
at failpoints. Copies are allowed where nobody can know (RFC 1047), and then as the same letter.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.database import Database
from models.outbox import GIVE_UP_AFTER
from models.reminder_book import failed_letters
from models.tables import OutgoingMessage
from models.words import Channel, MessageStatus
from schedules.planner import plan
from tests.promises.post_office import (
    HOST,
    Certificates,
    Fault,
    PostOffice,
    certificates,
    open_for_starttls,
    open_for_tls,
)
from tests.promises.senders import (
    Fates,
    Order,
    postman_of,
    send_and_be_killed,
    send_to_the_end,
)
from tests.schedules.cases import at, outlast_leases, remind_of_no_reports
from tests.season import Season
from tests.tiers import SEED, count

REMINDERS = count(100, 5_000, 50_000)
ROUNDS = count(8, 40, 40)
FIRST_OVERDUE = at(12, 1, 8, 1)
NOBODYS = "head.h029@hagiang.example"
CRASHES = (
    "after_claim",
    "before_smtp",
    "after_smtp_250_before_mark",
    "after_mark_before_commit",
    "after_mark",
    "before_commit",
    "after_commit",
)

pytestmark = [pytest.mark.promise("P11"), pytest.mark.slow]


@dataclass(frozen=True)
class Verdict:
    """What became of the reminders."""

    due: int
    missing: int
    extra_copies: int
    unknown_outcomes: int
    strangers: int
    """Message-IDs that are in no row."""
    refused: int
    retried_although_refused: int
    unsettled: int
    kills: int

    @property
    def holds(self) -> bool:
        """Nothing missing, no copy without a doubt, and 5xx shown instead of repeated."""
        return (
            not (self.missing or self.strangers or self.unsettled or self.retried_although_refused)
            and self.extra_copies <= self.unknown_outcomes
        )


def overdue_reminders(database: Database, wanted: int) -> None:
    """So many reminders, each a letter of its own: to clerk and head of every late dossier."""
    remind_of_no_reports(database)
    Season(database, SEED).begin(wanted // 2, 0)
    plan(database, at(12, 1, 7))
    plan(database, FIRST_OVERDUE)


def their_rows(database: Database) -> list[OutgoingMessage]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(OutgoingMessage).where(
                    OutgoingMessage.channel == Channel.EMAIL,
                    OutgoingMessage.day == date(2023, 12, 1),
                    OutgoingMessage.alone,
                )
            )
        )


def drop_the_rest(database: Database) -> None:
    """Only the reminders counted here are to be sent."""
    counted = {one.id for one in their_rows(database)}
    with database.writing() as session:
        for row in session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.status == MessageStatus.WAITING)
        ):
            if row.id not in counted:
                row.status, row.reason = MessageStatus.SUPPRESSED, "không tính ở đây"


def storm(
    database: Database, order: Order, office: PostOffice, tls: Certificates, rounds: int
) -> Fates:
    """Weather of all kinds for some hours, and senders that die in it; then a fair day."""
    chance, fates = random.Random(office.seed), Fates()
    most = max(2, len(their_rows(database)) // rounds)
    weathers: list[Callable[[], AbstractContextManager[None]]] = [
        nullcontext,
        lambda: open_for_starttls(office, tls.of_nobody),
        lambda: open_for_starttls(office, tls.of_another),
        lambda: open_for_starttls(office, None),
    ]
    office.how_often = 0.4
    for number in range(rounds):
        bad = number % 5 == 4
        order = replace(order, now=order.now + timedelta(minutes=61))
        with chance.choice(weathers)() if bad else open_for_starttls(office, tls.good):
            crashes = [f"{chance.choice(CRASHES)}:{chance.randint(1, 30)}", ""]
            both = [replace(order, failpoints=one, owner=f"{number}{one}") for one in crashes]
            send_and_be_killed(both, chance, lambda: office.offered, most, fates)
        outlast_leases(database)
    office.how_often = 0.0
    with open_for_starttls(office, tls.good):
        for _ in range(2):
            order = replace(order, now=order.now + timedelta(minutes=61))
            send_to_the_end(order, 600)
    return fates


def unknown_outcomes(office: PostOffice, timed_out: int) -> int:
    """Letters kept without the sender being told; a slow machine adds some of its own."""
    late = timed_out - office.faults[Fault.STALL_BEFORE_DATA]
    return office.faults[Fault.KEEP_AND_DROP] + max(office.faults[Fault.KEEP_AND_STALL], late)


def judged(database: Database, office: PostOffice, fates: Fates, timed_out: int = 0) -> Verdict:
    rows = their_rows(database)
    due = {row.message_id for row in rows if row.address not in office.refused}
    refused = [row for row in rows if row.address in office.refused]
    with database.reading() as session:
        shown = {row.id for row, _ in failed_letters(session)}
    settled = {MessageStatus.SENT, MessageStatus.FAILED}
    return Verdict(
        due=len(rows),
        missing=len(due - set(office.arrived)),
        extra_copies=office.arrived.total() - len(office.arrived),
        unknown_outcomes=unknown_outcomes(office, timed_out) + fates.killed,
        strangers=len(set(office.arrived) - {row.message_id for row in rows}),
        refused=len(refused),
        retried_although_refused=max(0, office.finally_refused - len(refused) - fates.killed),
        unsettled=sum(row.status not in settled for row in rows)
        + sum(row.status is not MessageStatus.FAILED for row in refused)
        + (0 if shown or not refused else 1),
        kills=fates.killed,
    )


@pytest.fixture
def tls(tmp_path: Path) -> Certificates:
    return certificates(tmp_path)


def play(
    database: Database, url: str, tls: Certificates, reminders: int, rounds: int, planted: str = ""
) -> tuple[Verdict, PostOffice]:
    overdue_reminders(database, reminders)
    drop_the_rest(database)
    office = PostOffice(SEED, frozenset({NOBODYS}), stalls_left=count(3, 60, 120))
    smtp = f"smtp+starttls://{HOST}:{office.port}"
    journal = tls.trusted.with_name("timed-out")
    order = Order(
        url,
        smtp,
        FIRST_OVERDUE,
        str(tls.trusted),
        planted=planted,
        journal=str(journal),
        seconds=1.0,
    )
    assert timedelta(minutes=61) * (rounds + 2) < GIVE_UP_AFTER
    fates = storm(database, order, office, tls, rounds)
    timed_out = len(journal.read_text().splitlines()) if journal.exists() else 0
    return judged(database, office, fates, timed_out), office


def test_every_reminder_is_accepted_though_senders_die_and_the_server_fails(
    database: Database, database_url: str, tls: Certificates, tally
) -> None:
    verdict, office = play(database, database_url, tls, REMINDERS, ROUNDS)
    tally("reminders", verdict.due)
    tally("kills", verdict.kills)
    tally("copies of unknown outcome", verdict.extra_copies)
    assert verdict.due == REMINDERS
    assert verdict.holds, verdict
    assert verdict.kills >= ROUNDS // 2
    assert verdict.refused > 0
    assert office.faults.total() > ROUNDS


def test_each_fault_costs_its_letter_one_more_try(
    sqlite_database: Database, sqlite_url: str
) -> None:
    overdue_reminders(sqlite_database, 2 * len(Fault))
    drop_the_rest(sqlite_database)
    office = PostOffice(SEED, in_turn=deque(Fault))
    order = Order(sqlite_url, f"smtp://{HOST}:{office.port}", FIRST_OVERDUE, seconds=2.0)
    with open_for_starttls(office, None):
        first = postman_of(order).post_all()
        assert (first.postponed, first.sent) == (len(Fault), len(Fault))
        order = replace(order, now=order.now + timedelta(minutes=2))
        assert postman_of(order).post_all().sent == len(Fault)
    rows = their_rows(sqlite_database)
    assert office.faults == Counter(Fault)
    assert set(office.arrived) == {row.message_id for row in rows}
    assert office.arrived.total() - len(rows) == office.unknown_outcomes == 2
    assert Counter(row.attempts for row in rows) == {1: len(Fault), 2: len(Fault)}


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_tls_is_checked_and_works(
    sqlite_database: Database,
    sqlite_url: str,
    tls: Certificates,
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not to an unknown authority, not to another name, not in clear; to the right one, yes."""
    overdue_reminders(sqlite_database, 2)
    drop_the_rest(sqlite_database)
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.trusted))
    office = PostOffice(SEED)
    order = Order(sqlite_url, f"{scheme}://{HOST}:{office.port}", FIRST_OVERDUE)
    listen = open_for_starttls if scheme == "smtp+starttls" else open_for_tls
    told = []
    for context in (tls.of_nobody, tls.of_another):
        with listen(office, context):
            assert postman_of(order).post_all().postponed == 2
        told.append({row.error for row in their_rows(sqlite_database)})
        order = replace(order, now=order.now + timedelta(minutes=10))
    with open_for_starttls(office, None):
        assert postman_of(order).post_all().postponed == 2
    assert not office.arrived
    assert all("CERTIFICATE_VERIFY_FAILED" in error for errors in told for error in errors)
    order = replace(order, now=order.now + timedelta(minutes=10))
    with listen(office, tls.good):
        assert postman_of(order).post_all().sent == 2
    assert set(office.arrived) == {row.message_id for row in their_rows(sqlite_database)}


@pytest.mark.planted
def test_a_sender_that_marks_before_it_sends_is_found(
    sqlite_database: Database, sqlite_url: str, tls: Certificates
) -> None:
    verdict, _ = play(sqlite_database, sqlite_url, tls, 40, 3, "marks first")
    assert verdict.missing > 0
    assert not verdict.holds


@pytest.mark.planted
@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("takes nothing for an answer", lambda verdict: verdict.missing),
        ("forgets itself", lambda verdict: verdict.strangers),
    ],
)
def test_a_planted_fault_is_found(
    sqlite_database: Database, sqlite_url: str, planted: str, found
) -> None:
    overdue_reminders(sqlite_database, 4)
    drop_the_rest(sqlite_database)
    office = PostOffice(SEED, in_turn=deque([Fault.DROP_AFTER_DATA, Fault.KEEP_AND_DROP]))
    order = Order(sqlite_url, f"smtp://{HOST}:{office.port}", FIRST_OVERDUE, planted=planted)
    with open_for_starttls(office, None):
        for _ in range(2):
            postman_of(order).post_all()
            order = replace(order, now=order.now + timedelta(minutes=2))
    verdict = judged(sqlite_database, office, Fates())
    assert found(verdict) > 0
    assert not verdict.holds
