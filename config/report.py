"""Say loudly what a test run could not prove: `python -m config.report var/tests.xml`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from config.bootstrap import browser_missing


def main(arguments: list[str]) -> int:
    """Print the tests left out, by reason, from the results file named first."""
    results = Path(arguments[0])
    reasons = skipped(results) if results.exists() else Counter({"The tests did not finish.": 1})
    missing = browser_missing()
    if missing:
        reasons.setdefault(missing, 0)
    print(summary(reasons), flush=True)
    return 0


def skipped(results: Path) -> Counter[str]:
    """Count the skipped tests of a JUnit file by their reasons."""
    tree = ET.parse(results)  # noqa: S314 - our own test run has just written this file.
    return Counter(
        (skip.get("message") or "no reason given").strip()
        for skip in tree.iter("skipped")
        if skip.get("type") != "pytest.xfail"
    )


def summary(reasons: Counter[str]) -> str:
    """Word the result for the last lines of a run."""
    if not reasons:
        return "Every test could run."
    bar = "!" * 78
    lines = [f"  {count or 'all':>4} × {reason}" for reason, count in sorted(reasons.items())]
    return "\n".join([bar, "NOT EVERYTHING COULD RUN. Left out:", *lines, bar])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
