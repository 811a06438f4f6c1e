"""Filling a template: Word in, Word out. What a template cannot have is named, in Vietnamese.

A template is somebody's file, so it may only name data: conditions, loops over what it is given,
a few filters. Nothing can be called, computed or imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS: Final = frozenset({"length", "upper", "lower"})
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Filter,
)
UNREADABLE: Final = "Không mở được tệp này bằng Word: lưu lại thành .docx rồi tải lên."
_UNREADABLE: Final = (
    PackageNotFoundError,
    BadZipFile,
    KeyError,
    ValueError,
    AttributeError,
    SyntaxError,
    OSError,
)
"""What opening something that is no Word file ends in; SyntaxError is also that of XML."""
_LOOP: Final = "loop"
_PROPERTIES: Final = ("author", "comments", "identifier", "language", "subject", "title")
_NAMED = re.compile(r"'([^']+)' (?:is undefined|has no attribute '([^']+)')")
_NO_ATTRIBUTE = re.compile(r"has no attribute '([^']+)'")


class BrokenTemplate(Exception):
    """A template cannot be filled; `faults` has a sentence for each thing that is wrong."""

    def __init__(self, faults: Iterable[str]) -> None:
        """Keep every fault."""
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


def fill(template: bytes, words: Mapping[str, Any]) -> bytes:
    """Fill a template with words; raises `BrokenTemplate`, naming every placeholder at fault."""
    environment = _environment()
    try:
        faults = list(_faults(DocxTemplate(BytesIO(template)), environment, words))
    except _UNREADABLE as wrong:
        raise BrokenTemplate([UNREADABLE]) from wrong
    if faults:
        raise BrokenTemplate(faults)
    paper = DocxTemplate(BytesIO(template))
    try:
        paper.render(_printable(words), environment)
    except UndefinedError as wrong:
        raise BrokenTemplate([_missing(str(wrong))]) from wrong
    except TemplateError as wrong:
        raise BrokenTemplate([_syntax(wrong)]) from wrong
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def names_in(template: bytes) -> set[str]:
    """The names a sound template uses, loops' own names left out."""
    found: set[str] = set()
    for source in _sources(DocxTemplate(BytesIO(template))):
        found |= meta.find_undeclared_variables(_environment().parse(source))
    return found - {_LOOP}


def _environment() -> ImmutableSandboxedEnvironment:
    # Text goes into XML: escaped always, so that “&” and “<” of a name stay letters.
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def _faults(
    paper: DocxTemplate, environment: ImmutableSandboxedEnvironment, words: Mapping[str, Any]
) -> Iterable[str]:
    """Everything wrong that shows without filling: names nobody knows, words not allowed."""
    unknown: dict[str, None] = {}
    for source in _sources(paper):
        try:
            tree = environment.parse(source)
        except TemplateSyntaxError as wrong:
            yield _syntax(wrong)
            continue
        yield from _forbidden(tree)
        bound = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
        for node in tree.find_all(nodes.Name):
            if node.ctx == "load" and node.name not in {*bound, *words, _LOOP}:
                unknown[node.name] = None
    for name in unknown:
        yield _unknown(name)


def _forbidden(tree: nodes.Template) -> Iterable[str]:
    """Commands and filters a template may not use: it names data and does nothing else."""
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"Mẫu dùng bộ lọc không có: {node.name}."
        elif not isinstance(node, _ALLOWED):
            yield f"Mẫu dùng lệnh không được phép: {type(node).__name__}."


def _sources(paper: DocxTemplate) -> Iterable[str]:
    """The parts of a template that are filled: body, headers, footers, footnotes, properties."""
    document = paper.get_docx()
    yield paper.patch_xml(paper.get_xml())
    for uri in (paper.HEADER_URI, paper.FOOTER_URI):
        for _, part in paper.get_headers_footers(uri):
            yield paper.patch_xml(paper.get_part_xml(part))
    for part in document.part.package.parts:
        if part.content_type.endswith(".footnotes+xml"):
            yield paper.patch_xml(part.blob.decode())
    about = document.core_properties
    for name in _PROPERTIES:
        yield getattr(about, name)


def _unknown(name: str) -> str:
    return f"Mẫu dùng {{{{ {name} }}}} nhưng văn bản này không có dữ liệu tên đó."


def _missing(said: str) -> str:
    found = _NO_ATTRIBUTE.search(said) or _NAMED.search(said)
    return _unknown(found[1] if found else said)


def _syntax(wrong: TemplateError) -> str:
    around = " ".join(getattr(wrong, "docx_context", ()) or ()).strip()
    near = f" Gần chỗ: “{around[:120]}”." if around else ""
    return f"Mẫu viết sai dấu ngoặc hoặc thiếu lệnh kết thúc ({wrong.message}).{near}"


def _printable(value: Any) -> Any:  # noqa: ANN401 - nested words
    """The same words without signs XML cannot hold."""
    if isinstance(value, str):
        return "".join(sign for sign in value if sign >= " " or sign in "\n\t")
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value
