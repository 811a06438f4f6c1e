"""Every page has its row in `config/policy.yaml`, and the table names code that there is."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from config.policy import PLACE, SAFE, Policy, Principal, Refusal, read_policy, the_policy
from config.settings import Settings
from models import access
from models.database import Database
from views import create_app
from views.policy_commands import lines, missing, served, stale
from workflow.vocabulary import State

pytestmark = pytest.mark.promise("P16")
FORBIDDEN = 403


@cache
def an_app() -> Flask:
    """The application, in front of an empty record nobody asks for anything."""
    engine = create_engine("sqlite://")
    settings = Settings(
        database_url="",
        secret_key="k" * 40,
        storage_dir=Path("nowhere"),
        smtp_url="smtp://localhost:2525",
        mail_from="khong-tra-loi@example.vn",
        base_url="http://localhost",
    )
    database = Database(engine, sessionmaker(engine))
    return create_app(settings, database, lambda: datetime(2023, 12, 5, tzinfo=UTC))


def test_every_page_has_a_row_and_every_row_a_page() -> None:
    faults = [*missing(an_app(), the_policy()), *stale(an_app(), the_policy())]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.planted
def test_a_row_taken_out_fails_the_build() -> None:
    """The planted fault: each row in turn is taken out of the table."""
    routes = the_policy().routes
    for endpoint, method, address in served(an_app()):
        rest = {name: dict(methods) for name, methods in routes.items()}
        del rest[endpoint][method]  # type: ignore[arg-type]
        (told,) = {
            one
            for one in missing(an_app(), the_policy().model_copy(update={"routes": rest}))
            if one.startswith(f"{method} {address}:")
        }
        assert f"{endpoint}: {{{method}: [signed_in, ...]}}" in told


@pytest.mark.planted
def test_a_row_too_many_fails_the_build() -> None:
    routes = {**the_policy().routes, "dossiers.burn": the_policy().routes["dossiers.show"]}
    (told,) = stale(an_app(), the_policy().model_copy(update={"routes": routes}))
    assert told.startswith("dossiers.burn GET")


def test_a_page_without_a_row_is_denied_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deny by default, before any look at who asks: also for a view marked as public."""
    rest = {name: row for name, row in the_policy().routes.items() if name != "health.show"}
    table = the_policy().model_copy(update={"routes": rest})
    monkeypatch.setattr("views.doorman.the_policy", lambda: table)
    answer = an_app().test_client().get("/healthz")
    assert answer.status_code == FORBIDDEN


def test_table_and_views_agree_on_what_is_open_to_everybody() -> None:
    views = an_app().view_functions
    for endpoint, method, _ in served(an_app()):
        row = the_policy().row(endpoint, method)
        assert row is not None
        marked = endpoint == "static" or bool(getattr(views[endpoint], "is_public", False))
        assert the_policy().is_open(row) == marked, endpoint
        if not marked:
            assert row.who[0] == "signed_in", endpoint


def test_table_and_views_agree_on_what_asks_for_the_password_again() -> None:
    """`proving.freshly` wraps a view in a function of this name."""
    views = an_app().view_functions
    for endpoint, method, _ in served(an_app()):
        row = the_policy().row(endpoint, method)
        assert row is not None
        code = getattr(views[endpoint], "__code__", None)
        asks = method not in SAFE and code is not None and code.co_name == "asked"
        told = f"{endpoint} {method}: {{who: [...], fresh: {str(asks).lower()}}}"
        assert row.fresh == asks, f"config/policy.yaml must say  {told}"


def test_conditions_name_code_that_there_is() -> None:
    for name, condition in the_policy().conditions.items():
        module, _, inside = condition.asks.partition(":")
        found: Any = import_module(module)
        for part in inside.split("."):
            found = getattr(found, part)
        assert callable(found), name


def test_conditions_about_people_are_those_the_door_asks() -> None:
    about = {name for name, one in the_policy().conditions.items() if one.about == "person"} - {
        "signed_in"
    }
    assert about == access.CONDITIONS.keys()
    for name in about:
        asks = the_policy().conditions[name].asks.partition(":")[2]
        assert access.CONDITIONS[name].__name__ == asks


def test_states_are_states_and_refusals_make_sense() -> None:
    known = {state.value for state in State} | {"returned"}
    for name, one in the_policy().conditions.items():
        assert set(one.in_states) <= known, name
        assert all(set(states) <= known for states in one.only_in.values()), name
        assert (one.refusal is Refusal.NOBODY) == (one.about == "everybody"), name
        if one.about == "object":
            assert one.refusal in {Refusal.HIDDEN, Refusal.FORBIDDEN}, name


def test_looking_is_never_judged_by_the_law() -> None:
    judged = {
        endpoint
        for endpoint, methods in the_policy().routes.items()
        for method, row in methods.items()
        if row.then and method in SAFE
    }
    assert not judged


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("routes: {a.b: {GET: [nobody_knows]}}", "not described"),
        ("routes: {a.b: {GET: []}}", "at least 1 item"),
        ("routes: {a.b: {FETCH: [anyone]}}", "FETCH"),
        ("routes: {a.b: {GET: {who: [anyone], csrf: false}}}", "csrf"),
    ],
)
def test_a_faulty_table_is_not_read(text: str, words: str) -> None:
    conditions = PLACE.read_text("utf-8").partition("routes:")[0]
    with pytest.raises(ValidationError, match=words):
        read_policy(conditions + text)


def test_the_table_can_be_printed() -> None:
    told = lines(an_app(), the_policy())
    assert len(told) == len(served(an_app()))
    (step,) = [one for one in told if "\tsteps.take\t" in one]
    assert step == (
        "POST\t/ho-so/<code>/buoc/<action>\tsteps.take\t"
        "signed_in (sign_in) → reads_dossier (hidden) → law (422)"
    )
    printed = an_app().test_cli_runner().invoke(args=["policy"]).output
    assert step in printed
    assert an_app().test_cli_runner().invoke(args=["policy", "check"]).exit_code == 0


def test_the_kinds_of_people_are_eleven() -> None:
    assert len(Principal) == 11
    assert isinstance(the_policy(), Policy)
