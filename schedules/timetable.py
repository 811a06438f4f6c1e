"""Which job runs how often: the only module that knows APScheduler.

The scheduler is nothing but a tick: its job store is memory, and everything to be done stands
in our own tables. A missed tick, a second scheduler or a new release therefore loses nothing
and doubles nothing (promises P11 to P15).
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

from config.clock import real_now
from schedules import jobs
from schedules.jobs import Job, Means


@dataclass(frozen=True, slots=True)
class Entry:
    """A job and the seconds from one run to the next."""

    job: Job
    seconds: int


TIMETABLE: Final = {
    "plan_reminders": Entry(jobs.plan_reminders, 30),
    "post_letters": Entry(jobs.post_letters, 5),
    "send_codes": Entry(jobs.send_codes, 5),
    "seal_history": Entry(jobs.seal_history, 10),
    "sign_checkpoints": Entry(jobs.sign_checkpoints, 15),
    "make_copy": Entry(jobs.make_copy, 300),
    "heartbeat": Entry(jobs.heartbeat, 10),
    "read_papers": Entry(jobs.read_papers, 5),
    "watch_turns": Entry(jobs.watch_turns, 600),
    "forget_spent": Entry(jobs.forget_spent, 3600),
}


class Ticker:
    """Runs the timetable in threads of this process until told to stop."""

    def __init__(self, means: Means) -> None:
        """Nothing runs before `start`."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        for name, entry in TIMETABLE.items():
            self._scheduler.add_job(
                jobs.run_job,
                trigger="interval",
                seconds=entry.seconds,
                args=(name, entry.job, means),
                id=name,
                next_run_time=real_now(),
            )

    def start(self) -> None:
        """Run every job now, and then again and again."""
        self._scheduler.start()

    def stop(self, seconds: float) -> bool:
        """Start nothing more and wait for running jobs; False when some did not end in time.

        A job that does not end can be left where it is: the record holds at every moment.
        """
        ending = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        ending.start()
        ending.join(seconds)
        return not ending.is_alive()
