"""The rules of the house: what holds for every file, whatever the tree contains."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("workflow", "models", "views", "schedules", "config")
LONGEST_MODULE = 400
DRAWERS = {"util", "utils", "helper", "helpers", "common", "manager"}
CLOCK = Path("config/clock.py")
ONE_FILE = Path("models/evidence/verify.py")
"""It travels alone: whoever checks a bundle has this file and nothing else of ours."""
# A name is all it is: nothing is loaded from a namespace.
NAMESPACE = re.compile(r"https?://www\.w3\.org/")
OUTSIDE = re.compile(
    r"https?://|(?:src|href|action)\s*=\s*[\"']?//|url\(\s*[\"']?//", re.IGNORECASE
)
EVENTS = (
    r"click|dblclick|auxclick|contextmenu|change|input|beforeinput|submit|reset|invalid|select|search"
    r"|load|unload|beforeunload|error|abort|focus\w*|blur|toggle|beforetoggle|close|cancel|key\w+"
    r"|mouse\w+|pointer\w+|touch\w+|drag\w*|drop|copy|cut|paste|wheel|scroll\w*|resize"
    r"|animation\w+|transition\w+|hashchange|popstate|message|storage|online|offline|play\w*|pause"
)
INLINE = {
    "an inline style": re.compile(r"(?<![\w-])style\s*=\s*[\"'{]", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "the safe filter": re.compile(r"\|\s*safe\b"),
    "autoescape switched off": re.compile(r"\{%-?\s*autoescape\s+false", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "an event handler": re.compile(rf"(?<![\w-])on(?:{EVENTS})\s*=", re.IGNORECASE),
    "a script address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
}
MACHINE_PATHS = re.compile(r"(?<![\w.>}])/(?:work|tmp|root)/")
NOW = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


@cache
def tracked() -> tuple[Path, ...]:
    """Return all files of the project: tracked, or new and not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listing.returncode == 0:
        names = [name for name in listing.stdout.split("\0") if name]
        return tuple(sorted({Path(name) for name in names if (ROOT / name).is_file()}))
    return tuple(sorted(unpacked()))


def unpacked() -> set[Path]:
    """Return all files of a tree that was unpacked without its history."""
    made = {".venv", "var", "htmlcov"}
    found = {path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()}
    return {
        path
        for path in found
        if path.parts[0] not in made
        and not any(part.endswith("_cache") or part == "__pycache__" for part in path.parts)
    }


def modules() -> list[Path]:
    """Return the Python files of the five rooms, and the one that opens the house."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and (path.parts[0] in ROOMS or path == Path("wsgi.py"))
    ]


def pages(*folders: str) -> list[Path]:
    """Return the text files below the given folders of a room."""
    texts = {".html", ".htm", ".j2", ".jinja", ".svg", ".css", ".js", ".xml", ".txt"}
    return [
        path
        for path in tracked()
        if path.parts[0] in {"views", "schedules"}
        and path.suffix in texts
        and any(folder in path.parts for folder in folders)
    ]


def text_of(path: Path) -> str:
    """Read a file as text; a binary one reads as empty."""
    content = (ROOT / path).read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def lines_with(pattern: re.Pattern[str], path: Path, text: str) -> list[str]:
    """Name the place of every match: file, line and what stands there."""
    return [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {found.group().strip()}"
        for found in pattern.finditer(text)
    ]


def clock_calls(source: str) -> list[int]:
    """Return the lines that ask the machine for the time."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and (last_name(node.value), node.attr) in NOW)
        or (
            isinstance(node, ast.ImportFrom)
            and any((node.module, n.name) in NOW for n in node.names)
        )
    ]


def last_name(node: ast.expr) -> str:
    """Return `datetime` for both `datetime` and `datetime.datetime`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def without_namespaces(text: str) -> str:
    """Blank out the names of XML namespaces, keeping the line numbers."""
    return NAMESPACE.sub("", text)


def test_no_module_is_too_long() -> None:
    lengths = {path: len(text_of(path).splitlines()) for path in modules()}
    long = {
        str(path): length
        for path, length in lengths.items()
        if length > LONGEST_MODULE and path != ONE_FILE and "migrations" not in path.parts
    }
    assert not long, f"more than {LONGEST_MODULE} lines; a module this long is two: {long}"


def test_only_the_clock_knows_the_time() -> None:
    found = [
        f"{path}:{line}"
        for path in modules()
        if path != CLOCK
        for line in clock_calls(text_of(path))
    ]
    assert not found, f"ask config/clock.py for the time: {found}"


def test_no_module_is_a_drawer() -> None:
    found = [
        str(path)
        for path in modules()
        if DRAWERS & {part.removesuffix(".py").strip("_") for part in path.parts}
    ]
    assert not found, f"a name must say what is inside: {found}"


@pytest.mark.parametrize("fault", INLINE)
def test_templates_obey_the_content_security_policy(fault: str) -> None:
    found = [
        place
        for path in pages("templates")
        for place in lines_with(INLINE[fault], path, text_of(path))
    ]
    assert not found, f"{fault}: {found}"


def test_pages_load_nothing_from_outside() -> None:
    found = [
        place
        for path in pages("templates", "static")
        for place in lines_with(OUTSIDE, path, without_namespaces(text_of(path)))
    ]
    assert not found, f"everything a page needs is served by ourselves: {found}"


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = [
        place for path in tracked() for place in lines_with(MACHINE_PATHS, path, text_of(path))
    ]
    assert not found, f"paths are relative to the repository, or settings: {found}"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_names_packages_and_hashes_only(name: str) -> None:
    text = text_of(Path(name))
    pinned = re.findall(r"^[a-z0-9][\w.\[\]-]*==\S+", text, re.MULTILINE)
    assert pinned
    assert text.count("==") >= len(pinned)
    assert not lines_with(re.compile(r"https?:|file:|--index|--find-links|@ "), Path(name), text)


def test_development_lock_agrees_with_the_run_lock() -> None:
    pin = re.compile(r"^([a-z0-9][\w.-]*==[^\s;]+)", re.MULTILINE)
    run, dev = (set(pin.findall(text_of(Path(f"requirements{kind}.txt")))) for kind in ("", "-dev"))
    assert run <= dev


def test_decision_records_have_a_number_each() -> None:
    """Numbers are quoted in the code and the changelog: one number, one record, and its title."""
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(record.name[:4]) for record in records]
    assert numbers == list(range(1, len(records) + 1))
    titles = [record.read_text("utf-8").split("\n", 1)[0] for record in records]
    assert [title.split(".")[0] for title in titles] == [f"# {number}" for number in numbers]
