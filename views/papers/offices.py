"""How an office writes: its name on top, its symbol, its place, and in what capacity people sign.

Nghị định 30/2020/NĐ-CP, Phụ lục I: a People's Committee has nobody above it on the paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from models.queries_papers import Signer
from views import formats
from views.official_paper import place_and_date
from workflow.vocabulary import Post, SigningCapacity, UnitKind

COMMITTEE: Final = "Ủy ban nhân dân"
_COMMITTEES: Final = {UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.COMMUNE}
_AREA = re.compile(r"^(tỉnh|huyện|thành phố|thị xã|xã|phường|thị trấn)\s+", re.IGNORECASE)
_LEADERS: Final = (
    ("Sở ", "Giám đốc", "Phó Giám đốc"),
    ("Văn phòng ", "Chánh Văn phòng", "Phó Chánh Văn phòng"),
    ("Thanh tra ", "Chánh Thanh tra", "Phó Chánh Thanh tra"),
    ("Ban ", "Trưởng ban", "Phó Trưởng ban"),
    ("Phòng ", "Trưởng phòng", "Phó Trưởng phòng"),
    ("Trung tâm ", "Giám đốc", "Phó Giám đốc"),
)
_KNOWN_SYMBOLS: Final = (("Văn phòng ", "VP"), ("Thanh tra ", "TTr"))
_SMALL_WORDS: Final = {"và"}
TEN: Final = 10


@dataclass(frozen=True, slots=True)
class Office:
    """One issuing body on paper. `head` and `deputy` are titles without the body's name."""

    above: str
    lines: str
    name: str
    symbol: str
    place: str
    head: str
    deputy: str
    committee: bool

    @property
    def head_of(self) -> str:
        """Chủ tịch Ủy ban nhân dân huyện Quản Bạ; Giám đốc Sở Nội vụ."""
        # A head of a body named after the post is not named twice: Chánh Văn phòng UBND tỉnh.
        first = self.head.split()[-1]
        name = self.name
        if not self.committee and name.lower().startswith(first.lower()):
            return f"{self.head}{name[len(first) :]}"
        rest = self.head.partition(" ")[2]
        if rest and name.lower().startswith(rest.lower()):
            return f"{self.head}{name[len(rest) :]}"
        return f"{self.head} {name}"


def office_of(name: str, kind: UnitKind, parent: str, place: str) -> Office:
    """How the unit writes; `parent` is the body above it, `place` where the programme is."""
    plain = full_name(name)
    if kind in _COMMITTEES:
        area = plain.removeprefix(COMMITTEE).strip()
        area = f"{area[:1].lower()}{area[1:]}"
        where = place if kind is UnitKind.PROVINCE else _AREA.sub("", area)
        return Office(
            above="",
            lines=f"{COMMITTEE}\n{area}".upper(),
            name=f"{COMMITTEE} {area}",
            symbol="UBND",
            place=where,
            head="Chủ tịch",
            deputy="Phó Chủ tịch",
            committee=True,
        )
    head, deputy = next(
        ((one, two) for start, one, two in _LEADERS if plain.startswith(start)),
        ("Thủ trưởng", "Phó Thủ trưởng"),
    )
    return Office(
        above=formats.shortened(parent).upper(),
        lines=plain.upper(),
        name=plain,
        symbol=symbol_of(name),
        place=place,
        head=head,
        deputy=deputy,
        committee=False,
    )


def full_name(name: str) -> str:
    """The name without the everyday abbreviation."""
    return name.replace("UBND", COMMITTEE)


def symbol_of(name: str) -> str:
    """STTTT of Sở Thông tin và Truyền thông: first letters, abbreviations whole."""
    short = next((one for start, one in _KNOWN_SYMBOLS if name.startswith(start)), "")
    if short:
        return short
    words = [word for word in re.split(r"[\s\-]+", name) if word and word not in _SMALL_WORDS]
    return "".join(word if word.isupper() else word[0].upper() for word in words)


def number_line(number: str, symbol: str) -> str:
    """“Số: 05/TTr-UBND”: below ten with a zero, and room to write while there is no number."""
    return f"Số: {padded(number)}" if number else f"Số:       /{symbol}"


def padded(number: str) -> str:
    """The number and symbol with a leading zero before a number below ten."""
    first, slash, rest = number.partition("/")
    return f"0{number}" if len(first) == 1 and first.isdigit() and (slash or not rest) else number


def count(many: int) -> str:
    """02, 15: counts below ten are written with a zero."""
    return f"{many:02d}" if many < TEN else str(many)


def in_a_sentence(day: date) -> str:
    """Ngày 05 tháng 12 năm 2023, inside a sentence."""
    return place_and_date("", day).removeprefix(", ")


def signature(
    office: Office, signer: Signer | None, *, on_behalf: bool = False
) -> tuple[list[str], str]:
    """The lines above a signature, and the name: a deputy signs for the head (KT.)."""
    lines = [f"TM. {COMMITTEE}".upper()] if on_behalf and office.committee else []
    if signer is not None and signer.post is Post.DEPUTY_HEAD:
        return [*lines, f"KT. {office.head}".upper(), office.deputy.upper()], signer.name
    return [*lines, office.head.upper()], signer.name if signer else ""


def signed_as(office: Office, capacity: SigningCapacity, own_title: str = "") -> list[str]:
    """The lines above a signature of a decision that says in which capacity it was signed."""
    head = office.head.upper()
    match capacity:
        case SigningCapacity.SELF:
            return [head]
        case SigningCapacity.TM:
            return [f"TM. {COMMITTEE}".upper() if office.committee else f"TM. {office.lines}", head]
        case SigningCapacity.KT:
            return [f"KT. {head}", office.deputy.upper()]
        case _:
            return [f"{capacity.value} {head}", *([own_title.upper()] if own_title else [])]


def listed(signers: Sequence[Signer], chosen: int | None) -> Signer | None:
    """The signer chosen, else the head, else a deputy; None when nobody is appointed."""
    first = next((one for one in signers if one.person_id == chosen), None)
    return first or next(iter(signers), None)
