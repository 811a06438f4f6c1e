"""The demonstration's mail server: keeps every letter in the record, sends none anywhere.

`python -m schedules.mail_catcher` listens where SMTP_URL points and ends on SIGTERM or SIGINT.
Exit codes: 0 stopped on request, 1 the address is taken, 2 the settings cannot be used.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError

from config import logging
from config.clock import real_now
from config.settings import Settings, SettingsError
from models.clock import DemonstrationClock
from models.database import Database, open_database
from models.tables import CaughtMail
from schedules.relay import Relay

ADDRESS_TAKEN, WRONG_SETTINGS = 1, 2
BIGGEST = 1_000_000

log = structlog.get_logger()


class Catcher:
    """Keeps what arrives, one row a recipient."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """`clock` tells the demonstration's time."""
        self.database = database
        self.clock = clock

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name.
        """Store one letter; a letter that was not stored was not accepted."""
        try:
            await asyncio.to_thread(self.keep, envelope)
        except SQLAlchemyError:
            log.exception("letter not kept")
            return "451 4.3.0 Try again later"
        return "250 2.0.0 Kept"

    def keep(self, envelope: Envelope) -> None:
        """Write one row for each recipient, in one transaction."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        letter = message_from_bytes(content, policy=policy.default)
        now = self.clock()
        with self.database.writing() as session:
            session.add_all(
                CaughtMail(
                    at=now,
                    mail_from=envelope.mail_from or "",
                    rcpt=recipient,
                    subject=str(letter["Subject"] or ""),
                    body=body_of(letter),
                    message_id=str(letter["Message-ID"] or ""),
                )
                for recipient in envelope.rcpt_tos
            )


def body_of(letter: EmailMessage) -> str:
    """The plain text of a letter; empty when it has none."""
    part = letter.get_body(preferencelist=("plain",))
    return "\n".join(part.get_content().splitlines()) if part is not None else ""


async def catch(database: Database, clock: Callable[[], datetime], relay: Relay) -> None:
    """Listen until a signal asks for the end. Raises `OSError` when the address is taken."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    catcher = Catcher(database, clock)
    server = await loop.create_server(
        lambda: SMTP(catcher, hostname="localhost", data_size_limit=BIGGEST, loop=loop),
        relay.host,
        relay.port,
    )
    sys.stdout.write(f"[mail] ready on {relay.host}, port {relay.port}; letters stay here\n")
    sys.stdout.flush()
    await stop.wait()
    server.close()


def main() -> int:
    """Read the settings, listen, and say how it ended."""
    try:
        settings = Settings.from_environment(os.environ)
        relay = Relay.from_url(settings.smtp_url)
    except (SettingsError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETTINGS
    if not settings.demonstration:
        sys.stderr.write("Hộp thư minh hoạ chỉ chạy khi DEMONSTRATION=1.\n")
        return WRONG_SETTINGS
    logging.set_up(human=True)
    database = open_database(settings.database_url)
    try:
        asyncio.run(catch(database, DemonstrationClock(database, real_now), relay))
    except OSError as error:
        sys.stderr.write(f"{relay.host}:{relay.port}: {error.strerror}\n")
        return ADDRESS_TAKEN
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
