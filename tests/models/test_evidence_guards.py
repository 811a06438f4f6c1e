"""The verifier of a bundle says of every case what the service says, guard by guard."""

from __future__ import annotations

import ast
import json
import re
import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.chain import canonical
from models.evaluations import content_for
from models.evidence import verify
from models.evidence.rules import offsets
from tests.models.varied_facts import Chance
from tests.tiers import SEED, count
from tests.workflow.cases import ROOT, programme_text
from workflow.decisions import judge
from workflow.guards import GUARDS
from workflow.parsing import reopen
from workflow.rulebook import Rulebook
from workflow.vocabulary import Outcome

VERIFIER = Path(verify.__file__)
NAMES = ("ha-giang-2021-2025", "sang-kien-so-2024")
AGREEING = """\
  - id: R16x
    title: Giấy tờ thống nhất với nhau
    guard: papers_agree
    params: {code: papers_in_order, question: các giấy khớp nhau, about: [TO_TRINH, BIEN_BAN]}
    clause: I.2.c
    quote: đảm bảo chính xác, công khai, minh bạch
"""
OTHERWISE = (
    ("demand: both", "demand: either"),
    ("allow_previous_year_end: false", "allow_previous_year_end: true"),
    ("only_scored_by_province: true", "only_scored_by_province: false"),
    ("  quorum: [2, 3]\n  approval_percent: 80\n", "  quorum: [1, 2]\n  approval_percent: 66.7\n"),
    ("supplement_most: 3\n", ""),
    ("      - R16d\n", "      - R16d\n      - R16x\n"),
    ("  - id: R20\n", f"{AGREEING}  - id: R20\n"),
    ("    kind: midterm\n    year: 2023\n", "    kind: midterm\n    year: 2020\n"),
    ('closing_time: "17:00:00"', 'closing_time: "23:59:59"'),
)
"""The same programme with other settings, so that every parameter has its say."""


@cache
def books() -> tuple[tuple[Rulebook, verify.Programme], ...]:
    texts = [programme_text(name) for name in NAMES]
    other, source = texts[0]
    for old, new in OTHERWISE:
        assert old in other, old
        other = other.replace(old, new)
    return tuple(both(*text) for text in (*texts, (other, source)))


def both(text: str, source: str) -> tuple[Rulebook, verify.Programme]:
    book = reopen(text, source)
    zone = {"zone": book.programme.zone, "offsets": offsets(book.programme)}
    return book, verify.Programme(text, zone)


def written(chance: Chance, book: Rulebook) -> dict[str, Any]:
    """One evaluation by chance, as the record keeps it and a bundle carries it."""
    facts, actor, action, command, now = chance.case()
    judgement = judge(book, action, facts, actor, now, command)
    kept: dict[str, Any] = json.loads(canonical(content_for(judgement, command, now)))
    return kept


def differences(programme: verify.Programme, record: dict[str, Any]) -> list[Any]:
    return verify.judged(verify.Guards(programme, verify.revive(record)), record)


def test_every_guard_has_its_counterpart() -> None:
    assert set(GUARDS) == verify.GUARDS


@pytest.mark.slow
def test_both_judges_say_the_same_of_every_case_and_everything_they_can_say() -> None:
    """Cases by chance under three programmes, until every code of every guard was compared."""
    modules = (ROOT / "workflow/guards").glob("[a-z]*.py")
    sources = [path.read_text("utf-8") for path in modules]
    missing = {code for text in sources for code in re.findall(r'"([A-Z][A-Z_]{4,})"', text)}
    judges = [
        (Chance(SEED + number, book.programme), book, programme)
        for number, (book, programme) in enumerate(books())
    ]
    least, most = count(300, 20_000), count(4_000, 40_000)
    for tried in range(most):
        if tried >= least and not missing:
            break
        for chance, book, programme in judges:
            record = written(chance, book)
            found = differences(programme, record)
            assert not found, (record["action"], found)
            missing -= {one["finding"]["code"] for one in record["results"]}
    assert not missing, "no case by chance made a guard say so"


def test_a_flipped_verdict_is_found() -> None:
    book, programme = books()[0]
    chance, tried = Chance(SEED, book.programme), 0
    while tried < 200:
        record = written(chance, book)
        if not record["results"]:
            continue
        finding = chance.one(*record["results"])["finding"]
        others = [one.value for one in Outcome if one.value != finding["outcome"]]
        finding["outcome"] = chance.one(*others)
        assert differences(programme, record)
        tried += 1


def test_a_flipped_conclusion_is_found() -> None:
    book, programme = books()[0]
    chance = Chance(SEED, book.programme)
    for _ in range(100):
        record = written(chance, book)
        record["allowed"] = not record["allowed"]
        assert differences(programme, record)


def test_a_fact_never_kept_is_named() -> None:
    book, programme = books()[0]
    record = written(Chance(SEED, book.programme), book)
    del record["facts"]["dossier"]["registration"]
    del record["facts"]["dossier"]["acts"]
    with pytest.raises(verify.Missing):
        verify.Guards(programme, verify.revive(record)).registered_with_superior({})


@pytest.mark.parametrize(
    "path",
    [*(ROOT / "config/programmes").glob("*.yaml"), *(ROOT / "tests/programmes").glob("*.yaml")],
)
def test_programme_files_are_read_as_the_service_reads_them(path: Path) -> None:
    text = path.read_text("utf-8")
    assert plain(verify.Yaml(text).read()) == plain(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\n", "a: |\n  b\n", "a: !!str 1\n", "- a\nb: c\n", "a: [1, 2\n", "a: {b c}\n"],
)
def test_what_the_reader_does_not_know_it_refuses(text: str) -> None:
    with pytest.raises((verify.Unreadable, IndexError)):
        verify.Yaml(text).read()


def plain(value: Any) -> Any:
    """Days and figures as text: what a guard makes of them is its own matter."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, str):
        value = value.replace("T", " ")
    if isinstance(value, bool | None):
        return value
    found = str(value)
    return float(found) if re.fullmatch(r"\d+\.\d+", found) else found


def test_the_verifier_needs_nothing_but_an_old_python() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 8))
    named = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_offsets_follow_a_clock_that_is_changed_twice_a_year() -> None:
    book, _ = books()[0]
    moving = book.programme.model_copy(
        update={"zone": "Europe/Paris", "starts": date(2024, 1, 1), "ends": date(2024, 12, 31)}
    )
    found = [one for one in offsets(moving) if one[0].startswith("2024")]
    assert found == [
        ["2024-03-31T01:00:00+00:00", 7200],
        ["2024-10-27T01:00:00+00:00", 3600],
    ]
