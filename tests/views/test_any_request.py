"""Whatever is asked of any page, by anybody: never a fault of ours, always a whole answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error

from models.database import Database
from tests.builders import a_registered, a_submitted
from tests.tiers import SEED, count
from tests.views.conftest import Browser
from tests.views.described import UNTRIED, described

BY_NIGHT = ("appraiser@ubnd-tinh", "administrator@ubnd-tinh", "council_secretary@h029")
PEOPLE = ["clerk@h029", *(pytest.param(login, marks=pytest.mark.nightly) for login in BY_NIGHT)]


def test_every_page_is_described(app: Flask) -> None:
    told = described(app)
    named = {
        one["operationId"].split(" ")[0] for path in told["paths"].values() for one in path.values()
    }
    every = {rule.endpoint for rule in app.url_map.iter_rules()}
    options_alone = {"receiving.options"}
    assert named == every - UNTRIED - options_alone
    bodies = [
        one for path in told["paths"].values() for one in path.values() if "requestBody" in one
    ]
    assert len(bodies) > 50


def asked(app: Flask, cookie: str, examples: int, part: int = 1) -> dict[str, str]:
    """What went wrong at which page, of every page or each `part`th; empty when nothing did."""
    schema = schemathesis.openapi.from_dict(described(app))
    schema.app = app
    wrong: dict[str, str] = {}
    for number, found in enumerate(schema.get_all_operations()):
        if number % part != SEED % part:
            continue
        operation = found.ok()  # type: ignore[union-attr]

        @seed(SEED)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            answer = case.call(cookies={"sid": cookie})
            case.validate_response(answer, checks=[not_a_server_error])
            assert answer.headers["content-security-policy"]

        try:
            ask()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - told together
            wrong[operation.label] = str(error)
    return wrong


@pytest.fixture
def open_forms(app: Flask, sqlite_database: Database) -> Flask:
    """The application with two dossiers, and forms that need no token, so that more is reached."""
    a_registered(sqlite_database)
    a_submitted(sqlite_database, "H026")
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("sid")
    assert cookie is not None
    return str(cookie.value)


@pytest.mark.slow
@pytest.mark.parametrize("login", PEOPLE)
def test_no_request_is_a_fault_of_ours(
    open_forms: Flask,
    sign_in: Callable[[str], Browser],
    login: str,
    tally: Callable[[str, int], None],
) -> None:
    examples, part = count(1, 10, 100), count(3, 1)
    wrong = asked(open_forms, cookie_of(sign_in(login)), examples, part)
    assert not wrong, "\n".join(f"{label}: {words[:600]}" for label, words in wrong.items())
    tally("requests a page", examples)


def test_a_page_that_breaks_is_found(
    open_forms: Flask, sign_in: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: one page falls over a number, another over a field, and only for who is let in."""

    def fall(**_: object) -> str:
        raise ZeroDivisionError

    told = described(open_forms)
    few = {
        path: told["paths"][path]
        for path in ("/hop-thu/{number}", "/viec")
        if path in told["paths"]
    }
    few["/ho-so/{code}/trao-doi"] = told["paths"]["/ho-so/{code}/trao-doi"]
    monkeypatch.setattr("tests.views.test_any_request.described", lambda _: {**told, "paths": few})
    cookie = cookie_of(sign_in("clerk@h029"))
    assert asked(open_forms, cookie, 1) == {}
    open_forms.view_functions |= {"inbox.show": fall, "steps.leave": fall}
    assert set(asked(open_forms, cookie, 1)) == {"GET /viec", "POST /ho-so/{code}/trao-doi"}
