"""The scheduler's process: `python -m schedules`. One is enough; several do no harm.

Ends within five seconds of SIGTERM, SIGINT or SIGHUP. Exit codes: 0 stopped on request,
2 the settings cannot be used.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import structlog

from config import logging
from config.clock import real_now
from config.settings import Settings, SettingsError
from models.clock import DemonstrationClock
from models.database import open_database
from schedules.jobs import Means
from schedules.postman import Postman, Round
from schedules.timetable import TIMETABLE, Ticker

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
PATIENCE_SECONDS = 4.0
WRONG_SETTINGS = 2

log = structlog.get_logger()


def main() -> int:
    """Run the timetable until a signal asks for the end."""
    # Blocked here, before any thread starts, so that only `sigwait` below receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        settings = Settings.from_environment(os.environ)
        way = Round.from_settings(settings)
    except (SettingsError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETTINGS
    logging.set_up(human=settings.demonstration)
    database = open_database(settings.database_url)
    clock = DemonstrationClock(database, real_now) if settings.demonstration else real_now
    stopping = threading.Event()
    ticker = Ticker(Means(database, clock, Postman(database, clock, way, stopping.is_set)))
    ticker.start()
    log.info("scheduler started", jobs=list(TIMETABLE))
    received = signal.sigwait(STOP_SIGNALS)
    stopping.set()
    ended = ticker.stop(PATIENCE_SECONDS)
    log.info("scheduler stopped", signal=signal.Signals(received).name, unfinished=not ended)
    if not ended:
        # A thread waits for a mail server. Its letter stays claimed until the lease runs out.
        sys.stderr.flush()
        os._exit(0)
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
