"""What a unit is called as a body: the People's Committee of a place, not the place."""

from __future__ import annotations

from typing import Final

from workflow.vocabulary import UnitKind

_COMMITTEES: Final = ("UBND ", "Ủy ban nhân dân ", "Uỷ ban nhân dân ")


def body_name(kind: UnitKind, name: str) -> str:
    """Name the body that registers and is honoured: “Huyện Quản Bạ” is “UBND huyện Quản Bạ”.

    Lists of the statistics office name places; departments and names written out stay as they
    are.
    """
    is_place = kind in {UnitKind.DISTRICT, UnitKind.COMMUNE}
    if not is_place or name.startswith(_COMMITTEES):
        return name
    return f"UBND {name[:1].lower()}{name[1:]}"
