"""Why APScheduler only ticks: four ways in which it loses or repeats what it is told to keep.

None of this is our code. Should a later version behave otherwise, these tests say so, and the
decision (docs/decisions/0007) may be looked at again. Our own tables do none of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BEGIN = """
import sys, time, threading, logging
from datetime import datetime, timedelta, UTC
from pathlib import Path
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
logging.disable(logging.CRITICAL)
STORE, LOG = sys.argv[1], Path(sys.argv[2])

def send(number):
    with LOG.open("a") as log:
        log.write(f"{number}\\n")

def slow(number):
    time.sleep(20)
    send(number)

def scheduler(**more):
    store = SQLAlchemyJobStore(url=f"sqlite:///{STORE}")
    return BackgroundScheduler(jobstores={"default": store}, timezone=UTC, **more)

"""


@pytest.fixture
def run(tmp_path: Path):
    """Run a script with its store and its log; killed after so many seconds, if any."""

    def start(script: str, kill_after: float = 0.0) -> None:
        (tmp_path / "script.py").write_text(BEGIN + textwrap.dedent(script), "utf-8")
        process = subprocess.Popen(
            [sys.executable, tmp_path / "script.py", tmp_path / "store.sqlite", tmp_path / "log"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if kill_after:
            time.sleep(kill_after)
            os.kill(process.pid, signal.SIGKILL)
        process.wait(60)

    return start


def sent(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text("utf-8").split() if log.exists() else []


def left(tmp_path: Path) -> int:
    import sqlite3  # noqa: PLC0415

    connection = sqlite3.connect(tmp_path / "store.sqlite")
    (count,) = connection.execute("SELECT count(*) FROM apscheduler_jobs").fetchone()
    connection.close()
    return int(count)


FILL = """
    keeper = scheduler()
    keeper.start(paused=True)
    for number in range(20):
        keeper.add_job(JOB, "date", run_date=datetime.now(UTC) + timedelta(seconds=WAIT),
                       args=(number,), id=str(number))
    keeper.shutdown()
"""


def test_a_few_seconds_of_downtime_skip_and_remove_everything(run, tmp_path: Path) -> None:
    run(FILL.replace("JOB", "send").replace("WAIT", "1"))
    time.sleep(3)
    run("one = scheduler()\none.start()\ntime.sleep(2)\none.shutdown()\n")
    assert (sent(tmp_path), left(tmp_path)) == ([], 0)


def test_a_killed_process_loses_what_ran_and_what_waited_for_a_thread(run, tmp_path: Path) -> None:
    run(FILL.replace("JOB", "slow").replace("WAIT", "2"))
    run("one = scheduler()\none.start()\ntime.sleep(60)\n", kill_after=6)
    assert (sent(tmp_path), left(tmp_path)) == ([], 0)


def test_a_renamed_function_deletes_its_jobs(run, tmp_path: Path) -> None:
    patient = FILL.replace("id=str(number)", "id=str(number), misfire_grace_time=None")
    run(patient.replace("JOB", "send").replace("WAIT", "1"))
    run("del send\none = scheduler()\none.start()\ntime.sleep(2)\none.shutdown()\n")
    assert (sent(tmp_path), left(tmp_path)) == ([], 0)


def test_several_schedulers_on_one_store_repeat_a_job(run, tmp_path: Path) -> None:
    run(FILL.replace("JOB", "send").replace("WAIT", "3"))
    run(
        """
        four = [scheduler() for _ in range(4)]
        for one in four:
            one.start()
        time.sleep(6)
        """
    )
    assert len(sent(tmp_path)) > len(set(sent(tmp_path)))


def test_ours_keeps_nothing_in_apscheduler() -> None:
    """What makes the four harmless: the store is memory, and a tick carries no work."""
    room = Path(__file__).resolve().parents[2] / "schedules"
    assert not any("SQLAlchemyJobStore" in path.read_text("utf-8") for path in room.glob("*.py"))
