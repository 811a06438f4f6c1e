"""Whom a paper proposes, where they work and for what: labels, sentences, lists and tables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from workflow.papers.names import UNIT_WORDS, is_unit, person_at, whole_name
from workflow.papers.vietnamese import around, key, one_line, without_dots
from workflow.statements import Statement, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow.statements import Line

QUOTED: Final = 160
_LABELLED: Final = re.compile(
    r"(?:^|[\n.;\-+*]\s{0,3})(?:\d{1,2}[.)]\s?)?"
    r"(?:Họ\s+và\s+tên|Họ\s+tên|Họ,\s+tên|Tên\s+tập\s+thể|Tên\s+cá\s+nhân|Tên\s+đơn\s+vị|Đối\s+tượng|"
    r"Tập\s+thể\s+(?:được\s+)?đề\s+nghị(?:\s+khen\s+thưởng)?|"
    r"Cá\s+nhân\s+(?:được\s+)?đề\s+nghị(?:\s+khen\s+thưởng)?)"
    r"(?:\s*\([^)\n]{0,40}\))?\s{0,3}:\s{0,3}([^\n]{2,160})",
    re.IGNORECASE,
)
_WORKS_AT: Final = re.compile(
    r"(?:^|[\n.;\-+*]\s{0,3})(?:\d{1,2}[.)]\s?)?"
    r"(?:Chức\s+vụ,?\s+(?:và\s+)?(?:đơn\s+vị|nơi)(?:\s+công\s+tác)?|Đơn\s+vị\s+công\s+tác|Nơi\s+công\s+tác|"
    r"Cơ\s+quan,?\s+đơn\s+vị(?:\s+công\s+tác)?)"
    r"\s{0,3}:\s{0,3}([^\n]{2,160})",
    re.IGNORECASE,
)
FULL_LINE: Final = 45
"""Letters of a line that may go on in the next one."""
_NEXT_LINE: Final = re.compile(r"\n([^\n:]{2,90})(?=\n|$)")
_HEADING: Final = re.compile(r"\s*(?:[IVX]{1,4}|\d{1,2}|[A-ZĐ])[.)]|\s*[-+*(]")
_HALF_A_NAME: Final = re.compile(r"(?:[A-ZĐÀ-Ỹ][a-zđà-ỹ]{0,6}\s?){1,3}")
_PROPOSES: Final = re.compile(
    r"\b(?:tặng|khen\s+thưởng|khen)\b[^.;:]{0,160}?\b(?:cho|đối\s+với)\b", re.IGNORECASE
)
_PERSON: Final = re.compile(
    r"\b(?:[ÔôOo][Nn][Gg]|[Bb][ÀàAa]|[Đđ]ồng\s+chí|đ/c)\s*:?\s+(?=[A-ZĐÀ-Ỹ])"
)
_UNIT_AFTER: Final = re.compile(
    rf"\s{{0,3}}(?:tập\s+thể\s+)?((?:{UNIT_WORDS})\s"
    rf"(?=(?:(?:huyện|xã|phường|thị\s+trấn|thành\s+phố|tỉnh)\s)?[A-ZĐÀ-Ỹ])[^.;()\[\]\n]{{2,90}}"
    rf"(?:\n[^.;()\[\]\n:]{{2,60}})?)"
)
_TITLED: Final = re.compile(r"\bc(?:ủa|ỦA)\s+(?:ông|bà|đồng\s+chí|ÔNG|BÀ|ĐỒNG\s+CHÍ|tập\s+thể)\s+")
_LIST: Final = re.compile(r"họ\s+và\s+tên|danh\s+sách|tập\s+thể,\s+cá\s+nhân", re.IGNORECASE)
_NEXT_ROW: Final = re.compile(r"\n\s{0,4}\d{1,3}[.)]?\s{1,4}(?=[A-ZĐÀ-Ỹ])")
_ROW: Final = re.compile(r"(?:^|\n)\s{0,4}(\d{1,3})[.)]?\s{1,4}(?:[ÔB](?:ng|à)\s+)?(?=[A-ZĐÀ-Ỹ])")
_SEATED: Final = re.compile(
    r"Chủ\s+tịch\s+[Hh]ội\s+đồng|[ỦU][ỷy]?\s+viên|Thư\s+ký|Thành\s+viên|[Cc]hủ\s+trì"
)
"""Somebody who sits on the council, not before it."""
ROW_LETTERS: Final = 70
_SENTENCE: Final = re.compile(r"[^.;]*[.;]?")
_MORE: Final = re.compile(r"danh\s+sách|khác|gồm|phụ\s+lục", re.IGNORECASE)
"""The names of the sentence are not all."""
_NO_PROPOSAL: Final = re.compile(
    r"tiêu\s+chuẩn|quy\s+định|điều\s+kiện|đã\s+(?:được\s+)?(?:tặng|khen)",
    re.IGNORECASE,
)
_REASON: Final = re.compile(r",?\s(?:vì|đã|do|có|năm|về)\s.*$")
_NO_NAME: Final = re.compile(r"^\W*(?:[IVX]{1,5}\b|tổng|cộng)", re.IGNORECASE)

_NAME_HEADS: Final = tuple(
    key(words)
    for words in (
        "họ và tên",
        "họ tên",
        "tên tập thể",
        "tập thể cá nhân",
        "tên đơn vị",
        "đối tượng",
    )
)
_OF_MEETING: Final = tuple(
    key(words) for words in ("chữ ký", "có mặt", "vắng", "chức danh trong hội đồng", "dự họp")
)
_OF_PROPOSAL: Final = tuple(
    key(words)
    for words in (
        "hình thức",
        "đề nghị",
        "đồng ý",
        "phiếu",
        "tỷ lệ",
        "kết luận",
        "danh hiệu",
        "khen thưởng",
        "nhất trí",
    )
)


def labelled_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """“Họ và tên: …”, “Đơn vị công tác: …”."""
    for line in lines:
        if line.cells:
            continue
        text = without_dots(line.text)
        for topic, pattern in ((Topic.NOMINEE, _LABELLED), (Topic.UNIT, _WORKS_AT)):
            for found in pattern.finditer(text):
                whole = found.group(1) + _continued(text, found)
                said = _named(whole) if topic is Topic.NOMINEE else one_line(whole)
                quote = one_line(found.group()).lstrip("-+*.; ")[:QUOTED]
                if said:
                    yield Statement(
                        topic,
                        said[:QUOTED],
                        quote,
                        line.page,
                        line.paragraph,
                        exact=True,
                        complete=True,
                    )


def _named(text: str) -> str:
    """The name after a label; empty for words such as “các tập thể, cá nhân của tỉnh”."""
    name = whole_name(text)
    return name if is_unit(name) or person_at(name) else ""


def _continued(text: str, found: re.Match[str]) -> str:
    """The next line, where a page has broken the value: it was full, or half a name follows."""
    after = _NEXT_LINE.match(text, found.end())
    if after is None or _HEADING.match(after.group(1)):
        return ""
    full = len(found.group().strip()) >= FULL_LINE
    return f" {after.group(1)}" if full or _HALF_A_NAME.fullmatch(after.group(1)) else ""


def title_statements(title: str, line: Line) -> Iterator[Statement]:
    """“Báo cáo thành tích của ông …” above a report."""
    for found in _TITLED.finditer(title):
        name = person_at(title, found.end())
        if name:
            quote = one_line(title[found.start() : found.end() + len(name) + 1])
            yield Statement(
                Topic.NOMINEE, name, quote, line.page, 1 if line.paragraph else 0, complete=True
            )


def proposing_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """“… tặng Bằng khen cho ông …, Trưởng phòng …”."""
    for line in lines:
        if line.cells:
            continue
        text = without_dots(line.text)
        for sentence in _SENTENCE.finditer(text):
            begun = _PROPOSES.search(sentence.group())
            words = sentence.group()
            if begun is None or _NO_PROPOSAL.search(words[max(0, begun.start() - 60) :][:160]):
                continue
            yield from _proposed(words, begun.end(), line)


def _proposed(sentence: str, start: int, line: Line) -> Iterator[Statement]:
    quote = around(sentence, start, min(start + 60, len(sentence)))
    closed = _MORE.search(sentence) is None
    unit = _UNIT_AFTER.match(sentence, start)
    if unit is not None:
        said = _REASON.sub("", one_line(unit.group(1)))
        yield Statement(Topic.PROPOSED, said, quote, line.page, line.paragraph, complete=closed)
    people = list(_PERSON.finditer(sentence, start))
    for number, found in enumerate(people):
        name = person_at(sentence, found.end())
        if not name:
            continue
        yield Statement(
            Topic.PROPOSED, name, quote, line.page, line.paragraph, exact=True, complete=closed
        )
        until = people[number + 1].start() if number + 1 < len(people) else len(sentence)
        where = one_line(sentence[found.end() : until])[len(name) :].strip(" ,-.;")
        if where:
            yield Statement(
                Topic.UNIT, where[:QUOTED], quote, line.page, line.paragraph, about=name
            )


def row_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """Numbered rows of a list on a page, where a table has become lines."""
    listed, last, found = False, 0, list[Statement]()
    gapless = True
    for line in lines:
        listed = listed or (bool(line.page) and _LIST.search(line.text) is not None)
        if not listed or not line.page:
            continue
        for row in _ROW.finditer(line.text):
            number, name = int(row.group(1)), _named_at(line.text, row.end())
            after = _NEXT_ROW.split(line.text[row.end() : row.end() + QUOTED])[0]
            if not name or _SEATED.search(after[:ROW_LETTERS]):
                continue
            gapless = gapless and number in {1, last + 1}
            last = number
            quote = one_line(f"{row.group()}{after}")[:QUOTED]
            found.append(Statement(Topic.NOMINEE, name, quote, line.page))
    certain = gapless and len(found) > 1
    yield from (replace(one, complete=certain) for one in found)


def _named_at(text: str, start: int) -> str:
    unit = _UNIT_AFTER.match(text, start)
    return one_line(unit.group(1)) if unit is not None else person_at(text, start)


def tables_of(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The rows of each table that lists nominees; the first row holds the heads."""
    rows: list[Line] = []
    before: list[str] = []
    for line in (*lines, None):
        if line is not None and line.cells and (not rows or line.table == rows[0].table):
            rows.append(line)
            continue
        if rows and _lists_nominees(rows[0], before):
            yield rows
        if rows:
            before = []
        rows = [line] if line is not None and line.cells else []
        if line is not None and not line.cells and line.text.strip():
            before = [*before[-2:], key(line.text)]


def _lists_nominees(heads: Line, before: Sequence[str]) -> bool:
    names = [key(cell) for cell in heads.cells]
    together = " ".join(names)
    if not any(words in name for words in _NAME_HEADS for name in names):
        return False
    if any(words in together for words in _OF_MEETING):
        return False
    return any(words in part for words in _OF_PROPOSAL for part in (together, *before))


def column(heads: Line, *wanted: str, but: Sequence[str] = ()) -> int | None:
    """The number of the first column whose head has one of these words, and none of the others."""
    for number, cell in enumerate(heads.cells):
        name = key(cell)
        if any(key(words) in name for words in wanted) and not any(
            key(words) in name for words in but
        ):
            return number
    return None


def name_column(heads: Line) -> int:
    """The column with the names."""
    names = [key(cell) for cell in heads.cells]
    return next(
        number for number, name in enumerate(names) if any(words in name for words in _NAME_HEADS)
    )


def table_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """Names with unit and award, row by row."""
    for rows in tables_of(lines):
        heads = rows[0]
        others = {
            Topic.UNIT: column(heads, "đơn vị", "nơi công tác", "chức vụ", but=("tên",)),
            Topic.AWARD: column(heads, "hình thức", "danh hiệu"),
        }
        for row in rows[1:]:
            name = name_in(row, name_column(heads))
            if not name:
                continue
            quote = one_line(" | ".join(cell for cell in row.cells if cell.strip()))[:QUOTED]
            yield Statement(
                Topic.NOMINEE, name, quote, row.page, row.paragraph, exact=True, complete=True
            )
            for topic, place in others.items():
                said = one_line(cell_at(row, place))
                if said:
                    yield Statement(
                        topic, said[:QUOTED], quote, row.page, row.paragraph, name, exact=True
                    )


def name_in(row: Line, place: int) -> str:
    """The nominee of a row; empty for a row that heads a group or sums up."""
    said = cell_at(row, place)
    if not said.strip() or len({one_line(cell) for cell in row.cells}) == 1:
        return ""
    return "" if _NO_NAME.match(said) else whole_name(said)


def cell_at(row: Line, place: int | None) -> str:
    """The cell in this column; empty when there is none."""
    return row.cells[place] if place is not None and place < len(row.cells) else ""
