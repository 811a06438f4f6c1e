"""Settings of checkpoints: the key they are signed with, and the places they are sent to."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORTEST_SECRET = 32
_SEED = 32
PLACES_WANTED = 2
"""Fewer places than this, and one person could rewrite the log and all that shows it."""


@dataclass(frozen=True, slots=True)
class CheckpointSettings:
    """All optional: without a key nothing is signed, and `doctor` says so."""

    key: str = field(default="", repr=False)
    """An Ed25519 seed in base64, as `flask audit new-key` writes it."""
    name: str = "award-dossiers"
    """The origin of the log and the name of its key: one word, the same for ever."""
    old_keys: tuple[str, ...] = ()
    """Public keys of before, `name+id+key`: what they signed is still known."""
    folder: Path | None = None
    mail: str = ""
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)

    @property
    def places(self) -> tuple[str, ...]:
        """The places that are set up."""
        there = {"file": self.folder, "mail": self.mail, "webhook": self.webhook_url}
        return tuple(name for name, value in there.items() if value)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], faults: list[str]) -> Self:
        """Read what is set; each fault is added to `faults`, and nothing is raised."""

        def get(name: str) -> str:
            return environment.get(name, "").strip()

        key = get("CHECKPOINT_KEY") or _read(get("CHECKPOINT_KEY_FILE"), faults)
        if key and not _is_seed(key):
            faults.append("CHECKPOINT_KEY: không phải khóa Ed25519; tạo bằng audit new-key")
        name = get("CHECKPOINT_NAME") or urlsplit(get("BASE_URL")).hostname or "award-dossiers"
        if any(sign.isspace() or sign == "+" for sign in name):
            faults.append("CHECKPOINT_NAME: một từ, không có dấu cách và dấu +")
        folder = Path(get("CHECKPOINT_DIR")) if get("CHECKPOINT_DIR") else None
        mail = get("CHECKPOINT_MAIL")
        if mail and ("@" not in mail or any(sign.isspace() for sign in mail)):
            faults.append("CHECKPOINT_MAIL: một địa chỉ thư")
        url, secret = get("CHECKPOINT_WEBHOOK_URL"), get("CHECKPOINT_WEBHOOK_SECRET")
        if bool(url) != bool(secret):
            faults.append(
                "CHECKPOINT_WEBHOOK_URL, CHECKPOINT_WEBHOOK_SECRET: đặt cả hai hoặc bỏ trống cả hai"
            )
        if url and urlsplit(url).scheme not in {"http", "https"}:
            faults.append("CHECKPOINT_WEBHOOK_URL: phải bắt đầu bằng http:// hoặc https://")
        if secret and len(secret) < _SHORTEST_SECRET:
            faults.append(f"CHECKPOINT_WEBHOOK_SECRET: ngắn hơn {_SHORTEST_SECRET} ký tự")
        return cls(
            key=key,
            name=name,
            old_keys=tuple(get("CHECKPOINT_OLD_KEYS").split()),
            folder=folder,
            mail=mail,
            webhook_url=url,
            webhook_secret=secret,
        )


def _is_seed(text: str) -> bool:
    """32 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == _SEED
    except ValueError:
        return False


def _read(name: str, faults: list[str]) -> str:
    if not name:
        return ""
    try:
        return Path(name).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        faults.append("CHECKPOINT_KEY_FILE: không đọc được tệp này")
        return ""
