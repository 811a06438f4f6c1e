"""A signed webhook: the way to a gateway for SMS or Zalo, whatever that gateway is.

The body is JSON in UTF-8. `X-Award-Signature` is `t=SECONDS,v1=HEX`: HMAC-SHA256 with the shared
secret over `SECONDS.BODY`, SECONDS since 1970 in UTC; a gateway refuses what is older than five
minutes, and uses `id`, the same at every attempt, to send nothing twice.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from urllib.parse import urlsplit

from models.tables import OutgoingMessage
from schedules.relay import FinallyRefused, TemporarilyRefused, Unreachable
from schedules.wording import render

TIMEOUT_SECONDS: Final = 10.0
LONGEST_ANSWER: Final = 4096
"""Bytes of an answer that are read; the rest is nobody's business."""
_LATER: Final = frozenset({408, 425, 429})
_OK, _REDIRECT, _CLIENT, _SERVER = 200, 300, 400, 500


@dataclass(frozen=True, slots=True, repr=False)
class Gateway:
    """Where short messages are handed over, and the secret they are signed with. Not shown."""

    url: str
    secret: str

    @classmethod
    def from_settings(cls, url: str, secret: str) -> Self | None:
        """The gateway, or None when none is set up."""
        return cls(url, secret) if url and secret else None

    def send(self, payload: Mapping[str, str], now: datetime) -> None:
        """Hand over one message; returning means the gateway has it.

        Raises `Unreachable`, `TemporarilyRefused` or `FinallyRefused`.
        """
        body = json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()
        try:
            status, said = self._post(body, signature(self.secret, body, now))
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}".strip(": ")) from error
        if _OK <= status < _REDIRECT:
            return
        told = f"HTTP {status} {said}".strip()
        if _CLIENT <= status < _SERVER and status not in _LATER:
            raise FinallyRefused(told)
        raise TemporarilyRefused(told)

    def _post(self, body: bytes, signed: str) -> tuple[int, str]:
        parts = urlsplit(self.url)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Award-Signature": signed,
        }
        connection = self._dial(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request(
                "POST", parts._replace(scheme="", netloc="").geturl() or "/", body, headers
            )
            answer = connection.getresponse()
            said = answer.read(LONGEST_ANSWER).decode("utf-8", "replace")
            return answer.status, " ".join(said.split())[:200]
        finally:
            connection.close()

    def _dial(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def signature(secret: str, body: bytes, now: datetime) -> str:
    """Sign `body` as of `now` (aware UTC)."""
    seconds = str(int(now.timestamp()))
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def short(message: OutgoingMessage, base_url: str, now: datetime) -> dict[str, str]:
    """A letter in one line: whom it is for, what it says, where to look; nothing confidential."""
    text = render(message.letter, message.values, None, base_url, now)
    return {
        "id": message.message_id,
        "to": str(message.recipient_id or ""),
        "name": str(message.values.get("recipient", "")),
        "text": text.subject,
        "link": text.link,
    }
