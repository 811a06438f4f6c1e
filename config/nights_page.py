"""The page about a night: a table of promises, and what was broken or not run, test by test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SUMMARY = (
    "| Promise | Engine | Tests held | Planted faults seen | Tried | Minutes | Code | Outcome |",
    "|---|---|--:|--:|---|--:|---|---|",
)
BAD = {"BROKEN": "Broken", "left out": "Left out", "not run": "Not run"}
"""What a test may be other than kept, and the heading over such tests."""
SHORT = 6
"""Numbers of one row of the table; the rest stands test by test."""


def page(night: dict[str, Any]) -> str:
    """The night as Markdown."""
    cases = night["cases"]
    begun = sorted(one["when"] for case in cases for one in case["runs"]) or ["never"]
    lines = [
        "# The last night",
        "",
        f"Tier {night['tier']}, seed {night['seed']}; runs begun from {begun[0]} to {begun[-1]}.",
        _counts(cases),
        "",
        *SUMMARY,
        *_rows(cases),
    ]
    for word, title in BAD.items():
        those = [one for one in cases if _outcome(one) == word]
        if those:
            lines += ["", f"## {title}", ""]
            lines += [f"- {' '.join(one['promises'])} `{one['test']}`" for one in those]
    again = [one for one in cases if _held_later(one)]
    if again:
        lines += ["", "## Broke first, held later", ""]
        lines += [f"- `{one['test']}`: {_story(one)}" for one in again]
    lines += ["", "## Test by test", ""]
    lines += [
        f"- {' '.join(one['promises'])} `{one['test']}`: {_outcome(one)}, "
        f"{one['runs'][-1]['seconds']:,.0f} s{_told(one)}"
        for one in cases
        if one["runs"]
    ]
    return "\n".join([*lines, ""])


def _rows(cases: list[dict[str, Any]]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for case in cases:
        for promise in case["promises"]:
            groups.setdefault((promise, case["engine"]), []).append(case)
    for (promise, engine), these in sorted(groups.items(), key=_in_order):
        ran = [one["runs"][-1] for one in these if one["runs"]]
        planted = [one for one in these if one["planted"]]
        tried = [told for one in ran for told in one["tried"]]
        more = f"; {len(tried) - SHORT} more below" if len(tried) > SHORT else ""
        yield " | ".join(
            (
                f"| {promise}",
                engine,
                f"{_many(these, 'kept')} of {len(these)}",
                f"{_many(planted, 'kept')} of {len(planted)}" if planted else "–",
                "; ".join(tried[:SHORT]) + more,
                f"{sum(one['seconds'] for one in ran) / 60:.1f}",
                ", ".join(sorted({one["code"] for one in ran})),
                f"{_of_all(these)} |",
            )
        )


def _counts(cases: list[dict[str, Any]]) -> str:
    held, broke, out, not_run = (_many(cases, one) for one in ("kept", *BAD))
    told = f"Of {len(cases)} tests of promises {held} held, {broke} broke"
    return f"{told}, {out} were left out, {not_run} were not run."


def _in_order(group: tuple[tuple[str, str], Any]) -> tuple[int, str]:
    (promise, engine), _ = group
    return int(promise[1:]), engine


def _of_all(these: list[dict[str, Any]]) -> str:
    outcomes = {_outcome(one) for one in these}
    if "BROKEN" in outcomes:
        return "BROKEN"
    if outcomes == {"kept"}:
        return "kept"
    return "partly tried" if "kept" in outcomes else "not tried"


def _outcome(case: dict[str, Any]) -> str:
    return str(case["runs"][-1]["outcome"]) if case["runs"] else "not run"


def _held_later(case: dict[str, Any]) -> bool:
    return _outcome(case) != "BROKEN" and any(one["outcome"] == "BROKEN" for one in case["runs"])


def _story(case: dict[str, Any]) -> str:
    return ", then ".join(f"{one['outcome']} at {one['code']}" for one in case["runs"])


def _many(cases: list[dict[str, Any]], word: str) -> int:
    return sum(_outcome(one) == word for one in cases)


def _told(case: dict[str, Any]) -> str:
    tried = case["runs"][-1]["tried"]
    return f"; {'; '.join(tried)}" if tried else ""
