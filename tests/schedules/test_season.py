"""A short season in the suite; the whole one is `python -m tests.season_simulation`."""

from __future__ import annotations

from datetime import date

import pytest

from models.database import Database
from tests.season_simulation import play


@pytest.mark.slow
def test_a_season_gives_exactly_the_letters_of_its_forecast(sqlite_database: Database) -> None:
    found = play(sqlite_database, dossiers=12, people=205, seed=7, last=date(2023, 12, 15))
    assert found.letters > 100
    assert (found.missing, found.invented, found.repeated, found.broken_days) == (0, 0, 0, 0)
