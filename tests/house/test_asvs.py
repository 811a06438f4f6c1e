"""The table of OWASP ASVS: whole, honest about what shows each row, and true of what is absent."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from config.lock import read_lock
from tests.house.test_house import ROOT, modules, pages, text_of

TABLE = Path("docs/asvs.md")
# One digit a requirement, in the order of the standard: its level.
LEVELS = [
    "1.1",
    "22",
    "1.2",
    "1111122223",
    "1.3",
    "112222222223",
    "1.4",
    "222",
    "1.5",
    "123",
    "2.1",
    "122",
    "2.2",
    "112",
    "2.3",
    "12223",
    "2.4",
    "23",
    "3.1",
    "3",
    "3.2",
    "113",
    "3.3",
    "12223",
    "3.4",
    "11222233",
    "3.5",
    "11122333",
    "3.6",
    "3",
    "3.7",
    "22333",
    "4.1",
    "12233",
    "4.2",
    "23333",
    "4.3",
    "22",
    "4.4",
    "1222",
    "5.1",
    "2",
    "5.2",
    "112333",
    "5.3",
    "113",
    "5.4",
    "222",
    "6.1",
    "122",
    "6.2",
    "111111112222",
    "6.3",
    "11223333",
    "6.4",
    "112233",
    "6.5",
    "22222333",
    "6.6",
    "2223",
    "6.7",
    "33",
    "6.8",
    "2222",
    "7.1",
    "222",
    "7.2",
    "1111",
    "7.3",
    "22",
    "7.4",
    "11222",
    "7.5",
    "223",
    "7.6",
    "22",
    "8.1",
    "1233",
    "8.2",
    "1123",
    "8.3",
    "133",
    "8.4",
    "23",
    "9.1",
    "111",
    "9.2",
    "1222",
    "10.1",
    "22",
    "10.2",
    "223",
    "10.3",
    "22223",
    "10.4",
    "1111122222233333",
    "10.5",
    "22222",
    "10.6",
    "22",
    "10.7",
    "222",
    "11.1",
    "2233",
    "11.2",
    "22233",
    "11.3",
    "11233",
    "11.4",
    "1222",
    "11.5",
    "23",
    "11.6",
    "23",
    "11.7",
    "33",
    "12.1",
    "12233",
    "12.2",
    "11",
    "12.3",
    "22223",
    "13.1",
    "2333",
    "13.2",
    "222223",
    "13.3",
    "2233",
    "13.4",
    "1222233",
    "14.1",
    "22",
    "14.2",
    "12223333",
    "14.3",
    "122",
    "15.1",
    "12233",
    "15.2",
    "12233",
    "15.3",
    "1222222",
    "15.4",
    "3333",
    "16.1",
    "2",
    "16.2",
    "22222",
    "16.3",
    "2222",
    "16.4",
    "222",
    "16.5",
    "2223",
    "17.1",
    "23",
    "17.2",
    "22223333",
    "17.3",
    "22",
]
STATUSES = ("met", "partly", "not met", "not applicable")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]*) \| ([^|]*) \|$")


def asked_for() -> dict[str, str]:
    """Every requirement of levels 1 and 2 with its level."""
    sections = zip(LEVELS[::2], LEVELS[1::2], strict=True)
    every = (
        (f"{section}.{number}", level)
        for section, levels in sections
        for number, level in enumerate(levels, 1)
    )
    return {name: level for name, level in every if level in "12"}


def rows(text: str) -> list[tuple[str, ...]]:
    return [found.groups() for found in map(ROW.match, text.splitlines()) if found]


TOLD = rows((ROOT / TABLE).read_text("utf-8"))


def test_the_standard_has_as_many_as_it_says() -> None:
    assert Counter("".join(LEVELS[1::2])) == {"1": 70, "2": 183, "3": 92}


def test_every_requirement_stands_once_with_its_level() -> None:
    assert [(name, level) for name, level, *_ in TOLD] == list(asked_for().items())


def test_the_sum_at_the_top_is_the_sum() -> None:
    counted = Counter(status for _, _, _, status, _, _ in TOLD)
    assert set(counted) <= set(STATUSES)
    words = ", ".join(f"{counted[status]} {status}" for status in STATUSES)
    assert f"**{words}.**" in (ROOT / TABLE).read_text("utf-8")


def test_what_is_met_is_shown_and_what_is_not_says_why() -> None:
    silent = [
        name
        for name, _, _, status, why, shown in TOLD
        if not (shown.strip() or why.strip()) or (status != "met" and not why.strip())
    ]
    assert not silent
    bare = [name for name, _, _, status, _, shown in TOLD if status == "met" and not shown.strip()]
    assert len(bare) < 12, f"most of what is met has a test: {bare}"


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def missing(shown: str) -> list[str]:
    """What is named as a check and is not there."""
    gone = []
    for named in re.findall(r"`(tests/[^`]+)`", shown):
        path, _, test = named.partition("::")
        if not (ROOT / path).is_file() or (test and test not in names_in(path)):
            gone.append(named)
    return gone


def test_every_check_that_is_named_exists() -> None:
    assert not list(chain.from_iterable(missing(shown) for *_, shown in TOLD))


def test_a_check_that_is_gone_would_be_seen() -> None:
    assert missing("`tests/house/test_asvs.py::test_nobody_wrote`") != []
    assert missing("`tests/none.py`") != []
    assert missing("`tests/house/test_asvs.py`") == []


# --- What some rows rest on ------------------------------------------------------------------

ABSENT_PACKAGES = re.compile(r"ldap|saml|graphql|graphene|websocket|socketio|memcache|latex|aiortc")
ABSENT_WORDS = re.compile(
    r"AuthorizationServer|ResourceProtector|WebSocket|RTCPeerConnection|postMessage|EventSource|\.xpath\(|\bXPath\b|pdflatex|jsonp",
    re.IGNORECASE,
)


def test_what_does_not_apply_is_not_there() -> None:
    packages = [one.name for one in read_lock(ROOT / "requirements.txt")]
    assert not [name for name in packages if ABSENT_PACKAGES.search(name)]
    places = [*modules(), *pages("static", "templates")]
    assert not [str(path) for path in places if ABSENT_WORDS.search(text_of(path))]


def scripts() -> list[Path]:
    return [path for path in pages("static") if path.suffix == ".js"]


def test_scripts_make_no_html_of_text() -> None:
    wrong = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
    )
    merges = re.compile(r"Object\.assign\([^,]+,(?!\s*\{)|__proto__|\.\.\.JSON\.parse")
    assert scripts()
    found = [
        str(path)
        for path in scripts()
        if wrong.search(text_of(path)) or merges.search(text_of(path))
    ]
    assert not found


def test_browsers_keep_unfinished_uploads_alone() -> None:
    stores = re.compile(r"localStorage|indexedDB|sessionStorage|document\.cookie|caches\.")
    uses = [found for path in scripts() for found in stores.findall(text_of(path))]
    assert uses == ["sessionStorage"], "say in docs/asvs.md, 14.3.3, what else a browser keeps"


def test_passwords_are_masked_and_may_be_pasted() -> None:
    whole = "".join(text_of(path) for path in pages("templates"))
    named = re.findall(r"text_field\('(?:password|old|new|proof)'[^\n]*", whole)
    assert len(named) > 3
    assert all("type='password'" in one for one in named)
    asked = "".join(text_of(path) for path in scripts())
    assert not re.search(r"[\"']paste[\"']", asked)


def test_every_page_offers_to_sign_out() -> None:
    shell = text_of(Path("views/templates/base.html"))
    assert re.search(r"<form[^>]*sign_out_url[^>]*>", shell)


PATTERNS = {
    "compile",
    "search",
    "match",
    "fullmatch",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
}


def is_pattern_of_text(node: ast.AST) -> bool:
    """A pattern that is neither a text of ours nor made of texts of ours alone."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in PATTERNS or not isinstance(node.func.value, ast.Name):
        return False
    if node.func.value.id != "re" or not node.args:
        return False
    names = [
        one
        for one in ast.walk(node.args[0])
        if isinstance(one, ast.Name) and not re.fullmatch(r"_?[A-Z][A-Z_0-9]*", one.id)
    ]
    return bool(names)


PATTERNS_OF_OURS = {
    "config/logging.py": 1,
    "models/file_depths.py": 1,
    "models/stamping/templates.py": 1,
    "workflow/papers/heads.py": 1,
}
"""Secrets of the settings, escaped; a list of what no PDF may hold; names of the demonstration,
escaped; words that begin a heading."""


@pytest.mark.parametrize("line", ["re.search(typed, text)", 're.compile(f"{typed}")'])
def test_a_pattern_of_typed_text_would_be_seen(line: str) -> None:
    assert any(map(is_pattern_of_text, ast.walk(ast.parse(line))))


def test_no_pattern_is_built_of_what_people_type() -> None:
    found = Counter(
        str(path)
        for path in modules()
        for node in ast.walk(ast.parse(text_of(path)))
        if is_pattern_of_text(node)
    )
    assert found == PATTERNS_OF_OURS
