"""The scheduler and the mail catcher as processes, and a season on the demonstration's clock."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from config.clock import real_now
from config.settings import Settings
from models.clock import DemonstrationClock, move
from models.database import Database
from models.job_runs import last_runs
from models.tables import CaughtMail
from models.words import Channel, MessageStatus
from schedules.jobs import run_due
from schedules.timetable import TIMETABLE
from tests import builders as build
from tests.schedules.cases import (
    a_registered_alone,
    at,
    book,
    digests,
    outlast_leases,
    remind_of_no_reports,
)
from tests.schedules.mailbox import Mailbox, free_port
from workflow.forecast import NEWER, WINDOW_CLOSED

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0


@contextmanager
def running(
    module: str, url: str, smtp: str, *words: str, **more: str
) -> Iterator[subprocess.Popen[str]]:
    """A process of ours with settings of its own."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": "k" * 48,
        "STORAGE_DIR": "var/files",
        "SMTP_URL": smtp,
        "MAIL_FROM": "Hồ sơ thi đua <khong-tra-loi@example.vn>",
        "BASE_URL": "http://127.0.0.1:8000",
        "DEMONSTRATION": "1",
        **more,
    }
    environment.pop("SYSTEM_DATE", None)
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def jobs_run(database: Database) -> set[str]:
    """The jobs that have run at least once."""
    with database.reading() as session:
        return set(last_runs(session))


def ended(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, float, str]:
    """Exit code, seconds and output after a signal."""
    before = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    return process.returncode, time.monotonic() - before, output


@pytest.mark.slow
def test_the_scheduler_works_and_ends_when_asked(
    sqlite_database: Database, sqlite_url: str, mailbox: Mailbox
) -> None:
    a_registered_alone(sqlite_database)
    with sqlite_database.writing() as session:
        move(session, at(11, 1, 8), real_now())
    with running("schedules", sqlite_url, mailbox.url) as process:
        wait_until(lambda: len(mailbox.letters) == 2)
        wait_until(lambda: jobs_run(sqlite_database) == set(TIMETABLE))
        code, seconds, output = ended(process, signal.SIGTERM)
    assert code == 0
    assert seconds < 5
    assert "scheduler stopped" in output
    assert "Traceback" not in output
    assert {one.status for one in book(sqlite_database)} == {MessageStatus.SENT}


@pytest.mark.slow
def test_the_scheduler_ends_in_time_while_a_mail_server_is_silent(
    sqlite_database: Database, sqlite_url: str
) -> None:
    import socket  # noqa: PLC0415

    a_registered_alone(sqlite_database)
    with sqlite_database.writing() as session:
        move(session, at(11, 1, 8), real_now())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        smtp = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with running("schedules", sqlite_url, smtp) as process:
            connection, _ = silent.accept()
            code, seconds, output = ended(process, signal.SIGINT)
            connection.close()
    assert code == 0
    assert seconds < 5
    assert "Traceback" not in output


@pytest.mark.slow
def test_one_round_says_what_it_did(
    sqlite_database: Database, sqlite_url: str, mailbox: Mailbox
) -> None:
    a_registered_alone(sqlite_database)
    with sqlite_database.writing() as session:
        move(session, at(11, 1, 8), real_now())
    mailbox.at_data.append("550 no")
    said = []
    for _ in range(2):
        with running("schedules", sqlite_url, mailbox.url, "--once") as process:
            output, _ = process.communicate(timeout=PATIENCE)
            said.append((process.returncode, output.splitlines()[-1]))
    assert said == [
        (1, "Xếp 4 lượt nhắc, gửi 1 thư, gửi lại sau 0, hỏng 1, không gửi 0."),
        (0, "Xếp 0 lượt nhắc, gửi 0 thư, gửi lại sau 0, hỏng 0, không gửi 0."),
    ]


@pytest.mark.slow
def test_a_sender_killed_again_and_again_loses_nothing(
    sqlite_database: Database, sqlite_url: str, mailbox: Mailbox
) -> None:
    remind_of_no_reports(sqlite_database)
    with sqlite_database.writing() as session:
        move(session, at(3, 1, 8, 10), real_now())
    for wanted in (5, 10, 15, 20):
        with running("schedules", sqlite_url, mailbox.url) as process:
            wait_until(lambda: len(mailbox.letters) >= wanted)  # noqa: B023 - asked at once
            process.kill()
            process.wait()
        outlast_leases(sqlite_database)
    with running("schedules", sqlite_url, mailbox.url, "--once") as process:
        output, _ = process.communicate(timeout=PATIENCE)
    mail = book(sqlite_database, channel=Channel.EMAIL)
    assert {one.status for one in mail} == {MessageStatus.SENT}, output
    arrived = Counter(letter["Message-ID"] for letter in mailbox.letters)
    alone = [one for one in mail if one.digest_id is None]
    gathered = {one.digest_id for one in mail} - {None}
    carriers = digests(sqlite_database)
    assert gathered <= {one.id for one in carriers}
    assert set(arrived) == {one.message_id for one in (*alone, *carriers)}
    assert max(arrived.values()) <= 2
    assert arrived.total() - len(arrived) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("module", ["schedules", "schedules.mail_catcher"])
def test_wrong_settings_are_said_and_nothing_starts(sqlite_url: str, module: str) -> None:
    with running(module, sqlite_url, "http://example.vn") as process:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
    assert "SMTP_URL" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_the_catcher_keeps_letters_and_ends_when_asked(
    sqlite_database: Database, sqlite_url: str
) -> None:
    port = free_port()
    with running("schedules.mail_catcher", sqlite_url, f"smtp://127.0.0.1:{port}") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("[mail] ready on 127.0.0.1")
        letter = EmailMessage()
        letter["Subject"] = "[TĐKT] Còn 2 ngày"
        letter["From"] = "a@example.vn"
        letter["To"] = "mai@example.vn, po@example.vn"
        letter["Message-ID"] = "<1@example.vn>"
        letter.set_content("Kính gửi Ông/Bà\n\nHồ sơ\n")
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
            server.send_message(letter)
        code, seconds, output = ended(process, signal.SIGTERM)
    assert (code, output) == (0, "")
    assert seconds < 5
    with sqlite_database.reading() as session:
        kept = list(session.scalars(select(CaughtMail).order_by(CaughtMail.id)))
    assert [one.rcpt for one in kept] == ["mai@example.vn", "po@example.vn"]
    assert {(one.subject, one.message_id) for one in kept} == {
        ("[TĐKT] Còn 2 ngày", "<1@example.vn>")
    }
    assert {one.body for one in kept} == {"Kính gửi Ông/Bà\n\nHồ sơ"}


@pytest.mark.slow
def test_a_taken_address_is_said(sqlite_url: str, mailbox: Mailbox) -> None:
    with running("schedules.mail_catcher", sqlite_url, mailbox.url) as process:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
    assert str(mailbox.port) in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_outside_a_demonstration_nothing_is_caught(sqlite_url: str, mailbox: Mailbox) -> None:
    smtp = f"smtp://127.0.0.1:{free_port()}"
    with running("schedules.mail_catcher", sqlite_url, smtp, DEMONSTRATION="0") as process:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
    assert "DEMONSTRATION" in output


@pytest.mark.slow
def test_a_season_passes_when_the_demonstration_moves_its_clock(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    """March to December, day by day as somebody clicks through it: every letter at its time."""
    remind_of_no_reports(database)
    code = a_registered_alone(database)
    clock = DemonstrationClock(database, real_now)
    days = [at(3, 1, 8, 1), *(at(11, 1, 8, 1) + timedelta(days=count) for count in range(40))]
    for day in days:
        with database.writing() as session:
            move(session, day, real_now())
        run_due(database, clock, settings)
    told = Counter(
        letter["Subject"].partition(":")[0]
        for letter in mailbox.letters
        if code in letter["Subject"]
    )
    assert told == {
        "[TĐKT] Còn 29 ngày": 2,
        "[TĐKT] Còn 15 ngày": 2,
        "[TĐKT] Còn 7 ngày": 2,
        "[TĐKT] Ngày mai": 2,
        "[TĐKT] Quá 1 ngày": 2,
        "[TĐKT] Quá 3 ngày": 2,
        "[TĐKT] Quá 7 ngày": 2,
    }
    assert len(mailbox.letters) > 14
    left = [one for one in book(database) if one.status is MessageStatus.SUPPRESSED]
    # The visitor leapt over the last days of the registration window: noted, with the reason.
    assert {(one.letter, one.reason) for one in left} == {("due_registration", WINDOW_CLOSED)}


def test_one_leap_from_march_to_december_sends_the_newest_and_names_the_rest(
    database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    remind_of_no_reports(database)
    a_registered_alone(database)
    clock = DemonstrationClock(database, real_now)
    with database.writing() as session:
        move(session, at(3, 10), real_now())
    run_due(database, clock, settings)
    spring = len(mailbox.letters)
    assert spring > 0
    with database.writing() as session:
        move(session, at(12, 5), real_now())
    done = run_due(database, clock, settings)
    # Clerk and head about the dossier, and the province's appraiser about missing scores.
    assert (done.sent, done.laid_in_inbox) == (3, 3)
    noted = [one for one in book(database, "due_submitted") if one.reason]
    assert (len(noted), {one.reason for one in noted}) == (20, {NEWER})
    window = [one for one in book(database, "due_registration") if one.reason]
    assert {one.reason for one in window} == {WINDOW_CLOSED}
    assert done.suppressed == len(noted) + len(window)
    assert any("Quá 5 ngày: nộp hồ sơ " in letter["Subject"] for letter in mailbox.letters)
    mail = book(database, "due_submitted", Channel.EMAIL)
    assert Counter(one.status for one in mail) == {
        MessageStatus.SENT: 2,
        MessageStatus.SUPPRESSED: 10,
    }
    assert build.the_dossier(database, "HS-2023-0001").state == "registered"
