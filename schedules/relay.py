"""The mail server letters are handed to: its address, one connection, and what it answered."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from models.failpoints import reach

TIMEOUT_SECONDS: Final = 10.0
_PERMANENT = 500
_CLOSING = 421
_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class TemporarilyRefused(Exception):
    """The letter was not accepted now; trying later may help."""


class FinallyRefused(Exception):
    """The letter will never be accepted as it is."""


class Unreachable(TemporarilyRefused):
    """No mail server answers, or it does not let us in: no other letter will fare better."""


class Security(Enum):
    """How the connection is protected; certificates are always checked."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


@dataclass(frozen=True, slots=True, repr=False)
class Relay:
    """Where the mail server is, and how to get in. Not shown: the password is a secret."""

    host: str
    port: int
    security: Security
    user: str
    password: str

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `smtp://`, `smtp+starttls://` or `smtps://[user:password@]host[:port]`.

        Raises `ValueError` for anything else, without repeating the address.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL: viết như smtp://may-chu:25, smtp+starttls:// hoặc smtps://")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            security=Security(parts.scheme),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class Line:
    """One connection for a batch of letters, opened with the first; use as a context manager.

    A server that hangs up is called once more with the next letter; one that cannot be reached
    is not called again.
    """

    def __init__(self, relay: Relay, hello: str, seconds: float = TIMEOUT_SECONDS) -> None:
        """Nothing is opened yet; `hello` is the name we greet the server with."""
        self.relay = relay
        self.hello = hello
        self.seconds = seconds
        self._server: smtplib.SMTP | None = None
        self._broken = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._hang_up()

    def send(self, message: EmailMessage) -> None:
        """Hand over one letter; returning means the server has it.

        Raises `Unreachable`, `TemporarilyRefused` or `FinallyRefused`. After the first two the
        server may have the letter all the same (RFC 1047).
        """
        if self._broken:
            raise Unreachable(self._broken)
        try:
            server = self._server or self._open()
        except (OSError, smtplib.SMTPException) as error:
            self._broken = _told(error)
            raise Unreachable(self._broken) from error
        reach("before_smtp")
        try:
            server.send_message(message)
        except smtplib.SMTPNotSupportedError as error:
            raise FinallyRefused(_told(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._refusal(error) from error
        except ValueError as error:
            raise FinallyRefused(_told(error)) from error

    def _open(self) -> smtplib.SMTP:
        relay, server = self.relay, self._dial()
        try:
            if relay.security is Security.STARTTLS:
                server.starttls(context=ssl.create_default_context())
            if relay.user:
                server.login(relay.user, relay.password)
        except BaseException:
            server.close()
            raise
        self._server = server
        return server

    def _dial(self) -> smtplib.SMTP:
        relay = self.relay
        if relay.security is Security.TLS:
            return smtplib.SMTP_SSL(
                relay.host,
                relay.port,
                self.hello,
                timeout=self.seconds,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(relay.host, relay.port, self.hello, timeout=self.seconds)

    def _refusal(self, error: Exception) -> Exception:
        told = _told(error)
        if isinstance(error, smtplib.SMTPSenderRefused):
            # Our own address or our right to send is in question, not this letter.
            self._broken = told
            return Unreachable(told)
        codes = _codes(error)
        if not codes or _CLOSING in codes:
            self._hang_up()
        if codes and min(codes) >= _PERMANENT:
            return FinallyRefused(told)
        return TemporarilyRefused(told)

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _codes(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _told(error: Exception) -> str:
    """What the server said, on one line, for the person who looks at failed letters."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [f"{code} {_text(said)}" for code, said in error.recipients.values()]
        return "; ".join(answers)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}".strip(": ")


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())
