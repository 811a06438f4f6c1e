"""Settings of how the service is run: its proxy, its old keys, its metrics, what is accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_SECRET: Final = 32
FROM_FILES: Final = (
    "DATABASE_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SMTP_URL",
    "WEBHOOK_SECRET",
    "S3_SECRET_ACCESS_KEY",
    "METRICS_TOKEN",
    "OIDC_CLIENT_SECRET",
)
"""Settings that hold a secret: each may lie in a file, which `NAME_FILE` points to."""
_MOST_HOPS = 5
PERMITS: Final = 8
"""Requests at a time in each process, where nothing else is set."""
_MOST_PERMITS = 64


@dataclass(frozen=True, slots=True)
class OperationSettings:
    """All optional: without them no proxy is believed, and no metrics are told."""

    proxy_hops: int = 0
    """How many proxies of our own stand in front; their X-Forwarded headers alone are believed."""
    key_fallbacks: tuple[str, ...] = field(default=(), metadata={"secret": True})
    """Keys of before: what they signed stays valid, and nothing new is signed with them."""
    metrics_token: str = field(default="", metadata={"secret": True})
    accepted: frozenset[str] = frozenset()
    """Names of unsafe settings the office has accepted (`config.deployment`)."""
    permits: int = 0
    """How many requests a process serves at a time; more are refused at once. 0: nobody counts."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], faults: list[str]) -> Self:
        """Read what is set; each fault is added to `faults`, and nothing is raised."""

        def get(name: str) -> str:
            return environment.get(name, "").strip()

        hops = get("PROXY_HOPS") or "0"
        if not hops.isdecimal() or int(hops) > _MOST_HOPS:
            faults.append(f"PROXY_HOPS: số proxy đứng trước dịch vụ, từ 0 đến {_MOST_HOPS}")
            hops = "0"
        older = tuple(one.strip() for one in get("SECRET_KEY_FALLBACKS").split(",") if one.strip())
        if any(len(one) < SHORTEST_SECRET for one in older):
            faults.append(f"SECRET_KEY_FALLBACKS: có khóa ngắn hơn {SHORTEST_SECRET} ký tự")
        token = get("METRICS_TOKEN")
        if token and len(token) < SHORTEST_SECRET:
            faults.append(f"METRICS_TOKEN: ngắn hơn {SHORTEST_SECRET} ký tự")
        accepted = frozenset(one.strip() for one in get("ACCEPT_UNSAFE").split(",") if one.strip())
        permits = get("WEB_PERMITS") or str(PERMITS)
        if not permits.isdecimal() or not 1 <= int(permits) <= _MOST_PERMITS:
            faults.append(f"WEB_PERMITS: số yêu cầu xử lý cùng lúc, từ 1 đến {_MOST_PERMITS}")
            permits = str(PERMITS)
        return cls(int(hops), older, token, accepted, int(permits))


def with_files(environment: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    """The environment with each secret read from the file its `NAME_FILE` points to.

    Written for systemd's `LoadCredential` and the like, which hand secrets over as files.
    """
    whole = dict(environment)
    for name in FROM_FILES:
        path = environment.get(f"{name}_FILE", "").strip()
        if not path:
            continue
        if environment.get(name, "").strip():
            faults.append(f"{name}, {name}_FILE: chỉ đặt một trong hai")
            continue
        try:
            whole[name] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            faults.append(f"{name}_FILE: không đọc được tệp này")
    return whole
