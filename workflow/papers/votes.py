"""Figures of a council's meeting: members, present, votes and shares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from workflow.papers.names import person_at
from workflow.papers.nominees import cell_at, column, name_column, name_in, tables_of
from workflow.papers.vietnamese import around, one_line
from workflow.statements import Statement, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow.statements import Line

QUOTED: Final = 160
_OF: Final = re.compile(r"(?<![\d/.,])(\d{1,3})\s?/\s?(\d{1,3})(?![\d/]|[.,]\d)")
_SHARE: Final = r"(\d{1,3}(?:[.,]\d{1,2})?)\s?%"
_ALSO_SHARE: Final = re.compile(
    r"^[^.;%]{0,60}?(?:đạt|bằng|chiếm|tỷ\s+lệ|tỉ\s+lệ|\()\s{0,3}(?:tỷ\s+lệ|tỉ\s+lệ)?\s{0,3}:?\s{0,3}"
    + _SHARE,
    re.IGNORECASE,
)
_FOR: Final = re.compile(r"đồng\s+ý|nhất\s+trí|tán\s+thành|phiếu|biểu\s+quyết", re.IGNORECASE)
_PRESENT: Final = re.compile(r"dự\s+họp|có\s+mặt|tham\s+dự|tham\s+gia", re.IGNORECASE)
_THRESHOLD: Final = re.compile(
    r"(?:ít\s+nhất|tối\s+thiểu|cần|quá|trên|đủ|từ|phải)\s+(?:có\s+)?(?:ít\s+nhất\s+)?$",
    re.IGNORECASE,
)
_NOT: Final = re.compile(r"(?:không|chưa)\s+(?:đồng\s+ý|nhất\s+trí|tán\s+thành)", re.IGNORECASE)
_COUNTED: Final = re.compile(r"(?<!\d)(\d{1,3})\s?(?:/\s?(\d{1,3}))?(?!\d|\s?%|[.,]\d)")
_SENTENCE: Final = re.compile(r"[^.;]+(?:\.(?=\d)[^.;]*)*[.;]?")
_PERSON: Final = re.compile(r"\b(?:[Ôô]ng|[Bb]à|[Đđ]ồng\s+chí|đ/c)\s+(?=[A-ZĐÀ-Ỹ])")
_COUNTS: Final = (
    (
        Topic.MEMBERS,
        re.compile(
            r"tổng\s+số\s+(?:thành\s+viên|ủy\s+viên|uỷ\s+viên)(?:\s+(?:của\s+)?hội\s+đồng)?"
            r"\s{0,3}(?:là|gồm|có)?\s{0,3}:?\s{0,3}(\d{1,3})\b(?!\s?[/%])",
            re.IGNORECASE,
        ),
    ),
    (
        Topic.PRESENT,
        re.compile(
            r"(?:(?:có\s+mặt|dự\s+họp|tham\s+gia|tham\s+dự)\s{0,3}:|có\s+mặt|dự\s+họp\s+có)"
            r"\s{0,3}(\d{1,3})\b(?!\s?[/%]|[.,]\d)",
            re.IGNORECASE,
        ),
    ),
    (
        Topic.ABSENT,
        re.compile(r"vắng(?:\s+mặt)?\s{0,3}:?\s{0,3}(\d{1,3})\b(?!\s?[/%])", re.IGNORECASE),
    ),
    (
        Topic.AGAINST,
        re.compile(
            r"không\s+(?:đồng\s+ý|nhất\s+trí|tán\s+thành)\s{0,3}:?\s{0,3}(\d{1,3})\b(?!\s?[/%])",
            re.IGNORECASE,
        ),
    ),
    (
        Topic.VOTES,
        re.compile(
            r"(?<!không )(?<!chưa )(?:đồng\s+ý|tán\s+thành|nhất\s+trí)\s{0,3}:\s{0,3}"
            r"(\d{1,3})\b(?!\s?[/%])",
            re.IGNORECASE,
        ),
    ),
)


def vote_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """What sentences and tables say of who was there and how they voted."""
    for line in lines:
        if not line.cells:
            for sentence in _SENTENCE.finditer(line.text):
                yield from _sentence(sentence.group(), line)
    for rows in tables_of(lines):
        yield from _table(rows)


def _sentence(text: str, line: Line) -> Iterator[Statement]:
    about = _whom(text)
    for found in _OF.finditer(text):
        topic = _about_what(text, found)
        if topic is None:
            continue
        said = f"{int(found.group(1))}/{int(found.group(2))}"
        quote = around(text, *found.span())
        whom = about if topic is Topic.VOTES else ""
        yield Statement(topic, said, quote, line.page, line.paragraph, whom)
        share = _ALSO_SHARE.match(text[found.end() :])
        if share is not None and topic is Topic.VOTES:
            value = f"{said}={share.group(1).replace(',', '.')}"
            yield Statement(Topic.SHARE, value, quote, line.page, line.paragraph, whom)
    for topic, pattern in _COUNTS:
        for found in pattern.finditer(text):
            quote = around(text, *found.span())
            whom = about if topic in {Topic.VOTES, Topic.AGAINST} else ""
            value = f"{int(found.group(1))}/"
            yield Statement(topic, value, quote, line.page, line.paragraph, whom)


def _about_what(text: str, found: re.Match[str]) -> Topic | None:
    """Votes or presence, by the words next to the figures; None for a threshold or a day."""
    before, after = text[max(0, found.start() - 60) : found.start()], text[found.end() :][:50]
    if _THRESHOLD.search(before) or _NOT.search(before[-25:]) or _NOT.search(after[:30]):
        return None
    if re.search(r"ngày\s{0,3}$|tháng\s{0,3}$", before):
        return None
    near = re.match(r"\s{0,3}(?:\([^)]{0,40}\)\s?)?[^,.;(]{0,45}", after)
    words = near.group() if near else ""
    if _PRESENT.search(words) and not _FOR.search(words):
        return Topic.PRESENT
    if _FOR.search(words):
        return Topic.VOTES
    if _FOR.search(before):
        return Topic.VOTES
    return Topic.PRESENT if _PRESENT.search(before) else None


def _whom(text: str) -> str:
    """The one person the sentence is about; empty for none or several."""
    names = [person_at(text, found.end()) for found in _PERSON.finditer(text)]
    known = [name for name in names if name]
    return known[0] if len(known) == 1 else ""


def _table(rows: list[Line]) -> Iterator[Statement]:
    heads = rows[0]
    no = ("không", "chưa", "ý kiến")
    places = {
        Topic.VOTES: column(heads, "đồng ý", "tán thành", "nhất trí", "số phiếu", but=no),
        Topic.AGAINST: column(heads, "không đồng ý", "không tán thành"),
        Topic.SHARE: column(heads, "tỷ lệ"),
    }
    if places[Topic.AGAINST] is None:
        places[Topic.AGAINST] = next(
            (n for n, cell in enumerate(heads.cells) if one_line(cell).casefold() == "không"), None
        )
    for row in rows[1:]:
        name = name_in(row, name_column(heads))
        if not name:
            continue
        quote = one_line(" | ".join(cell for cell in row.cells if cell.strip()))[:QUOTED]
        votes = _figures(row, places[Topic.VOTES])
        if votes:
            yield Statement(Topic.VOTES, votes, quote, row.page, row.paragraph, name, exact=True)
        against = _figures(row, places[Topic.AGAINST])
        if against:
            yield Statement(
                Topic.AGAINST, against, quote, row.page, row.paragraph, name, exact=True
            )
        share = re.search(_SHARE, cell_at(row, places[Topic.SHARE]))
        if votes and share is not None:
            value = f"{votes}={share.group(1).replace(',', '.')}"
            yield Statement(Topic.SHARE, value, quote, row.page, row.paragraph, name, exact=True)


def _figures(row: Line, place: int | None) -> str:
    found = _COUNTED.search(cell_at(row, place))
    if found is None:
        return ""
    return f"{int(found.group(1))}/{int(found.group(2)) if found.group(2) else ''}"
