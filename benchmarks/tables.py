"""The tables of a run, for the terminal and for `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import time
from collections.abc import Iterable
from typing import Any, Final

from benchmarks.records import ROOT

PAGE: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- tables of make bench: written by `make bench BENCH_ARGS=--docs` -->"
END: Final = "<!-- end of the tables -->"
TITLES: Final = {
    "steps": "A step through the use case",
    "pages": "Pages",
    "jobs": "Jobs and tables of many rows",
}


def write_tables(rows: list[dict[str, Any]], *, docs: bool) -> str:
    """The tables as Markdown; with `docs` they take the place of those in the page."""
    text = "\n\n".join(_sections(rows))
    if docs:
        page = PAGE.read_text("utf-8")
        between = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
        whole = f"{BEGIN}\n\n{_machine()}\n\n{text}\n\n{END}"
        PAGE.write_text(between.sub(lambda _: whole, page), "utf-8")
    return text


def _sections(rows: list[dict[str, Any]]) -> Iterable[str]:
    for part, title in TITLES.items():
        some = [row for row in rows if row["part"] == part]
        if some:
            yield f"### {title}\n\n{_table(some)}"
    grown = list(_growth(rows))
    if grown:
        head = "| What | Engine | Dossiers | p95 | Processor |\n|---|---|---|---|---|"
        yield "\n".join(["### Growth, larger record over smaller\n", head, *grown])


def _table(rows: list[dict[str, Any]]) -> str:
    head = (
        "| What | Engine | Dossiers | Median | p95 | Processor | Statements | Driver / service |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    lines = [
        f"| {row['name']} | {row['engine']} | {row['dossiers']:,} | {row['ms']:.1f} ms"
        f" | {row['p95']:.1f} ms | {row['cpu']:.1f} ms | {row['statements']:.0f}"
        f" | {row['ratio']:.2f} [{row['low']:.2f}-{row['high']:.2f}] |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def _growth(rows: list[dict[str, Any]]) -> Iterable[str]:
    """How much slower everything is on the largest record than on the smallest."""
    sizes = sorted({row["dossiers"] for row in rows})
    if len(sizes) == 1:
        return
    known = {(row["name"], row["engine"], row["dossiers"]): row for row in rows}
    for name, engine in dict.fromkeys((row["name"], row["engine"]) for row in rows):
        ends = [known.get((name, engine, size)) for size in (sizes[0], sizes[-1])]
        if ends[0] and ends[1]:
            grown = [ends[1][one] / ends[0][one] for one in ("p95", "cpu")]
            span = f"{sizes[0]:,} to {sizes[-1]:,}"
            yield f"| {name} | {engine} | {span} | {grown[0]:.2f} | {grown[1]:.2f} |"


def _machine() -> str:
    return (
        f"Measured {time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" load {os.getloadavg()[2]:.1f} from others and itself."
    )
