"""Tell the tests of promises there are: `pytest --collect-only -p tests.listing --listing=FILE`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.nights import Case, as_json


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to."""
    parser.addoption("--listing", type=Path, help="write the tests of promises there as JSON")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write every test that carries a promise."""
    to: Path | None = session.config.getoption("--listing")
    if to is not None:
        cases = [case_of(item) for item in session.items if promises_of(item)]
        to.write_text(json.dumps(as_json(sorted(cases, key=lambda one: one.test))), "utf-8")


def promises_of(item: pytest.Item) -> list[str]:
    """The promises a test tries."""
    return sorted({mark.args[0] for mark in item.iter_markers("promise")})


def case_of(item: pytest.Item) -> Case:
    """What a test is, under the name the results give it."""
    path, _, test = item.nodeid.partition("::")
    module = path.removesuffix(".py").replace("/", ".").removeprefix("tests.")
    planted = item.get_closest_marker("planted") is not None
    return Case(f"{module}.{test.replace('::', '.')}", promises_of(item), engine_of(item), planted)


def engine_of(item: pytest.Item) -> str:
    """The engine a test works on: by its parameter, else by what it asks for."""
    call = getattr(item, "callspec", None)
    words = set(call.id.split("-")) if call is not None else set()
    asked = " ".join(getattr(item, "fixturenames", ()))
    postgres = "postgres" in words or item.get_closest_marker("postgres") is not None
    if postgres or ("sqlite" not in words and "postgres" in asked):
        return "PostgreSQL"
    return "SQLite" if "sqlite" in words or "sqlite" in asked else "any"
