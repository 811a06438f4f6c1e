"""A mail server for the tests: real SMTP on this machine, with faults on request."""

from __future__ import annotations

import socket
from asyncio import Transport
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

KEEP_AND_DROP = "keep the letter, then hang up"
DROP = "hang up"


@dataclass
class Mailbox:
    """What arrived. `at_rcpt` and `at_data` are answers to give instead of accepting, in order."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    connections: int = 0
    at_rcpt: deque[str] = field(default_factory=deque)
    at_data: deque[str] = field(default_factory=deque)

    @property
    def url(self) -> str:
        """Where it listens, as SMTP_URL says it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        """Who got something, in order of arrival."""
        return [to for envelope in self.envelopes for to in envelope.rcpt_tos]

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, answers
    ):
        """Count connections."""
        self.connections += 1
        session.host_name = hostname
        return answers

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options
    ) -> str:
        """Take a recipient, or answer as told."""
        if self.at_rcpt:
            return self.at_rcpt.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter, or do as told."""
        answer = self.at_data.popleft() if self.at_data else "250 OK"
        if answer in {DROP, KEEP_AND_DROP}:
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        if answer in {"250 OK", KEEP_AND_DROP}:
            assert isinstance(envelope.content, bytes)
            self.envelopes.append(envelope)
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer if answer[0].isdigit() else "250 OK"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
