"""What the service is made of, and what is known against it: the list is whole, the audit sees."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.model.bom import Bom

from config import audit, bom
from config.audit import CLEAN, KNOWN, NO_COPY, STALE, known, read_copy
from config.lock import Pinned, read_lock
from config.settings import ROOT

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def advisory(name: str, package: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    """An advisory in the form of OSV."""
    return {
        "id": name,
        "modified": "2026-11-20T10:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
            }
        ],
        **more,
    }


# What is known of these is true, and long mended in what we lock.
REAL = [
    advisory(
        "PYSEC-2023-221",
        "werkzeug",
        {"introduced": "0"},
        {"fixed": "3.0.1"},
        aliases=["CVE-2023-46136"],
    ),
    advisory(
        "PYSEC-2023-62",
        "Flask",
        {"introduced": "2.3.0"},
        {"fixed": "2.3.2"},
        {"introduced": "0"},
        {"fixed": "2.2.5"},
        aliases=["CVE-2023-30861"],
    ),
    advisory("PYSEC-2022-230", "lxml", {"introduced": "0"}, {"fixed": "4.9.1"}),
]


def put(folder: Path, *advisories: dict[str, Any]) -> Path:
    for number, one in enumerate(advisories):
        (folder / f"{number}.json").write_text(json.dumps(one), "utf-8")
    return folder


def hits(folder: Path, name: str, version: str) -> list[str]:
    pinned = [Pinned(name, version, "", (), ())]
    return [advisory.id for _, advisory in known(pinned, read_copy(folder))]


# --- The lock and the list -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    found = read_lock(ROOT / name)
    named = {one.name for one in found}
    assert {"flask", "sqlalchemy", "lxml"} <= named
    assert len(named) == len(found)
    assert all(set(one.asked_by) <= named for one in found)
    wanted = [line for line in (ROOT / name).read_text("utf-8").splitlines() if "==" in line]
    assert len(found) == len([line for line in wanted if not line.lstrip().startswith("#")])


def test_a_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("flask==3.1.3\n    # via -r requirements.in\n", "utf-8")
    with pytest.raises(ValueError, match="flask has no hash"):
        read_lock(lock)


def test_the_list_names_every_package_with_hash_licence_and_who_needs_it(tmp_path: Path) -> None:
    out = tmp_path / "sbom.cdx.json"
    assert bom.main([str(out)]) == 0
    told = json.loads(out.read_text("utf-8"))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    libraries = {one["name"]: one for one in told["components"] if one["type"] == "library"}
    locked = {one.name: one for one in read_lock(ROOT / "requirements.txt")}
    assert libraries.keys() == locked.keys()
    for name, one in libraries.items():
        assert one["purl"] == f"pkg:pypi/{name}@{locked[name].version}"
        assert {each["content"] for each in one["hashes"]} == set(locked[name].hashes)
    licensed = [name for name, one in libraries.items() if one.get("licenses")]
    assert len(licensed) > 0.9 * len(libraries)
    files = [one["name"] for one in told["components"] if one["type"] == "file"]
    assert "Tinos-Regular.ttf" in files
    needs = {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}
    assert libraries["flask"]["purl"] in needs["award-dossiers"]
    assert libraries["werkzeug"]["purl"] in needs[libraries["flask"]["purl"]]
    assert isinstance(Bom.from_json(told), Bom)  # type: ignore[attr-defined]


# --- The audit -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version", "found"),
    [
        ("werkzeug", "3.0.0", ["PYSEC-2023-221"]),
        ("werkzeug", "3.0.1", []),
        ("werkzeug", "3.0.1rc1", ["PYSEC-2023-221"]),
        ("flask", "2.2.4", ["PYSEC-2023-62"]),
        ("flask", "2.2.5", []),
        ("flask", "2.3.1", ["PYSEC-2023-62"]),
        ("flask", "2.3.2", []),
        ("lxml", "4.9.0", ["PYSEC-2022-230"]),
        ("itsdangerous", "0.1", []),
    ],
)
def test_a_version_is_held_against_what_is_known(
    tmp_path: Path, name: str, version: str, found: list[str]
) -> None:
    assert hits(put(tmp_path, *REAL), name, version) == found


@pytest.mark.parametrize(
    ("changed", "version", "found"),
    [
        ({"withdrawn": "2026-01-01T00:00:00Z"}, "1.0", False),
        ({}, "1.5", True),
        ({}, "1.6", False),
        ({"affected": [{"package": {"ecosystem": "npm", "name": "x"}}]}, "1.0", False),
        (
            {
                "affected": [
                    {"package": {"ecosystem": "PyPI", "name": "X_y"}, "versions": ["1.0.post1"]}
                ]
            },
            "1.0.post1",
            True,
        ),
    ],
)
def test_what_osv_can_say_is_understood(
    tmp_path: Path, changed: dict[str, Any], version: str, found: bool
) -> None:
    events = ({"introduced": "1.0"}, {"last_affected": "1.5"})
    put(tmp_path, advisory("A-1", "x.y", *events) | changed, *REAL)
    assert bool(hits(tmp_path, "x-y", version)) == found


def test_folders_archives_and_yaml_are_read_alike(tmp_path: Path) -> None:
    whole = put(tmp_path, *REAL)
    packed = tmp_path / "packed"
    packed.mkdir()
    with zipfile.ZipFile(packed / "all.zip", "w") as archive:
        for path in whole.glob("*.json"):
            archive.write(path, path.name)
    spoken = tmp_path / "spoken"
    spoken.mkdir()
    for number, one in enumerate(REAL):
        (spoken / f"{number}.yaml").write_text(yaml.safe_dump(one), "utf-8")
    for place in (packed, packed / "all.zip", spoken):
        assert hits(place, "werkzeug", "3.0.0") == ["PYSEC-2023-221"]


def test_nothing_known_by_a_fresh_copy_is_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main([str(put(tmp_path, *REAL))], NOW) == CLEAN
    assert "against 3 advisories, the newest 9 days old" in capsys.readouterr().out


def test_a_planted_fault_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever we lock: an advisory against it ends the audit with its name and its remedy."""
    locked = next(one for one in read_lock(ROOT / "requirements.txt") if one.name == "werkzeug")
    against = advisory("PYSEC-2026-1", "Werkzeug", {"introduced": "0"}, {"fixed": "99.0"})
    assert audit.main([str(put(tmp_path, *REAL, against))], NOW) == KNOWN
    told = capsys.readouterr().out
    assert f"werkzeug {locked.version}: PYSEC-2026-1; mended in 99.0" in told


def test_an_old_copy_says_that_it_is_old(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, *REAL)
    assert audit.main([str(tmp_path)], NOW + timedelta(days=60)) == STALE
    assert "!!! STALE" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[", "[1]", '{"affected": [{"package": 1}]}', "{}"])
def test_no_copy_is_never_a_clean_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    assert audit.main([str(tmp_path / "none")], NOW) == NO_COPY
    if content:
        (tmp_path / "a.json").write_text(content, "utf-8")
    assert audit.main([str(tmp_path)], NOW) == NO_COPY
    assert "!!! NOT AUDITED" in capsys.readouterr().err
