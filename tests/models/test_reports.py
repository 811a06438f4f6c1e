"""Obligations are there once; a report moves by its arrows, with history and letters."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from models.database import Database
from models.doctor import examine
from models.evaluations import refusals_of
from models.files import FileStore, StoredFile
from models.queries_people import reader_of
from models.report_book import look_at_report, take_report_step
from models.report_figures import read_back
from models.report_obligations import ensure_obligations
from models.report_queries import (
    owed_reports,
    report_history,
    report_line,
    reports_of,
    reports_seen,
    reports_waiting,
    reports_waiting_count,
)
from models.rulebooks import load_programme, rulebook_in_force
from models.tables import Evaluation, HistoryLine, OutgoingMessage, Report, ReportFile, Unit
from tests import builders as build
from tests.small_files import A_PDF
from workflow.ports import NotFound, Repeated, Stale
from workflow.reports_due import ReportCommand, ReportRefused, ReportStep, ReportText
from workflow.vocabulary import ReportAction, ReportState, UnitKind
from workflow.working_days import office_day

SEASON = build.NOW
TEXT = ReportText("Đã phát động ở 13 xã, thị trấn.", "Chưa đều.", "", "12/BC-UBND")
FILE = StoredFile("a" * 64, 100, "application/pdf", "bao-cao.pdf")
BOARD = f"appraiser@{build.PROVINCE}"


def owed(database: Database, now: datetime = SEASON) -> int:
    with database.writing() as session:
        return ensure_obligations(session, rulebook_in_force(session), now)


def code_of(database: Database, unit: str = "H029", report: str = "SK-2023") -> str:
    owed(database)
    with database.reading() as session:
        found = session.scalars(
            select(Report)
            .join(Unit, Unit.id == Report.unit_id)
            .where(Unit.code == unit, Report.report_id == report)
        ).one()
        return found.code


def version_of(database: Database, code: str) -> int:
    with database.reading() as session:
        key = int(code.rpartition("-")[2])
        return session.scalars(select(Report.version).where(Report.id == key)).one()


def act(
    database: Database,
    code: str,
    by: str,
    action: ReportAction,
    *,
    file: StoredFile | None = None,
    version: int | None = None,
    key: str = "",
    comment: str = "",
    now: datetime = SEASON,
) -> ReportStep | ReportRefused:
    seen = version_of(database, code) if version is None else version
    writes = action in {ReportAction.SAVE, ReportAction.FILE}
    command = ReportCommand(
        code,
        build.who(database, by),
        action,
        seen,
        key,
        TEXT if writes else None,
        file is not None,
        comment,
    )
    with database.writing() as session:
        return take_report_step(session, command, file, now)


def filed(database: Database, unit: str = "H029") -> str:
    code = code_of(database, unit)
    step = act(database, code, f"clerk@{unit}", ReportAction.FILE, file=FILE)
    assert isinstance(step, ReportStep)
    return code


def row_of(database: Database, code: str) -> Report:
    with database.reading() as session:
        return session.get_one(Report, int(code.rpartition("-")[2]))


def letters(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(
            select(OutgoingMessage.letter, OutgoingMessage.address).order_by(OutgoingMessage.id)
        )
        return [(letter, address) for letter, address in rows]


def refusals(verdict: ReportStep | ReportRefused) -> list[str]:
    assert isinstance(verdict, ReportRefused)
    return [one.code for one in verdict.refusals]


def test_every_department_and_district_owes_what_has_opened(database: Database) -> None:
    assert owed(database) == 4 * 30
    with database.reading() as session:
        counts = dict(
            session.execute(select(Report.report_id, func.count()).group_by(Report.report_id)).all()
        )
        kinds = set(
            session.scalars(select(Unit.kind).join(Report, Report.unit_id == Unit.id).distinct())
        )
        due = session.scalars(
            select(Report.due_at).where(Report.report_id == "SK-2023").distinct()
        ).all()
    assert counts == {"HN-2021": 30, "HN-2022": 30, "HN-2023": 30, "SK-2023": 30}
    assert kinds == {UnitKind.DEPARTMENT, UnitKind.DISTRICT}
    assert due == [datetime(2023, 12, 15, 10, tzinfo=UTC)]
    assert examine(database) == []


def test_making_them_again_makes_nothing(database: Database) -> None:
    assert owed(database) == 120
    assert owed(database) == 0
    assert owed(database, SEASON + timedelta(days=1)) == 0


def test_two_at_once_make_each_obligation_once(database: Database) -> None:
    together = Barrier(2)

    def make() -> int:
        together.wait(timeout=10)
        return owed(database)

    with ThreadPoolExecutor(2) as pool:
        made = sorted(one.result() for one in [pool.submit(make), pool.submit(make)])
    assert sum(made) == 120
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 120


def test_a_unit_newly_there_gets_one_and_a_dissolved_one_owes_nothing(
    sqlite_database: Database,
) -> None:
    owed(sqlite_database)
    with sqlite_database.writing() as session:
        session.execute(update(Unit).where(Unit.code == "H030").values(valid_to=date(2023, 12, 10)))
        province = build.unit_id(session, build.PROVINCE)
        session.add(
            Unit(
                code="S-MOI",
                name="Sở Mới",
                search_key="so moi",
                sort_key="so moi",
                kind=UnitKind.DEPARTMENT,
                parent_id=province,
                valid_from=date(2023, 12, 1),
            )
        )
    assert owed(sqlite_database) == 2
    with sqlite_database.reading() as session:
        programme = rulebook_in_force(session).programme.id
        units = {line.unit_code for line in reports_of(session, programme, "SK-2023")}
        earlier = {line.unit_code for line in reports_of(session, programme, "HN-2022")}
    assert "S-MOI" in units - earlier
    assert "H030" in earlier - units


def test_a_report_of_next_year_is_not_asked_for_yet(sqlite_database: Database) -> None:
    last_day = datetime(2024, 11, 14, 16, 59, tzinfo=UTC)
    assert owed(sqlite_database, last_day) == 120
    assert owed(sqlite_database, last_day + timedelta(minutes=1)) == 30


def test_a_new_due_day_reaches_what_is_still_owed(sqlite_database: Database) -> None:
    done, open_still = filed(sqlite_database), code_of(sqlite_database, "H030")
    text, source = build.programme_text()
    later = text.replace("    due: 2023-12-15", "    due: 2023-12-20")
    assert later != text
    with sqlite_database.writing() as session:
        load_programme(session, later, source, None, SEASON)
    assert row_of(sqlite_database, open_still).due_on == date(2023, 12, 20)
    assert row_of(sqlite_database, done).due_on == date(2023, 12, 15)


def test_a_report_is_drafted_filed_returned_and_accepted(database: Database) -> None:
    code = code_of(database)
    act(database, code, "clerk@H029", ReportAction.SAVE)
    assert letters(database) == []
    act(database, code, "head@H029", ReportAction.FILE, file=FILE)
    assert letters(database)[-1] == ("report_filed", "appraiser.ubnd-tinh@hagiang.example")
    returned = act(database, code, BOARD, ReportAction.RETURN, comment="Thiếu số liệu cấp xã.")
    assert isinstance(returned, ReportStep)
    assert row_of(database, code).reason == "Thiếu số liệu cấp xã."
    act(database, code, "clerk@H029", ReportAction.FILE)
    act(database, code, BOARD, ReportAction.ACCEPT)
    row = row_of(database, code)
    assert (row.state, row.version, row.rounds) == (ReportState.ACCEPTED, 6, 1)
    assert (row.results, row.number) == (TEXT.results, "12/BC-UBND")
    told = [letter for letter, _ in letters(database)]
    assert told == [
        "report_filed",
        "report_returned",
        "report_returned",
        "report_filed",
        "report_accepted",
        "report_accepted",
    ]
    with database.reading() as session:
        history = report_history(session, row.id)
    assert [line.action for line in reversed(history)] == [
        "report_save",
        "report_file",
        "report_return",
        "report_file",
        "report_accept",
    ]
    assert history[2].told["comment"] == "Thiếu số liệu cấp xã."
    assert history[3].told["file"]["sha256"] == FILE.sha256
    assert examine(database) == []


def test_a_filed_report_keeps_the_figures_of_that_day(sqlite_database: Database) -> None:
    build.a_decided(sqlite_database)
    code = filed(sqlite_database)
    kept = read_back(row_of(sqlite_database, code).figures)
    assert (kept.sent, kept.acknowledged, kept.dossier_count, kept.award_count) == (1, 1, 1, 1)
    assert kept.par is not None
    assert [one.award for one in kept.dossiers] == ["BANG_KHEN_TINH"]


def test_a_filed_report_is_asked_for_no_more(sqlite_database: Database) -> None:
    code = filed(sqlite_database)
    with sqlite_database.reading() as session:
        assert code not in {line.report.code for line in owed_reports(session)}
        day = office_day(SEASON)
        clerk = reader_of(session, build.person_id(session, "clerk@H029"), day)
        board = reader_of(session, build.person_id(session, BOARD), day)
        assert clerk is not None
        assert board is not None
        mine = [line.report.code for line in reports_waiting(session, clerk)]
        theirs = [line.report.code for line in reports_waiting(session, board)]
        assert code not in mine
        assert len(mine) == reports_waiting_count(session, clerk) == 3
        assert theirs == [code]


def test_nobody_acts_from_an_old_page(database: Database) -> None:
    code = filed(database)
    with pytest.raises(Stale) as caught:
        act(database, code, BOARD, ReportAction.ACCEPT, version=1)
    assert (caught.value.code, caught.value.by) == (code, "Vàng Clerk H029")
    assert row_of(database, code).state is ReportState.FILED


def test_two_who_answer_at_once_answer_once(database: Database) -> None:
    code = filed(database)
    together = Barrier(2)

    def answer(action: ReportAction) -> Callable[[], str]:
        def run() -> str:
            together.wait(timeout=10)
            try:
                act(database, code, BOARD, action, version=2, comment="Thiếu số liệu.")
            except Stale:
                return "stale"
            return "done"

        return run

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(answer(one)) for one in (ReportAction.ACCEPT, ReportAction.RETURN)]
        assert sorted(run.result() for run in runs) == ["done", "stale"]
    assert version_of(database, code) == 3
    assert examine(database) == []


def test_the_same_key_counts_once(database: Database) -> None:
    code = code_of(database)
    act(database, code, "clerk@H029", ReportAction.FILE, file=FILE, key="k1")
    with pytest.raises(Repeated):
        act(database, code, "clerk@H029", ReportAction.FILE, file=FILE, key="k1", version=1)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ReportFile)) == 1


def test_a_refusal_changes_nothing_and_is_kept_with_its_reasons(
    sqlite_database: Database,
) -> None:
    code = code_of(sqlite_database)
    assert refusals(act(sqlite_database, code, "clerk@H029", ReportAction.FILE)) == ["FILE_MISSING"]
    assert refusals(act(sqlite_database, code, BOARD, ReportAction.ACCEPT)) == ["NO_SUCH_STEP"]
    assert version_of(sqlite_database, code) == 1
    assert letters(sqlite_database) == []
    with sqlite_database.reading() as session:
        lines = select(HistoryLine).where(HistoryLine.stream.startswith("report:"))
        assert session.scalars(lines).all() == []
        kept = session.scalars(
            select(Evaluation)
            .where(Evaluation.action.startswith("report_"))
            .order_by(Evaluation.id)
        ).all()
    assert [(one.action, one.allowed) for one in kept] == [
        ("report_file", False),
        ("report_accept", False),
    ]
    assert [[each.code for each in refusals_of(one)] for one in kept] == [
        ["FILE_MISSING"],
        ["NO_SUCH_STEP"],
    ]
    assert {one.facts["report"]["code"] for one in kept} == {code}
    assert kept[0].facts["inputs"]["text"]["results"] == TEXT.results


@pytest.mark.parametrize("stranger", ["clerk@H030", "head@SNV", "clerk@X00853"])
def test_strangers_find_no_report(sqlite_database: Database, stranger: str) -> None:
    code = filed(sqlite_database)
    with pytest.raises(NotFound):
        act(sqlite_database, code, stranger, ReportAction.SAVE)
    with sqlite_database.reading() as session:
        person = build.person_id(session, stranger)
        with pytest.raises(NotFound):
            report_line(session, code, person, office_day(SEASON))
        with pytest.raises(NotFound):
            look_at_report(session, code, person, SEASON)
        assert code not in {
            line.report.code for line in reports_seen(session, person, office_day(SEASON))
        }


@pytest.mark.parametrize("wrong", ["BC-2023-9999", "BC-2022-0001", "BC-2023-1", "x", "BC-2023-²"])
def test_a_wrong_code_is_not_found(sqlite_database: Database, wrong: str) -> None:
    owed(sqlite_database)
    with sqlite_database.reading() as session, pytest.raises(NotFound):
        look_at_report(session, wrong, build.person_id(session, BOARD), SEASON)


def test_the_doctor_misses_a_file(sqlite_database: Database, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    kept = store.put(BytesIO(A_PDF), "bao-cao.pdf")
    code = code_of(sqlite_database)
    act(sqlite_database, code, "clerk@H029", ReportAction.FILE, file=kept)
    assert examine(sqlite_database, files=store) == []
    store.path_of(kept.sha256).unlink()
    assert [one.check for one in examine(sqlite_database, files=store)] == ["files"]
