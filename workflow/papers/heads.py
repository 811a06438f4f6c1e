"""The fixed places of an office paper (Nghị định 30/2020/NĐ-CP): head, title, signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workflow.papers.names import person_at
from workflow.papers.vietnamese import day_in, day_pattern, key, one_line
from workflow.statements import Statement, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow.statements import Line

HEAD_LETTERS: Final = 1500
TITLE_LETTERS: Final = 500
QUOTED: Final = 160

SYMBOL: Final = r"[A-ZĐ][\w&]{0,12}(?:\s?[-.]\s?[A-ZĐ][\w&.]{0,15}){0,3}"
NUMBER: Final = rf"\d{{1,5}}[A-Za-z]?\s?/\s?(?:\d{{4}}\s?/\s?)?{SYMBOL}"
_TITLE: Final = re.compile(
    r"^\s{0,9}(TỜ\s+TRÌNH|BIÊN\s+BẢN|BÁO\s+CÁO|QUYẾT\s+ĐỊNH|Tờ\s+trình|Biên\s+bản|Báo\s+cáo|"
    r"Quyết\s+định)(?![^\n]{0,30}\bsố\b)",
    re.MULTILINE,
)
_AFTER_TITLE: Final = re.compile(
    r"^\s{0,9}(Kính\s+gửi|I\.|I\s|Căn\s+cứ|Hôm\s+nay|Vào\s+hồi|Tên\s|Họ\s+và|Hội\s+đồng\s+họp|"
    r"Thực\s+hiện|1\.|Phần|A\.|QUYẾT\s+ĐỊNH:)",
    re.MULTILINE,
)
_OWN_NUMBER: Final = re.compile(rf"(?:^|\s)Số\s{{0,3}}:?\s{{0,3}}({NUMBER})")
_PLACED: Final = re.compile(
    rf"(?<!tại )(?:[A-ZĐÀ-Ỹ][\w.]{{0,10}}\s){{0,3}}[A-ZĐÀ-Ỹ][\w.]{{0,10}}\s?,\s{{0,3}}"
    rf"(?:ngày|NGÀY)\s{{0,3}}{day_pattern()}",
)
_TODAY: Final = re.compile(r"Hôm\s+nay|Vào\s+hồi|Vào\s+lúc|họp|tại\s+\S{1,20}\s\S{0,20}$")
_NATIONAL: Final = re.compile(
    r"CỘNG\s+H(?:ÒA|OÀ)\s+XÃ\s+HỘI\s+CHỦ\s+NGHĨA\s+VIỆT\s+NAM|Độc\s+lập\s?-\s?Tự\s+do\s?-\s?Hạnh\s+"
    r"phúc|-{2,}|_{2,}|\*{2,}",
    re.IGNORECASE,
)
_FORM_NOTE: Final = re.compile(r"^Mẫu (?:số )?\d{1,2}\S{0,4}\s|\([^)]{0,80}\)", re.IGNORECASE)
_POST_LINE: Final = re.compile(
    r"^(TM|KT|TL|TUQ|Q)?\.?\s?(CHỦ TỊCH|PHÓ CHỦ TỊCH|GIÁM ĐỐC|PHÓ GIÁM ĐỐC|TRƯỞNG|PHÓ TRƯỞNG|"
    r"CHÁNH|PHÓ CHÁNH|THỦ TRƯỞNG|PHÓ THỦ TRƯỞNG|CỤC TRƯỞNG|HIỆU TRƯỞNG|THƯ K[ÝÍ]|CHỦ TRÌ|"
    r"NGƯỜI BÁO CÁO|CHI CỤC TRƯỞNG|UỶ VIÊN|ỦY VIÊN)\b"
)
_SIGNED: Final = re.compile(r"^[(\[](?:đã )?(?:ký|kí)[^)\]]{0,60}[)\]]$", re.IGNORECASE)
SIGNATURE_LINES: Final = 7
_IN_A_CELL: Final = re.compile(
    r"\b(CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG(?: [A-ZĐÀ-Ỹ]{2,8})?|CHÁNH(?: [A-ZĐÀ-Ỹ]{2,8}){1,2}|THƯ K[ÝÍ]|"
    r"CHỦ TRÌ|NGƯỜI BÁO CÁO|THỦ TRƯỞNG(?: ĐƠN VỊ)?)(?:\s[(\[][^)\]]{0,60}[)\]])?"
    r"\s((?:[A-ZĐÀ-Ỹ][a-zđà-ỹ]{0,6}\s){1,5}[A-ZĐÀ-Ỹ][a-zđà-ỹ]{0,6})$"
)
"""A post and a name at the end of a cell whose lines have become one."""


@dataclass(frozen=True, slots=True)
class Zones:
    """The head of a paper above its kind, and its title down to the first sentence."""

    head: str
    title: str
    line: Line


def zones(lines: Sequence[Line]) -> Zones:
    """Cut off head and title; without a title both are what stands first."""
    text = ""
    for line in lines:
        text += f"{line.text}\n"
        if len(text) > HEAD_LETTERS:
            break
    text = text[:HEAD_LETTERS]
    found = _TITLE.search(text)
    if found is None:
        return Zones(text[:TITLE_LETTERS], "", lines[0])
    rest = text[found.start() :]
    end = _AFTER_TITLE.search(rest, 1)
    title = rest[: min(end.start() if end else TITLE_LETTERS, TITLE_LETTERS)]
    return Zones(text[: found.start()], title, lines[0])


def head_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """Issuer, number, and place with day."""
    parts = zones(lines)
    page, first = parts.line.page, 1 if parts.line.paragraph else 0
    number = _OWN_NUMBER.search(parts.head)
    if number is not None:
        said = re.sub(r"\s", "", number.group(1))
        yield Statement(Topic.NUMBER, said, one_line(number.group()), page, first)
    dated = _PLACED.search(parts.head)
    if dated is not None and not _TODAY.search(parts.head[: dated.start()][-60:]):
        day = day_in(dated)
        if day is not None:
            yield Statement(Topic.DATED, day.isoformat(), one_line(dated.group()), page, first)
    if parts.title:
        issuer = one_line(_PLACED.sub(" ", _OWN_NUMBER.sub(" ", _NATIONAL.sub(" ", parts.head))))
        issuer = re.split(r"\bSố\s?:", _FORM_NOTE.sub("", issuer))[0].strip(" -")
        if issuer:
            yield Statement(Topic.ISSUER, issuer[:QUOTED], issuer[:QUOTED], page, first)


def signature_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """Who signed: a name under a post in capitals, in the same cell or column."""
    seen: set[str] = set()
    for line in lines:
        for cell in line.cells:
            found = _IN_A_CELL.search(one_line(cell))
            if found is not None and key(found.group(2)) not in seen:
                seen.add(key(found.group(2)))
                yield Statement(
                    Topic.SIGNER,
                    found.group(2),
                    one_line(found.group()),
                    line.page,
                    line.paragraph,
                    exact=True,
                )
    for block in _blocks(lines):
        pieces = [(one_line(piece), line) for piece, line in block]
        for place, (words, _) in enumerate(pieces):
            if not _POST_LINE.match(words):
                continue
            below = pieces[place + 1 : place + 1 + SIGNATURE_LINES]
            name, under = _name_below(below)
            if under is not None and key(name) not in seen:
                seen.add(key(name))
                yield Statement(
                    Topic.SIGNER, name, f"{words} {name}", under.page, under.paragraph, exact=True
                )


def _blocks(lines: Sequence[Line]) -> Iterator[list[tuple[str, Line]]]:
    """Columns of a signature table one by one; paragraphs and pages as they follow each other."""
    flowing: list[tuple[str, Line]] = []
    columns: list[list[tuple[str, Line]]] = []
    table = 0
    for line in lines:
        if not line.cells:
            flowing += [(piece, line) for piece in line.text.split("\n") if piece.strip()]
            continue
        if line.table != table:
            yield from columns
            columns, table = [], line.table
        for number, cell in enumerate(line.cells):
            while len(columns) <= number:
                columns.append([])
            columns[number] += [(piece, line) for piece in cell.split("\n") if piece.strip()]
    yield from columns
    yield flowing


def _name_below(pieces: Sequence[tuple[str, Line]]) -> tuple[str, Line | None]:
    for words, line in pieces:
        if _POST_LINE.match(words) or _SIGNED.match(words):
            continue
        name = person_at(words)
        if name and len(words) <= len(name) + 8 and words.endswith(name.split()[-1]):
            return name, line
        if len(words.split()) > len(name.split()) + 4:
            return "", None
    return "", None
