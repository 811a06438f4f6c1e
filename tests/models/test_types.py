"""Column types: instants are UTC, figures are exact, JSON is canonical."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from models.database import Database
from models.scores import put_score
from models.tables import DemonstrationClock, IndexScore, OutgoingMessage
from models.words import Channel
from tests import builders as build

OFFICE = timezone(timedelta(hours=7))


def test_an_instant_comes_back_in_utc(database: Database) -> None:
    at = datetime(2023, 12, 5, 8, 10, 0, 123456, tzinfo=OFFICE)
    with database.writing() as session:
        session.add(DemonstrationClock(id=1, base=at, set_at=at))
    with database.reading() as session:
        row = session.scalars(select(DemonstrationClock)).one()
    assert row.base == at
    assert row.base.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(sqlite_database: Database) -> None:
    naive = datetime(2023, 12, 5, 8, 10)  # noqa: DTZ001 - refused for exactly that.
    with pytest.raises(StatementError, match="zone"), sqlite_database.writing() as session:
        session.add(DemonstrationClock(id=1, base=naive, set_at=naive))


@pytest.mark.parametrize("value", ["79.99", "80.00", "0.00", "100.00"])
def test_a_score_comes_back_exactly(database: Database, value: str) -> None:
    with database.writing() as session:
        stated = build.a_score(build.unit_id(session, "H029"), value)
        put_score(session, stated, None, build.NOW)
    with database.reading() as session:
        found = session.scalars(select(IndexScore)).one()
    assert found.value == Decimal(value)
    assert str(found.value) == value


@pytest.mark.parametrize("value", ["79.995", "NaN", "Infinity"])
def test_a_third_place_is_refused_not_rounded(sqlite_database: Database, value: str) -> None:
    with sqlite_database.writing() as session:
        stated = build.a_score(build.unit_id(session, "H029"), value)
        with pytest.raises(StatementError, match="two places"):
            put_score(session, stated, None, build.NOW)


def test_json_is_the_same_text_on_both_engines(database: Database) -> None:
    with database.writing() as session:
        session.add(
            OutgoingMessage(
                dedupe_key="k",
                letter="x",
                channel=Channel.EMAIL,
                values={"b": "Quản Bạ", "a": [1]},
                due_at=build.NOW,
                created_at=build.NOW,
                next_attempt_at=build.NOW,
                message_id="<k>",
            )
        )
    with database.reading() as session:
        stored = session.execute(text('SELECT "values" FROM outgoing_message')).scalar_one()
    assert stored == '{"a":[1],"b":"Quản Bạ"}'
