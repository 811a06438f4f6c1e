"""P18: only intended fields change.

Every form of the service is sent with every column of the record, with names nobody knows, with
fields twice and with values of wrong kinds. A column no form has is refused (422) before the view
is asked; of all other names it is shown that the view never reads them. Nothing breaks, and nothing
changes that an empty form would not have changed.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

import models.tables  # noqa: F401 - all tables
from config.policy import SAFE, Principal, the_policy
from models.base import Base
from tests.promises.bench import Bench, opened
from tests.promises.cells import Cell, cells, expected
from tests.promises.situations import situations_record
from tests.promises.watching import LOG, Watch
from tests.tiers import count

pytestmark = [pytest.mark.promise("P18"), pytest.mark.slow, pytest.mark.usefixtures("quiet")]
ROOT = Path(__file__).resolve().parents[2]
COLUMNS = sorted({column.name for table in Base.metadata.sorted_tables for column in table.columns})
NOBODY_KNOWS = ("is_admin", "__class__", "constructor", "dossier[state]", "0", "Trạng thái")
UNKNOWN, OK, BROKEN = 422, 300, 500
CARRIED = {"version", "key", "comment", "csrf_token"}
WRONG_KINDS = (
    "",
    " ",
    "-1",
    "9" * 400,
    "1e9",
    "NaN",
    "null",
    "[]",
    "{}",
    "\u202e",
    "a" * 5000,
    "²",
)


class Noted(ImmutableMultiDict[str, str]):
    """A form that remembers which of its fields were asked for."""

    asked: set[str] = set()  # noqa: RUF012 - shared on purpose: one form at a time

    def __getitem__(self, key: str) -> str:
        Noted.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: Any, *more: Any, **named: Any) -> Any:
        Noted.asked.add(key)
        return super().get(key, *more, **named)

    def getlist(self, key: str, *more: Any) -> Any:
        Noted.asked.add(key)
        return super().getlist(key, *more)

    def __contains__(self, key: object) -> bool:
        Noted.asked.add(str(key))
        return super().__contains__(key)


class NotingRequest(Request):
    """A request whose form is such a one."""

    parameter_storage_class = Noted


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, checked_sqlite: Path) -> Path:
    """The record with all situations."""
    return situations_record(tmp_path_factory.getbasetemp(), checked_sqlite)


@pytest.fixture
def bench(record: Path, tmp_path: Path) -> Iterator[Bench]:
    """The service over a copy of it."""
    path = tmp_path / "record.sqlite"
    shutil.copyfile(record, path)
    with opened(f"sqlite:///{path}", Watch(path), tmp_path) as made:
        made.app.request_class = NotingRequest
        yield made


def writers(bench: Bench) -> list[Cell]:
    """Each form once, asked by the first person whom the policy lets pass."""
    found: dict[tuple[str, str], Cell] = {}
    bench.objects.steps = 1
    for cell in cells(bench.app, the_policy(), bench.situations, bench.objects):
        if cell.method in SAFE or cell.principal in {Principal.ANONYMOUS, Principal.DISABLED}:
            continue
        if expected(the_policy(), cell, frozenset({"demonstration"})) == "passes":
            found.setdefault((cell.endpoint, cell.action), cell)
    return list(found.values())


def send(bench: Bench, cell: Cell, fields: dict[str, Any]) -> TestResponse:
    """Send the form as this person, with these fields and what every form carries."""
    bench.written.clear()
    data = {"version": bench.version(cell.situation.code), "key": f"f{next(bench.keys)}", **fields}
    answer = bench.client(cell.person).open(
        cell.address, method=cell.method, data=data, buffered=True
    )
    if "Set-Cookie" in answer.headers:
        del bench.clients[cell.person]
    return answer


def reset(bench: Bench) -> bool:
    """Put the record back; was anything written, besides that somebody tried?"""
    tables = set(bench.written) - LOG
    if not bench.watch.changed():
        return False
    bench.watch.put_back()
    return bool(tables)


def test_every_column_is_refused_or_never_read(
    bench: Bench, tally: Callable[[str, int], None]
) -> None:
    """Each column that no form has: 422. All others at once: the view reads its own."""
    refused = the_policy().never_sent
    others = {name: "1" for name in COLUMNS if name not in refused and name not in CARRIED}
    faults: list[str] = []
    forms = [cell for cell in writers(bench) if cell.row.who[0] != "anyone"]
    for number, cell in enumerate(forms):
        known = sorted(refused)
        for name in known if count(0, 1) else known[number % 60 :: 60]:
            answer = send(bench, cell, {name: "1"})
            if answer.status_code != UNKNOWN or f"“{name}”" not in answer.get_data(as_text=True):
                faults.append(f"{cell}: {name} gave {answer.status_code}")
            if reset(bench):
                faults.append(f"{cell}: {name} was refused, and something changed")
        send(bench, cell, {"comment": "Lý do"})
        reset(bench)
        Noted.asked.clear()
        answer = send(bench, cell, dict.fromkeys(NOBODY_KNOWS, "1") | others)
        if answer.status_code >= BROKEN:
            faults.append(f"{cell}: all columns gave {answer.status_code}")
        if read := Noted.asked & {*NOBODY_KNOWS, *refused}:
            faults.append(f"{cell}: reads {sorted(read)}")
        reset(bench)
    tally("forms times columns", len(forms) * len(COLUMNS))
    assert not faults, "\n".join(faults[:100])


def test_no_value_of_any_kind_breaks_a_form(
    bench: Bench, tally: Callable[[str, int], None]
) -> None:
    """Each field a view reads, with values of wrong kinds, twice, and as a file."""
    faults: list[str] = []
    sent = 0
    for number, cell in enumerate(writers(bench)):
        Noted.asked.clear()
        send(bench, cell, {"comment": "Lý do"})
        reset(bench)
        names = sorted(Noted.asked - {"csrf_token", "key"})
        values = WRONG_KINDS if count(0, 1) else WRONG_KINDS[number % 12 :: 12]
        for name in names:
            for value in (*values, ["1", "2"]):
                answer = send(bench, cell, {name: value})
                sent += 1
                if answer.status_code >= BROKEN:
                    faults.append(f"{cell}: {name}={str(value)[:20]!r} {answer.status_code}")
                reset(bench)
    tally("forms with one wrong value", sent)
    assert not faults, "\n".join(faults[:100])


@pytest.mark.planted
def test_a_view_that_trusts_the_form_is_found(bench: Bench) -> None:
    """Planted: a view that writes whatever field is named after a column."""
    (cell,) = [one for one in writers(bench) if one.endpoint == "steps.leave"]

    def trusting(code: str) -> str:
        from flask import request  # noqa: PLC0415 - only this planted view wants it

        return "".join(request.form.get(name, "") for name in COLUMNS)

    bench.app.view_functions["steps.leave"] = trusting
    Noted.asked.clear()
    send(bench, cell, {"comment": "Lý do"})
    assert Noted.asked & the_policy().never_sent


def test_the_list_of_refused_columns_is_whole() -> None:
    """Every column is refused in forms, or a view or a template speaks of a field of that name."""
    spoken = {
        node.value
        for path in (ROOT / "views").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pages = (path.read_text("utf-8") for path in (ROOT / "views/templates").rglob("*.html"))
    fields = set(re.findall(r'name="([\w-]+)"', "\n".join(pages)))
    refused = the_policy().never_sent
    missing = set(COLUMNS) - spoken - fields - refused - words_of_the_law()
    assert not missing, f'add to "never_sent:" in config/policy.yaml: {sorted(missing)}'
    used = sorted(refused & (fields | read_from_forms()))
    assert not used, f'a form has these fields; take them out of "never_sent:": {used}'


READERS = ("text", "day", "whole", "choice", "one_of", "ticked", "raw", "get", "getlist")
"""How views ask a form for a field."""


def read_from_forms() -> set[str]:
    """Names any view asks a form for, as written in the code."""
    return {
        str(node.args[0].value)
        for path in (ROOT / "views").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and _speaks_of_a_form(node.func.value)
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def _speaks_of_a_form(asked: ast.expr) -> bool:
    """`answers.text(…)`, `request.form.get(…)`."""
    if isinstance(asked, ast.Attribute):
        return asked.attr in {"form", "files"}
    return isinstance(asked, ast.Name) and asked.id == "answers"


def words_of_the_law() -> set[str]:
    """Words that are also values of a vocabulary, which forms may use as names."""
    from enum import Enum  # noqa: PLC0415 - for this question only

    from models import words as stored  # noqa: PLC0415
    from workflow import vocabulary  # noqa: PLC0415

    return {
        str(one.value)
        for module in (vocabulary, stored)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Enum)
        for one in kind
    }
