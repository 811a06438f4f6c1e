"""What is odd about reminder rules is said before they are put in force."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from tests.workflow.cases import rulebook
from workflow.reminder_lint import lint
from workflow.reminder_tables import ReminderTable
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import ReminderKind, Role, State

PROGRAMME = rulebook().programme


def a_rule(name: str = "X01", **more) -> ReminderTable:
    usual = {
        "id": name,
        "title": "Thử",
        "state": State.REGISTERED,
        "milestone": State.SUBMITTED,
        "to": (Role.CLERK,),
        "letter": "due_submitted",
        "clause": "III.2.a",
        "days_before": (5,),
    }
    return ReminderTable(**(usual | more))


def said(*rules: ReminderTable) -> dict[str, str]:
    only = PROGRAMME.model_copy(update={"reminders": rules, "registration_reminders": ()})
    return {one.rule: one.text for one in lint(only)}


def test_the_programme_at_hand_has_nothing_odd() -> None:
    assert lint(PROGRAMME) == ()


@pytest.mark.parametrize(
    "more",
    [
        {"on": ("12-24",), "days_before": ()},
        {"state": State.DECIDED},
        {"state": State.COUNCIL_REVIEWED, "milestone": State.SUBMITTED},
        {"days_before": (700,)},
        {"about": ReminderKind.SUPPLEMENT, "days_before": ()},
    ],
    ids=["after its deadline", "of a closed case", "of a past milestone", "before all", "no day"],
)
def test_what_never_fires_is_named(more) -> None:
    assert said(a_rule(**more))["X01"].startswith("không bao giờ")


def test_a_rule_about_reports_fires_while_one_is_open() -> None:
    fires = a_rule(about=ReminderKind.REPORT, state=None, milestone=None)
    never = fires.model_copy(update={"days_before": (), "on": ("03-01",)})
    assert said(fires) == {}
    assert "X01" in said(never)


def test_what_fires_after_the_case_closes_is_named() -> None:
    text = said(a_rule(days_after=(60,)))["X01"]
    assert "sau khi" in text
    assert "kết thúc" in text


def test_dates_set_anew_are_looked_at_instead_of_the_files() -> None:
    only = PROGRAMME.model_copy(
        update={"reminders": (a_rule(days_after=(10,)),), "registration_reminders": ()}
    )
    end = datetime(2023, 12, 5, 10, tzinfo=UTC)
    moved = Terms(milestones=(MilestoneSet(State.DECIDED, 2, end, "Hằng", end, "Sớm hơn"),))
    assert lint(only) == ()
    found = lint(only, None, {"2023-midterm": moved})
    assert [one.rule for one in found] == ["X01"]
    assert "05/12/2023" in found[0].text


def test_what_lands_on_one_day_is_named() -> None:
    found = said(*(a_rule(f"X0{number}") for number in range(3)))
    assert "X00, X01, X02" in found[""]


def test_a_rule_without_what_its_kind_needs_is_refused() -> None:
    with pytest.raises(ValidationError, match="working_days"):
        a_rule(about=ReminderKind.STUCK)
