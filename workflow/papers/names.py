"""Names of people and units in running text: where they begin, and where they surely end."""

from __future__ import annotations

import re
from typing import Final

from workflow.papers.vietnamese import key, one_line, without_dots

LONGEST_NAME: Final = 6
"""Words of a person's name."""

_WORD: Final = re.compile(r"\s{0,4}([^\W\d_]+)")
_POSTS: Final = frozenset(
    key(words)
    for words in (
        "phó",
        "giám đốc",
        "trưởng phòng",
        "trưởng ban",
        "trưởng khoa",
        "trưởng đoàn",
        "trưởng trạm",
        "trưởng công an",
        "chủ tịch",
        "chủ nhiệm",
        "chánh văn phòng",
        "chánh thanh tra",
        "bí thư",
        "chuyên viên",
        "công chức",
        "viên chức",
        "cán bộ",
        "nhân viên",
        "thủ trưởng",
        "ủy viên",
        "thư ký",
        "thành viên",
        "đại diện",
        "sở",
        "ban",
        "phòng",
        "huyện",
        "xã",
        "tỉnh",
        "ubnd",
        "ủy ban",
        "văn phòng",
        "chi cục",
        "trung tâm",
        "hội đồng",
        "bằng khen",
        "giấy khen",
        "đơn vị",
        "chức vụ",
        "sinh ngày",
        "sinh năm",
        "ngày sinh",
        "giới tính",
        "quê quán",
        "tổ trưởng",
        "hiệu trưởng",
        "kế toán",
        "nơi công tác",
    )
)
_FIRST_WORDS: Final = frozenset(words for words in _POSTS if " " not in words)
_FIRST_TWO: Final = frozenset(" ".join(words.split()[:2]) for words in _POSTS if " " in words)
_TITLES: Final = re.compile(
    r"^(?:(?:tập thể|cá nhân|ông|bà|đồng chí|đ/c|anh|chị|các|nhà giáo|bác sĩ|"
    r"ths|ts|pgs|gs|bs|ks)\b[.:]?\s*)+",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(r"\s*[(\[;].*$|\s+-\s.*$|,.*$|\.\s.*$|[.:…]+$", re.DOTALL)

_TAIL_OF_UNIT: Final = re.compile(r"\s*[(\[;].*$|\.\s.*$|[.:…]+$", re.DOTALL)

UNIT_WORDS: Final = (
    r"UBND|ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|Ủy ban nhân dân|Uỷ ban nhân dân|Sở|SỞ|Ban|BAN|"
    r"Phòng|PHÒNG|Văn phòng|VĂN PHÒNG|Thanh tra|THANH TRA|Chi cục|CHI CỤC|Trung tâm|TRUNG TÂM|"
    r"Trường|TRƯỜNG|Bệnh viện|BỆNH VIỆN|Hạt|Đội|Tổ|Cục"
)
"""First words of the name of a unit, as they begin one."""
_UNIT_FIRST: Final = re.compile(rf"(?:{UNIT_WORDS}|[Hh]uyện|[Xx]ã|[Tt]hành phố)\s")


def without_title(text: str) -> str:
    """The name without "Ông", "Đồng chí", "Tập thể" before it."""
    return _TITLES.sub("", one_line(text))


def whole_name(text: str) -> str:
    """The name in a cell or after a label: up to a bracket, a comma or a full stop.

    The names of some units have commas and dashes in them.
    """
    said = without_title(without_dots(one_line(text)))
    tail = _TAIL_OF_UNIT if is_unit(said) else _TAIL
    return tail.sub("", said).strip(" .,:-")


def is_unit(text: str) -> bool:
    """Does the text begin with the name of a unit?"""
    return _UNIT_FIRST.match(text) is not None


def person_at(text: str, start: int = 0) -> str:
    """The person's name that begins at `start`: words with capitals, no post; empty when none."""
    found: list[str] = []
    place = start
    while len(found) < LONGEST_NAME and (word := _WORD.match(text, place)):
        said = word.group(1)
        if not said[0].isupper() or _begins_a_post(said, text, word.end()):
            break
        found.append(said)
        place = word.end()
    return " ".join(found) if len(found) > 1 else ""


def _begins_a_post(said: str, text: str, end: int) -> bool:
    """A post or a unit begins here; the same word with nothing after it is a given name."""
    after = _WORD.match(text, end)
    if after is None:
        return False
    return key(said) in _FIRST_WORDS or f"{key(said)} {key(after.group(1))}" in _FIRST_TWO
