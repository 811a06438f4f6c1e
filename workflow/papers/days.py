"""Days, years, forms, awards and recognitions a paper names in its sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from workflow.papers.heads import NUMBER
from workflow.papers.vietnamese import around, day_in, day_pattern, one_line, without_dots
from workflow.statements import Statement, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workflow.statements import Line

QUOTED: Final = 160
_DAY: Final = rf"(?:ngày\s{{0,3}})?{day_pattern()}"
_MEETING: Final = re.compile(
    rf"(?:Hôm\s+nay|Vào\s+hồi|Vào\s+lúc|họp\s+lúc|họp\s+vào|họp\s+ngày|Thời\s+gian[^:.;]{{0,30}}:)"
    rf"[^.;]{{0,90}}?{_DAY}",
    re.IGNORECASE,
)
_MINUTES: Final = re.compile(
    rf"biên\s+bản\b(?=[^.;]{{0,40}}?(?:họp|hội\s+đồng|xét|BB-))[^.;]{{0,140}}?{_DAY}", re.IGNORECASE
)
_FORM: Final = re.compile(r"\bmẫu\s{0,3}(?:số)?\s{0,3}:?\s{0,3}(\d{1,2})\b(?!\s?/)", re.IGNORECASE)
_RECOGNITION: Final = re.compile(
    rf"số\s{{0,3}}:?\s{{0,3}}({NUMBER})\s{{0,3}},?\s{{0,3}}{_DAY}", re.IGNORECASE
)
_OF_INITIATIVE: Final = re.compile(r"công\s+nhận|sáng\s+kiến|giải\s+pháp|cách\s+làm", re.IGNORECASE)
_AWARD: Final = re.compile(
    r"(?:Bằng\s+khen|Giấy\s+khen|Huân\s+chương|Cờ\s+thi\s+đua|Chiến\s+sĩ\s+thi\s+đua|"
    r"Tập\s+thể\s+lao\s+động\s+xuất\s+sắc|Lao\s+động\s+tiên\s+tiến)\b[^,.;:(“\"\n]{0,90}"
    r"(?:\n[^,.;:(“\"\n]{0,60})?",
    re.IGNORECASE,
)
_AWARD_ENDS: Final = re.compile(
    r"\s(?:cho|về|vì|do|năm|trong|đối\s+với|để|kèm|kính|và\s+đề\s+nghị|theo|có|đã|được|số|của\s+ông|của\s+bà)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_WANTED: Final = re.compile(r"đề\s+nghị|trình|xét\b|thống\s+nhất|nhất\s+trí", re.IGNORECASE)
_HAD: Final = re.compile(
    r"đã\s+(?:được|tặng|nhận)|được\s+(?:tặng|nhận|công\s+nhận)|từng|tiêu\s+chuẩn|trước\s+đó",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(
    r"(?<!tháng )(?<!so với )(?<!từ )(?<!đến )\bnăm\s{0,3}(20\d\d)\b"
    r"(?!\s?(?:[-/]|,|và)\s?(?:năm\s)?20)(?!\s?[-/])",
    re.IGNORECASE,
)
_IN_A_DAY: Final = re.compile(r"\d\s{0,3}$")
_SPAN: Final = re.compile(
    r"(?:giai\s+đoạn|nhiệm\s+kỳ|từ\s+năm|các\s+năm|so\s+với|kế\s+hoạch|quyết\s+định|nghị\s+định|"
    r"luật|căn\s+cứ)[^,.;]{0,60}$",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.;]*[.;]?")
ISO_BETWEEN: Final = "|"


def meeting_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """Days the council met on, as minutes begin or tell of them."""
    for line in lines:
        for found in _MEETING.finditer(line.text):
            day = day_in(found)
            if day is not None:
                yield _found(Topic.MEETING, day.isoformat(), found, line)


def cited_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """Minutes and recognitions named with their day."""
    for line in lines:
        for found in _MINUTES.finditer(line.text):
            day = day_in(found)
            if day is not None:
                yield _found(Topic.MINUTES, day.isoformat(), found, line)
        for found in _RECOGNITION.finditer(line.text):
            day = day_in(found)
            near = line.text[max(0, found.start() - 200) : found.end() + 120]
            if day is not None and _OF_INITIATIVE.search(near):
                number = re.sub(r"\s", "", found.group(1))
                value = f"{number}{ISO_BETWEEN}{day.isoformat()}"
                yield _found(Topic.RECOGNITION, value, found, line)


def form_statements(lines: Sequence[Line]) -> Iterator[Statement]:
    """“Mẫu số 07”."""
    for line in lines:
        for found in _FORM.finditer(line.text):
            yield _found(Topic.FORM, f"{int(found.group(1)):02d}", found, line)


def award_statements(lines: Sequence[Line], title: str) -> Iterator[Statement]:
    """Forms of award the paper asks for, not those somebody had before."""
    for line in lines:
        if line.cells:
            continue
        for sentence in _SENTENCE.finditer(without_dots(line.text)):
            words = sentence.group()
            for found in _AWARD.finditer(words):
                before = words[max(0, found.start() - 160) : found.start()]
                if _WANTED.search(before) and not _HAD.search(before):
                    yield _of(Topic.AWARD, _short(found.group()), words, line, found.start())
    above = _AWARD.search(title)
    if above is not None and not _HAD.search(title):
        yield _of(Topic.AWARD, _short(above.group()), title, lines[0], above.start())


def year_statements(lines: Sequence[Line], title: str) -> Iterator[Statement]:
    """The year of the review, in the title and where the award is asked for."""
    yield from _years(title, lines[0])
    for line in lines:
        if line.cells:
            continue
        for sentence in _SENTENCE.finditer(line.text):
            words = sentence.group()
            award = _AWARD.search(words)
            wanted = award is not None and _WANTED.search(words[: award.start()])
            if award is not None and wanted and not _HAD.search(words):
                yield from _years(words[award.start() :], line)


def _years(text: str, line: Line) -> Iterator[Statement]:
    for found in _YEAR.finditer(text):
        before = text[max(0, found.start() - 90) : found.start()]
        if not _IN_A_DAY.search(before) and not _SPAN.search(before):
            yield _of(Topic.YEAR, found.group(1), text, line, found.start())


def _short(said: str) -> str:
    return one_line(_AWARD_ENDS.sub("", said)).strip(" -")


def _found(topic: Topic, value: str, found: re.Match[str], line: Line) -> Statement:
    quote = around(line.text, *found.span())
    return Statement(topic, value, quote, line.page, line.paragraph)


def _of(topic: Topic, value: str, words: str, line: Line, at: int = 0) -> Statement:
    quote = one_line(words[max(0, at - 60) : at + QUOTED])[:QUOTED]
    return Statement(topic, value, quote, line.page, line.paragraph)
