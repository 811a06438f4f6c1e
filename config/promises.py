"""Tell promise by promise what a run tried: `python -m config.promises var/nightly.xml`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

HEAD = (
    "| Promise | Test | Tried | Seconds | Outcome |",
    "|---|---|---|--:|---|",
)


def main(arguments: list[str]) -> int:
    """Print the table, and write it beside the results; fail when a promise was not kept."""
    results = Path(arguments[0])
    if not results.exists():
        print("The tests did not finish.", flush=True)
        return 1
    root = ET.parse(results).getroot()  # noqa: S314 - our own test run has just written this file.
    rows = sorted(_rows(root))
    told = "\n".join((*_about(root), "", *HEAD, *rows, ""))
    results.with_suffix(".md").write_text(told, "utf-8")
    print(told, flush=True)
    return 0 if rows and all("| kept |" in row for row in rows) else 1


def _about(root: ET.Element) -> Iterator[str]:
    suite = next(root.iter("testsuite"))
    told = {one.get("value", "") for one in root.iter("property") if one.get("name") == "run"}
    yield "# Promises tried"
    yield ""
    yield f"- When: {suite.get('timestamp', '')}"
    yield from (f"- {one}" for one in sorted(told))


def _rows(root: ET.Element) -> Iterator[str]:
    for case in root.iter("testcase"):
        told = [(one.get("name"), one.get("value", "")) for one in case.iter("property")]
        promises = [value for name, value in told if name == "promise"]
        if not promises:
            continue
        tried = ", ".join(value for name, value in told if name == "tried")
        test = f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name')}"
        seconds = float(case.get("time", "0"))
        yield f"| {' '.join(promises)} | {test} | {tried} | {seconds:.0f} | {_outcome(case)} |"


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "BROKEN"
    return "not tried" if case.find("skipped") is not None else "kept"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
