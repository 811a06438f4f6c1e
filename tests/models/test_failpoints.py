"""A failpoint ends a process of a test build, and does nothing to any other."""

from __future__ import annotations

import multiprocessing
import re
import signal
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError
from models import failpoints

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "views", "schedules")
WHOLE = {
    "DATABASE_URL": "sqlite:///x",
    "SECRET_KEY": "k" * 40,
    "STORAGE_DIR": "x",
    "SMTP_URL": "smtp://x",
    "MAIL_FROM": "a@example.vn",
    "BASE_URL": "http://127.0.0.1",
}


def come_past(armed: str, name: str, times: int) -> None:
    failpoints.arm(armed)
    for _ in range(times):
        failpoints.reach(name)


def end_of(armed: str, name: str, times: int) -> int | None:
    child = multiprocessing.get_context("spawn").Process(
        target=come_past, args=(armed, name, times)
    )
    child.start()
    child.join(30)
    return child.exitcode


@pytest.mark.slow
def test_an_armed_point_kills_at_its_time_and_others_pass() -> None:
    assert end_of("after_claim:3", "after_claim", 3) == -signal.SIGKILL
    assert end_of("after_claim:3, before_commit", "after_claim", 2) == 0
    assert end_of("before_commit", "after_claim", 9) == 0


def test_every_point_is_reached_somewhere_and_no_other() -> None:
    reached = {
        name
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in re.findall(r'\breach\("(\w+)"\)', path.read_text("utf-8"))
    }
    assert reached == failpoints.POINTS


@pytest.mark.parametrize("wanted", ["nowhere", "after_claim:x", "after_claim,nowhere:2"])
def test_a_point_nobody_reaches_is_refused(wanted: str) -> None:
    with pytest.raises(ValueError, match="FAILPOINTS"):
        failpoints.arm(wanted)


def test_only_a_test_build_may_be_armed() -> None:
    armed = WHOLE | {"FAILPOINTS": "after_claim"}
    with pytest.raises(SettingsError, match="FAILPOINTS: chỉ dùng khi TEST_BUILD=1"):
        Settings.from_environment(armed)
    assert Settings.from_environment(armed | {"TEST_BUILD": "1"}).failpoints == "after_claim"
    assert not Settings.from_environment(WHOLE).failpoints


def test_a_test_build_is_refused_where_people_reach_it() -> None:
    public = {"BASE_URL": "https://thidua.example.vn", "TEST_BUILD": "1"}
    with pytest.raises(SettingsError, match="TEST_BUILD"):
        Settings.from_environment(WHOLE | public)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SMTP_SECONDS": "x"}, "SMTP_SECONDS: phải là số giây"),
        ({"LEASE_SECONDS": "-1"}, "LEASE_SECONDS: phải là số giây"),
        ({"LEASE_SECONDS": "nan"}, "LEASE_SECONDS: phải là số giây"),
        ({"LEASE_SECONDS": "199"}, "LEASE_SECONDS: ít nhất gấp 20 lần"),
    ],
)
def test_a_lease_leaves_time_for_a_slow_mail_server(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings.from_environment(WHOLE | given)
