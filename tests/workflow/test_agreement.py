"""Papers that agree raise nothing; papers that do not are found, with the words of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from time import process_time
from typing import TYPE_CHECKING

import pytest

from tests.tiers import count
from tests.workflow.cases import rulebook
from tests.workflow.office_faults import FAULTS, Fault
from tests.workflow.office_papers import WRITERS
from tests.workflow.office_sets import as_pages, as_word, decomposed, document, facts_of
from tests.workflow.office_stories import Story, a_story
from workflow.papers.agreement import disagreements
from workflow.papers.claims import bundle
from workflow.papers.naming import same_number
from workflow.papers.reading import is_legible, paged, read
from workflow.papers.vietnamese import alike, key, unit_key
from workflow.statements import Line, Topic
from workflow.vocabulary import DocumentKind, SubjectKind

if TYPE_CHECKING:
    from tests.workflow.office_papers import Block
    from workflow.facts import DossierFacts
    from workflow.papers.claims import Disagreement

TODAY = date(2023, 12, 5)
IN_TABLES_OF_PAGES = {"số phiếu khác kết quả đã ghi", "tỷ lệ không ra từ số phiếu"}
"""Figures in a table are read where the table is one: not in a PDF, when nothing else says them."""


def _told(seed: int, *, pages: bool, fault: Fault | None = None) -> tuple[Story, DossierFacts]:
    chance = Random(seed)
    kind = fault.kind if fault and fault.kind else list(SubjectKind)[seed % 2]
    story = a_story(chance, kind)
    papers = []
    for number, (paper, write) in enumerate(WRITERS.items(), 1):
        here = fault is not None and fault.where is paper
        told = fault.spoil(story) if fault and here else story
        blocks = write(told, chance)
        lines = as_pages(blocks, width=chance.randrange(50, 90)) if pages else as_word(blocks)
        if seed % 3 == 0:
            lines = decomposed(lines)
        typed = told if fault and here and fault.typed else story
        papers.append(document(number, paper, lines, typed))
    return story, facts_of(story, papers)


def _found(facts: DossierFacts) -> tuple[Disagreement, ...]:
    return disagreements(bundle(facts, rulebook().programme, TODAY))


def _shown(found: tuple[Disagreement, ...]) -> list[str]:
    return [
        f"{one.topic}: {one.left.source} {one.left.said!r} ({one.left.quote}) / "
        f"{one.right.source} {one.right.said!r} ({one.right.quote})"
        for one in found
    ]


@pytest.mark.parametrize("pages", [False, True], ids=["word", "pages"])
def test_consistent_dossiers_raise_nothing(pages: bool) -> None:
    for seed in range(count(50, 1000, 5000)):
        story, facts = _told(seed, pages=pages)
        assert not _shown(_found(facts)), (seed, story)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("pages", [False, True], ids=["word", "pages"])
def test_every_seeded_contradiction_is_found(fault: Fault, pages: bool) -> None:
    missed = []
    for seed in range(count(4, 50, 200)):
        story, facts = _told(seed, pages=pages, fault=fault)
        found = [one for one in _found(facts) if one.topic == fault.topic]
        if not found:
            missed.append((seed, story, _shown(_found(facts))))
        assert all(one.left.said != one.right.said for one in found)
    if not (pages and fault.name in IN_TABLES_OF_PAGES):
        assert not missed, missed[0]


def test_papers_say_what_a_reader_sees_in_them() -> None:
    """The statements themselves, so that agreeing by silence cannot pass for reading."""
    for seed in range(8):
        story, facts = _told(seed, pages=bool(seed % 2))
        letter = facts.document(DocumentKind.TO_TRINH)
        minutes = facts.document(DocumentKind.BIEN_BAN)
        report = facts.document(DocumentKind.BAO_CAO_THANH_TICH)
        assert letter is not None
        assert minutes is not None
        assert report is not None
        said = {
            paper.kind: {(one.topic, one.value) for one in paper.statements}
            for paper in (letter, minutes, report)
        }
        assert (Topic.DATED, story.letter_on.isoformat()) in said[letter.kind]
        assert (Topic.MINUTES, story.met_on.isoformat()) in said[letter.kind]
        assert (Topic.SIGNER, story.head) in said[letter.kind]
        assert (Topic.MEETING, story.met_on.isoformat()) in said[minutes.kind]
        assert (Topic.FORM, "07") in said[report.kind]
        recognised = f"{story.recognised}|{story.recognised_on.isoformat()}"
        assert (Topic.RECOGNITION, recognised) in said[report.kind]
        nominees = [value for topic, value in said[report.kind] if topic is Topic.NOMINEE]
        same = unit_key if story.kind is SubjectKind.COLLECTIVE else key
        assert any(same(story.name) in same(value) for value in nominees)


def test_two_people_of_like_names_are_two_people() -> None:
    assert key("Hoàng Thị HOÀ") == key("hoàng thị Hòa")
    assert key("Lý Văn Mỹ") == key("Lí Văn Mĩ")
    assert key("Nguyễn Văn Nam") != key("Nguyễn Văn Năm")
    assert alike("Nguyễn Văn Nam", "NGUYỄN VĂN NĂM")
    assert not alike("Nguyễn Văn Nam", "Nguyễn Văn Hùng")
    assert unit_key("Uỷ ban nhân dân TP. Hà Giang") == unit_key("UBND thành phố Hà Giang")


def test_a_scan_or_noise_says_nothing_and_breaks_nothing() -> None:
    chance = Random(7)
    signs = "aăâ0123/.,;:|()\nSốTờtrìnhngàytháng%ỦyÔng “”\u0301\u0323\ud7ff"
    noise = "".join(chance.choice(signs) for _ in range(20_000))
    assert not is_legible([Line("  \n 3 \n")])
    assert read([]) == ()
    read([Line(noise, page=1)])
    read([Line(noise[:300], paragraph=1, cells=tuple(noise[:300].split("|")), table=1)])
    assert read(paged(["", "2\n", " "])) == ()


@pytest.mark.parametrize(
    "hostile",
    [
        "tặng cho " * 20_000,
        "Họ và tên: " * 15_000,
        "biên bản ngày 1/1/" * 10_000,
        "1/2" * 60_000,
        "A " * 100_000,
        "\n1 A" * 40_000,
        "(" * 200_000,
        "đề nghị tặng Bằng khen " * 8_000,
        "Số: 1/A-" * 25_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_hostile_text_takes_no_longer_than_a_long_one(hostile: str) -> None:
    began = process_time()
    read([Line(hostile, page=1)])
    assert process_time() - began < 5


def test_a_paper_that_could_not_be_read_is_never_an_alarm() -> None:
    _, facts = _told(1, pages=False, fault=FAULTS[0])
    silent = replace(facts, documents=tuple(replace(one, statements=()) for one in facts.documents))
    assert not _found(silent)


TRAPS: dict[str, tuple[DocumentKind, list[Block]]] = {
    "bản ký của một trong hai người ký biên bản": (
        DocumentKind.BIEN_BAN,
        ["BIÊN BẢN", [["THƯ KÝ\nLò Thị Thúy", "CHỦ TRÌ\n(đã ký)"]]],
    ),
    "các năm trong một danh sách": (
        DocumentKind.TO_TRINH,
        ["TỜ TRÌNH", "Đề nghị tặng Bằng khen cho các đơn vị có thành tích năm 2021, 2022 và 2023."],
    ),
    "cuộc họp trước được nhắc lại": (
        DocumentKind.BIEN_BAN,
        [
            "BIÊN BẢN",
            "Hôm nay, ngày {met}, Hội đồng họp.",
            "Kết luận của phiên họp ngày 05/6/2023 đã thực hiện xong.",
        ],
    ),
    "biên bản kiểm tra không phải biên bản họp": (
        DocumentKind.TO_TRINH,
        ["TỜ TRÌNH", "Căn cứ Biên bản kiểm tra thủ tục ngày 12/10/2023 của Thanh tra tỉnh;"],
    ),
    "tiêu chuẩn nêu tên đơn vị khác": (
        DocumentKind.TO_TRINH,
        ["TỜ TRÌNH", "Theo quy định về khen thưởng đối với Sở Y tế và UBND các huyện."],
    ),
    "người khác của đơn vị đã được khen": (
        DocumentKind.BAO_CAO_THANH_TICH,
        [
            "BÁO CÁO THÀNH TÍCH",
            "Đề nghị UBND huyện khen thưởng cho ông Cháng A Phủ, công chức một cửa.",
        ],
    ),
    "danh sách kèm theo": (
        DocumentKind.TO_TRINH,
        [
            "TỜ TRÌNH",
            "Đề nghị tặng Bằng khen cho ông Cháng A Phủ và 03 cá nhân khác (danh sách kèm theo).",
        ],
    ),
    "nhãn không phải tên": (
        DocumentKind.TO_TRINH,
        ["TỜ TRÌNH", "Đối tượng: các tập thể, cá nhân thuộc tỉnh có thành tích."],
    ),
    "đơn vị phối hợp": (
        DocumentKind.BAO_CAO_THANH_TICH,
        ["BÁO CÁO THÀNH TÍCH", "Phối hợp với UBND huyện Bắc Mê, Sở Y tế và Phòng Nội vụ."],
    ),
    "giấy chứng nhận có số riêng": (
        DocumentKind.CONG_NHAN_SANG_KIEN,
        ["UBND TỈNH", "Số: 05/GCN-HĐSK", "Hà Giang, ngày 20 tháng 6 năm 2023", "GIẤY CHỨNG NHẬN"],
    ),
    "biểu quyết chương trình họp": (
        DocumentKind.BIEN_BAN,
        ["BIÊN BẢN", "Chương trình họp được 2/2 đại biểu mời và 1/9 thành viên nhất trí bổ sung."],
    ),
    "tỷ lệ của công việc": (
        DocumentKind.BAO_CAO_THANH_TICH,
        ["BÁO CÁO THÀNH TÍCH", "Có 7/9 xã đạt, tỷ lệ 95%; 12/15 quy trình, đạt tỷ lệ 99%."],
    ),
    "chữ số không phải ngày": (
        DocumentKind.TO_TRINH,
        ["Số: /TTr-UBND", "Quản Bạ, ngày 45 tháng 13 năm 2023", "TỜ TRÌNH", "ngày      tháng 11"],
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("pages", [False, True], ids=["word", "pages"])
@pytest.mark.parametrize("kind", SubjectKind)
def test_what_a_hasty_reader_would_call_a_contradiction(
    trap: str, pages: bool, kind: SubjectKind
) -> None:
    paper, blocks = TRAPS[trap]
    story = a_story(Random(1), kind)
    told = [
        block.format(met=f"{story.met_on:%d/%m/%Y}") if isinstance(block, str) else block
        for block in blocks
    ]
    lines = as_pages(told) if pages else as_word(told)
    facts = facts_of(story, [document(1, paper, lines, story)])
    assert not _shown(_found(facts))


def test_an_abbreviation_may_be_anybody() -> None:
    story = a_story(Random(1), SubjectKind.COLLECTIVE)
    lines = as_word(["TỜ TRÌNH", "Đề nghị tặng Bằng khen cho Sở TT&TT."])
    assert not _found(facts_of(story, [document(1, DocumentKind.TO_TRINH, lines, story)]))


def test_a_name_is_not_hidden_by_a_longer_one_in_a_table() -> None:
    story = replace(a_story(Random(1), SubjectKind.INDIVIDUAL), name="Nguyễn Văn Nam")
    table = [["STT", "Họ và tên", "Hình thức"], ["1", "Nguyễn Văn Nam Anh", "Bằng khen"]]
    lines = as_word(["TỜ TRÌNH", table])
    facts = facts_of(story, [document(1, DocumentKind.TO_TRINH, lines, story)])
    assert [one.topic for one in _found(facts)] == ["name"]


def test_a_longer_number_line_is_the_same_number() -> None:
    assert same_number("05/TTr-UBND", "Số 5/TTr-UBND")
    assert same_number("86/TTr-UBND", "86")
    assert not same_number("86/TTr-UBND", "87/TTr-UBND")
    assert not same_number("86/TTr-UBND", "86/TTr-SNV")
