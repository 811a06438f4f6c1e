"""Two deciders on one dossier: exactly one decides, the other is told who did what and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from config.settings import Settings
from tests import builders as build
from tests.journeys.visiting import Visitor, text_of
from views import create_app
from workflow.vocabulary import State

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from models.database import Database

CHAIRMAN, DEPUTY = "head@ubnd-tinh", "deputy_head@ubnd-tinh"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    settings = Settings(
        database_url="given",
        secret_key="s" * 40,
        storage_dir=tmp_path / "files",
        smtp_url="smtp://127.0.0.1:9",
        mail_from="x@example.vn",
        base_url="http://localhost",
        factor_required=False,
    )
    return create_app(settings, database, lambda: build.NOW)


def visitor(app: Flask, login: str) -> Visitor:
    someone = Visitor(app.test_client())
    someone.sign_in(login, build.PASSWORD)
    return someone


@pytest.mark.parametrize("attempt", range(5))
def test_one_decides_and_the_other_learns_who_was_faster(
    app: Flask, database: Database, attempt: int
) -> None:
    code = build.a_checked(database)
    url = f"/ho-so/{code}/quyet-dinh"
    people = {login: visitor(app, login) for login in (CHAIRMAN, DEPUTY)}
    forms = {login: person.fields(url) for login, person in people.items()}
    start = Barrier(2)

    def decide(login: str) -> TestResponse:
        return people[login].post(
            url,
            forms[login],
            number="2417/QĐ-UBND",
            dated="05/12/2023",
            signer="Nguyễn Văn Sơn",
            capacity="KT." if login == DEPUTY else "",
            compared="1",
        )

    def at_once(login: str) -> TestResponse:
        start.wait()
        return decide(login)

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(people, pool.map(at_once, people), strict=True))

    by_status = {answer.status_code: login for login, answer in answers.items()}
    assert sorted(by_status) == [303, 409], {k: text_of(v) for k, v in answers.items()}
    told = text_of(answers[by_status[409]])
    winner = "Vàng Head UBND-TINH" if by_status[303] == CHAIRMAN else "Vàng Deputy Head UBND-TINH"
    assert winner in told
    assert "08:10" in told
    assert "2417/QĐ-UBND" in told
    assert build.the_dossier(database, code).state is State.DECIDED
    again = decide(by_status[303])
    assert again.status_code == 303
