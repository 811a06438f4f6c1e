"""Movements of places in words."""

from __future__ import annotations

from typing import Final

from models.caps import Move
from models.words import PlaceMove
from views.formats import Words, _

MOVES: Final = Words(
    {
        PlaceMove.RESERVE: "Giữ chỗ cho danh sách trình ký",
        PlaceMove.CONSUME: "Dùng cho quyết định",
        PlaceMove.RELEASE: "Trả lại",
    }
)


def what(one: Move) -> str:
    """What happened to the place."""
    kept = one.reserved < 0 and not one.used
    return _("Bỏ giữ chỗ") if kept else MOVES[one.kind]
