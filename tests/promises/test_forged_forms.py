"""Forms others send for us (A30), and addresses others would have us send people to (A33)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from config.policy import SAFE, Principal, the_policy
from tests.promises.bench import Bench, opened
from tests.promises.cells import Cell, cells, expected
from tests.promises.situations import situations_record
from tests.promises.watching import LOG, Watch
from tests.tiers import SEED, count
from views import doorman
from views.doorman import local_path

pytestmark = [pytest.mark.promise("P16"), pytest.mark.slow, pytest.mark.usefixtures("quiet")]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
REFUSED = {400, 403}
ENOUGH = 200


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, checked_sqlite: Path) -> Path:
    """The record with all situations."""
    return situations_record(tmp_path_factory.getbasetemp(), checked_sqlite)


@pytest.fixture
def bench(record: Path, tmp_path: Path) -> Iterator[Bench]:
    """The service over a copy of it, asking for the token of every form."""
    path = tmp_path / "record.sqlite"
    shutil.copyfile(record, path)
    with opened(f"sqlite:///{path}", Watch(path), tmp_path) as made:
        made.app.config["WTF_CSRF_ENABLED"] = True
        yield made


def forms(bench: Bench) -> list[Cell]:
    """Each form once, asked by somebody whom the policy lets pass."""
    found: dict[tuple[str, str], Cell] = {}
    bench.objects.steps = 1
    for cell in cells(bench.app, the_policy(), bench.situations, bench.objects):
        if cell.method in SAFE or cell.principal in {Principal.ANONYMOUS, Principal.DISABLED}:
            continue
        if expected(the_policy(), cell, frozenset({"demonstration"})) == "passes":
            found.setdefault((cell.endpoint, cell.method), cell)
    return list(found.values())


def token_of(bench: Bench, person: str) -> str:
    """The token a page shows this person."""
    page = bench.client(person).get("/mat-khau", buffered=True).get_data(as_text=True)
    found = TOKEN.search(page)
    assert found is not None
    return found[1]


def forged(
    own: str, foreign: str, old: str
) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Ways to send a form of somebody else: what, its token, its headers."""
    yield "no token", {}, {}
    yield "an empty token", {"csrf_token": ""}, {}
    yield "somebody else's token", {"csrf_token": foreign}, {}
    yield "the token of a session that ended", {"csrf_token": old}, {}
    yield "a changed token", {"csrf_token": own[:-2] + ("aa" if own[-2:] != "aa" else "bb")}, {}
    yield "another origin", {"csrf_token": own}, {"Origin": "https://xau.example"}
    yield "no origin at all", {"csrf_token": own}, {"Origin": "null"}
    yield "another site", {"csrf_token": own}, {"Sec-Fetch-Site": "cross-site"}


def faults_of(bench: Bench, asked: list[Cell]) -> tuple[int, list[str]]:
    """How many forged forms were sent, and those that were taken."""
    sent, faults = 0, []
    for cell in asked:
        own = token_of(bench, cell.person)
        foreign = token_of(
            bench, f"council_chair@{'H030' if '@H030' not in cell.person else 'H028'}"
        )
        former = bench.app.test_client()
        with former.session_transaction() as kept:
            kept["sid"] = bench.tokens[cell.person]
        page = former.get("/mat-khau", buffered=True).get_data(as_text=True)
        old = (TOKEN.search(page) or [None, own])[1]
        for what, fields, headers in forged(own, foreign, str(old)):
            data: dict[str, Any] = {"key": "k", "comment": "Lý do", **fields}
            data["version"] = bench.version(cell.situation.code)
            answer = bench.client(cell.person).open(
                cell.address, method=cell.method, data=data, headers=headers, buffered=True
            )
            sent += 1
            if answer.status_code not in REFUSED:
                faults.append(f"{cell}: {what} gave {answer.status_code}")
            if bench.watch.changed():
                if set(bench.written) - LOG:
                    faults.append(f"{cell}: {what} changed something")
                bench.watch.put_back()
            bench.written.clear()
    return sent, faults


def test_no_forged_form_is_taken(bench: Bench, tally: Callable[[str, int], None]) -> None:
    """Every form with every forgery at night, by day one form in four."""
    sent, faults = faults_of(bench, list(forms(bench))[SEED % 4 :: count(4, 1)])
    tally("forged forms", sent)
    assert not faults, "\n".join(faults[:100])


@pytest.mark.planted
def test_a_door_that_does_not_look_at_origins_is_found(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the second lock is open, the token alone decides."""
    hooks = bench.app.before_request_funcs[None]
    monkeypatch.setitem(
        bench.app.before_request_funcs,
        None,
        [one for one in hooks if one is not doorman.refuse_foreign_forms],
    )
    cell = next(one for one in forms(bench) if one.endpoint == "steps.leave")
    _, faults = faults_of(bench, [cell])
    assert {one.rpartition(": ")[2].split(" gave")[0].split(" changed")[0] for one in faults} >= {
        "another origin",
        "another site",
    }


def elsewhere() -> Iterator[str]:
    """Addresses that lead away, or would in some browser."""
    hosts = ("xau.example", "localhost@xau.example", "localhost.xau.example", "[::1]@xau.example")
    starts = (
        "//{}",
        "///{}",
        "////{}",
        "/\\{}",
        "\\\\{}",
        "\\/{}",
        "/\\/{}",
        "/\t/{}",
        "/\n/{}",
        "\t//{}",
        "https://{}",
        "http://{}",
        "HTTPS://{}",
        "https:{}",
        "https:/{}",
        "https:///{}",
        "ftp://{}",
        "http:\\\\{}",
        "//%09/{}",
        "/%2f{}",
        "/%5c{}",
        "%2f%2f{}",
        "/.//{}",
        "/..//{}",
        "/;@{}",
        "/\r\nLocation: https://{}",
        "/ho-so\r\nX: {}",
        "//{}/ho-so",
        "///{}/ho-so",
        "/\\{}/ho-so",
        "javascript://{}/%0aalert(1)",
        "data:text/html,{}",
        "vbscript:{}",
        " //{}",
        "\u2028//{}",
        "//{}%2f..",
        "https://{}/?next=/ho-so",
        "//user:pass@{}",
        "/\u2215{}",
        "/\uff0f{}",
        "https:\u2044\u2044{}",
        "\x00//{}",
        "/\x00/{}",
        "//{}\\@localhost",
        "//localhost\\@{}",
        ".{}",
        "@{}",
        "?next=//{}",
        "#//{}",
        "x:{}",
        "/ho-so/..//{}",
        "/../../{}",
    )
    for start in starts:
        for host in hosts:
            yield start.format(host)


def leads_away(location: str) -> bool:
    """Would a browser leave? It drops tabs and line ends, and takes a backslash for a slash."""
    read = re.sub(r"[\t\r\n]", "", location).strip(" \x00\u2028").replace("\\", "/")
    try:
        parts = urlsplit(read)
    except ValueError:
        return True
    return read.startswith("//") or bool(parts.netloc or parts.scheme) or not read.startswith("/")


def test_nobody_is_sent_elsewhere(bench: Bench, tally: Callable[[str, int], None]) -> None:
    """Every way back the service takes from an address: after signing in, after a language."""
    corpus = list(dict.fromkeys(elsewhere()))
    assert len(corpus) >= ENOUGH
    client = bench.app.test_client()
    faults = []
    for target in corpus:
        with bench.app.test_request_context("/"):
            found = local_path(target)
        if found is not None and leads_away(found):
            faults.append(f"taken for a page of ours: {target!r}")
        for address in (f"/ngon-ngu/vi?ve={quote(target)}", f"/dang-nhap?next={quote(target)}"):
            answer = client.get(address)
            location = answer.headers.get("Location", "/")
            if leads_away(location) or answer.status_code >= 500:
                faults.append(f"{address}: {answer.status_code} {location!r}")
    tally("addresses", len(corpus))
    assert not faults, "\n".join(faults)
    with bench.app.test_request_context("/"):
        assert local_path("/ho-so?q=1") == "/ho-so?q=1"
