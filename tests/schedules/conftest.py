"""A stopped clock, a mail server and settings for the tests of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from config.settings import Settings
from models.database import Database
from schedules.postman import Postman, Round
from tests.schedules.cases import StoppedClock
from tests.schedules.mailbox import Mailbox, free_port


@pytest.fixture
def clock() -> StoppedClock:
    """Shows what a test sets it to."""
    return StoppedClock()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine."""
    box = Mailbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def settings(mailbox: Mailbox, tmp_path: Path) -> Settings:
    """Settings that post to the mailbox."""
    return Settings(
        database_url="not used",
        secret_key="k" * 48,
        storage_dir=tmp_path,
        smtp_url=mailbox.url,
        mail_from="Hồ sơ thi đua <khong-tra-loi@example.vn>",
        base_url="https://thidua.example.vn",
        factor_required=False,
    )


@pytest.fixture
def postman(database: Database, clock: StoppedClock, settings: Settings) -> Postman:
    """A postman who posts to the mailbox."""
    return Postman(database, clock, Round.from_settings(settings))
