"""What the last night tried, kept in `docs/evidence/`, promise by promise.

`python -m config.nights` prints it; `python -m config.nights var/nightly.xml …` brings results of
one or several runs into it. A night is a tier and a seed within a day and a half: results that
belong to another begin a new one. What no run tried stands there as not run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from config.nights_page import page
from config.settings import ROOT

KEPT = ROOT / "docs" / "evidence" / "nightly.json"
PAGE = KEPT.with_suffix(".md")
NIGHT = timedelta(hours=36)
"""What began longer before the newest run belongs to another night."""
UNKNOWN = "unknown"


class NotOfOneNight(Exception):
    """Results that cannot stand side by side, in words."""


@dataclass
class Run:
    """One test, tried once. `when` is the start of its run in UTC."""

    when: str
    code: str
    seconds: float
    outcome: str
    """`kept`, `BROKEN`, or `left out` where the test itself said that it cannot run here."""
    tried: list[str] = field(default_factory=list)


@dataclass
class Case:
    """A test of promises: what it is, and how it went each time, oldest first."""

    test: str
    promises: list[str]
    engine: str
    planted: bool
    """It plants a fault, and holds when the fault is found."""
    runs: list[Run] = field(default_factory=list)


@dataclass
class Night:
    """Everything there is to try, and what was tried."""

    tier: str
    seed: int
    cases: list[Case]


def main(arguments: list[str]) -> int:
    """Print the last night, after bringing in the results named; 1 when there is none.

    `--code=abc` names the version of results that do not say theirs.
    """
    night = kept()
    named = [one for one in arguments if one.startswith("--code=")]
    results = [Path(one) for one in arguments if one not in named]
    if results:
        try:
            night = brought_in(night, results, *(one.removeprefix("--code=") for one in named))
        except NotOfOneNight as error:
            print(error, flush=True)
            return 2
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(asdict(night), ensure_ascii=False, indent=1) + "\n", "utf-8")
        PAGE.write_text(page(asdict(night)), "utf-8")
    if night is None:
        print("No night is kept: make nightly, then make evidence RUNS=var/nightly.xml", flush=True)
        return 1
    print(page(asdict(night)), flush=True)
    return 0


def kept() -> Night | None:
    """The night in `docs/evidence/`."""
    if not KEPT.exists():
        return None
    told = json.loads(KEPT.read_text("utf-8"))
    cases = [
        Case(**{**one, "runs": [Run(**each) for each in one["runs"]]}) for one in told["cases"]
    ]
    return Night(told["tier"], told["seed"], cases)


def brought_in(night: Night | None, results: Iterable[Path], version: str = UNKNOWN) -> Night:
    """The night with these results, of this version of the code where they do not say.

    Raises `NotOfOneNight`.
    """
    read = [one for path in results for one in _read(path, version)]
    nights = {(tier, seed) for tier, seed, _, _ in read}
    if len(nights) != 1:
        told = ", ".join(f"tier {tier} seed {seed}" for tier, seed in sorted(nights)) or "nothing"
        raise NotOfOneNight(f"The results are of several nights or none: {told}")
    ((tier, seed),) = nights
    old = night.cases if night is not None and (night.tier, night.seed) == (tier, seed) else []
    runs: dict[str, list[Run]] = {one.test: list(one.runs) for one in old}
    for _, _, test, run in read:
        these = runs.setdefault(test, [])
        # The same file brought in twice says nothing new.
        if all((one.when, one.seconds) != (run.when, run.seconds) for one in these):
            these.append(run)
    newest = max(_instant(one.when) for these in runs.values() for one in these)
    cases = listed(tier)
    unknown = sorted(set(runs) - {one.test for one in cases})
    if unknown:
        print(f"{len(unknown)} results are of tests this version does not have:", *unknown)
    for case in cases:
        here = [one for one in runs.get(case.test, []) if newest - _instant(one.when) <= NIGHT]
        case.runs = sorted(here, key=lambda one: one.when)
    return Night(tier, seed, cases)


def listed(tier: str) -> list[Case]:
    """Every test of a promise there is in this tier, by asking pytest for them."""
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "promises.json"
        asked = ["-m", "pytest", "tests", "-m", "promise", "--collect-only", "-q"]
        told = subprocess.run(
            [sys.executable, *asked, "-p", "tests.listing", f"--listing={listing}"],
            cwd=ROOT,
            env={**os.environ, "TIER": tier},
            capture_output=True,
            text=True,
            check=False,
        )
        if not listing.exists():
            raise NotOfOneNight(f"The tests could not be listed:\n{told.stdout}{told.stderr}")
        return [Case(**one) for one in json.loads(listing.read_text("utf-8"))]


def code() -> str:
    """The commit the working tree stands on, and whether it was changed since."""
    asked = ["git", "describe", "--always", "--dirty=, changed", "--abbrev=10", "--exclude=*"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip() or UNKNOWN


def _read(path: Path, version: str) -> Iterator[tuple[str, int, str, Run]]:
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - results of our own runs.
    except (OSError, ET.ParseError) as error:
        raise NotOfOneNight(f"{path.name}: no results of a run ({error})") from error
    for suite in root.iter("testsuite"):
        when = suite.get("timestamp", "")
        for case in suite.iter("testcase"):
            read = _one(case, when, version)
            if read is not None:
                yield read


def _one(case: ET.Element, when: str, version: str) -> tuple[str, int, str, Run] | None:
    told: dict[str, list[str]] = {}
    for one in case.iter("property"):
        told.setdefault(one.get("name", ""), []).append(one.get("value", ""))
    if "promise" not in told:
        return None
    tier, _, seed = told["run"][0].removeprefix("Tier ").partition(", seed ")
    test = f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name')}"
    run = Run(
        _instant(when).isoformat(timespec="seconds"),
        told.get("code", [version])[0],
        round(float(case.get("time", "0")), 1),
        _outcome(case),
        told.get("tried", []),
    )
    return tier, int(seed), test, run


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "BROKEN"
    return "left out" if case.find("skipped") is not None else "kept"


def _instant(told: str) -> datetime:
    when = datetime.fromisoformat(told)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def as_json(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Cases as `listed` reads them."""
    return [asdict(one) for one in cases]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
