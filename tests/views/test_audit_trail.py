"""What a request leaves in the log: from where a change came, refusals, reading, taking away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from models.database import Database
from models.tables import ChangeSet, ChangeSetLine, HistoryLine
from tests.builders import a_registered
from tests.views.conftest import Browser
from views import audit_trail

SignIn = Callable[[str], Browser]


def lines(database: Database, action: str) -> list[tuple[HistoryLine, dict[str, Any]]]:
    """Every line of this kind with what it tells, and its record of changes."""
    with database.reading() as session:
        rows = session.execute(
            select(HistoryLine, ChangeSet.content)
            .join(ChangeSetLine, ChangeSetLine.line_id == HistoryLine.id)
            .join(ChangeSet, ChangeSet.id == ChangeSetLine.change_set_id)
            .where(HistoryLine.action == action)
            .order_by(HistoryLine.id)
        )
        return [(line, json.loads(content)) for line, content in rows]


def test_a_change_tells_who_asked_from_where_and_each_field(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    clerk = sign_in("clerk@h029")
    clerk.get(f"/ho-so/{code}/soan/hinh-thuc")
    answer = clerk.get(f"/ho-so/{code}")
    assert answer.status_code == 200
    clerk.post("/ngon-ngu", {"language": "en"})
    (line, told) = lines(sqlite_database, "choose_language")[-1]
    assert line.actor_name
    assert told["address"] == "127.0.0.1"
    assert len(told["session"]) == 16
    assert len(told["request"]) == 8
    (change,) = told["changes"]
    assert (change["table"], change["verb"]) == ("account", "update")
    assert change["fields"] == {"language": [None, "en"]}


def test_a_refused_attempt_is_written_down_with_its_reasons(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    stranger = sign_in("clerk@h030")
    assert stranger.post(f"/ho-so/{code}/nop", {"version": "1", "key": "k"}).status_code == 404
    refused = lines(sqlite_database, "refuse")
    assert len(refused) == 1
    line, record = refused[0]
    told = json.loads(line.payload)
    assert told["status"] == 404
    assert code in told["page"]
    assert record["changes"] == []


def test_what_an_auditor_reads_and_what_anybody_takes_is_written_down(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_registered(sqlite_database)
    auditor, appraiser = sign_in("auditor@ubnd-tinh"), sign_in("appraiser@ubnd-tinh")
    auditor.get(f"/ho-so/{code}")
    appraiser.get(f"/ho-so/{code}")
    read = [json.loads(line.payload) for line, _ in lines(sqlite_database, "read_page")]
    assert [one["asked"] for one in read] == [{"code": code}]
    assert appraiser.get("/ho-so?tai=xlsx").status_code == 200
    (line, _) = lines(sqlite_database, "take_file")[0]
    assert ".xlsx" in json.loads(line.payload)["file"]


def test_what_cannot_be_written_down_is_not_handed_out(
    sqlite_database: Database, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    appraiser = sign_in("appraiser@ubnd-tinh")

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(audit_trail, "write_down_of", full)
    answer = appraiser.get("/ho-so?tai=xlsx")
    assert answer.status_code == 503
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_an_administrator_asks_for_an_erasure_and_another_grants_it(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    address = "/quan-tri/xoa-du-lieu"
    assert sign_in("auditor@ubnd-tinh").get(address).status_code == 403
    first = sign_in("administrator@ubnd-tinh")
    first.get(address)
    assert first.post(address, {"code": "không có", "reason": "x"}).status_code == 422
    assert "Ghi điều, khoản" in first.last
    typed = {"code": "clerk@h030", "reason": "Thôi việc", "legal_basis": "Luật 91/2025/QH15"}
    assert first.post(address, typed).status_code == 303
    first.get(address)
    assert "Chờ người thứ hai" in first.last
    assert first.post(f"{address}/1", {"answer": "yes"}).status_code == 422
    assert "Cần hai người" in first.last
