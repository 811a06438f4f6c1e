"""Invented sets of office papers as units write them: in many ways, about one thing.

A `Story` is what is true; each paper is told from a story of its own, so that a test can spoil one
paper and leave the others. Around what matters stand things a hasty reader would trip over: older
awards, other nominees with like names, thresholds, percentages of work, law with numbers and days.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from tests.workflow.office_stories import THIRD, Story, share_of
from workflow.vocabulary import DocumentKind, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

Block: TypeAlias = "str | list[list[str]]"
"""A paragraph, or the rows of a table."""

# --- ways of writing ----------------------------------------------------------------------------


def long_day(day: date) -> str:
    """Ngày 05 tháng 12 năm 2023."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def _day(chance: Random, day: date) -> str:
    return chance.choice(
        (long_day(day), f"ngày {day:%d/%m/%Y}", f"ngày {day.day}/{day.month}/{day.year}")
    )


def _unit_words(chance: Random, story: Story) -> str:
    name = story.unit.name
    if "huyện" in name:
        area = name.removeprefix("UBND ")
        return chance.choice((f"UBND {area}", f"Ủy ban nhân dân {area}", f"Uỷ ban nhân dân {area}"))
    return chance.choice((name, f"{name} tỉnh Hà Giang"))


def _award_words(chance: Random, story: Story) -> str:
    if story.award != "Bằng khen":
        return story.award
    return chance.choice(
        (
            "Bằng khen của Chủ tịch UBND tỉnh",
            "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
            "Bằng khen của Chủ tịch Uỷ ban nhân dân tỉnh Hà Giang",
            "Bằng khen",
        )
    )


def _head(chance: Random, story: Story, number: str, day: date | None) -> Iterator[Block]:
    name = story.unit.name
    above = "ỦY BAN NHÂN DÂN\nHUYỆN " + name.rsplit("huyện ", 1)[-1].upper()
    left = above if "huyện" in name else f"UBND TỈNH HÀ GIANG\n{name.upper()}"
    right = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    place = f"{story.place}, {long_day(day)}" if day else ""
    if chance.random() < 0.5:
        yield [[f"{left}\n{number}".strip(), f"{right}\n{place}".strip()]]
        return
    yield [[left, right], [number, place]]


def _signature(chance: Random, posts: Sequence[tuple[str, str]]) -> Block:
    gap = chance.choice(("\n", "\n(đã ký)\n", "\n(Ký, ghi rõ họ tên)\n"))
    return [[f"{post}{gap}{name}" for post, name in posts]]


def _post(story: Story) -> str:
    return "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH" if "huyện" in story.unit.name else "GIÁM ĐỐC"


def _nominee(chance: Random, story: Story) -> str:
    if story.kind is SubjectKind.COLLECTIVE:
        return chance.choice(("", "tập thể ")) + _unit_words(chance, story)
    title = chance.choice(("ông", "bà", "đồng chí"))
    return f"{title} {_cased(chance, story.name)}, {story.position} {_unit_words(chance, story)}"


def _cased(chance: Random, name: str) -> str:
    return chance.choice((name, name, _other_tone(name)))


def _other_tone(name: str) -> str:
    """The tone mark in its other place: hoà, hòa."""
    pairs = (("oà", "òa"), ("uỷ", "ủy"), ("uý", "úy"), ("oá", "óa"))
    for one, other in pairs:
        if one in name:
            return name.replace(one, other)
        if other in name:
            return name.replace(other, one)
    return name


def _list(chance: Random, story: Story, *, votes: bool) -> Block:
    """A list with others around the nominee, somebody of a like name among them."""
    heads = ["STT", "Họ và tên, tên tập thể", "Chức vụ, đơn vị", "Hình thức đề nghị"]
    people = [
        (THIRD, f"Chuyên viên, {_unit_words(chance, story)}"),
        (story.like if story.kind is SubjectKind.INDIVIDUAL else "Nông Văn Bảy", "Văn thư"),
    ]
    unit = _unit_words(chance, story)
    own = (story.name, f"{story.position}, {unit}")
    if story.kind is SubjectKind.COLLECTIVE:
        own = (unit, "")
    rows = [own, *people]
    chance.shuffle(rows)
    table = [heads + (["Hội đồng đồng ý"] if votes else [])]
    if chance.random() < 0.3:
        table.append(["I. DANH SÁCH"] * len(table[0]))
    for number, (name, where) in enumerate(rows, 1):
        count = f"{story.yes}/{story.members}" if (name, where) == own else f"1/{story.members}"
        row = [f"{number:02d}", name, where, _award_words(chance, story)]
        table.append(row + ([count] if votes else []))
    return table


def letter(story: Story, chance: Random) -> list[Block]:
    """Tờ trình."""
    padded = story.number.zfill(2)
    number = f"Số: {padded}/TTr-{story.symbol}"
    about = chance.choice(
        (
            f"Về việc đề nghị tặng thưởng {_award_words(chance, story)} năm {story.year}",
            f"V/v đề nghị khen thưởng phong trào thi đua cải cách hành chính năm {story.year}",
            "Về việc đề nghị khen thưởng sơ kết phong trào thi đua giai đoạn 2021 - 2025",
        )
    )
    named = chance.random() < 0.6
    subject = _nominee(chance, story)
    blocks: list[Block] = [
        *_head(chance, story, number, story.letter_on),
        "TỜ TRÌNH",
        about,
        "Kính gửi: Chủ tịch UBND tỉnh Hà Giang (qua Ban Thi đua - Khen thưởng).",
        "Căn cứ Luật Thi đua, khen thưởng ngày 26 tháng 11 năm 2003 và các luật sửa đổi, bổ sung;",
        "Căn cứ Nghị định số 91/2017/NĐ-CP ngày 31/7/2017 của Chính phủ;",
        f"Căn cứ Biên bản họp Hội đồng Thi đua - Khen thưởng {_day(chance, story.met_on)},",
    ]
    if named:
        blocks.append(
            f"{_unit_words(chance, story)} đề nghị Chủ tịch UBND tỉnh xem xét, tặng "
            f"{_award_words(chance, story)} cho {subject} vì đã có thành tích xuất sắc "
            f"trong phong trào thi đua năm {story.year}."
        )
    else:
        blocks += [
            (
                f"{_unit_words(chance, story)} kính trình Chủ tịch UBND tỉnh tặng "
                f"{_award_words(chance, story)} cho 01 tập thể và 02 cá nhân "
                "(có danh sách và hồ sơ kèm theo)."
            ),
        ]
    if chance.random() < 0.5:
        blocks.append(
            f"Hồ sơ gồm: Biên bản họp Hội đồng; Báo cáo thành tích (Mẫu số {story.form}); "
            "tỷ lệ giải quyết thủ tục đúng hạn năm 2022 đạt 98,5%."
        )
    blocks.append("Kính đề nghị Chủ tịch UBND tỉnh xem xét, quyết định./.")
    blocks.append(
        _signature(chance, [("Nơi nhận:\n- Như trên;\n- Lưu: VT.", ""), (_post(story), story.head)])
    )
    if not named:
        blocks += [
            "DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG",
            _list(chance, story, votes=chance.random() < 0.5),
        ]
    return blocks


def minutes(story: Story, chance: Random) -> list[Block]:
    """Biên bản họp Hội đồng."""
    met = chance.choice(
        (
            f"Hôm nay, vào hồi 14 giờ 00 phút, {_day(chance, story.met_on)}, tại phòng họp tầng 2,",
            f"Hội đồng họp lúc 08:30 {_day(chance, story.met_on)}, tại hội trường.",
            f"Thời gian: 08 giờ 30 phút, {_day(chance, story.met_on)}.",
        )
    )
    absent = story.members - story.present
    whole = f"{story.present}/{story.members}"
    there = chance.choice(
        (
            f"Có {whole} thành viên Hội đồng dự họp.",
            f"Tổng số thành viên: {story.members}; có mặt: {story.present:02d}; vắng: {absent}.",
            f"Số thành viên có mặt: {whole}, đạt trên 2/3 tổng số thành viên.",
        )
    )
    members = [
        ["TT", "Họ và tên", "Chức danh trong Hội đồng", "Ghi chú"],
        ["1", story.chair, "Chủ tịch Hội đồng", ""],
        ["2", story.secretary, "Thư ký", ""],
        ["3", story.like if story.kind is SubjectKind.INDIVIDUAL else THIRD, "Ủy viên", ""],
    ]
    blocks: list[Block] = [
        *_head(chance, story, "", story.minutes_on if chance.random() < 0.5 else None),
        "BIÊN BẢN",
        f"Họp Hội đồng Thi đua - Khen thưởng xét khen thưởng năm {story.year}",
        met,
        "I. THÀNH PHẦN",
        members if chance.random() < 0.5 else f"Chủ trì: ông {story.chair}, Chủ tịch Hội đồng.",
        there,
        "II. NỘI DUNG",
        (
            "Thư ký báo cáo tóm tắt thành tích; hội đồng thông qua khi có ít nhất "
            f"{-(-story.members * 4 // 5)}/{story.members} thành viên đồng ý, từ 80% trở lên."
        ),
        "III. KẾT QUẢ",
    ]
    if chance.random() < 0.5:
        subject = _nominee(chance, story)
        voted = chance.choice(
            (
                f"{story.yes}/{story.members} phiếu đồng ý, đạt tỷ lệ {story.share}%",
                f"{story.yes}/{story.members} thành viên nhất trí (đạt {story.share} %)",
                f"{story.yes:02d}/{story.members:02d} thành viên tán thành, bằng {story.share}%",
            )
        )
        blocks.append(
            f"Hội đồng đề nghị tặng {_award_words(chance, story)} cho {subject}: {voted}."
        )
    else:
        blocks.append(_ballot(chance, story))
    blocks.append("Cuộc họp kết thúc lúc 16 giờ 45 phút cùng ngày./.")
    blocks.append(_signature(chance, [("THƯ KÝ", story.secretary), ("CHỦ TRÌ", story.chair)]))
    return blocks


def _ballot(chance: Random, story: Story) -> Block:
    own = story.name if story.kind is SubjectKind.INDIVIDUAL else _unit_words(chance, story)
    rows = [
        [own, str(story.yes), str(story.no), f"{story.share}%", "Đề nghị"],
        [THIRD, "2", str(story.members - 2), f"{share_of(2, story.members)}%", "Không đề nghị"],
    ]
    chance.shuffle(rows)
    heads = ["Tập thể, cá nhân", "Đồng ý", "Không", "Tỷ lệ", "Kết luận"]
    return [["STT", *heads], *([str(number), *row] for number, row in enumerate(rows, 1))]


def report(story: Story, chance: Random) -> list[Block]:
    """Báo cáo thành tích, mẫu số 07."""
    person = story.kind is SubjectKind.INDIVIDUAL
    blocks: list[Block] = [
        f"Mẫu số {story.form}",
        *_head(chance, story, "", story.report_on),
        "BÁO CÁO THÀNH TÍCH",
        chance.choice(
            (
                f"Đề nghị tặng {_award_words(chance, story)}",
                f"ĐỀ NGHỊ TẶNG THƯỞNG {_award_words(chance, story).upper()} NĂM {story.year}",
            )
        ),
        "(Áp dụng đối với tập thể, cá nhân có thành tích theo đợt hoặc chuyên đề)",
    ]
    if person:
        blocks += [
            chance.choice(("", "- ", "1. ")) + f"Họ và tên: {_cased(chance, story.name)}",
            f"Chức vụ, đơn vị công tác: {story.position}, {_unit_words(chance, story)}",
        ]
    else:
        blocks.append(f"Tên tập thể: {_unit_words(chance, story)}")
    blocks += [
        "I. SƠ LƯỢC ĐẶC ĐIỂM, TÌNH HÌNH",
        "Thành lập năm 1991, gồm 9 phòng chuyên môn, 45/47 công chức có trình độ đại học.",
        "II. THÀNH TÍCH ĐẠT ĐƯỢC",
        (
            f"Năm {story.year}, tỷ lệ hồ sơ đúng hạn đạt 99,2%, tăng 3% so với năm 2022; cùng với "
            "UBND huyện Bắc Mê và Sở Y tế số hóa 12/15 quy trình."
        ),
        (
            f"Giải pháp “Tổ lưu động” được công nhận tại Quyết định số {story.recognised} "
            f"{_day(chance, story.recognised_on)}."
        ),
        "III. CÁC HÌNH THỨC ĐÃ ĐƯỢC KHEN THƯỞNG",
        "Năm 2021 được tặng Giấy khen của Giám đốc Sở Nội vụ (số 15/QĐ-SNV ngày 03/02/2022).",
    ]
    own = ("NGƯỜI BÁO CÁO", story.name) if person else (_post(story), story.head)
    blocks.append(_signature(chance, [("XÁC NHẬN CỦA CẤP TRÌNH", ""), own]))
    return blocks


def recognition(story: Story, chance: Random) -> list[Block]:
    """Quyết định công nhận sáng kiến."""
    del chance
    return [
        [
            [
                f"UBND TỈNH HÀ GIANG\nSố: {story.recognised}",
                (
                    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
                    f"Độc lập - Tự do - Hạnh phúc\nHà Giang, {long_day(story.recognised_on)}"
                ),
            ],
        ],
        "QUYẾT ĐỊNH",
        "Về việc công nhận sáng kiến năm 2023",
        f"Điều 1. Công nhận sáng kiến của tập thể, cá nhân thuộc {story.unit.name}.",
    ]


WRITERS = {
    DocumentKind.BAO_CAO_THANH_TICH: report,
    DocumentKind.BIEN_BAN: minutes,
    DocumentKind.TO_TRINH: letter,
    DocumentKind.CONG_NHAN_SANG_KIEN: recognition,
}
