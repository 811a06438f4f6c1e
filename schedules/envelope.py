"""The envelope of a letter: headers in the form mail servers want, and nothing else in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from jinja2 import TemplateNotFound, UndefinedError

from models.sealed import Sealer, Unopenable
from models.tables import OutgoingMessage
from models.telling import SEALED
from schedules.wording import Text, render
from workflow.deadlines import Deadline


class Unwritable(Exception):
    """The row does not say whom to write to."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is the same on every letter: who sends, and where the service is found."""

    sender: str
    base_url: str
    sealer: Sealer | None = None
    """Opens what a letter carries sealed: one-time codes."""


class Folding(EmailPolicy):
    """The policy for SMTP, with words outside ASCII encoded whole.

    The library's own way of folding (Python 3.11 to 3.13) loses a space, or adds one, where
    encoded and plain words meet: "thi đua năm" arrived as "thi đuanăm".
    """

    def fold(self, name: str, value: Any) -> str:  # noqa: ANN401
        """Write one header."""
        written = self._encoded(name, str(value))
        return super().fold(name, value) if written is None else written

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401
        """Write one header as bytes; all of them are ASCII."""
        written = self._encoded(name, str(value))
        return super().fold_binary(name, value) if written is None else written.encode("ascii")

    def _encoded(self, name: str, text: str) -> str | None:
        if text.isascii() or name not in {"Subject", "From"}:
            return None
        words, address = (text, "") if name == "Subject" else parseaddr(text)
        encoded = Header(words, "utf-8", header_name=name).encode(linesep=self.linesep)
        after = f"{self.linesep} <{address}>" if address else ""
        return f"{name}: {encoded}{after}{self.linesep}"


POLICY: Final = Folding(linesep="\r\n")


def compose(
    message: OutgoingMessage, ahead: Deadline | None, head: Letterhead, now: datetime
) -> EmailMessage:
    """Turn a row into a message for SMTP; its Message-ID is the same at every attempt.

    `ahead` is the dossier's next deadline as it stands now. Raises `Unwritable` for an address
    that cannot stand in a header, `jinja2.TemplateError` for a letter nobody wrote.
    """
    values = _unsealed(message.values, head)
    text = render(message.letter, values, ahead, head.base_url, now)
    return enclose(message, text, head, now)


def enclose(message: OutgoingMessage, text: Text, head: Letterhead, now: datetime) -> EmailMessage:
    """Put words into an envelope of this row. Raises `Unwritable`."""
    composed = EmailMessage(policy=POLICY)
    composed["Subject"] = text.subject
    composed["From"] = head.sender
    composed["To"] = _checked(message.address)
    composed["Date"] = format_datetime(now)
    composed["Message-ID"] = message.message_id
    composed["Auto-Submitted"] = "auto-generated"
    composed.set_content(text.body, cte="quoted-printable")
    return composed


def _unsealed(values: Mapping[str, Any], head: Letterhead) -> Mapping[str, Any]:
    """The values with what was sealed written into its line. Raises `Unwritable`."""
    if "sealed" not in values:
        return values
    try:
        secret = head.sealer.open(values["sealed"]) if head.sealer else ""
    except Unopenable:
        secret = ""
    if not secret:
        raise Unwritable("mã trong thư được mã hóa bằng SECRET_KEY đã bỏ")
    lines = [line.replace(SEALED, secret) for line in values["lines"]]
    return {**values, "lines": lines}


def unwritten(error: Exception, letter: str) -> str:
    """Why a letter could not be written, for the person who looks at failed letters."""
    match error:
        case Unwritable():
            why = str(error)
        case TemplateNotFound():
            why = f"bản phần mềm này không có mẫu “{letter}”"
        case UndefinedError() | LookupError() | AttributeError() | TypeError():
            why = f"thư thiếu dữ liệu mà mẫu “{letter}” cần"
        case _:
            why = type(error).__name__
    return f"không soạn được thư: {why}"


def _checked(address: str) -> str:
    """One plain address, or `Unwritable`: what else stands there could be another header."""
    alone = EmailMessage(policy=POLICY)
    try:
        alone["To"] = address
        found = [one.addr_spec for one in alone["To"].addresses if one.domain]
    except ValueError:
        found = []
    if found != [address]:
        raise Unwritable("địa chỉ thư của người nhận không dùng được")
    return address
