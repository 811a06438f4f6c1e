"""P21: whoever may write everywhere but where the checkpoints are kept changes nothing unseen."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models import auditing, checkpoints, sealing
from models.audit_export import exported
from models.chain import FIRST, canonical, line_hash, seal_hash
from models.database import Database
from models.evidence import verify_log
from models.office import write_down
from models.signed_notes import Signer, UnsoundNote, Verifier, opened
from models.tables import ChangeSet, HistoryLine, LogCheckpoint, SealedLine
from tests import builders as build
from tests.tiers import SEED, count
from workflow.vocabulary import Action

Line = dict[str, Any]
SIGNER = Signer("vi-du.example.vn", bytes(range(32)))
KEYS = verify_log.keys_of([SIGNER.verifier.text])
pytestmark = pytest.mark.promise("P21")


def a_log(chance: random.Random, length: int, *, form: str = "") -> list[Line]:
    """A log of some streams, sealed to its end, in the form of an export."""
    ends: dict[str, tuple[int, str]] = {}
    lines: list[Line] = []
    for number in range(length):
        stream = f"{form}{chance.choice(('office', 'dossier:1', 'dossier:2', 'report:9'))}"
        seq, previous = ends.get(stream, (0, FIRST))
        body = {"stream": stream, "seq": seq + 1, "action": "việc", "payload": f'{{"n":{number}}}'}
        own = line_hash(previous, body)
        ends[stream] = seq + 1, own
        lines.append(
            {"stream": stream, "seq": seq + 1, "prev": previous, "hash": own, "body": body}
        )
    return resealed(lines)


def resealed(lines: list[Line]) -> list[Line]:
    """All hashes made fitting again, as somebody with full rights and this source could."""
    ends: dict[str, tuple[int, str]] = {}
    last = FIRST
    for number, line in enumerate(lines, 1):
        seq, previous = ends.get(line["stream"], (0, FIRST))
        line["body"] = {**line["body"], "seq": seq + 1}
        line["seq"], line["prev"] = seq + 1, previous
        line["hash"] = line_hash(previous, line["body"])
        ends[line["stream"]] = line["seq"], line["hash"]
        own = seal_hash(last, number, line["stream"], line["seq"], line["hash"])
        line["seal"] = [number, last, own]
        last = own
    return lines


def copied(lines: list[Line]) -> list[Line]:
    return [{**line, "body": dict(line["body"]), "seal": list(line["seal"])} for line in lines]


def faults_of(lines: list[Line], outside: dict[int, str]) -> list[str]:
    """What the verifier an inspector runs says of this log."""
    found: list[str] = []
    texts = (json.dumps({**line, "body": canonical(line["body"])}) for line in lines)
    kept = {size: {head: f"mốc {size}"} for size, head in outside.items()}
    verify_log.check(texts, kept, lambda where, text: found.append(f"{where}: {text}"))
    return found


def edit(lines: list[Line], at: int, _: random.Random) -> list[Line]:
    lines[at]["body"]["payload"] = '{"n":"khác"}'
    return lines


def delete(lines: list[Line], at: int, _: random.Random) -> list[Line]:
    del lines[at]
    return lines


def insert(lines: list[Line], at: int, _: random.Random) -> list[Line]:
    lines.insert(at, {**lines[at], "body": {**lines[at]["body"], "payload": "{}"}})
    return lines


def reorder(lines: list[Line], at: int, chance: random.Random) -> list[Line]:
    other = chance.choice([one for one in range(len(lines)) if one != at])
    lines[at], lines[other] = lines[other], lines[at]
    return lines


def truncate(lines: list[Line], at: int, _: random.Random) -> list[Line]:
    return lines[:at]


def edit_and_rehash(lines: list[Line], at: int, chance: random.Random) -> list[Line]:
    return resealed(edit(lines, at, chance))


def delete_and_rehash(lines: list[Line], at: int, chance: random.Random) -> list[Line]:
    return resealed(delete(lines, at, chance))


def truncate_and_regrow(lines: list[Line], at: int, chance: random.Random) -> list[Line]:
    grown = truncate(lines, at, chance)
    while len(grown) < len(lines) + 3:
        grown.append({"stream": "office", "body": {"stream": "office", "action": "bịa", "seq": 0}})
    return resealed(grown)


KINDS: tuple[Callable[[list[Line], int, random.Random], list[Line]], ...] = (
    edit,
    delete,
    insert,
    reorder,
    truncate,
    edit_and_rehash,
    delete_and_rehash,
    truncate_and_regrow,
)
ONLY_OUTSIDE = {truncate, edit_and_rehash, delete_and_rehash, truncate_and_regrow}
"""What a chain alone cannot show: it must be the checkpoint that shows it."""


def test_every_tampering_up_to_the_last_checkpoint_is_found(
    tally: Callable[[str, int], None],
) -> None:
    times, chance = count(1000, 10_000, 100_000), random.Random(SEED)
    unseen: list[str] = []
    for number in range(times):
        if number % 100 == 0:
            log = a_log(chance, chance.randrange(8, 60))
        size = chance.randrange(2, len(log) + 1)
        outside = {size: log[size - 1]["seal"][2]}
        kind = KINDS[number % len(KINDS)]
        at = chance.randrange(size)
        tampered = kind(copied(log), at, chance)
        if not faults_of(tampered, outside):
            unseen.append(f"{kind.__name__} at {at} of {size}")
        if kind in ONLY_OUTSIDE and number < 64:
            assert not faults_of(tampered, {}), "this kind was to be seen by the checkpoint alone"
    assert unseen == []
    tally("tamperings", times)


def test_a_clean_log_raises_no_alarm(tally: Callable[[str, int], None]) -> None:
    times, chance = count(300, 10_000), random.Random(SEED + 1)
    for _ in range(times):
        log = a_log(chance, chance.randrange(1, 40))
        sizes = {chance.randrange(1, len(log) + 1) for _ in range(3)}
        assert faults_of(log, {size: log[size - 1]["seal"][2] for size in sizes}) == []
    tally("clean verifications", times)


@pytest.mark.planted
def test_a_verifier_that_forgets_the_checkpoints_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: without its last look the same trials let tampering pass."""
    real = verify_log.check
    monkeypatch.setattr(verify_log, "check", lambda lines, _, tell: real(lines, {}, tell))
    with pytest.raises(AssertionError):
        test_every_tampering_up_to_the_last_checkpoint_is_found(lambda *_: None)


def test_signatures_are_those_of_the_library_and_every_changed_byte_shows() -> None:
    end = sealing.Checkpoint(4711, "9f" * 32)
    note = SIGNER.sign(checkpoints.text_of("vi-du.example.vn", end, build.NOW))
    assert verify_log.checkpoint(note, KEYS) == (4711, "9f" * 32)
    assert opened(note, [SIGNER.verifier])[1] == SIGNER.verifier
    assert Verifier.read(SIGNER.verifier.text) == SIGNER.verifier
    chance = random.Random(SEED)
    raw = note.encode()
    for at in chance.sample(range(len(raw)), count(30, len(raw))):
        changed = bytearray(raw)
        changed[at] ^= 1
        try:
            spoilt = changed.decode()
        except UnicodeDecodeError:
            continue
        with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
            verify_log.checkpoint(spoilt, KEYS)
        with pytest.raises(UnsoundNote):
            opened(spoilt, [SIGNER.verifier])
    unsigned = note.partition("\n\n")[0] + "\n\n"
    other = Signer("vi-du.example.vn", bytes(32)).sign(note.partition("\n\n")[0] + "\n")
    for forged in (unsigned, other):
        with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
            verify_log.checkpoint(forged, KEYS)


def test_the_verifier_is_one_short_file_that_needs_nothing_of_ours(
    database: Database, tmp_path: Path
) -> None:
    build.a_written(database)
    with database.writing() as session:
        sealing.seal_new_lines(session, build.NOW)
        made = checkpoints.make_due(session, SIGNER, ("file",), build.NOW)
        assert made is not None
        write_down(session, "move_clock", {}, None, build.NOW)
        (tmp_path / "moc.txt").write_text(made.note, "utf-8")
        (tmp_path / "log.jsonl").write_text("\n".join(exported(session)), "utf-8")
    source = Path(verify_log.__file__).read_text("utf-8")
    assert len(source.splitlines()) < 200
    alone = tmp_path / "verify_log.py"
    alone.write_text(source, "utf-8")
    assert run(alone, tmp_path / "log.jsonl", tmp_path / "moc.txt") == (0, "Nguyên vẹn / whole.")
    edited = (tmp_path / "log.jsonl").read_text("utf-8").replace("clerk", "khac", 1)
    edited = edited if "khac" in edited else edited.replace("register", "khac", 1)
    (tmp_path / "log.jsonl").write_text(edited, "utf-8")
    code, first = run(alone, tmp_path / "log.jsonl", tmp_path / "moc.txt")
    assert code == 1
    assert "không khớp" in first
    assert run(alone, tmp_path / "missing.jsonl", tmp_path / "moc.txt")[0] == 2


def run(program: Path, log: Path, kept: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", program, log, "--key", SIGNER.verifier.text, kept],
        capture_output=True,
        text=True,
        check=False,
        cwd=log.parent,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
    )
    return done.returncode, (done.stdout or done.stderr).splitlines()[0]


def test_checkpoints_come_every_quarter_at_decisions_and_never_twice(database: Database) -> None:
    now = build.NOW
    code = build.a_checked(database)
    with database.writing() as session:
        sealing.seal_new_lines(session, now)
        first = checkpoints.make_due(session, SIGNER, ("file", "mail"), now)
        assert first is not None
        assert first.because == "clock"
        assert checkpoints.make_due(session, SIGNER, ("file",), now) is None
        write_down(session, "move_clock", {}, None, now)
        sealing.seal_new_lines(session, now)
        soon, later = now + timedelta(minutes=14), now + timedelta(minutes=15)
        assert checkpoints.make_due(session, SIGNER, ("file",), soon) is None
        assert checkpoints.make_due(session, SIGNER, ("file",), later) is not None
        assert checkpoints.make_due(session, SIGNER, (), later + timedelta(hours=1)) is None
    build.taken(build.step(database, code, "head@UBND-TINH", Action.DECIDE, build.a_decision()))
    with database.writing() as session:
        sealing.seal_new_lines(session, now)
        made = checkpoints.make_due(session, SIGNER, ("file",), later)
        assert made is not None
        assert made.because == "decision"
        assert auditing.verify(session) == []
        places = {one.place: one for one in checkpoints.places_of(session, ("file", "webhook"))}
    assert [places[name].waiting for name in ("file", "mail", "webhook")] == [3, 1, 0]
    assert places["file"].is_late(now + timedelta(hours=1))


def test_writers_and_sealers_at_one_instant_never_fork_the_chain(
    database: Database, tally: Callable[[str, int], None]
) -> None:
    rounds = count(5, 250, 1000)
    faults: list[BaseException] = []
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(HistoryLine)) or 0

    def at_once(work: Callable[[], None], start: threading.Barrier) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:  # noqa: BLE001 - told by the test
            faults.append(error)

    def write() -> None:
        with database.writing() as session:
            write_down(session, "move_clock", {}, None, build.NOW)

    def seal() -> None:
        with database.writing() as session:
            sealing.seal_new_lines(session, build.NOW)
            checkpoints.make_due(session, SIGNER, ("file",), build.NOW)

    for _ in range(rounds):
        start = threading.Barrier(4)
        racers = [
            threading.Thread(target=at_once, args=(work, start))
            for work in (write, write, seal, seal)
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
    assert faults == []
    with database.writing() as session:
        sealing.seal_new_lines(session, build.NOW)
        assert auditing.verify(session) == []
        lines = session.scalar(select(func.count()).select_from(HistoryLine))
        sets = session.scalar(select(func.count()).select_from(ChangeSet)) or 0
        sealed = session.scalar(select(func.count()).select_from(SealedLine))
        assert sealed == (lines or 0) + sets
        found = list(session.scalars(select(LogCheckpoint)))
    assert len({one.head_hash for one in found}) == len(found)
    assert lines == rounds * 2 + before
    tally("races of two writers and two sealers", rounds)


@pytest.mark.nightly
def test_a_million_records_are_verified_in_ten_seconds() -> None:
    def million() -> Any:
        previous, last = FIRST, FIRST
        for seq in range(1, 1_000_001):
            body = canonical({"stream": "office", "seq": seq, "action": "a", "payload": "{}"})
            own = verify_log.hashed(verify_log.LINE, previous, body)
            seal = seal_hash(last, seq, "office", seq, own)
            yield json.dumps(
                {
                    "seal": [seq, last, seal],
                    "stream": "office",
                    "seq": seq,
                    "prev": previous,
                    "hash": own,
                    "body": body,
                }
            )
            previous, last = own, seal

    texts = list(million())
    began = time.process_time()
    found: list[str] = []
    assert verify_log.check(texts, {}, lambda *told: found.append(str(told))) == 1_000_000
    assert found == []
    assert time.process_time() - began < 10
