"""Commands: what they say, what they write, and how they end when something is wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text

from models import migrating
from models.database import Database
from models.proving import worlds
from models.sealing import seal_new_lines
from models.tables import (
    Account,
    Appointment,
    Dossier,
    IndexScore,
    Person,
    ProgrammeVersion,
    Unit,
    UnitSuccession,
)
from tests.builders import NOW, ROOT, a_registered, a_submitted, programme_text, who
from tests.journeys.service import prepared
from tests.workflow.cases import rulebook
from views import commands
from workflow.parsing import content_hash
from workflow.vocabulary import Post

REAL = ROOT / "config" / "programmes" / "ha-giang-2021-2025.yaml"
SECOND = ROOT / "tests" / "programmes" / "sang-kien-so-2024.yaml"


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def lines_of(result: Result) -> list[str]:
    return result.output.strip().splitlines()


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


# --- Programme files -------------------------------------------------------------------------

QUOTA = "tỉnh tặng Bằng khen cho 20% các sở, ban, ngành và Ủy ban nhân dân các huyện, thành phố"
FITS = "quote: đúng đối tượng, đúng thành tích.\n    readings: [Q22, Q23]"
HONOURED = "subjects: [collective]"
WITHDRAW = "to: withdrawn, by: [clerk, unit_head], clause: IV.3, comment: true}"
ONWARDS = (
    "  - {action: hold, title: Treo, done: treo, from: revoked, to: revoked, by: [decider], "
    "clause: V.3}"
)

# What is there, what it becomes, where in that the fault is, and how it is told.
PLANTED = {
    "unknown guard": (
        "    guard: par_index\n",
        "    guard: par_indexx\n",
        "guard: par_indexx",
        "không có bộ kiểm tra tên “par_indexx”",
    ),
    "wrong parameter": (
        "params: {years: 3, at",
        "params: {yearz: 3, at",
        "yearz",
        "mục không ai biết",
    ),
    "clause not in the source": (
        f"    clause: I.2.c\n    {FITS}",
        f"    clause: I.9.c\n    {FITS}",
        "clause: I.9.c",
        "không có Mục I.9.c",
    ),
    "quote not byte for byte": (
        f"    quote: Chủ tịch Ủy ban nhân dân {QUOTA}\n    readings: [Q9",
        f"    quote: Chủ tịch Uỷ ban nhân dân {QUOTA}\n    readings: [Q9",
        "quote: Chủ tịch Uỷ",
        "không có nguyên văn",
    ),
    "step without a role": (
        "    by: [council_secretary]\n",
        "    by: []\n",
        "by: []",
        "không có vai trò",
    ),
    "duplicate id": (
        "  - id: R01b\n    title: Thành",
        "  - id: R01\n    title: Thành",
        "id: R01",
        "mã “R01” đã dùng",
    ),
    "unknown rule in a step": (
        "      - R08b\n",
        "      - R88b\n",
        "R88b",
        "không có quy định “R88b”",
    ),
    "unknown reading": (
        "readings: [Q26, Q27]",
        "readings: [Q26, Q99]",
        "readings: [Q26, Q99]",
        "không có diễn giải “Q99”",
    ),
    "award form nobody knows": (
        f"    awards: [BANG_KHEN_TINH]\n    {HONOURED}",
        f"    awards: [HUAN_CHUONG]\n    {HONOURED}",
        "awards: [HUAN_CHUONG]",
        "không có hình thức “HUAN_CHUONG”",
    ),
    "milestones out of order": (
        "    milestones: {submitted: 2022-11-30",
        "    milestones: {submitted: 2022-12-30",
        "milestones",
        "không theo thứ tự",
    ),
    "key written twice": (
        "place: Hà Giang\n",
        "place: Hà Giang\nplace: Hà Nội\n",
        "place: Hà Nội",
        "mục này ghi hai lần",
    ),
    "an end that goes on": (
        f"{WITHDRAW}\n\n  # 2",
        f"{WITHDRAW}\n{ONWARDS}\n\n  # 2",
        "action: hold, title: Treo",
        "“revoked” là kết thúc",
    ),
}


def planted(tmp_path: Path) -> tuple[Path, dict[str, tuple[int, str]]]:
    """A programme file with every fault of `PLANTED`, and the line each should be told with."""
    broken, source = programme_text()
    for name, (old, new, _, _) in PLANTED.items():
        assert old in broken, name
        broken = broken.replace(old, new, 1)
    wanted: dict[str, tuple[int, str]] = {}
    for name, (_, new, fault, words) in PLANTED.items():
        at = broken.index(new) + new.index(fault)
        wanted[name] = (broken[:at].count("\n") + 1, words)
    file = tmp_path / "hong.yaml"
    file.write_text(broken, "utf-8")
    (tmp_path / "hong.source.txt").write_text(source, "utf-8")
    return file, wanted


def test_every_planted_fault_is_told_with_its_line(app: Flask, tmp_path: Path) -> None:
    file, wanted = planted(tmp_path)
    result = run(app, "programmes", "check", str(file))
    assert result.exit_code == 1
    told = lines_of(result)
    for name, (line, words) in wanted.items():
        found = [one for one in told if words in one]
        assert found, f"{name}: {result.output}"
        lines = [int(re.findall(r"dòng (\d+):", one)[0]) for one in found]
        assert line in lines, f"{name}: {found}"
    assert re.search(r"hong.yaml: \d+ lỗi, không dùng được\.", told[-1])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    from: council_reviewed\n    to: board_checked\n", None, "không tới được"),
        (
            "    from: submitted\n    to: council_reviewed\n",
            "    from: submitted\n    to: board_checked\n",
            "bỏ qua Hội đồng",
        ),
        (
            "    from: council_reviewed\n    to: board_checked\n",
            "    from: council_reviewed\n    to: decided\n",
            "bỏ qua bước kiểm tra",
        ),
        ("    from: board_checked\n    to: decided\n", None, "ngõ cụt"),
        ("from: registered, to: withdrawn", "from: registered, to: nowhere", "trong danh sách"),
        ("closing_time: ", "closing_hour: ", "thiếu mục này"),
    ],
)
def test_an_unsound_workflow_is_told_with_a_line_of_the_file(
    app: Flask, tmp_path: Path, old: str, new: str | None, words: str
) -> None:
    broken, source = programme_text()
    assert old in broken
    loop = re.sub(r"to: \w+", "to: rejected", old)
    file = tmp_path / "hong.yaml"
    file.write_text(broken.replace(old, new or loop, 1), "utf-8")
    (tmp_path / "hong.source.txt").write_text(source, "utf-8")
    result = run(app, "programmes", "check", str(file))
    assert result.exit_code == 1
    told = [line for line in lines_of(result) if words in line]
    assert told, result.output
    assert re.match(r"hong\.yaml, dòng \d+: ", told[0])


def test_a_sound_programme_says_so(app: Flask) -> None:
    result = run(app, "programmes", "check", str(REAL))
    assert result.exit_code == 0
    assert "không có lỗi" in result.output


def test_a_file_without_its_source_or_no_yaml_is_told_plainly(app: Flask, tmp_path: Path) -> None:
    lonely = tmp_path / "mot-minh.yaml"
    lonely.write_text("id: x", "utf-8")
    assert run(app, "programmes", "check", str(lonely)).exit_code == 1
    (tmp_path / "mot-minh.source.txt").write_text("I. X", "utf-8")
    lonely.write_text("id: [", "utf-8")
    result = run(app, "programmes", "check", str(lonely))
    assert result.exit_code == 1
    assert "không đọc được YAML" in result.output
    lonely.write_bytes(b"\xff\xfe")
    assert "không phải UTF-8" in run(app, "programmes", "check", str(lonely)).output
    assert run(app, "programmes", "check", str(tmp_path / "khong-co.yaml")).exit_code == 2


def test_a_new_version_is_loaded_once_tried(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    content, source = programme_text()
    file = tmp_path / "moi.yaml"
    file.write_text(f"{content}\n", "utf-8")
    (tmp_path / "moi.source.txt").write_text(source, "utf-8")
    assert run(app, "programmes", "load", str(file), "--dry-run").exit_code == 0
    assert count(sqlite_database, ProgrammeVersion) == 1
    assert run(app, "programmes", "load", str(file)).exit_code == 0
    assert count(sqlite_database, ProgrammeVersion) == 2
    odd = content.replace(
        "state: registered\n    milestone: submitted", "state: decided\n    milestone: submitted", 1
    )
    file.write_text(odd, "utf-8")
    for more in ("--dry-run",), ():
        told = run(app, "programmes", "load", str(file), *more).output
        assert "Lưu ý, nhắc việc N01: không bao giờ gửi" in told
        assert told.index("Lưu ý") < told.index("nạp")
    broken, _ = planted(tmp_path)
    assert run(app, "programmes", "load", str(broken)).exit_code == 1
    assert count(sqlite_database, ProgrammeVersion) == 3


# --- Tables ----------------------------------------------------------------------------------

UNIT_HEAD = "code,name,kind,parent_code,valid_from,valid_to,gso_code,scored_by_province\n"


def test_units_and_successions_come_in_together(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    units, merged = tmp_path / "units.csv", tmp_path / "merged.csv"
    units.write_text(f"{UNIT_HEAD}MOI,Xã Mới,commune,UBND-TINH,2025-07-01,,,false\n", "utf-8")
    merged.write_text("old_code,new_code,since\nX00853,MOI,2025-07-01\n", "utf-8")
    before = count(sqlite_database, Unit)
    both = ("units", "import", str(units), "--succession", str(merged))
    tried = run(app, *both, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "Chạy thử: chưa ghi gì." in tried.output
    assert count(sqlite_database, Unit) == before
    assert run(app, *both).exit_code == 0
    assert count(sqlite_database, Unit) == before + 1
    assert count(sqlite_database, UnitSuccession) == 1
    assert run(app, *both).exit_code == 0
    assert count(sqlite_database, UnitSuccession) == 1


def test_a_wrong_line_anywhere_writes_nothing(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    units, merged = tmp_path / "units.csv", tmp_path / "merged.csv"
    units.write_text(f"{UNIT_HEAD}MOI,Xã Mới,commune,UBND-TINH,2025-07-01,,,false\n", "utf-8")
    merged.write_text("old_code,new_code,since\nKHONG,MOI,01/07/2025\nMOI,MOI,2025-07-01\n")
    before = count(sqlite_database, Unit)
    result = run(app, "units", "import", str(units), "--succession", str(merged))
    assert result.exit_code == 1
    assert result.output.count("merged.csv, dòng 2, cột A") == 1
    assert "Đơn vị kế thừa chính mình." in result.output
    assert count(sqlite_database, Unit) == before
    units.write_text("a,b\n1,2\n")
    unreadable = run(app, "units", "import", str(units))
    assert unreadable.exit_code == 1
    assert "Bảng cần một dòng có các cột" in unreadable.output


def test_people_come_in_and_get_their_accounts(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text(
        "code,full_name,position,unit_code,email,posts,login\n"
        "P1,Lý Thị Mai,Chuyên viên,H029,mai@hagiang.example,clerk@H029,mai.ly\n",
        "utf-8",
    )
    before = count(sqlite_database, Person)
    assert run(app, "people", "import", str(table), "--dry-run").exit_code == 0
    assert count(sqlite_database, Person) == before
    assert run(app, "people", "import", str(table)).exit_code == 0
    assert count(sqlite_database, Person) == before + 1
    opened = run(app, "accounts", "create", "mai.ly", "--person", "P1")
    assert opened.exit_code == 0, opened.output
    assert re.search(r"Mã dùng một lần: [a-z2-9]{5}-[a-z2-9]{5}\b", opened.output)
    assert run(app, "accounts", "create", "mai.ly", "--person", "P1").exit_code == 0
    again = run(app, "accounts", "create", "mai.khac", "--person", "P1")
    assert again.exit_code == 1
    assert "đã có tài khoản" in again.output
    table.write_text(
        "code,full_name,position,unit_code,email,posts,login\nP2,X,Y,KHONG,,loạn,\n", "utf-8"
    )
    wrong = run(app, "people", "import", str(table))
    assert wrong.exit_code == 1
    assert "people.csv, dòng 2, cột" in wrong.output


def test_an_administrator_is_made_from_a_person(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text(
        "code,full_name,position,unit_code,email,posts,login\nP1,Hà Quốc Trị,,UBND-TINH,,,\n",
        "utf-8",
    )
    assert run(app, "people", "import", str(table)).exit_code == 0
    create = ("administrator", "create", "quan.tri", "--person", "P1")
    before = count(sqlite_database, Account)
    assert run(app, *create, "--dry-run").exit_code == 0
    assert count(sqlite_database, Account) == before
    result = run(app, *create)
    assert result.exit_code == 0, result.output
    with sqlite_database.reading() as session:
        posts = session.scalars(
            select(Appointment.post).where(Appointment.person_id == who(sqlite_database, "P1"))
        ).all()
    assert posts == [Post.ADMINISTRATOR]
    nobody = run(app, "accounts", "create", "x", "--person", "KHONG")
    assert nobody.exit_code == 1
    assert "Không có người mã KHONG" in nobody.output
    taken = run(app, "accounts", "create", "quan.tri", "--person", "clerk@H029")
    assert taken.exit_code == 1


def test_scores_come_in_with_the_day_they_were_published(
    app: Flask, sqlite_database: Database, tmp_path: Path
) -> None:
    table = tmp_path / "scores.csv"
    table.write_text(
        "STT;Đơn vị;Tổng điểm;Chỉ số (%);Xếp hạng;Xếp loại\n1;Huyện Quản Bạ;86,42;86,42;1;Tốt\n",
        "utf-8",
    )
    about = ("--year", "2023", "--index", "par_index", "--kind", "published")
    command = ("scores", "import", str(table), *about)
    missing = run(app, *command)
    assert missing.exit_code == 1
    assert "phải có ngày công bố" in missing.output
    assert run(app, *command, "--published-on", "32/13/2023").exit_code == 1
    tried = run(app, *command, "--published-on", "2023-12-27", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert count(sqlite_database, IndexScore) == 0
    assert run(app, *command, "--published-on", "27/12/2023").exit_code == 0
    with sqlite_database.reading() as session:
        row = session.scalars(select(IndexScore)).one()
    assert (str(row.value), str(row.published_on)) == ("86.42", "2023-12-27")


# --- The whole -------------------------------------------------------------------------------


def test_prepare_brings_the_schema_and_says_so(app: Flask) -> None:
    tried = run(app, "prepare", "--dry-run")
    assert tried.exit_code == 0
    assert migrating.current_head() in tried.output
    assert run(app, "prepare").exit_code == 0


@pytest.mark.slow
def test_prepare_loads_the_demonstration_once_and_shows_the_accounts(tmp_path: Path) -> None:
    folder = tmp_path / "demonstration"
    shutil.copytree(prepared(tmp_path), folder)
    environment = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": f"sqlite:///{folder / 'service.sqlite3'}",
        "SECRET_KEY": "k" * 40,
        "STORAGE_DIR": str(folder / "files"),
        "SMTP_URL": "smtp://127.0.0.1:9",
        "MAIL_FROM": "a@example.vn",
        "BASE_URL": "http://localhost",
        "DEMONSTRATION": "1",
        "PYTHONIOENCODING": "utf-8",
    }

    def flask(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    first = (folder / "said.txt").read_text("utf-8")
    assert "Đã nạp dữ liệu minh hoạ." in first
    assert "Tài khoản minh hoạ" in first
    again = flask("prepare")
    assert "Dữ liệu minh hoạ đã có, không nạp lại." in again.stdout
    assert flask("doctor").returncode == 0
    assert flask("audit", "verify").returncode == 0


def test_a_sound_record_passes(app: Flask, sqlite_database: Database) -> None:
    a_registered(sqlite_database)
    for command in (("audit", "verify"), ("doctor",)):
        result = run(app, *command)
        assert result.exit_code == 0, result.output


def tamper(database: Database, statement: str) -> None:
    with database.writing() as session:
        names = session.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).scalars()
        for name in names.all():
            session.execute(text(f'DROP TRIGGER "{name}"'))
        session.execute(text(statement))


def test_a_changed_line_of_history_is_found(app: Flask, sqlite_database: Database) -> None:
    a_submitted(sqlite_database)
    tamper(sqlite_database, "UPDATE history_line SET actor_name = 'Khác' WHERE seq = 2")
    verified = run(app, "audit", "verify")
    assert verified.exit_code == 1
    assert "bị sửa" in verified.output
    examined = run(app, "doctor")
    assert examined.exit_code == 1
    assert "triggers: Thiếu khóa chống sửa nhật ký" in examined.output
    assert "history: " in examined.output


def test_a_checkpoint_kept_elsewhere_is_printed_and_compared(
    app: Flask, sqlite_database: Database
) -> None:
    a_registered(sqlite_database)
    with sqlite_database.writing() as session:
        seal_new_lines(session, NOW)
    kept = run(app, "audit", "checkpoint").output.strip()
    assert re.fullmatch(r"[1-9]\d*:[0-9a-f]{64}", kept)
    assert run(app, "audit", "verify", "--checkpoint", kept).exit_code == 0
    size, _, last = kept.partition(":")
    other = run(app, "audit", "verify", "--checkpoint", f"{size}:{last[::-1]}")
    assert (other.exit_code, "mốc lưu bên ngoài" in other.output) == (1, True)
    assert run(app, "audit", "verify", "--checkpoint", "x").exit_code == 1


def test_a_document_without_its_file_is_found(app: Flask, sqlite_database: Database) -> None:
    a_submitted(sqlite_database)
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert any(line.startswith("files: ") for line in lines_of(result))
    assert count(sqlite_database, Dossier) == 1


def test_an_empty_database_is_told_to_be_prepared(app: Flask, sqlite_database: Database) -> None:
    with sqlite_database.writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    result = run(app, "audit", "verify")
    assert result.exit_code == 1
    assert "prepare" in result.output


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (2, 1)])
def test_a_round_of_reminders_is_a_process_of_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch, code: int, ends: int
) -> None:
    started: list[list[str]] = []

    def start(command: list[str], **_: object) -> SimpleNamespace:
        started.append(command)
        return SimpleNamespace(returncode=code)

    monkeypatch.setattr(subprocess, "run", start)
    assert run(app, "reminders", "run").exit_code == ends
    assert started == [[sys.executable, "-m", "schedules", "--once"]]


def test_wrong_settings_are_told_line_by_line_without_a_trace() -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"]
    environment = {"PATH": "/usr/bin:/bin", "PORT": "abc", "PYTHONIOENCODING": "utf-8"}
    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 1
    assert "DATABASE_URL: chưa đặt\n" in said.stderr
    assert "PORT: phải là số\n" in said.stderr
    assert "Traceback" not in said.stderr


# --- Proofs ----------------------------------------------------------------------------------


def test_a_programme_is_proved_and_the_page_written(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two worlds are enough for the page; P10 walks them all."""
    monkeypatch.setattr(commands, "worlds", lambda *_, **__: list(worlds(rulebook()))[:2])
    out = tmp_path / "proofs.md"
    result = run(app, "programmes", "prove", str(REAL), "--quick", "--page", str(out))
    assert result.exit_code == 0, result.output
    assert lines_of(result)[-1] == f"{REAL.name}: chứng minh được."
    assert "Verdict: **everything holds**" in out.read_text("utf-8")


def test_without_a_way_to_refuse_nobody_can_end_what_has_no_place(app: Flask) -> None:
    result = run(app, "programmes", "prove", str(SECOND))
    assert result.exit_code == 1
    assert "không chứng minh được" in result.output


def test_a_programme_whose_dossiers_get_stuck_is_not_proved(app: Flask, tmp_path: Path) -> None:
    broken = tmp_path / SECOND.name
    text, source = SECOND.read_text("utf-8"), SECOND.with_suffix(".source.txt")
    everybody = "{action: decide, title: Ban hành, done: ban hành, from: board_checked, to: decided"
    assert f"{everybody}, by: [decider]" in text
    broken.write_text(text.replace(f"{everybody}, by: [decider]", f"{everybody}, by: [auditor]"))
    (tmp_path / source.name).write_bytes(source.read_bytes())
    result = run(app, "programmes", "prove", str(broken), "--quick")
    assert result.exit_code == 1
    assert "DOES NOT HOLD" in result.output


def test_the_published_proofs_are_about_the_present_programme() -> None:
    page = (ROOT / "docs" / "proofs.md").read_text("utf-8")
    assert "Verdict: **everything holds**" in page
    assert f"Content: `{content_hash(*programme_text())}`" in page
