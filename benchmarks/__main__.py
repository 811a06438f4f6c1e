"""`python -m benchmarks`, or `make bench`: measure, print a table, write `docs/benchmarks.md` anew.

Options: `--sizes 1000,10000` dossiers beside the demonstration's own, `--engines`, `--rounds` of
every page, `--steps` dossiers taken to their decision, `--docs` to write the tables into the page.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from benchmarks import jobs, pages, steps
from benchmarks.records import Engines, Record, keep
from benchmarks.tables import write_tables

PARTS: Final = ("steps", "pages", "jobs")


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure."""

    sizes: tuple[int, ...]
    engines: tuple[str, ...]
    parts: tuple[str, ...]
    rounds: int
    steps: int
    docs: bool


def main() -> int:
    """Measure everything asked for; a line as each thing is known."""
    asked = _options()
    engines = Engines()
    found: list[dict[str, Any]] = []
    begun = time.monotonic()
    try:
        for size in asked.sizes:
            for engine in asked.engines:
                _say(begun, f"{engine}, {size} dossiers: the record")
                record = engines.record(engine, size)
                for part, name, one in _measured(engines, record, asked):
                    found.append(_row(record, part, name, one))
                    _say(begun, _line(found[-1]))
    finally:
        engines.close()
    keep("latest", {"rows": found})
    sys.stdout.write("\n" + write_tables(found, docs=asked.docs) + "\n")
    return 0


def _measured(
    engines: Engines, record: Record, asked: Options
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if "steps" in asked.parts:
        yield "steps", "a step of a dossier", steps.measure(engines, record, asked.steps)
    if "pages" in asked.parts:
        yield from (("pages", *one) for one in pages.measure(engines, record, asked.rounds))
    if "jobs" in asked.parts:
        yield from (("jobs", *one) for one in jobs.measure(engines, record))


def _row(record: Record, part: str, name: str, one: dict[str, Any]) -> dict[str, Any]:
    """Medians and spread: of the service in milliseconds, and of the driver over the service."""
    mine = sorted(pair[0] * 1000 for pair in one["pairs"])
    ratios = sorted(limit / ours for ours, limit, _ in one["pairs"])
    return {
        "engine": record.engine,
        "dossiers": record.dossiers,
        "part": part,
        "name": name,
        "times": len(mine),
        "ms": median(mine),
        "p95": _p95(mine),
        "cpu": median(pair[2] * 1000 for pair in one["pairs"]),
        "ratio": median(ratios),
        "low": ratios[0],
        "high": ratios[-1],
        "statements": one["statements"],
        "bytes": one.get("bytes", 0),
    }


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['engine']:10} {row['dossiers']:>7}  {row['name']:32} {row['ms']:9.1f} ms"
        f"  p95 {row['p95']:9.1f}  cpu {row['cpu']:8.1f}  {row['statements']:6.1f} statements"
        f"  {row['ratio']:.2f} [{row['low']:.2f}-{row['high']:.2f}] of the driver"
    )


def _say(begun: float, line: str) -> None:
    sys.stdout.write(f"[{time.monotonic() - begun:6.0f} s] {line}\n")
    sys.stdout.flush()


def _options() -> Options:
    reader = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").strip())
    reader.add_argument("--sizes", default="1000")
    reader.add_argument("--engines", default="sqlite,postgresql")
    reader.add_argument("--parts", default=",".join(PARTS))
    reader.add_argument("--rounds", type=int, default=9)
    reader.add_argument("--steps", type=int, default=20)
    reader.add_argument("--docs", action="store_true")
    given = reader.parse_args()
    return Options(
        tuple(int(one) for one in _several(given.sizes)),
        tuple(_several(given.engines)),
        tuple(_several(given.parts)),
        given.rounds,
        given.steps,
        given.docs,
    )


def _several(written: str) -> Iterable[str]:
    return [one.strip() for one in written.split(",") if one.strip()]


if __name__ == "__main__":
    sys.exit(main())
