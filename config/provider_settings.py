"""Settings of the identity provider people may sign in through (OpenID Connect); off without."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL: Final = "tài khoản của tỉnh"
_NAMES: Final = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """All three, or none."""

    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    name: str = _USUAL
    """What people call it; stands on the button."""

    @property
    def on(self) -> bool:
        """Is there a provider?"""
        return bool(self.issuer)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], faults: list[str]) -> Self:
        """Read what is set; each fault is added to `faults`, and nothing is raised."""
        issuer, client, secret = (environment.get(name, "").strip() for name in _NAMES)
        if any((issuer, client, secret)) and not all((issuer, client, secret)):
            faults.append(f"{', '.join(_NAMES)}: đặt cả ba hoặc bỏ trống cả ba")
        address = urlsplit(issuer)
        if issuer and (address.scheme not in {"http", "https"} or address.query):
            faults.append("OIDC_ISSUER: địa chỉ của nhà cung cấp, bắt đầu bằng https://")
        name = environment.get("OIDC_NAME", "").strip() or _USUAL
        return cls(issuer, client, secret, name)
