"""The mail server and the settings of the tests of the clock serve the promises too."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.schedules.conftest import clock, mailbox, settings

__all__ = ["clock", "mailbox", "quiet", "settings"]


@pytest.fixture
def quiet() -> Iterator[None]:
    """Say nothing in the log: thousands of letters would say the same."""
    told = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**told)
