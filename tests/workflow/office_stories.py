"""Invented dossiers as a set of papers tells them: what is true, before anybody writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from workflow.facts import UnitFacts
from workflow.vocabulary import SubjectKind, UnitKind

if TYPE_CHECKING:
    from random import Random

DISTRICTS = ("Quản Bạ", "Yên Minh", "Đồng Văn", "Mèo Vạc", "Vị Xuyên", "Hoàng Su Phì", "Xín Mần")
OFFICES = (
    ("Sở Nội vụ", "SNV"),
    ("Sở Tư pháp", "STP"),
    ("Sở Thông tin và Truyền thông", "STTTT"),
    ("Sở Kế hoạch và Đầu tư", "SKHĐT"),
    ("Sở Tài nguyên và Môi trường", "STNMT"),
    ("Sở Văn hóa, Thể thao và Du lịch", "SVHTTDL"),
    ("Sở Lao động - Thương binh và Xã hội", "SLĐTBXH"),
    ("Ban Dân tộc", "BDT"),
    ("Văn phòng UBND tỉnh", "VP"),
)
LIKE_NAMES = (
    ("Nguyễn Văn Nam", "Nguyễn Văn Năm"),
    ("Giàng Mí Và", "Giàng Mí Vá"),
    ("Hoàng Thị Hoà", "Hoàng Thị Hoa"),
    ("Vàng Thị Dợ", "Vàng Thị Dở"),
    ("Lý Văn Thuỷ", "Lý Văn Thụy"),
    ("Nguyễn Công Đạt", "Nguyễn Công Đát"),
    ("Sùng A Páo", "Sùng A Pao"),
    ("Trần Trưởng Giang", "Trần Trường Giang"),
    ("Đỗ Minh Trưởng", "Đỗ Minh Trường"),
)
STAFF = (
    "Phàn A Lình",
    "Lò Thị Thúy",
    "Hầu Minh Lợi",
    "Viên Thị Hòa",
    "Ly Mí Lử",
    "Đặng Quốc Khánh",
)
THIRD = "Mã Thị Kiều Oanh"


@dataclass(frozen=True, slots=True)
class Story:
    """What one paper holds to be true."""

    kind: SubjectKind
    unit: UnitFacts
    name: str
    like: str
    position: str
    year: int
    award: str
    symbol: str
    number: str
    letter_on: date
    minutes_on: date
    met_on: date
    report_on: date
    recognised: str
    recognised_on: date
    members: int
    present: int
    yes: int
    no: int
    share: str
    head: str
    chair: str
    secretary: str
    form: str = "07"

    @property
    def place(self) -> str:
        """Where the unit has its seat."""
        return self.unit.name.rsplit("huyện ", 1)[-1] if "huyện" in self.unit.name else "Hà Giang"


def a_story(chance: Random, kind: SubjectKind) -> Story:
    """One dossier's truth."""
    met_on = date(2023, 11, 20) + timedelta(days=chance.randrange(6))
    members = chance.choice((9, 11, 15))
    present = members - chance.choice((0, 1))
    no = chance.choice((0, 1))
    name, like = chance.choice(LIKE_NAMES)
    if chance.random() < 0.5:
        name, like = like, name
    unit, symbol = _unit(chance)
    head, chair, secretary = chance.sample(STAFF, 3)
    if kind is SubjectKind.COLLECTIVE:
        name = unit.name
    yes = present - no
    return Story(
        kind=kind,
        unit=unit,
        name=name,
        like=like,
        position=chance.choice(
            ("Phó Chánh Văn phòng", "Chuyên viên", "Trưởng phòng", "Kế toán trưởng")
        ),
        year=2023,
        award="Bằng khen",
        symbol=symbol,
        number=str(chance.randrange(2, 400)),
        letter_on=met_on + timedelta(days=chance.randrange(1, 5)),
        minutes_on=met_on,
        met_on=met_on,
        report_on=met_on - timedelta(days=chance.randrange(0, 9)),
        recognised=f"{chance.randrange(100, 2000)}/QĐ-{chance.choice(('UBND', 'HĐSK'))}",
        recognised_on=date(2023, chance.randrange(1, 11), chance.randrange(1, 28)),
        members=members,
        present=present,
        yes=yes,
        no=no,
        share=share_of(yes, members),
        head=head,
        chair=chair,
        secretary=secretary,
    )


def share_of(part: int, whole: int) -> str:
    """88,9: one place, a decimal comma; 100 without places."""
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10},{tenths % 10}" if tenths % 10 else str(tenths // 10)


def _unit(chance: Random) -> tuple[UnitFacts, str]:
    if chance.random() < 0.5:
        name = chance.choice(DISTRICTS)
        return UnitFacts(20, "H0", f"UBND huyện {name}", UnitKind.DISTRICT, True), "UBND"
    name, symbol = chance.choice(OFFICES)
    return UnitFacts(4, "S0", name, UnitKind.DEPARTMENT, True), symbol
