"""How checkpoints and the places outside stand, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from config.checkpoint_settings import PLACES_WANTED, CheckpointSettings
from models.checkpoints import Place
from views import formats
from views.formats import Words, _

NAMES: Final = Words({"file": "Thư mục tệp", "mail": "Hộp thư lưu", "webhook": "Webhook"})


def place(one: Place) -> str:
    """One place: what it has, what it lacks, and the last error."""
    name = NAMES[one.place]
    if one.delivered_at is None:
        has = _("{name}: chưa nhận mốc nào", name=name)
    else:
        stamp = formats.stamp(one.delivered_at)
        has = _(
            "{name}: đã nhận đến mốc {delivered_size} lúc {stamp}",
            name=name,
            delivered_size=one.delivered_size,
            stamp=stamp,
        )
    lacks = _(", còn thiếu {count} mốc", count=one.waiting) if one.waiting else ""
    why = _(" ({error})", error=one.error) if one.error else ""
    return f"{has}{lacks}{why}."


def warnings(wanted: CheckpointSettings, found: list[Place], now: datetime) -> list[str]:
    """What an administrator should know: no key, too few places, a place that is late."""
    told = []
    if not wanted.key:
        told.append(unsigned())
    elif len(wanted.places) < PLACES_WANTED:
        told.append(
            _(
                "Mốc nhật ký chỉ gửi đến {count} nơi bên ngoài, cần ít nhất "
                "{places_wanted} (CHECKPOINT_DIR, CHECKPOINT_MAIL, "
                "CHECKPOINT_WEBHOOK_URL).",
                count=len(wanted.places),
                places_wanted=PLACES_WANTED,
            )
        )
    return [*told, *late(found, now)]


def unsigned() -> str:
    """There is no key, so nothing is signed."""
    return _("Mốc nhật ký chưa được ký: chưa đặt khóa ký (CHECKPOINT_KEY_FILE).")


def late(found: list[Place], now: datetime) -> list[str]:
    """Places that lack a checkpoint for too long, a sentence each."""
    return [
        _("Mốc nhật ký gửi chậm. {place}", place=place(one)) for one in found if one.is_late(now)
    ]
