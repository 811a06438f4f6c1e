"""Taking the evidence of a dossier along: the button, and the same at the terminal."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from models.database import Database
from models.tables import HistoryLine, Person
from tests import builders as build
from tests.evidence import a_store, stored_papers, verified
from tests.views.conftest import Browser
from views import audit_words

SignIn = Callable[[str], Browser]
BUTTON = "Gói chứng cứ (ZIP)"


@pytest.fixture
def code(sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A dossier handed in, its papers in the store."""
    monkeypatch.setattr(build, "a_paper", stored_papers(a_store(settings.storage_dir)))
    return build.a_submitted(sqlite_database)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ("auditor@ubnd-tinh", 200),
        ("appraiser@ubnd-tinh", 200),
        ("head@ubnd-tinh", 200),
        ("clerk@h029", 403),
        ("head@h029", 403),
        ("council_secretary@h029", 403),
        ("clerk@h026", 404),
    ],
)
def test_whoever_may_see_everything_takes_the_bundle_along(
    code: str,
    sign_in: SignIn,
    sqlite_database: Database,
    tmp_path: Path,
    login: str,
    status: int,
) -> None:
    reader = sign_in(login)
    page = reader.get(f"/ho-so/{code}").get_data(as_text=True)
    assert (BUTTON in page) is (status == 200)
    answer = reader.post(f"/ho-so/{code}/chung-cu")
    assert answer.status_code == status
    assert reader.get(f"/ho-so/{code}/chung-cu").status_code == 405
    if status == 200:
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert f"{code}-chung-cu.zip" in answer.headers["Content-Disposition"]
        taken = tmp_path / "taken.zip"
        taken.write_bytes(answer.data)
        faults, said = verified(taken)
        assert not faults
        assert takings(sqlite_database) == [
            (login.split("@", maxsplit=1)[0], code, fingerprint_in(said))
        ]
    else:
        assert takings(sqlite_database) == []


def takings(database: Database) -> list[tuple[str, str, str]]:
    """Who took which bundle, as the office's history has it; nobody's name at the terminal."""
    with database.reading() as session:
        rows = session.execute(
            select(Person.code, HistoryLine.payload)
            .outerjoin(Person, Person.id == HistoryLine.actor_id)
            .where(HistoryLine.action == "take_evidence")
        )
        told = [(who or "", json.loads(payload)) for who, payload in rows]
    return [(who.split("@")[0], one["code"], one["fingerprint"]) for who, one in told]


def fingerprint_in(said: str) -> str:
    found = re.search(r"fingerprint: ([0-9a-f]{64})", said)
    assert found is not None
    return found[1]


def test_a_lost_file_is_named_on_the_page(code: str, sign_in: SignIn, settings: Settings) -> None:
    next(path for path in settings.storage_dir.rglob("*") if path.is_file()).unlink()
    auditor = sign_in("auditor@ubnd-tinh")
    answer = auditor.post(f"/ho-so/{code}/chung-cu")
    assert answer.status_code == 303
    page = auditor.get(f"/ho-so/{code}").get_data(as_text=True)
    assert "Chưa lập được gói chứng cứ" in page
    assert "bao_cao_thanh_tich đã ký.pdf" in page


def test_dossiers_are_listed(app: Flask, code: str, sqlite_database: Database) -> None:
    other = build.a_registered(sqlite_database, "H026")
    told = run(app, "dossiers", "list")
    assert told.exit_code == 0
    assert [line.split("\t")[:3] for line in told.output.splitlines()] == [
        [code, "submitted", "Đã nộp"],
        [other, "registered", "Đã đăng ký"],
    ]
    assert run(app, "dossiers", "list", "--state", "decided").output == ""
    assert run(app, "dossiers", "list", "--state", "submitted").output.startswith(code)
    assert run(app, "dossiers", "list", "--state", "lost").exit_code == 2


def test_a_bundle_is_written_at_the_terminal(
    app: Flask, code: str, sqlite_database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "HS.zip"
    told = run(app, "dossiers", "bundle", code, "--out", str(out))
    assert told.exit_code == 0, told.output
    assert "python verify.py HS.zip" in told.output
    fingerprint = re.search(r"Dấu vân tay: ([0-9a-f]{64})", told.output)
    faults, said = verified(out)
    assert not faults
    assert fingerprint is not None
    assert fingerprint[1] == fingerprint_in(said)
    assert takings(sqlite_database) == [("", code, fingerprint[1])]
    assert audit_words.done("take_evidence") == "Lấy gói chứng cứ"
    assert [path.name for path in tmp_path.glob("*.zip")] == ["HS.zip"]
    with zipfile.ZipFile(BytesIO(out.read_bytes())) as archive:
        assert "documents/BAO_CAO_THANH_TICH-1.pdf" in archive.namelist()


def test_what_cannot_be_bundled_is_said(
    app: Flask, code: str, settings: Settings, tmp_path: Path
) -> None:
    unknown = run(app, "dossiers", "bundle", "HS-1999-0001", "--out", str(tmp_path / "a.zip"))
    assert (unknown.exit_code, "Không có hồ sơ HS-1999-0001" in unknown.output) == (1, True)
    nowhere = run(app, "dossiers", "bundle", code, "--out", str(tmp_path / "khong" / "a.zip"))
    assert (nowhere.exit_code, "không ghi được" in nowhere.output) == (1, True)
    next(path for path in settings.storage_dir.rglob("*") if path.is_file()).unlink()
    lost = run(app, "dossiers", "bundle", code, "--out", str(tmp_path / "a.zip"))
    assert (lost.exit_code, "bị mất hoặc bị sửa" in lost.output) == (1, True)
    assert not list(tmp_path.glob("*.zip"))
