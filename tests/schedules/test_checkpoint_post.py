"""Checkpoints reach the places outside: a folder, a mailbox, a webhook; what fails shows."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.checkpoint_settings import CheckpointSettings
from config.settings import Settings
from models.checkpoints import latest, places_of
from models.database import Database
from models.evidence import verify_log
from models.office import write_down
from schedules.checkpoint_post import Outside, keep_checkpoints
from schedules.postman import Postman, Round
from schedules.webhook import Gateway
from tests import builders as build
from tests.schedules.cases import StoppedClock
from tests.schedules.mailbox import Mailbox

NAME = "vi-du.example.vn"
ADDRESS = "luu-chieu@example.vn"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    wanted = CheckpointSettings(key=KEY, name=NAME, folder=tmp_path / "outside", mail=ADDRESS)
    found = Outside.from_settings(wanted)
    assert found is not None
    return found


def note_in(letter: EmailMessage) -> str:
    """The signed note as somebody would copy it out of the letter."""
    lines = letter.get_content().splitlines()
    begin = lines.index(NAME)
    return "\n".join(lines[begin : begin + 6]).strip() + "\n"


def test_a_checkpoint_is_put_into_the_folder_and_sent_by_mail_once(
    sqlite_database: Database,
    settings: Settings,
    mailbox: Mailbox,
    clock: StoppedClock,
    outside: Outside,
) -> None:
    keys = verify_log.keys_of([outside.signer.verifier.text])
    first = keep_checkpoints(sqlite_database, outside, build.NOW, clock())
    assert (first.signed, first.delivered, first.queued) == (1, 1, 1)
    Postman(sqlite_database, clock, Round.from_settings(settings)).post_all()
    again = keep_checkpoints(sqlite_database, outside, build.NOW, clock())
    assert (again.signed, again.delivered, again.queued) == (0, 1, 0)
    with sqlite_database.reading() as session:
        kept = latest(session)
        places = places_of(session, outside.places)
    assert kept is not None
    told = (kept.size, kept.head_hash)
    assert outside.folder is not None
    (file,) = outside.folder.glob("*.txt")
    assert verify_log.checkpoint(file.read_text("utf-8"), keys) == told
    (letter,) = [one for one in mailbox.letters if one["To"] == ADDRESS]
    assert verify_log.checkpoint(note_in(letter), keys) == told
    assert [(one.place, one.delivered_size, one.waiting) for one in places] == [
        ("file", kept.size, 0),
        ("mail", kept.size, 0),
    ]


def test_a_place_that_does_not_take_it_is_asked_again_and_shown(
    sqlite_database: Database,
    tmp_path: Path,
    clock: StoppedClock,
    outside: Outside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Gateway("http://127.0.0.1:9/", "s" * 40)
    away = Outside(outside.signer, tmp_path / "taken" / "away", "", gateway)
    (tmp_path / "taken").write_text("a file where the folder should be")
    down = keep_checkpoints(sqlite_database, away, build.NOW, clock())
    assert (down.signed, down.delivered, down.undelivered) == (1, 0, 2)
    at_once = keep_checkpoints(sqlite_database, away, build.NOW, clock())
    assert (at_once.delivered, at_once.undelivered) == (0, 0)
    later = build.NOW + timedelta(hours=1)
    with sqlite_database.reading() as session:
        places = places_of(session, away.places)
    assert [(one.place, one.waiting, one.is_late(later)) for one in places] == [
        ("file", 1, True),
        ("webhook", 1, True),
    ]
    assert all(one.error for one in places)
    (tmp_path / "taken").unlink()
    sent: list[str] = []
    monkeypatch.setattr(Gateway, "send", lambda _self, payload, _now: sent.append(payload["note"]))
    back = keep_checkpoints(sqlite_database, away, later, clock())
    assert (back.delivered, back.undelivered) == (2, 0)
    assert len(sent) == 1


def test_a_folder_that_has_another_head_of_this_size_raises_the_alarm(
    sqlite_database: Database, tmp_path: Path, clock: StoppedClock, outside: Outside
) -> None:
    keep_checkpoints(sqlite_database, outside, build.NOW, clock())
    assert outside.folder is not None
    (file,) = outside.folder.glob("*.txt")
    with sqlite_database.writing() as session:
        write_down(session, "move_clock", {}, None, build.NOW)
    # The line and the record of it.
    following = outside.folder / f"{int(file.stem) + 2:012d}.txt"
    following.write_text("another history\n", "utf-8")
    later = build.NOW + timedelta(minutes=15)
    assert keep_checkpoints(sqlite_database, outside, later, clock()).undelivered == 1
    assert following.read_text("utf-8") == "another history\n"
    with sqlite_database.reading() as session:
        (place, _) = places_of(session, ("file", "mail"))
    assert "OtherCheckpoint" in place.error


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not base64"):
        Outside.from_settings(CheckpointSettings(key="nhầm"))
    faults: list[str] = []
    CheckpointSettings.from_environment({"CHECKPOINT_KEY": "nhầm"}, faults)
    assert faults == ["CHECKPOINT_KEY: không phải khóa Ed25519; tạo bằng audit new-key"]
    assert Outside.from_settings(CheckpointSettings()) is None
