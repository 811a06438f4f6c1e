"""The English catalogue is whole, plain and consistent, and no sentence slips past it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from config.languages import po_path
from config.languages.__main__ import first
from config.languages.extracting import COUNTED, everything
from tests.views.english import LETTER, NAMES

ROOT = Path(__file__).resolve().parents[2]
MEND = "run `make languages`, then fill in config/languages/en/LC_MESSAGES/messages.po"
PLACE = re.compile(r"\{(\w+)\}")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
FOR_TERMINALS = re.compile(r"(\w+_)?commands|command_output|imports")
"""Modules that speak to whoever runs a command on the server, in Vietnamese."""
PAPERS = {
    "official_paper",
    "reports_paper",
    "progress_paper",
    "ballot_sheet",
    "own_account",
    "programme",
}
"""Official papers, a table that comes back filled in, names, and tones by kind of note."""
BOTH_LANGUAGES = "busy.html"
"""A page that is the same for everybody, and answers when nothing else can."""
ALLOWED = {
    *("TĐKT", "NĐ-CP", "Hà", "Quản", "Bạ", "Sở", "Nội", "vụ", "Đặng", "Thị", "Ước"),
    *("Chuyên", "viên", "Cốc", "Hạng", "Lý", "Phiếu", "Tập", "thể", "Cá", "nhân", "Loại"),
    *("Đơn", "vị", "Mã", "hồ", "sơ", "huyện", "Xuất", "sắc", "Tốt", "Khá", "bình", "Yếu"),
    *("Đồng", "ý", "Không", "đồng", "Ý", "kiến", "khác", "Bằng", "khen", "tỉnh", "ĐK-UBND"),
    *("QĐ-UBND", "QĐ-SNV", "Cán", "bộ", "lập", "Thủ", "trưởng", "đơn", "QĐ"),
}
"""Names, columns of tables people fill in, and signs: an English sentence quotes them."""
TERMS = {
    "sáng kiến": "initiative",
    "ủy quyền": "delegat|giver|TUQ",
    "chỉ tiêu": "quota|place",
    "bằng khen": "certificates? of merit|bằng khen",
    "giấy khen": "certificates? of commendation",
    "diễn giải": "reading",
    "người thẩm định": "apprais",
    "phiên họp": "session",
    "đăng ký thi đua": "regist",
    "ngày làm việc": "working day",
    "cấp trên trực tiếp": "direct superior",
    "tập thể": "collective",
    "biên bản": "minutes",
    "tờ trình": "submission letter",
    "báo cáo thành tích": "achievement report",
    "yêu cầu bổ sung": "supplement",
    "xếp loại": "classif",
    "xếp hạng": "rank",
}
"""A term of docs/glossary.md, and the English it has in every sentence."""


@pytest.fixture(scope="module")
def english() -> dict[str, Message]:
    with po_path("en").open("rb") as lines:
        found = read_po(lines)
        assert not found.obsolete, f"sentences nobody says any more: {MEND}"
    return {first(one.id): one for one in found if one.id}


def forms(one: Message) -> tuple[str, ...]:
    return one.string if isinstance(one.string, tuple) else (str(one.string),)


def test_every_sentence_has_its_english(english: dict[str, Message]) -> None:
    wanted = {message: name for message, name, _ in everything()}
    missing = [f"{name}: {text}" for text, name in wanted.items() if text not in english]
    empty = [text for text, one in english.items() if not all(forms(one))]
    fuzzy = [text for text, one in english.items() if one.fuzzy]
    wrong = [*missing, *empty, *fuzzy]
    assert not wrong, f"{MEND}: {wrong}"
    assert not english.keys() - wanted.keys(), f"sentences nobody says any more: {MEND}"


def test_places_agree_and_counted_sentences_have_a_plural(english: dict[str, Message]) -> None:
    for text, one in english.items():
        for form in forms(one):
            assert set(PLACE.findall(form)) <= set(PLACE.findall(text)), text
        if COUNTED in text:
            assert len(forms(one)) == 2, text
        if not COUNTED in text:  # noqa: E713
            assert set(PLACE.findall(forms(one)[0])) == set(PLACE.findall(text)), text


def test_the_english_is_english(english: dict[str, Message]) -> None:
    quoted = {
        word
        for one in english.values()
        for form in forms(one)
        for name in NAMES.findall(form)
        for word in name.split()
        if word.strip("/-0123456789") not in ALLOWED
    }
    assert not quoted


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_the_same_everywhere(term: str, english: dict[str, Message]) -> None:
    said = re.compile(rf"(?<!\w){term}(?!\w)", re.IGNORECASE)
    other = [
        (text, forms(one))
        for text, one in english.items()
        if said.search(text) and not re.search(TERMS[term], " ".join(forms(one)), re.IGNORECASE)
    ]
    assert not other


def raw_in(source: str) -> Iterator[str]:
    """Vietnamese of a template that no reader of English could be spared."""
    for found in JINJA.finditer(source):
        inside = found.group()
        if not inside.startswith("{#"):
            for text in QUOTED.finditer(inside):
                before = inside[: text.start()].rstrip()
                if LETTER.search(text.group()) and not before.endswith("_("):
                    yield text.group()
    for line in JINJA.sub("", source).splitlines():
        if LETTER.search(line):
            yield line.strip()


def test_no_template_says_vietnamese_past_the_catalogue() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for folder in ("views/templates", "schedules/letters")
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in {".html", ".txt"} and path.name != BOTH_LANGUAGES
        for text in raw_in(path.read_text("utf-8"))
    ]
    assert not found, f"write {{{{ _('…') }}}} (docs/languages.md): {found}"


def test_the_lint_sees_a_raw_sentence() -> None:
    assert list(raw_in("<p>Chưa có</p>{{ tag('Đạt') }}{{ _('Đạt') }}{# Đạt #}")) == [
        "'Đạt'",
        "<p>Chưa có</p>",
    ]


def loose_in(source: str) -> Iterator[tuple[int, str]]:
    """Vietnamese texts of a module that no call marks for the catalogue."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if LETTER.search(node.value) and not _is_spoken(node, parents):
            yield node.lineno, node.value


def _is_spoken(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Is it a docstring, a text compared with, or inside a call that marks it?"""
    around: ast.AST | None = node
    if isinstance(parents.get(node), ast.Expr | ast.Compare):
        return True
    while around is not None:
        if isinstance(around, ast.Call):
            name = getattr(around.func, "attr", getattr(around.func, "id", ""))
            if name in {"_", "say", "phrase", "phrases", "Words", "replace", "removeprefix"}:
                return True
        around = parents.get(around)
    return False


def test_no_view_says_vietnamese_past_the_catalogue() -> None:
    found = [
        f"views/{path.name}:{line}: {text}"
        for path in sorted((ROOT / "views").glob("*.py"))
        if path.stem not in PAPERS and not FOR_TERMINALS.fullmatch(path.stem)
        for line, text in loose_in(path.read_text("utf-8"))
    ]
    assert not found, f"write _('…') (docs/languages.md): {found}"
