"""A guarded process: whatever a file does to its parser, an answer or a named failure is had."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from models import guarded
from models.guarded import Answer, Failure, Limits, run_guarded
from models.guarding import TASKS
from models.guarding.probing import network

MODULE = "tests.models.misbehaving"


@pytest.fixture
def a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guarded, "TASKS", {"misbehave": MODULE, **TASKS})
    path = tmp_path / "paper"
    path.write_text("giấy tờ", "utf-8")
    return path


def does(act: str, path: Path, limits: Limits | None = None) -> Answer:
    return run_guarded("misbehave", path, {"act": act}, limits or Limits())


def test_the_walls_stand(a_file: Path) -> None:
    found = dict(run_guarded("probe", a_file, {"network": network()}).content)
    assert not found.pop("shares_network") or os.geteuid() != 0
    assert len(found) == 5
    assert not any(found.values()), found


def test_it_reads_its_file_and_tells_what_it_used(a_file: Path) -> None:
    answer = does("read", a_file)
    assert answer.content == {"found": "giấy tờ"}
    assert answer.failure is None
    assert 0 < answer.cpu_seconds < 5
    assert 0 < answer.memory < 150 * guarded.MEGABYTE


def test_what_a_library_prints_is_no_answer(a_file: Path) -> None:
    assert does("print", a_file).content == {"found": None}


def test_it_cannot_change_its_file(a_file: Path) -> None:
    assert does("write", a_file).content == {"found": "denied"}
    assert a_file.read_text("utf-8") == "giấy tờ"


@pytest.mark.promise("P23")
@pytest.mark.planted
@pytest.mark.parametrize(
    ("act", "limits", "failure"),
    [
        ("spin", Limits(cpu_seconds=1), Failure.TIMEOUT),
        ("sleep", Limits(wall_seconds=0.4), Failure.TIMEOUT),
        ("eat", Limits(), Failure.MEMORY),
        ("raise", Limits(), Failure.CRASH),
        ("die", Limits(), Failure.CRASH),
        ("leave", Limits(), Failure.REFUSED),
        ("answer other", Limits(), Failure.REFUSED),
        ("chatter", Limits(answer=5_000), Failure.REFUSED),
    ],
)
def test_every_end_has_a_name(a_file: Path, act: str, limits: Limits, failure: Failure) -> None:
    began = time.monotonic()
    answer = does(act, a_file, limits)
    assert answer.failure is failure, answer
    assert answer.content == {}
    assert time.monotonic() - began < 10
    assert not _left_behind()


def test_only_so_many_run_at_once(a_file: Path) -> None:
    long = [
        threading.Thread(target=does, args=("sleep", a_file, Limits(wall_seconds=1.0)))
        for _ in range(guarded.AT_ONCE)
    ]
    for thread in long:
        thread.start()
    while guarded._places._value:
        time.sleep(0.01)
    assert does("read", a_file, Limits(wall_seconds=0.1)).failure is Failure.BUSY
    for thread in long:
        thread.join()
    assert does("read", a_file).failure is None


def test_faults_of_the_caller_are_told(a_file: Path, tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        run_guarded("format the disk", a_file)
    with pytest.raises(FileNotFoundError):
        run_guarded("text", tmp_path / "nowhere")


def _left_behind() -> list[str]:
    """Commands of our children that still run."""
    mine = str(os.getpid())
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if fields[1] == mine and fields[0] != "Z" and b"worker.py" in command:
            found.append(command.decode())
    return found
