"""Several programmes side by side on the list of dossiers."""

from __future__ import annotations

from collections.abc import Callable

from models.database import Database
from tests import builders as build
from tests.models.test_second_programme import PROGRAMME, registered
from tests.views.conftest import Browser


def test_the_list_asks_for_the_programme_where_there_are_several(
    sqlite_database: Database, sign_in: Callable[[str], Browser]
) -> None:
    first = build.a_registered(sqlite_database, "SNV")
    browser = sign_in("administrator@ubnd-tinh")
    browser.get("/ho-so")
    assert 'name="chuong-trinh"' not in browser.last
    second = registered(sqlite_database)
    browser.get("/ho-so")
    assert 'name="chuong-trinh"' in browser.last
    assert first in browser.last
    assert second in browser.last
    browser.get("/ho-so", query_string={"chuong-trinh": PROGRAMME})
    assert f"/ho-so/{second}" in browser.last
    assert f"/ho-so/{first}" not in browser.last
