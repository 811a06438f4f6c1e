"""P16: every answer of every page to everybody is what the policy table says.

Generated from the URL map. A cell is one request: page and method, kind of people, state of the
dossier, and whether the person has acted on it. Whatever is denied leaves the record as it was, row
by row; so does every look, allowed or not; and an object of others answers like one nobody has.

By day the pages of those who may pass are judged and not drawn, and PostgreSQL is asked a share.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask.templating
import pytest
from sqlalchemy import text

from config.policy import SAFE, Policy, Principal, the_policy
from models import access
from tests.promises.bench import Bench, opened, plain
from tests.promises.cells import (
    FORBIDDEN,
    HIDDEN,
    PASSES,
    Cell,
    answered,
    cells,
    expected,
    is_step,
    may_take,
)
from tests.promises.prepared import carry
from tests.promises.situations import situations_record
from tests.promises.watching import LOG, PostgresWatch, Watch
from tests.tiers import TIER, count

pytestmark = [pytest.mark.promise("P16"), pytest.mark.slow, pytest.mark.usefixtures("quiet")]
PROMISED = 8_000
OFF = frozenset({"demonstration"})
"""Conditions that hold for nobody here: this service is no demonstration."""
NOT_HERE = frozenset(
    {
        "reports_due.download",
        "council_tally.show",
        "council_tally.minutes_file",
        "paper_templates.changed",
        "second_factor.picture",
        "own_account.end",
        "passkeys.remove",
        "people_accounts.link",
        "second_factor.remove",
        "second_factor.renew",
    }
)
"""Pages about something the record does not hold: not found, for everybody who passes the door."""
JUDGED = frozenset({"evaluation"})
"""What the law thought of a refused step is kept; nothing else of it is."""


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
        yield made


@pytest.fixture
def judged_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """By day, draw no page but those about trouble."""
    if TIER != "T1":
        return
    draw = flask.templating._render

    def drawn(app: Any, template: Any, context: Any) -> str:
        trouble = str(template.name).startswith("errors/")
        return draw(app, template, context) if trouble else ""

    monkeypatch.setattr(flask.templating, "_render", drawn)


def faults_of(bench: Bench, policy: Policy, cell: Cell) -> Iterator[str]:
    """Everything in which the answer is not what the policy says."""
    answer = bench.ask(cell, cell.address)
    found = answered(cell, answer.status_code, answer.headers.get("Location", ""))
    wanted = expected(policy, cell, OFF)
    if wanted == PASSES and cell.endpoint in NOT_HERE:
        wanted = HIDDEN
    if policy.is_open(cell.row) and wanted == PASSES:
        found = PASSES if found != FORBIDDEN else found  # open to all; what it says is its own
    if found != wanted and (cell.prepared or {found, wanted} != {PASSES, HIDDEN}):
        yield f"{cell}: {found} ({answer.status_code}), the policy says {wanted}"
    if bench.watch.changed():
        tables = set(bench.written) or {"something"}
        may = LOG | JUDGED | {"sqlite_sequence"} | may_write(bench, cell, wanted, tables)
        if tables - may and (changed := set(bench.watch.differences()) - may):
            yield f"{cell}: {wanted}, and changed {sorted(changed)}"
        if tables - JUDGED - LOG:
            bench.watch.put_back()
    alike = not cell.missing or {wanted, found} != {HIDDEN}
    if not alike and plain(answer, cell.address) != missing(bench, cell):
        yield f"{cell}: told apart from an object that does not exist"


def may_write(bench: Bench, cell: Cell, wanted: str, tables: set[str]) -> set[str]:
    """Of these tables, those the request may have written to."""
    if wanted != PASSES:
        return set()
    if cell.method in SAFE:
        return set(cell.row.leaves)
    if is_step(cell) and not may_take(bench.programme, cell):
        return set(JUDGED)
    return tables


def missing(bench: Bench, cell: Cell) -> bytes:
    """What the same person is told of an object that does not exist."""
    known = (cell.endpoint, cell.method, cell.person)
    if known not in bench.gone:
        bench.gone[known] = plain(bench.ask(cell, cell.missing), cell.missing)
        bench.watch.changed()
    return bench.gone[known]


def faults_in(bench: Bench, asked: list[Cell], policy: Policy | None = None) -> list[str]:
    """The faults of these cells; and in the end the record is what it was, row by row."""
    found = [fault for cell in asked for fault in faults_of(bench, policy or the_policy(), cell)]
    left = set(bench.watch.differences()) - JUDGED - LOG - {"sqlite_sequence"}
    return found + [f"in the end {name} is not what it was" for name in sorted(left)]


def every_cell(bench: Bench) -> list[Cell]:
    """All cells; by day of the plain steps some in each situation."""
    bench.objects.steps = count(3, len(Principal), len(Principal))
    return list(cells(bench.app, the_policy(), bench.situations, bench.objects))


def test_every_cell_is_what_the_policy_says(
    bench: Bench, judged_only: None, tally: Callable[[str, int], None]
) -> None:
    asked = every_cell(bench)
    assert len(asked) >= PROMISED
    faults = faults_in(bench, asked)
    tally("cells", len(asked))
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:200]])


@pytest.mark.postgres
def test_the_other_engine_says_the_same(
    record: Path,
    postgres_url: str,
    tmp_path: Path,
    judged_only: None,
    tally: Callable[[str, int], None],
) -> None:
    """What is denied, and every look: all of it at night, by day one in forty."""
    carry(record, postgres_url)
    with opened(postgres_url, PostgresWatch(postgres_url), tmp_path) as bench:
        still = [
            cell
            for cell in every_cell(bench)
            if cell.method in SAFE or expected(the_policy(), cell, OFF) != PASSES
        ]
        asked = [cell for cell in still[:: count(40, 1, 1)] if not cell.row.leaves]
        faults = faults_in(bench, asked)
        tally("cells on PostgreSQL", len(asked))
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:200]])


@pytest.mark.planted
def test_a_loosened_condition_is_found(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: administrators' rooms for auditors too."""
    monkeypatch.setitem(access.CONDITIONS, "administrator", access.reads_all)
    asked = [cell for cell in every_cell(bench) if cell.endpoint == "people.index"]
    (fault,) = faults_in(bench, asked)
    assert "auditor" in fault
    assert "passes (200), the policy says forbidden" in fault


@pytest.mark.planted
def test_a_page_that_forgets_to_ask_is_found(bench: Bench) -> None:
    """Planted: a page that answers whatever the address names, and leaves a trace of the look."""

    def forgetful(code: str) -> str:
        with bench.database.writing() as session:
            session.execute(text("UPDATE dossier SET updated_at = created_at"))
        return code

    bench.app.view_functions["dossiers.show"] = forgetful
    asked = [cell for cell in every_cell(bench) if cell.endpoint == "dossiers.show"][:11]
    faults = faults_in(bench, asked)
    assert any("officer_other" in one and "says hidden" in one for one in faults)
    assert any("changed ['dossier']" in one for one in faults)


@pytest.mark.planted
def test_a_refusal_that_tells_is_found(bench: Bench) -> None:
    """Planted: another 404 for what is there and not for the reader."""

    def telling(code: str) -> tuple[str, int]:
        return ("không có", 404) if code.endswith("9999") else ("không phải của bạn", 404)

    bench.app.view_functions["dossiers.show"] = telling
    asked = [
        cell
        for cell in every_cell(bench)
        if cell.endpoint == "dossiers.show" and cell.principal is Principal.OFFICER_OTHER
    ]
    faults = faults_in(bench, asked[:1])
    assert [one.partition(": ")[2] for one in faults] == [
        "told apart from an object that does not exist"
    ]
