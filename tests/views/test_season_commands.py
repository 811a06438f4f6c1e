"""The command that makes a demonstration large, at the door."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from models.database import Database
from models.tables import Dossier, HistoryLine


def test_a_real_service_is_never_filled_with_invented_dossiers(
    app: Flask, sqlite_database: Database
) -> None:
    with sqlite_database.reading() as session:
        lines = session.scalar(select(func.count()).select_from(HistoryLine))

    told = app.test_cli_runner().invoke(args=["season", "make", "--dossiers", "5"])

    assert told.exit_code == 1
    assert "DEMONSTRATION=1" in told.output
    with sqlite_database.reading() as session:
        assert session.scalar(select(Dossier.id)) is None
        assert session.scalar(select(func.count()).select_from(HistoryLine)) == lines
