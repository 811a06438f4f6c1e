"""The evidence of a night: merged from parts, and never kinder than the results."""

from __future__ import annotations

import ast
from dataclasses import asdict
from pathlib import Path

import pytest

from config import nights
from config.nights import Case, NotOfOneNight, brought_in
from config.nights_page import page
from config.settings import ROOT

PROMISES = {f"P{number}" for number in range(1, 31)}
TESTS = ROOT / "tests"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tests of two promises, instead of asking pytest for half a minute."""

    def listed(tier: str) -> list[Case]:
        assert tier == "T2"
        return [
            Case("promises.t.test_it[sqlite]", ["P6"], "SQLite", False),
            Case("promises.t.test_it[postgres]", ["P6"], "PostgreSQL", False),
            Case("promises.t.test_naive[sqlite]", ["P6"], "SQLite", True),
            Case("promises.u.test_else", ["P11"], "any", False),
        ]

    monkeypatch.setattr(nights, "listed", listed)


def results(
    folder: Path,
    name: str = "a.xml",
    test: str = "test_it[sqlite]",
    *,
    inside: str = "",
    when: str = "2023-12-05T01:00:00+07:00",
    seed: int = 7,
    code: str = "abc",
) -> Path:
    path = folder / name
    path.write_text(
        f'<testsuites><testsuite timestamp="{when}">'
        f'<testcase classname="tests.promises.t" name="{test}" time="90"><properties>'
        f'<property name="promise" value="P6"/><property name="run" value="Tier T2, seed {seed}"/>'
        f'<property name="code" value="{code}"/><property name="tried" value="5,000 races"/>'
        f"</properties>{inside}</testcase></testsuite></testsuites>",
        "utf-8",
    )
    return path


def shown(night: nights.Night) -> str:
    return page(asdict(night))


def test_what_no_run_tried_is_told_as_not_run(tmp_path: Path) -> None:
    first = brought_in(None, [results(tmp_path)])
    told = shown(first)
    assert "| P6 | SQLite | 1 of 2 | 0 of 1 | 5,000 races | 1.5 | abc | partly tried |" in told
    assert "| P6 | PostgreSQL | 0 of 1 | – |  | 0.0 |  | not tried |" in told
    assert "## Not run\n\n- P6 `promises.t.test_it[postgres]`" in told
    assert "begun from 2023-12-04T18:00:00+00:00" in told
    planted = results(tmp_path, "b.xml", "test_naive[sqlite]", when="2023-12-04T20:00:00")
    second = shown(brought_in(first, [planted]))
    row = "| P6 | SQLite | 2 of 2 | 1 of 1 | 5,000 races; 5,000 races | 3.0 | abc | kept |"
    assert row in second
    assert second == shown(brought_in(brought_in(first, [planted]), [planted]))


@pytest.mark.parametrize("inside", ["<failure/>", "<error/>"])
def test_a_failure_stays_a_failure_and_a_later_success_hides_it_not(
    tmp_path: Path, inside: str
) -> None:
    broken = brought_in(None, [results(tmp_path, inside=inside)])
    assert "| BROKEN |" in shown(broken)
    assert "## Broken\n\n- P6 `promises.t.test_it[sqlite]`" in shown(broken)
    again = results(tmp_path, "b.xml", when="2023-12-04T21:00:00+00:00", code="def")
    held = shown(brought_in(broken, [again]))
    assert "## Broken\n" not in held
    assert "`promises.t.test_it[sqlite]`: BROKEN at abc, then kept at def" in held


def test_a_skipped_test_has_not_held(tmp_path: Path) -> None:
    told = shown(brought_in(None, [results(tmp_path, inside="<skipped/>")]))
    assert "## Left out" in told
    assert "1 of 2" not in told


def test_another_seed_or_another_day_is_another_night(tmp_path: Path) -> None:
    first = brought_in(None, [results(tmp_path)])
    other = results(tmp_path, "b.xml", "test_it[postgres]", seed=8)
    assert "`promises.t.test_it[sqlite]`: kept" not in shown(brought_in(first, [other]))
    later = results(tmp_path, "c.xml", "test_it[postgres]", when="2023-12-07T01:00:00+00:00")
    assert "`promises.t.test_it[sqlite]`: kept" not in shown(brought_in(first, [later]))
    with pytest.raises(NotOfOneNight, match="several nights"):
        brought_in(None, [results(tmp_path), other])
    (tmp_path / "cut.xml").write_text("<testsuites><testsuite", "utf-8")
    with pytest.raises(NotOfOneNight, match=r"cut\.xml"):
        brought_in(None, [tmp_path / "cut.xml"])


def test_the_page_that_is_kept_is_what_the_results_say() -> None:
    night = nights.kept()
    if night is None:
        pytest.skip("no night is kept yet")
    assert nights.PAGE.read_text("utf-8") == shown(night)


def test_every_promise_has_a_planted_fault() -> None:
    """By the marks in the files of tests: a promise nobody saw failing is not proved."""
    tried: set[str] = set()
    planted: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        of_file, of_tests = marks(ast.parse(path.read_text("utf-8")))
        for test in of_tests:
            promises = {one for one in test | of_file if one in PROMISES}
            tried |= promises
            planted |= promises if "planted" in test else set()
    assert tried == PROMISES
    assert planted == PROMISES


def marks(module: ast.Module) -> tuple[set[str], list[set[str]]]:
    """The words in the marks of a file, and in those of each of its tests."""
    of_file: set[str] = set()
    of_tests = []
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            of_file = words(node.value)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            of_tests.append({one for each in node.decorator_list for one in words(each)})
    return of_file, of_tests


def words(node: ast.AST) -> set[str]:
    """Names and texts of an expression."""
    found = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return found | {one for one in texts if isinstance(one, str)}
