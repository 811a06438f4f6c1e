"""Packages from npm are unpacked only as they were locked, and only into their folder."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from config import markup
from config.markup import WrongPackageError, checked, unpack


def packed(**files: str) -> bytes:
    """A package as the registry sends it."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return content.getvalue()


def test_a_package_is_unpacked_without_its_first_folder(tmp_path: Path) -> None:
    unpack(packed(**{"package/bin/a.mjs": "x"}), tmp_path / "a")
    assert (tmp_path / "a" / "bin" / "a.mjs").read_text() == "x"


def test_no_file_leaves_the_folder(tmp_path: Path) -> None:
    with pytest.raises(WrongPackageError, match="outside"):
        unpack(packed(**{"package/../../b": "x"}), tmp_path / "a")
    assert not (tmp_path / "b").exists()


def test_only_what_was_locked_is_taken() -> None:
    digest = "sha512-" + base64.b64encode(hashlib.sha512(b"x").digest()).decode()
    assert checked(b"x", digest) == b"x"
    with pytest.raises(WrongPackageError):
        checked(b"y", digest)


def test_a_registry_out_of_reach_is_said_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "lock.json"
    one = {"node_modules/a": {"version": "1.0.0", "integrity": "sha512-x"}}
    lock.write_text(json.dumps({"packages": one}))
    monkeypatch.setattr(markup, "LOCK", lock)
    monkeypatch.setattr(markup, "FOLDER", tmp_path / "markup")
    monkeypatch.setattr(markup, "MISSING", tmp_path / "missing")
    monkeypatch.setattr(markup, "REGISTRY", "http://127.0.0.1:9")
    assert markup.main() == 0
    assert "could not be fetched" in (tmp_path / "missing").read_text()
    assert "its tests are skipped" in capsys.readouterr().out
