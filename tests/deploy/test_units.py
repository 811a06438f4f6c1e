"""The units of systemd: they start what there is, and keep the processes within their walls."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.operation_settings import FROM_FILES
from config.settings import ROOT, Settings

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
WALLS = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "RestrictNamespaces": "user net ipc uts",
    "SystemCallFilter": "@system-service",
    "UMask": "0077",
}
MOST_EXPOSED = 25
"""Tenths, of what `systemd-analyze security` counts: up to 2.5 of 10."""


def directives(unit: Path) -> list[tuple[str, str]]:
    lines = unit.read_text("utf-8").splitlines()
    return [(name, value) for line in lines for name, _, value in [line.partition("=")] if _]


def test_there_is_a_unit_for_each_process() -> None:
    assert [unit.name for unit in UNITS] == ["award-scheduler.service", "award-web.service"]
    commands = [dict(directives(unit))["ExecStart"].partition(".venv/bin/")[2] for unit in UNITS]
    assert commands[0] == "python -m schedules"
    assert commands[1].startswith("granian --interface wsgi --host 127.0.0.1")
    assert commands[1].endswith(" wsgi:app")
    before = dict(directives(UNITS[1]))["ExecStartPre"]
    assert before.endswith("/.venv/bin/python -m wsgi"), "where unsafe settings end the unit"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_keeps_its_process_within_walls(unit: Path) -> None:
    found = dict(directives(unit))
    assert {name: found.get(name) for name in WALLS} == WALLS
    assert found["User"] == "award"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_secrets_reach_a_process_as_files(unit: Path) -> None:
    text = unit.read_text("utf-8")
    handed = set(re.findall(r"(\w+)_FILE=%d/", text))
    assert {"SECRET_KEY", "DATABASE_URL", "SMTP_URL"} <= handed <= set(FROM_FILES)
    loaded = set(re.findall(r"^LoadCredential=(\w+):", text, re.MULTILINE))
    assert loaded == set(re.findall(r"_FILE=%d/(\w+)", text))


def test_the_example_and_the_secrets_make_whole_settings(tmp_path: Path) -> None:
    lines = (ROOT / "deploy" / "settings.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert not set(given) & set(FROM_FILES)
    for name, value in (
        ("SECRET_KEY", "Yq2T8zLw0vKc5RfJ7uXn3PbHd9MsAgEe4oCi6WtZ"),
        ("DATABASE_URL", "postgresql:///award"),
        ("SMTP_URL", "smtps://mail.example"),
    ):
        (tmp_path / name).write_text(value, "utf-8")
        given[f"{name}_FILE"] = str(tmp_path / name)
    settings = Settings.from_environment(given)
    assert settings.secure_cookies
    assert settings.operation.proxy_hops == 1


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze at hand")
    for unit in UNITS:
        shutil.copy(unit, tmp_path)
    units = [str(tmp_path / unit.name) for unit in UNITS]
    told = run(analyze, "verify", *units)
    # The folder of the service is not on this machine.
    strange = [line for line in told.splitlines() if "is not executable" not in line]
    assert not strange
    for path in units:
        told = run(analyze, "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", path)
        found = re.search(r"exposure level for .*: ([\d.]+)", told)
        assert found is not None, told
        assert float(found[1]) * 10 <= MOST_EXPOSED


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return done.stdout + done.stderr
