"""Runs of imports in the record of both engines: shown, confirmed once, refused when overtaken."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from models import import_runs
from models.database import Database
from models.import_runs import Brought, Faulty, Overtaken
from models.importing import Asked, Effect
from models.importing_kinds import KINDS
from models.queries_published import Narrowing, every_result
from models.queries_staff import everybody_like
from models.queries_units import UnitsWanted, units_like
from models.scores import put_score
from models.sheets import RowError
from models.stepping import in_transaction
from models.tables import HistoryLine, ImportRun, IndexScore, Person
from tests import summary_sheet
from tests.builders import AUTUMN, NOW, SPRING, a_registered, a_score, unit_id, who
from workflow.ports import NotFound
from workflow.working_days import office_day

ABOUT = {
    "index": "par_index",
    "kind": "published",
    "year": "2023",
    "published_on": "2023-12-04",
    "source": "QĐ 2400",
}
TABLES = {
    "chi-so": (summary_sheet.sheet(summary_sheet.good_rows()), ABOUT, 30),
    "nguoi": (
        "Mã;Họ và tên;Chức vụ;Cơ quan;Vai trò\n"
        'CB1;Đặng Thị Ước;Chuyên viên;Sở Nội vụ;"Cán bộ lập hồ sơ; Quản trị@UBND-TINH"\n'
        "clerk@H029;Lý Thị Mai;Chuyên viên;Quản Bạ;Cán bộ lập hồ sơ\n".encode(),
        {},
        2,
    ),
    "don-vi": (
        "Mã;Tên đơn vị;Loại;Mã cấp trên;Từ ngày;Đến ngày\n"
        "P8;Phòng Tám;Phòng, đơn vị trực thuộc;P9;09/10/2021;\n"
        "P9;Phòng Chín;Phòng, đơn vị trực thuộc;SNV;09/10/2021;\n".encode(),
        {},
        2,
    ),
    "ke-thua": ("Mã cũ;Mã mới;Từ ngày\nH029;H028;01/07/2025\n".encode(), {}, 1),
    "de-nghi": (
        "Tên tập thể;Hình thức khen thưởng\nHuyện Quản Bạ;bằng khen tỉnh\n".encode(),
        {"cycle": "2023-midterm", "programme": ""},
        1,
    ),
    "dang-ky": (
        "Đối tượng\nQuản Bạ\n".encode(),
        {"cycle": "2023-midterm", "programme": "", "registered_on": "2023-02-14"},
        1,
    ),
}


def asked_by(database: Database, kind: str) -> Asked:
    if kind == "de-nghi":
        a_registered(database)
        return Asked(who(database, "clerk@H029"), AUTUMN)
    code = "clerk@H029" if kind == "dang-ky" else "administrator@UBND-TINH"
    return Asked(who(database, code), SPRING if kind == "dang-ky" else NOW)


def brought(database: Database, kind: str, asked: Asked) -> tuple[int, str]:
    """The number of a run, and the digest its dry run shows."""
    content, options, _ = TABLES[kind]
    with database.writing() as session:
        number = import_runs.bring(
            session, KINDS[kind], Brought("bang.xlsx", content), options, asked
        )
    with database.reading() as session:
        run = import_runs.run_of(session, number, asked.by or 0)
        plan = import_runs.plan_of(session, run, asked)
    assert plan.errors == ()
    assert plan.effects[Effect.SAME] < len(plan.differences)
    return number, plan.digest


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_done_once_and_then_says_nothing_new(database: Database, kind: str) -> None:
    asked = asked_by(database, kind)
    number, digest = brought(database, kind, asked)
    with database.writing() as session:
        done = import_runs.carry_out(session, number, digest, asked)
        assert (done.done_at, done.changed) == (asked.now, TABLES[kind][2])
    with database.writing() as session:
        again = import_runs.carry_out(session, number, digest, replace(asked, now=NOW))
        assert again.done_at == asked.now
        run = import_runs.run_of(session, number, asked.by or 0)
        plan = import_runs.plan_of(session, run, asked)
        assert plan.errors == ()
        assert plan.effects[Effect.SAME] == len(plan.differences)
        lines = session.scalars(
            select(func.count()).select_from(HistoryLine).where(HistoryLine.action == "import_done")
        ).one()
        assert lines == 1
    with database.reading() as session, pytest.raises(NotFound):
        import_runs.run_of(session, number, who(database, "auditor@UBND-TINH"))


def test_of_many_who_confirm_at_once_one_does_it(database: Database) -> None:
    asked = asked_by(database, "chi-so")
    number, digest = brought(database, "chi-so", asked)
    ended: list[int | None] = []

    def confirm() -> None:
        done = in_transaction(
            database, lambda session: import_runs.carry_out(session, number, digest, asked)
        )
        ended.append(done.changed)

    threads = [threading.Thread(target=confirm) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert ended == [30] * 4
    with database.reading() as session:
        for action in ("import_scores", "import_done"):
            query = select(func.count()).where(HistoryLine.action == action)
            assert session.scalar(query) == 1


def test_what_has_changed_since_is_told_and_nothing_is_written(database: Database) -> None:
    asked = asked_by(database, "chi-so")
    number, digest = brought(database, "chi-so", asked)
    with database.writing() as session:
        put_score(session, a_score(unit_id(session, "H029")), None, NOW)
    with pytest.raises(Overtaken) as told, database.writing() as session:
        import_runs.carry_out(session, number, digest, asked)
    assert told.value.plan.effects == {Effect.NEW: 29, Effect.CHANGED: 1}
    with database.writing() as session:
        assert session.scalar(select(func.count()).select_from(IndexScore)) == 1
        import_runs.carry_out(session, number, told.value.plan.digest, asked)
    with database.writing() as session:
        session.get_one(ImportRun, number).done_at = None
        session.get_one(ImportRun, number).changed = None
        session.get_one(ImportRun, number).content = b"x;y\n1;2\n"
    with pytest.raises(Exception, match="tiêu đề"), database.writing() as session:
        import_runs.carry_out(session, number, digest, asked)


def test_a_table_that_became_faulty_is_not_done(database: Database) -> None:
    asked = asked_by(database, "nguoi")
    number, digest = brought(database, "nguoi", asked)
    with database.writing() as session:
        session.get_one(ImportRun, number).content = "Mã;Họ và tên;Chức vụ;Cơ quan\n;;;?\n".encode()
    with pytest.raises(Faulty) as told, database.writing() as session:
        import_runs.carry_out(session, number, digest, asked)
    assert len(told.value.plan.errors) == 3


def test_lists_are_read_to_their_end(database: Database) -> None:
    with database.reading() as session:
        total = session.scalar(select(func.count()).select_from(Person)) or 0
        batches = list(everybody_like(session, ""))
        names = [one.person.sort_key for some in batches for one in some]
        assert len(names) == total
        assert names == sorted(names)
        assert list(every_result(session, Narrowing("", "", ""), ())) == []
        found, count = units_like(session, UnitsWanted("quan ba"), office_day(NOW))
        assert len(found) == count > 1


def test_a_place_is_told_as_a_person_finds_it() -> None:
    assert RowError(5, "", "", "D “Chỉ số (%)”", "Tổng hợp").place == (
        "Trang “Tổng hợp”, dòng 5, cột D “Chỉ số (%)”"
    )
    assert RowError(5, "", "").place == "Dòng 5"
