"""The table of promises: what was tried is told, and a broken promise fails the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.promises import main
from tests.tiers import TIERS, count

CASE = """<testsuites><testsuite timestamp="2023-12-05T08:10:00">
<testcase classname="tests.promises.test_p11" name="test_it[sqlite]" time="3.2"><properties>
<property name="promise" value="P11"/><property name="run" value="Tier T2, seed 7"/>
<property name="tried" value="5,000 reminders"/></properties>{outcome}</testcase>
<testcase classname="tests.views" name="test_else" time="1"/>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("outcome", "word", "code"),
    [("", "kept", 0), ("<failure/>", "BROKEN", 1), ("<skipped/>", "not tried", 1)],
)
def test_each_promise_is_told_with_what_became_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], outcome: str, word: str, code: int
) -> None:
    results = tmp_path / "nightly.xml"
    results.write_text(CASE.format(outcome=outcome), "utf-8")
    assert main([str(results)]) == code
    told = capsys.readouterr().out
    assert f"| P11 | promises.test_p11.test_it[sqlite] | 5,000 reminders | 3 | {word} |" in told
    assert "- Tier T2, seed 7" in told
    assert "test_else" not in told
    assert results.with_suffix(".md").read_text("utf-8") + "\n" == told


def test_a_run_that_tried_nothing_keeps_no_promise(tmp_path: Path) -> None:
    results = tmp_path / "nightly.xml"
    assert main([str(results)]) == 1
    results.write_text("<testsuites><testsuite/></testsuites>", "utf-8")
    assert main([str(results)]) == 1


def test_a_later_tier_tries_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    for tier in TIERS:
        monkeypatch.setattr("tests.tiers.TIER", tier)
        tried.append(count(1, 20, 300))
    assert tried == [1, 20, 300]
