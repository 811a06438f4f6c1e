"""Of every page: valid HTML, nothing in line, nothing from outside, no more than it may weigh."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import playwright
import pytest

from config.markup import MISSING, PROGRAM
from tests.pages.crawl import House, Seen

pytestmark = pytest.mark.slow
KIB = 1024
PAGE, LIST = 10 * KIB, 16 * KIB
"""What a page, and a list of fifty or the programme's whole text, may weigh when compressed."""
LISTS = re.compile(r"^/(van-ban|quan-tri/nguoi-dung|ho-so(\?|$)|quan-tri/nhat-ky)")
NODES = 1500
LONG = {"/van-ban": (22 * KIB, 2600), "/nhac-viec/du-bao": (PAGE, 2100)}
"""The programme's whole text, and every reminder of a season: longer than the guide allows."""
SHEET, SCRIPTS = 14 * KIB, 8 * KIB
STATIC = Path("views/static")
NODE = Path(playwright.__file__).parent / "driver" / "node"
SETTINGS = {
    "root": True,
    "extends": ["html-validate:standard"],
    "rules": {
        "long-title": "off",
        "valid-id": ["error", {"relaxed": True}],
        "form-dup-name": "off",
    },
}
"""Of what is no fault of HTML: titles may be long and `muc-I.1` an id; boxes share a name."""
NEEDS_AN_OBJECT = {
    "account.second_step": "between two steps of signing in",
    "provider.leave": "no provider is set up",
    "provider.come_back": "no provider is set up",
    "check.extension": "nothing of a unit is late in the demonstration",
    "check.scores": "no value is waiting for a second person",
    "council_ballot.review": "after a ballot is filled in",
    "council_paper.form": "no member votes on paper",
    "council.result": "all councils meet in sessions",
    "deciding.show": "no list is being decided",
    "decision.decide": "decisions are made by lists",
    "importing.run": "nothing was imported",
    "office.letter": "no letter is waiting",
    "reminders.notice": "behind the link of a letter",
    "whole_dossier.compare": "no document has two versions",
}
"""Pages the demonstration has nothing to show on; the journeys go through them."""
NO_PAGE = re.compile(
    r"\.(ics|txt|xlsx|docx|pdf|zip|atom|json|svg)$|<any\(docx,pdf\):ending>$|/(xlsx|ban-word|ban-pdf|docx|pdf)$"
    r"|^/(static|healthz|readyz|metrics|ngon-ngu|tep-dang-gui)|/trang/<|/tep/<|document_id>$|^/$"
)


def test_every_page_is_looked_at(opened: House, pages: list[Seen]) -> None:
    """What the crawl does not reach is named, and so is why."""
    finder = opened.app.url_map.bind("localhost")
    reached = set()
    for page in pages:
        if page.status == 200:
            path = page.address.partition("?")[0].removeprefix("http://localhost")
            reached.add(finder.match(path)[0])
    every = {
        rule.endpoint
        for rule in opened.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not NO_PAGE.search(rule.rule)
    }
    assert every - reached == NEEDS_AN_OBJECT.keys()


def test_nothing_is_in_line_and_nothing_comes_from_outside(pages: list[Seen]) -> None:
    faults = Counter[str]()
    for page in pages:
        found = re.findall(r"<[^>]+\s(?:style|on\w+)=|<style|<script(?![^>]*\ssrc=)", page.html)
        found += re.findall(r"\s(?:src|srcset|action)=\"(?:https?:)?//[^\"]*", page.html)
        found += re.findall(r"<link[^>]*href=\"(?:https?:)?//[^\"]*", page.html)
        faults.update(f"{page.address} {page.login}: {one}" for one in found)
    assert not faults


def test_no_page_is_heavier_than_it_may_be(pages: list[Seen]) -> None:
    faults = []
    for page in pages:
        weight = len(gzip.compress(page.html.encode(), 6))
        nodes = len(re.findall(r"<[a-zA-Z]", page.html))
        most = LIST if LISTS.search(page.address) else PAGE
        heaviest, longest = LONG.get(page.address.partition("?")[0], (most, NODES))
        if weight > heaviest or nodes > longest:
            faults.append((page.address, page.login, weight, nodes))
    assert not faults


def test_sheet_and_scripts_stay_small() -> None:
    def weight(*names: str) -> int:
        return sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in names)

    assert weight("app.css") <= SHEET
    assert weight(*(one.name for one in STATIC.glob("*.js"))) <= SCRIPTS


def test_every_page_is_valid(pages: list[Seen], tmp_path: Path) -> None:
    if not PROGRAM.exists():
        pytest.skip(MISSING.read_text("utf-8") if MISSING.exists() else "make test fetches it")
    assert {rule for _, rule in invalid(pages, tmp_path)} == set()


def test_what_is_not_valid_is_found(tmp_path: Path) -> None:
    """Planted: an element closed by another, an id twice, a paragraph where only items may be."""
    if not PROGRAM.exists():
        pytest.skip(MISSING.read_text("utf-8") if MISSING.exists() else "make test fetches it")
    body = '<ul><p>z</p></ul><p id="a"><b>x</p><p id="a">y</p>'
    page = Seen("", "/x", f"<!doctype html><html lang=vi><title>x</title>{body}</html>", 200)
    rules = {rule.split(":")[0] for _, rule in invalid([page], tmp_path)}
    assert {"close-order", "no-dup-id", "element-permitted-content"} <= rules


def invalid(pages: list[Seen], folder: Path) -> list[tuple[str, str]]:
    """Address and fault of everything html-validate objects to."""
    (folder / ".htmlvalidate.json").write_text(json.dumps(SETTINGS), "utf-8")
    for number, page in enumerate(pages):
        (folder / f"{number:04}.html").write_text(page.html, "utf-8")
    told = subprocess.run(
        [str(NODE), str(PROGRAM.resolve()), "--formatter", "json", "*.html"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    return [
        (pages[int(Path(file["filePath"]).stem)].address, f"{one['ruleId']}: {one['message']}")
        for file in json.loads(told.stdout)
        for one in file["messages"]
    ]
