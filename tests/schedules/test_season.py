"""A season in the suite, small by day and whole by night; `python -m tests.season_simulation`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from models.database import Database
from schedules import planner
from tests.season import LAST
from tests.season_simulation import Outcome, play
from tests.tiers import SEED, TIER, count

MINUTELY = frozenset({date(2023, 12, 1), date(2023, 12, 8)})


@pytest.mark.slow
@pytest.mark.promise("P12")
def test_a_season_gives_exactly_the_letters_of_its_forecast(database: Database, tally) -> None:
    found = play(
        database,
        dossiers=count(10, 1000),
        people=count(205, 400),
        seed=SEED % 1000,
        last=date(2023, 12, 15) if TIER == "T1" else LAST,
    )
    assert found.letters > 100
    assert found.holds, found
    tally("letters of a season", found.letters)
    tally("days that add up", found.days)


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.promise("P12")
def test_the_clock_shown_every_minute_gives_the_same(sqlite_database: Database, tally) -> None:
    found = play(sqlite_database, dossiers=10, people=205, seed=SEED % 1000, minutely=MINUTELY)
    assert found.holds, found
    tally("minutes shown", len(MINUTELY) * 1440)


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
    found = play(sqlite_database, dossiers=3, people=205, seed=3, last=date(2023, 11, 3))
    assert found.missing or found.broken_days
    assert not found.holds


def test_a_letter_between_two_looks_at_the_clock_does_not_hold() -> None:
    good = Outcome(10, 0, 0, 0, 0, 5, 0, dict(Counter()))
    assert good.holds
    assert not replace(good, between=1).holds
