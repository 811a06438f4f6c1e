"""The mail server and the settings of the tests of the clock serve the promises too."""

from tests.schedules.conftest import clock, mailbox, settings

__all__ = ["clock", "mailbox", "settings"]
