"""`calendar fill`, `calendar import` and the doctor's warning."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from models.database import Database
from models.office_calendar import day_counts, days_of
from tests.builders import a_registered
from tests.views.test_commands import run


def counts(database: Database) -> dict[int, int]:
    with database.reading() as session:
        return day_counts(session)


def test_a_year_is_filled_in_once_with_what_the_library_does_not_know(
    app: Flask, sqlite_database: Database
) -> None:
    tried = run(app, "calendar", "fill", "2026", "--dry-run")
    assert tried.exit_code == 0
    assert "10/01/2026, Làm bù ngày nghỉ cuối tuần" in tried.output
    assert "chưa ghi gì" in tried.output
    assert counts(sqlite_database) == {}
    done = run(app, "calendar", "fill", "2026")
    assert "thêm" in done.output
    assert counts(sqlite_database)[2026] > 15
    assert "thêm 0 ngày" in run(app, "calendar", "fill", "2026").output


def test_a_table_is_imported_whole_or_not_at_all(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "lich.csv"
    file.write_text("date,kind,name,source\n2026-11-24,holiday,Ngày Văn hóa,NQ\n2026-13-01,x,,\n")
    refused = run(app, "calendar", "import", str(file))
    assert refused.exit_code == 1
    assert "lich.csv, dòng 3" in refused.output
    assert counts(sqlite_database) == {}
    file.write_text("date,kind,name,source\n2026-11-24,holiday,Ngày Văn hóa,NQ\n")
    assert "chưa ghi gì" in run(app, "calendar", "import", str(file), "--dry-run").output
    assert counts(sqlite_database) == {}
    assert run(app, "calendar", "import", str(file)).exit_code == 0
    with sqlite_database.reading() as session:
        assert days_of(session, 2026)[0].source == "NQ"


def test_the_doctor_warns_of_a_year_nobody_filled_in(app: Flask, sqlite_database: Database) -> None:
    a_registered(sqlite_database, "H029")
    before = run(app, "doctor")
    assert before.exit_code == 0
    assert "Cảnh báo: Lịch năm 2023 chưa có ngày nghỉ nào" in before.output
    run(app, "calendar", "fill", "2023")
    assert "Lịch năm 2023" not in run(app, "doctor").output
