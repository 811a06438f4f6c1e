"""What a person can read, found in the source: the message ids of the catalogues.

Python: the first argument of `_`, `say` and `phrase`, and every text inside `phrases` and `Words`.
Templates: what Jinja calls `_` with. Programmes: the texts of some fields, never the quotations.
A message with a place named `count` has a plural.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from babel.messages.catalog import Catalog
from jinja2 import Environment, nodes

ROOT: Final = Path(__file__).resolve().parent.parent.parent
ROOMS: Final = ("workflow", "models", "views", "schedules")
CALLS: Final = {"_", "say", "phrase"}
TABLES: Final = {"phrases", "Words"}
COUNTED: Final = "{count}"
FIELDS: Final = {
    "title",
    "short_title",
    "short",
    "label",
    "otherwise",
    "question",
    "choice",
    "alternative",
    "reason",
    "note",
    "text",
    "done",
    "unit",
    "milestones_set_by",
    "decider_title",
    "appraiser_title",
    "set_by",
    "form_decree",
}
"""Fields of a programme that are shown in the reader's language."""
MAPPINGS: Final = {"silent_clauses"}
"""Fields of a programme whose values are such texts."""

LETTER: Final = re.compile(r"[^\W\d_]")
PLACE: Final = re.compile(r"\{\w*\}")
Found = tuple[str, str, int]
"""A message, the file it stands in (relative), its line."""


def everything() -> Iterator[Found]:
    """All messages of the service, in the order of files and lines."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from placed(path, in_python(path.read_text("utf-8")))
    for folder in ("views/templates", "schedules/letters"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in {".html", ".txt"}:
                yield from placed(path, in_template(path.read_text("utf-8")))
    for path in sorted((ROOT / "config/programmes").glob("*.yaml")):
        yield from placed(path, in_programme(path.read_text("utf-8")))


def placed(path: Path, found: Iterator[tuple[str, int]]) -> Iterator[Found]:
    """The same messages with the file they come from; places alone are none."""
    name = path.relative_to(ROOT).as_posix()
    return (
        (message, name, line) for message, line in found if LETTER.search(PLACE.sub("", message))
    )


def in_python(source: str) -> Iterator[tuple[str, int]]:
    """Messages of a module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        if name in CALLS and node.args:
            yield from texts_of(node.args[0])
        elif name in TABLES:
            for given in node.args:
                yield from all_texts(given)


def texts_of(node: ast.expr) -> Iterator[tuple[str, int]]:
    """The text itself, or those a condition chooses from."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node.lineno
    elif isinstance(node, ast.IfExp):
        yield from texts_of(node.body)
        yield from texts_of(node.orelse)


def all_texts(node: ast.expr) -> Iterator[tuple[str, int]]:
    """Every text in a table, its keys apart."""
    keys = {id(key) for each in ast.walk(node) if isinstance(each, ast.Dict) for key in each.keys}
    keys |= {
        id(part)
        for each in ast.walk(node)
        if isinstance(each, ast.JoinedStr)
        for part in ast.walk(each)
    }
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in keys:
            yield each.value, each.lineno


def in_template(source: str) -> Iterator[tuple[str, int]]:
    """Messages of a template."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        named = isinstance(call.node, nodes.Name) and call.node.name == "_"
        first = call.args[0] if named and call.args else None
        if isinstance(first, nodes.Const):
            yield first.value, first.lineno


def in_programme(source: str) -> Iterator[tuple[str, int]]:
    """Texts of a programme document."""
    yield from fields_of(yaml.compose(source, Loader=yaml.SafeLoader), shown=False)


def fields_of(node: Any, *, shown: bool) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - a YAML node
    """Every text under a field that is shown."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            whole = shown and isinstance(value, yaml.ScalarNode)
            wanted = key.value in FIELDS or key.value in MAPPINGS or whole
            yield from fields_of(value, shown=wanted)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from fields_of(value, shown=False)
    elif shown and node.tag == "tag:yaml.org,2002:str":
        yield node.value, node.start_mark.line + 1


def template_catalogue() -> Catalog:
    """All messages as an empty catalogue."""
    made = Catalog(domain="messages", charset="utf-8")
    for message, name, _line in everything():
        key = (message, message) if COUNTED in message else message
        made.add(key, locations=[(name, 0)])
    return made
