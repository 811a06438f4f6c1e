"""What two versions of a programme differ in is told field by field, and nothing else."""

from __future__ import annotations

import pytest

from tests.workflow.cases import programme_text, rulebook
from workflow.comparing import ALONE, HEAD, LISTS, TEXT, differences
from workflow.parsing import load
from workflow.programme import Programme

TEXT_OF, SOURCE = programme_text("ha-giang-2021-2025")


def changed(old: str, new: str) -> Programme:
    """The programme with one place of its file otherwise."""
    assert TEXT_OF.count(old) == 1, old
    return load(TEXT_OF.replace(old, new), SOURCE).programme


def test_a_version_differs_in_nothing_from_itself() -> None:
    programme = rulebook().programme
    assert differences(programme, programme, SOURCE, SOURCE) == []


def test_every_part_of_a_programme_is_compared() -> None:
    """A field added to the tables is compared without being named here."""
    lists = {
        name for name, field in Programme.model_fields.items() if "tuple" in str(field.annotation)
    }
    assert lists == set(LISTS)
    assert set(ALONE) <= set(Programme.model_fields)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("minimum: 80,", "minimum: 75,", ("rules", "R07", "params.minimum", 80, 75)),
        (
            "demand: both",
            "demand: either",
            ("rules", "R09", "params.demand", "both", "either"),
        ),
        (
            "      percent: 20\n",
            "      percent: 25\n",
            ("awards", "BANG_KHEN_TINH", "quota.percent", "20", "25"),
        ),
        (
            "    snapshot: 2025-06-01",
            "    snapshot: 2025-07-01",
            ("cycles", "2025-final", "snapshot", "2025-06-01", "2025-07-01"),
        ),
        ('version: "2023-12"', 'version: "2024-01"', (HEAD, "", "version", "2023-12", "2024-01")),
        (
            'choice: "Mức trần."',
            'choice: "Mức phải đạt."',
            ("readings", "Q11", "choice", "Mức trần.", "Mức phải đạt."),
        ),
    ],
)
def test_one_change_is_one_difference(
    old: str, new: str, expected: tuple[str, str, str, object, object]
) -> None:
    found = differences(rulebook().programme, changed(old, new), SOURCE, SOURCE)
    told = [(one.section, one.name, one.field, one.was, one.now) for one in found]
    assert told == [expected]


def test_a_rule_that_came_or_went_is_told_whole() -> None:
    old = "      - {rule: R08, tolerate: [not_met]}\n"
    assert TEXT_OF.count(old) == 2
    without = load(TEXT_OF.replace(old, ""), SOURCE).programme
    found = differences(rulebook().programme, without)
    assert {one.section for one in found} == {"steps"}
    assert {one.field for one in found} == {"rules"}
    reading = next(line for line in TEXT_OF.splitlines() if line.startswith("  - {id: Q26,"))
    fewer = TEXT_OF.replace(f"{reading}\n", "").replace("readings: [Q26, Q27]", "readings: [Q27]")
    gone = [
        one for one in differences(rulebook().programme, load(fewer, SOURCE).programme) if one.whole
    ]
    assert [(one.section, one.name, one.now) for one in gone] == [("readings", "Q26", None)]


def test_words_of_a_clause_are_told_under_that_clause_alone() -> None:
    programme = rulebook().programme
    other = SOURCE.replace("đạt từ 80 điểm trở lên", "đạt từ 85 điểm trở lên")
    assert other != SOURCE
    found = differences(programme, programme, SOURCE, other)
    assert [(one.section, one.name) for one in found] == [(TEXT, "IV.1.b")]
    assert "85 điểm" in found[0].now
    assert "80 điểm" in found[0].was
