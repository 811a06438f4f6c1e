"""Nhật ký: who did what, for those who watch; looking at it is written down."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models import queries_audit
from models.database import Database
from models.tables import HistoryLine
from tests import workbooks_read as read
from tests.builders import a_decided
from tests.views.conftest import Browser, counted
from views import audit_words

SignIn = Callable[[str], Browser]
LOG = "/quan-tri/nhat-ky"
ALL = f"{LOG}?tu=01/01/2021&den=31/12/2023"


def test_the_log_is_narrowed_and_taken_away_and_that_is_written_down(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    code = a_decided(sqlite_database)
    auditor = sign_in("auditor@ubnd-tinh")
    auditor.get(f"{ALL}&ho-so={code}")
    assert "Ban hành quyết định" in auditor.last or "uyết định" in auditor.last
    assert code in auditor.last
    rows = read.records(auditor.get(f"{ALL}&ho-so={code}&viec=submit&tai=xlsx").data)
    assert [(one["Việc"], one["Về"]) for one in rows] == [(audit_words.done("submit"), code)]
    with sqlite_database.reading() as session:
        stored = session.scalars(select(HistoryLine).where(HistoryLine.action == "submit")).one()
        assert (rows[0]["Mã băm"], rows[0]["Dòng"]) == (stored.hash, stored.seq)
        looked = session.scalars(
            select(HistoryLine).where(HistoryLine.action == "read_audit_log")
        ).all()
    assert [one.actor_name for one in looked] == [looked[0].actor_name] * 2
    assert code in looked[0].payload
    auditor.get(f"{LOG}?viec=read_audit_log&nguoi=khong co ai")
    assert "Không có dòng nào" in auditor.last


def test_only_those_who_watch_see_it_and_its_statements_do_not_grow(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    assert sign_in("clerk@h029").get(LOG).status_code == 403
    assert sign_in("appraiser@ubnd-tinh").get(f"{LOG}?tai=xlsx").status_code == 403
    watcher = sign_in("administrator@ubnd-tinh")
    watcher.get(ALL)
    with counted(sqlite_database) as before:
        watcher.get(ALL)
    a_decided(sqlite_database)
    with counted(sqlite_database) as after:
        watcher.get(ALL)
    assert len(after) <= len(before) + 2
    assert watcher.get(f"{LOG}?tu=31/12/2023&den=01/01/2021").status_code == 422
    assert "Ngày cuối không thể trước ngày đầu." in watcher.last


def test_every_kind_of_line_a_season_writes_has_words(
    sqlite_database: Database, sign_in: SignIn
) -> None:
    a_decided(sqlite_database)
    with sqlite_database.reading() as session:
        written = set(session.scalars(select(HistoryLine.action).distinct()))
    assert written <= audit_words.DONE.keys()


def test_a_line_shows_before_and_after_and_pages_go_on_from_a_line(
    sqlite_database: Database, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = a_decided(sqlite_database)
    monkeypatch.setattr(queries_audit, "PAGE", 5)
    auditor = sign_in("auditor@ubnd-tinh")
    auditor.get(f"{ALL}&ho-so={code}&viec=decide")
    assert "dossier.state: board_checked → decided" in auditor.last
    line = re.search(r'href="(/quan-tri/nhat-ky/\d+)"', auditor.last)
    assert line
    auditor.get(line[1])
    assert "board_checked" in auditor.last
    assert "decision_id" in auditor.last
    seen: list[str] = []
    address: str | None = f"{ALL}&ho-so={code}"
    while address:
        auditor.get(address)
        seen += re.findall(r'href="/quan-tri/nhat-ky/(\d+)"', auditor.last)
        older = re.search(r'href="([^"]+truoc=[^"]+)" rel="next"', auditor.last)
        address = older[1].replace("&amp;", "&") if older else None
    numbers = [int(one) for one in dict.fromkeys(seen)]
    assert numbers == sorted(numbers, reverse=True)
    with sqlite_database.reading() as session:
        about = select(HistoryLine.id).where(
            HistoryLine.stream.like("dossier:%") | HistoryLine.stream.like("registration:%")
        )
        assert set(numbers) == set(session.scalars(about))
    assert auditor.get("/quan-tri/nhat-ky/999999").status_code == 404
    assert sign_in("clerk@h029").get(line[1]).status_code == 403
