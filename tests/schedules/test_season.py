"""A season in the suite, small by day and whole by night; `python -m tests.season_simulation`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from models.database import Database
from schedules import planner
from tests.season import FIRST, LAST
from tests.season_dossiers import WANTED
from tests.season_simulation import Outcome, play
from tests.tiers import SEED, TIER, count
from workflow import forecast

MINUTELY = frozenset({date(2023, 12, 1), date(2023, 12, 8)})
AUTUMN = date(2023, 10, 23)
"""Before the first reminder of the season."""
OFFICE = {
    "accounts disabled",
    "accounts enabled",
    "days of scores",
    "deadlines moved",
    "people gone",
    "people replaced",
    "report accept",
    "report file",
    "report return",
    "wishes changed",
}


@pytest.mark.slow
@pytest.mark.promise("P12")
def test_a_season_gives_exactly_the_letters_of_its_forecast(database: Database, tally) -> None:
    found = play(
        database,
        dossiers=count(10, 1000),
        people=count(205, 400),
        seed=SEED % 1000,
        first=AUTUMN if TIER == "T1" else FIRST,
        last=date(2023, 12, 22) if TIER == "T1" else LAST,
    )
    assert found.letters > 100
    assert found.holds, found
    assert found.told.keys() >= WANTED.keys() | OFFICE | {"step"}
    tally("letters of a season", found.letters)
    tally("days that add up", found.days)


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.promise("P12")
def test_the_clock_shown_every_minute_gives_the_same(sqlite_database: Database, tally) -> None:
    found = play(sqlite_database, dossiers=10, people=205, seed=SEED % 1000, minutely=MINUTELY)
    assert found.holds, found
    tally("minutes shown", len(MINUTELY) * 1440)


# --- Planted faults: the comparison can fail ------------------------------------------------------


@pytest.mark.promise("P12")
@pytest.mark.planted
@pytest.mark.slow
def test_a_planner_that_forgets_somebody_is_seen(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: whoever has an odd number is never planned for."""
    whole = planner.letters_of

    def forgetful(one, people, now):
        person = one.intent.person_id
        return iter(()) if person is not None and person % 2 else whole(one, people, now)

    monkeypatch.setattr(planner, "letters_of", forgetful)
    found = play(sqlite_database, 10, 205, seed=3, first=AUTUMN, last=date(2023, 11, 3))
    assert found.missing
    assert found.broken_days
    assert found.read_otherwise
    assert not found.holds


@pytest.mark.promise("P12")
@pytest.mark.planted
@pytest.mark.slow
def test_a_fault_forecast_and_planner_share_is_seen_by_the_second_reading(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: whoever takes over a post later is not told what is open."""
    whole = forecast._due_instants

    def unwelcoming(mark, holdings):
        return whole(mark, [one for one in holdings if one.first <= mark.day])

    monkeypatch.setattr(forecast, "_due_instants", unwelcoming)
    found = play(sqlite_database, 10, 205, seed=3, first=AUTUMN, last=date(2023, 12, 6))
    assert (found.missing, found.invented, found.broken_days) == (0, 0, 0)
    assert found.noted_otherwise
    assert not found.holds


def test_every_difference_counts() -> None:
    good = Outcome(10, 0, 0, 0, 0, 0, 0, 5, 0, {})
    assert good.holds
    for name in (
        "missing",
        "invented",
        "repeated",
        "read_otherwise",
        "noted_otherwise",
        "broken_days",
        "between",
    ):
        changed: dict[str, Any] = {name: 1}
        assert not replace(good, **changed).holds
