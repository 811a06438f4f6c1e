"""A real mail server with every fault of P11, and what it knows about what it did."""

from __future__ import annotations

import asyncio
import random
import ssl
from asyncio import Transport
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from enum import Enum
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.schedules.mailbox import free_port

HOST = "127.0.0.1"
STALL_SECONDS = 60.0


class Fault(Enum):
    """What happens to one letter instead of being taken."""

    CLOSING = "421 4.3.2 closing"
    BUSY = "451 4.3.0 busy"
    DROP_BEFORE_DATA = "hang up before the letter"
    STALL_BEFORE_DATA = "say nothing for a minute before the letter"
    CLOSING_AT_DATA = "421 4.3.2 closing, after the letter"
    BUSY_AT_DATA = "451 4.3.0 busy, after the letter"
    DROP_AFTER_DATA = "hang up after the letter, and throw it away"
    KEEP_AND_DROP = "keep the letter, hang up before 250"
    KEEP_AND_STALL = "keep the letter, say nothing for a minute"


UNKNOWN_OUTCOMES = {Fault.KEEP_AND_DROP, Fault.KEEP_AND_STALL}
STALLS = {Fault.STALL_BEFORE_DATA, Fault.KEEP_AND_STALL}
AT_RCPT = {Fault.CLOSING, Fault.BUSY, Fault.DROP_BEFORE_DATA, Fault.STALL_BEFORE_DATA}


@dataclass
class PostOffice:
    """What arrived, by Message-ID, and which faults there were."""

    seed: int
    refused: frozenset[str] = frozenset()
    """Addresses nobody has: 550, for ever."""
    stalls_left: int = 0
    port: int = field(default_factory=free_port)
    how_often: float = 0.0
    in_turn: deque[Fault] = field(default_factory=deque)
    """Faults for the next letters, one each, before chance has its say."""
    arrived: Counter[str] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)
    finally_refused: int = 0
    offered: int = 0
    """Letters somebody began to hand over."""

    def __post_init__(self) -> None:
        """Seed the chance."""
        self.chance = random.Random(self.seed)

    @property
    def unknown_outcomes(self) -> int:
        """Letters that were kept without the sender being told."""
        return sum(self.faults[one] for one in UNKNOWN_OUTCOMES)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options
    ) -> str:
        """Take a recipient, or be at fault."""
        self.offered += 1
        if address in self.refused:
            self.finally_refused += 1
            return "550 5.1.1 no such mailbox"
        session.fault = self._fault()  # type: ignore[attr-defined]
        if session.fault in AT_RCPT:  # type: ignore[attr-defined]
            return await self._be(session.fault, server)  # type: ignore[attr-defined]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter, or be at fault."""
        fault: Fault | None = session.fault  # type: ignore[attr-defined]
        if fault is None or fault in UNKNOWN_OUTCOMES:
            assert isinstance(envelope.content, bytes)
            self.arrived[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        return "250 OK" if fault is None else await self._be(fault, server)

    def _fault(self) -> Fault | None:
        if self.in_turn:
            return self.in_turn.popleft()
        if self.chance.random() >= self.how_often:
            return None
        fault = self.chance.choice(list(Fault))
        if fault in STALLS:
            if self.stalls_left == 0:
                return Fault.DROP_BEFORE_DATA
            self.stalls_left -= 1
        return fault

    async def _be(self, fault: Fault, server: SMTP) -> str:
        self.faults[fault] += 1
        if fault in STALLS:
            await asyncio.sleep(STALL_SECONDS)
        if not fault.value[0].isdigit():
            assert isinstance(server.transport, Transport | asyncio.BaseTransport)
            server.transport.abort()  # type: ignore[attr-defined]
            return "451 gone"
        return fault.value.partition(",")[0]


@dataclass(frozen=True)
class Certificates:
    """An authority the office trusts, and certificates of all kinds."""

    trusted: Path
    good: ssl.SSLContext
    of_nobody: ssl.SSLContext
    """By an authority nobody knows."""
    of_another: ssl.SSLContext
    """By the trusted authority, for another server."""


def certificates(folder: Path) -> Certificates:
    """Make them anew."""
    ours, theirs = trustme.CA(), trustme.CA()
    trusted = folder / "authority.pem"
    ours.cert_pem.write_to_path(str(trusted))
    return Certificates(
        trusted,
        _context(ours.issue_cert(HOST)),
        _context(theirs.issue_cert(HOST)),
        _context(ours.issue_cert("mail.example.vn")),
    )


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def open_for_starttls(office: PostOffice, context: ssl.SSLContext | None) -> Iterator[None]:
    """Listen, offer STARTTLS and insist on it; with no context, clear text only."""
    controller = Controller(
        office,
        HOST,
        office.port,
        server_hostname="localhost",
        tls_context=context,
        require_starttls=context is not None,
    )
    with _listening(controller):
        yield


@contextmanager
def open_for_tls(office: PostOffice, context: ssl.SSLContext) -> Iterator[None]:
    """Listen for TLS from the first byte on."""
    with _listening(Controller(office, HOST, office.port, ssl_context=context)):
        yield


@contextmanager
def _listening(controller: Controller) -> Iterator[None]:
    controller.start()
    try:
        yield
    finally:
        controller.stop()
