"""How checkpoints and the places outside stand, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from config.checkpoint_settings import PLACES_WANTED, CheckpointSettings
from models.checkpoints import Place
from views import formats

NAMES: Final = {"file": "Thư mục tệp", "mail": "Hộp thư lưu", "webhook": "Webhook"}


def place(one: Place) -> str:
    """One place: what it has, what it lacks, and the last error."""
    name = NAMES[one.place]
    if one.delivered_at is None:
        has = f"{name}: chưa nhận mốc nào"
    else:
        stamp = formats.stamp(one.delivered_at)
        has = f"{name}: đã nhận đến mốc {one.delivered_size} lúc {stamp}"
    lacks = f", còn thiếu {one.waiting} mốc" if one.waiting else ""
    why = f" ({one.error})" if one.error else ""
    return f"{has}{lacks}{why}."


def warnings(wanted: CheckpointSettings, found: list[Place], now: datetime) -> list[str]:
    """What an administrator should know: no key, too few places, a place that is late."""
    told = []
    if not wanted.key:
        told.append("Mốc nhật ký chưa được ký: chưa đặt khóa ký (CHECKPOINT_KEY_FILE).")
    elif len(wanted.places) < PLACES_WANTED:
        told.append(
            f"Mốc nhật ký chỉ gửi đến {len(wanted.places)} nơi bên ngoài, cần ít nhất"
            f" {PLACES_WANTED} (CHECKPOINT_DIR, CHECKPOINT_MAIL, CHECKPOINT_WEBHOOK_URL)."
        )
    return [*told, *(f"Mốc nhật ký gửi chậm. {place(one)}" for one in found if one.is_late(now))]
