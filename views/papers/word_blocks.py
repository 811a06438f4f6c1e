"""Reads a Word paper into plain blocks: paragraphs with their runs, tables with their cells.

What an official paper is made of, resolved as Word does: the paragraph, its style and the styles
below, then the defaults. Pictures, lists of Word and text boxes are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

POINT: Final = 12700
"""Units of a Word length in a point."""
TWENTIETHS: Final = 20
HALVES: Final = 2
LINE: Final = 240
SIZE: Final = 14.0
_ALIGN: Final = {"both": "justify", "center": "center", "right": "right", "end": "right"}


def read_blocks(paper: bytes, title: str) -> dict[str, Any]:
    """The whole paper, lengths in points."""
    document = Document(BytesIO(paper))
    page: Any = document.sections[0]
    return {
        "title": title,
        "page": {
            "width": page.page_width / POINT,
            "height": page.page_height / POINT,
            "top": page.top_margin / POINT,
            "bottom": page.bottom_margin / POINT,
            "left": page.left_margin / POINT,
            "right": page.right_margin / POINT,
        },
        "numbered": "PAGE" in page.header._element.xml,  # noqa: SLF001 - python-docx has no fields
        "blocks": list(_blocks(document.element.body, document)),
    }


def _blocks(body: Any, document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - XML
    for element in body.iterchildren():
        if element.tag == qn("w:p"):
            yield _paragraph(Paragraph(element, document))
        elif element.tag == qn("w:tbl"):
            yield _table(Table(element, document), document)


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    properties = _Properties(paragraph)
    runs = [run for one in paragraph.runs for run in _run(one, properties)]
    sizes = [run["size"] for run in runs] or [properties.size]
    return {
        "kind": "paragraph",
        "align": _ALIGN.get(properties.value("w:jc", "w:val"), "left"),
        "first": properties.points("w:ind", "w:firstLine"),
        "left": properties.points("w:ind", "w:left", "w:start"),
        "right": properties.points("w:ind", "w:right", "w:end"),
        "before": properties.points("w:spacing", "w:before"),
        "after": properties.points("w:spacing", "w:after"),
        "line": properties.lines,
        "keep": properties.ticked("w:keepNext"),
        "page": properties.ticked("w:pageBreakBefore") or _breaks_page(paragraph),
        "rule": properties.element("w:pBdr") is not None and not paragraph.text,
        "size": max(sizes),
        "runs": runs,
    }


def _run(one: Any, properties: _Properties) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - python-docx
    text = one.text.replace("\f", "")
    if text:
        yield {
            "text": text,
            "size": one.font.size / POINT if one.font.size else properties.size,
            "bold": properties.bold if one.bold is None else one.bold,
            "italic": properties.italic if one.italic is None else one.italic,
        }


def _breaks_page(paragraph: Paragraph) -> bool:
    breaks = paragraph._p.iter(qn("w:br"))  # noqa: SLF001 - python-docx
    return any(one.get(qn("w:type")) == "page" for one in breaks)


def _table(table: Table, document: Any) -> dict[str, Any]:  # noqa: ANN401 - python-docx
    rows = list(table._tbl.tr_lst)  # noqa: SLF001 - python-docx merges cells; the XML does not
    widths = [int(one.w or 0) / POINT for one in table._tbl.tblGrid.gridCol_lst]  # noqa: SLF001
    heading = 0
    while heading < len(rows) and rows[heading].find(f".//{qn('w:tblHeader')}") is not None:
        heading += 1
    return {
        "kind": "table",
        "ruled": _ruled(table),
        "widths": widths,
        "heading": heading if heading < len(rows) else 0,
        "breaks": len(rows) > 1,
        "rows": [[_cell(cell, document) for cell in row.tc_lst] for row in rows],
    }


def _cell(cell: Any, document: Any) -> dict[str, Any]:  # noqa: ANN401 - XML
    middle = cell.find(f".//{qn('w:vAlign')}")
    return {
        "span": cell.grid_span,
        "middle": middle is not None and middle.get(qn("w:val")) == "center",
        "blocks": list(_blocks(cell, document)),
    }


def _ruled(table: Table) -> bool:
    style = table.style.name if table.style is not None else ""
    borders = table._tbl.find(f".//{qn('w:tblBorders')}")  # noqa: SLF001 - python-docx
    return style == "Table Grid" or borders is not None


class _Properties:
    """A paragraph's properties, looked for where Word looks: nearest first."""

    def __init__(self, paragraph: Paragraph) -> None:
        own = paragraph._p.pPr  # noqa: SLF001 - python-docx
        styles = list(_styles(paragraph))
        part: Any = paragraph.part
        defaults = part.document.styles.element.find(qn("w:docDefaults"))
        self.sources = [
            own,
            *(style.find(qn("w:pPr")) for style in styles),
            _inside(defaults, "w:pPrDefault", "w:pPr"),
        ]
        self.letters = [
            *(style.find(qn("w:rPr")) for style in styles),
            _inside(defaults, "w:rPrDefault", "w:rPr"),
        ]

    def element(self, name: str) -> Any:  # noqa: ANN401 - XML
        """The nearest element of this name."""
        return _first(self.sources, name)

    def value(self, name: str, *attributes: str) -> str:
        """The nearest value of the first of these attributes that is given."""
        for source in self.sources:
            found = source.find(qn(name)) if source is not None else None
            for attribute in attributes:
                if found is not None and found.get(qn(attribute)) is not None:
                    return str(found.get(qn(attribute)))
        return ""

    def points(self, name: str, *attributes: str) -> float:
        """A length of Word in points."""
        return _number(self.value(name, *attributes)) / TWENTIETHS

    def ticked(self, name: str) -> bool:
        """A switch that is on."""
        found = self.element(name)
        return found is not None and found.get(qn("w:val")) not in {"0", "false", "off"}

    @property
    def lines(self) -> float:
        """Line spacing as a multiple of a single line; exact heights count as single."""
        rule = self.value("w:spacing", "w:lineRule")
        found = _number(self.value("w:spacing", "w:line"))
        return found / LINE if found and rule in {"", "auto"} else 1.0

    @property
    def size(self) -> float:
        """Size of the letters where a run says nothing."""
        found = _first(self.letters, "w:sz")
        return _number(found.get(qn("w:val"))) / HALVES if found is not None else SIZE

    @property
    def bold(self) -> bool:
        """Are letters bold where a run says nothing?"""
        return _on(_first(self.letters, "w:b"))

    @property
    def italic(self) -> bool:
        """Are letters italic where a run says nothing?"""
        return _on(_first(self.letters, "w:i"))


def _styles(paragraph: Paragraph) -> Iterator[Any]:
    style: Any = paragraph.style
    while style is not None:
        yield style.element
        style = style.base_style


def _inside(element: Any, *names: str) -> Any:  # noqa: ANN401 - XML
    for name in names:
        element = element.find(qn(name)) if element is not None else None
    return element


def _first(sources: Iterable[Any], name: str) -> Any:  # noqa: ANN401 - XML
    found = (source.find(qn(name)) for source in sources if source is not None)
    return next((one for one in found if one is not None), None)


def _on(element: Any) -> bool:  # noqa: ANN401 - XML
    return element is not None and element.get(qn("w:val")) not in {"0", "false", "off"}


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
