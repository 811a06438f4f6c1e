"""The signed webhook: what a gateway can check, and what a faulty one cannot break."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.settings import Settings, SettingsError
from models.database import Database
from models.reminder_book import put_wishes
from models.staffing import Wish
from models.words import Channel, MessageStatus
from schedules.planner import plan
from schedules.postman import Postman, Round
from tests import builders as build
from tests.schedules.cases import StoppedClock, a_registered_alone, at, book
from workflow.vocabulary import ReminderKind

SECRET = "s" * 40
MARK = at(11, 1, 8)
DROP = 0
"""Take the request, then hang up."""


@dataclass
class Gate:
    """A gateway of this process: what it got, and how it is to answer, in order."""

    url: str = ""
    got: list[tuple[bytes, str]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A listening gateway."""
    here = Gate()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.got.append((body, self.headers["X-Award-Signature"]))
            status = here.answers.popleft() if here.answers else 202
            if status == DROP:
                self.connection.close()
                return
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_port}/tin-nhan?kenh=zalo"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()


@pytest.fixture
def postman(
    sqlite_database: Database, clock: StoppedClock, settings: Settings, gate: Gate
) -> Postman:
    """A postman with a gateway; the clerk wants messages, one waits."""
    a_registered_alone(sqlite_database)
    with sqlite_database.writing() as session:
        clerk = build.person_id(session, "clerk@H029")
        put_wishes(session, clerk, {ReminderKind.MILESTONE: Wish(webhook=True)})
    clock.now = MARK
    plan(sqlite_database, MARK)
    told = replace(settings, webhook_url=gate.url, webhook_secret=SECRET)
    return Postman(sqlite_database, clock, Round.from_settings(told))


def the_message(database: Database):
    (found,) = book(database, channel=Channel.WEBHOOK)
    return found


def test_a_message_is_signed_over_time_and_body(
    sqlite_database: Database, postman: Postman, gate: Gate
) -> None:
    postman.post_all()
    ((body, signed),) = gate.got
    seconds = str(int(MARK.timestamp()))
    mac = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed == f"t={seconds},v1={mac}"
    told = json.loads(body)
    row = the_message(sqlite_database)
    assert (told["id"], told["to"]) == (row.message_id, str(row.recipient_id))
    assert told["text"].startswith("[TĐKT] Còn 29 ngày: nộp hồ sơ HS-2023-0001")
    assert told["link"] == "https://thidua.example.vn/ho-so/HS-2023-0001"
    assert row.status is MessageStatus.SENT


@pytest.mark.parametrize("status", [500, 503, 429, 408, DROP, 302])
def test_a_gateway_in_trouble_is_asked_again_with_the_same_id(
    sqlite_database: Database, postman: Postman, gate: Gate, clock: StoppedClock, status: int
) -> None:
    gate.answers.append(status)
    postman.post_all()
    row = the_message(sqlite_database)
    assert (row.status, row.next_attempt_at) == (
        MessageStatus.WAITING,
        MARK + timedelta(minutes=1),
    )
    clock.now += timedelta(minutes=1)
    postman.post_all()
    assert the_message(sqlite_database).status is MessageStatus.SENT
    assert len({json.loads(body)["id"] for body, _ in gate.got}) == 1
    assert len(gate.got) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_a_final_refusal_is_shown(
    sqlite_database: Database, postman: Postman, gate: Gate, status: int
) -> None:
    gate.answers.append(status)
    postman.post_all()
    row = the_message(sqlite_database)
    assert row.status is MessageStatus.FAILED
    assert row.error == f"HTTP {status}"


def test_without_a_gateway_the_message_fails_in_sight(
    sqlite_database: Database, postman: Postman, settings: Settings, clock: StoppedClock
) -> None:
    Postman(sqlite_database, clock, Round.from_settings(settings)).post_all()
    assert the_message(sqlite_database).error == "chưa cấu hình WEBHOOK_URL"


@pytest.mark.parametrize(
    "more",
    [
        {"WEBHOOK_URL": "https://example.vn"},
        {"WEBHOOK_URL": "ftp://example.vn", "WEBHOOK_SECRET": SECRET},
        {"WEBHOOK_URL": "https://example.vn", "WEBHOOK_SECRET": "short"},
    ],
)
def test_half_a_webhook_is_refused(more: dict[str, str]) -> None:
    whole = {
        "DATABASE_URL": "sqlite://",
        "SECRET_KEY": SECRET,
        "STORAGE_DIR": "var",
        "SMTP_URL": "smtp://localhost",
        "MAIL_FROM": "a@example.vn",
        "BASE_URL": "http://localhost",
    }
    assert not Settings.from_environment(whole).has_webhook
    with pytest.raises(SettingsError, match="WEBHOOK"):
        Settings.from_environment(whole | more)
