"""What prepares the environment leaves alone what is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import bootstrap


def test_an_environment_that_is_only_linked_to_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    link = tmp_path / ".venv"
    link.symlink_to(theirs)
    monkeypatch.setattr(bootstrap, "VENV", link)
    bootstrap.provide_environment("dev")
    assert [one.name for one in theirs.iterdir()] == ["kept"]
    assert "is a link" in capsys.readouterr().out
