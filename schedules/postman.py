"""The postman: claims letters that are due, looks once more, hands them over, stamps them.

Nothing is sent inside a database transaction: claim (commit), send, stamp (commit). A crash
between sending and stamping repeats the letter with the same Message-ID; whoever comes back
after the lease ran out cannot stamp, because the fence has moved on (promises P11 and P12).
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

import structlog
from sqlalchemy.orm import Session

from config.languages import SOURCE
from config.settings import Settings
from models.database import Database
from models.database_clock import database_now
from models.failpoints import reach
from models.outbox import DIGEST, claim_batch, mark_sent
from models.queries_people import languages_of
from models.reminding import put_back, suppress
from models.restorations import is_resting
from models.sealed import Sealer
from models.tables import OutgoingMessage
from models.words import Channel
from schedules.digest_post import (
    Load,
    enclose_digest,
    load_of,
    stamp_given_up,
    stamp_postponed,
    stamp_sent,
    suppress_digest,
)
from schedules.envelope import Letterhead, compose, unwritten
from schedules.relay import (
    TIMEOUT_SECONDS,
    FinallyRefused,
    Line,
    Relay,
    TemporarilyRefused,
)
from schedules.second_look import Steady, Watch
from schedules.speech import speaking
from schedules.summary import Summary
from schedules.webhook import Gateway, short
from workflow.deadlines import Deadline

BATCH: Final = 20
LEASE: Final = timedelta(minutes=5)
ANSWERS_A_LETTER: Final = 10
"""Answers of the mail server a letter may have to wait for, from the greeting to the last 250."""

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    """How letters leave: by which server, under which letterhead, claimed in whose name.

    Leases are judged by `lease_clock`, which everybody who claims letters shares; whether a
    letter is due, by the postman's own clock.
    """

    relay: Relay
    head: Letterhead
    owner: str
    gateway: Gateway | None = None
    lease: timedelta = LEASE
    seconds: float = TIMEOUT_SECONDS
    """For each answer of the mail server."""
    lease_clock: Callable[[Session], datetime] = database_now

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Read the settings once. Raises `ValueError` for an SMTP_URL that says nothing."""
        return cls(
            relay=Relay.from_url(settings.smtp_url),
            head=Letterhead(settings.mail_from, settings.base_url, Sealer(settings.secret_keys)),
            owner=f"{os.getpid()}-{secrets.token_hex(4)}",
            gateway=Gateway.from_settings(settings.webhook_url, settings.webhook_secret),
            lease=timedelta(seconds=settings.lease_seconds),
            seconds=settings.smtp_seconds,
        )

    @property
    def time_to_begin(self) -> float:
        """Seconds of a lease after which no letter is begun: sending it could outlast the lease."""
        return self.lease.total_seconds() - ANSWERS_A_LETTER * self.seconds


class Postman:
    """Posts letters in batches, one connection a batch. One instance serves one thread."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        way: Round,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`clock` tells aware UTC instants; `stopping` is asked before every letter."""
        self.database = database
        self.clock = clock
        self.way = way
        self.stopping = stopping
        self.tongues: Mapping[int, str] = {}

    def post_all(self) -> Summary:
        """Post until nothing is due, the mail server is out of reach, or it is time to stop."""
        done = Summary()
        while not self.stopping():
            batch = self.claim()
            posted = self.post(batch)
            done += posted
            if len(batch) == BATCH:
                log.info("job progress", job="post_letters", **done.told())
            if not batch or (posted.postponed and not posted.sent):
                break
        return done

    def claim(self) -> list[OutgoingMessage]:
        """Claim the next batch, in a transaction of its own; none while sending rests."""
        way = self.way
        with self.database.writing() as session:
            if is_resting(session):
                return []
            held_at = way.lease_clock(session)
            batch = claim_batch(session, way.owner, self.clock(), BATCH, way.lease, held_at)
        reach("after_claim")
        return batch

    def post(self, batch: list[OutgoingMessage]) -> Summary:
        """Post claimed letters one by one; give back those there is no time for."""
        done = Summary()
        self.tongues = self._tongues(batch)
        until = time.monotonic() + self.way.time_to_begin
        steady = Steady(self.clock, max((one.due_at for one in batch), default=self.clock()))
        watch = Watch(self.database, batch, steady)
        with Line(self.way.relay, self._hello(), self.way.seconds) as line:
            for message in batch:
                if self.stopping() or time.monotonic() > until:
                    reach("before_put_back")
                    self._stamp(message, Summary(), put_back, message.id, message.fence)
                else:
                    done += self._post_one(line, message, watch)
        return done

    def _tongues(self, batch: list[OutgoingMessage]) -> Mapping[int, str]:
        """The languages of those the batch goes to; who never chose reads Vietnamese."""
        with self.database.reading() as session:
            return languages_of(session, [one.recipient_id for one in batch if one.recipient_id])

    def _post_one(self, line: Line, message: OutgoingMessage, watch: Watch) -> Summary:
        sight, now = watch.turn_of(message), watch.clock()
        if sight is None:
            return self._lost(message)
        if message.letter == DIGEST:
            return self._post_digest(line, message, load_of(sight, message, now), now)
        because = sight.because(message, now)
        if because:
            kept = Summary(suppressed=1)
            return self._stamp(message, kept, suppress, message.id, message.fence, because)
        if message.channel is Channel.INBOX:
            laid = Summary(laid_in_inbox=1)
            return self._stamp(message, laid, mark_sent, message.id, message.fence, now)
        ahead = sight.ahead(message)
        return self._send(message, lambda: self._hand_over(line, message, ahead, now))

    def _hand_over(
        self, line: Line, message: OutgoingMessage, ahead: Deadline | None, now: datetime
    ) -> None:
        """Give one letter of its own to the mail server, or to the gateway."""
        if message.channel is Channel.EMAIL:
            line.send(self._written(message, lambda: compose(message, ahead, self.way.head, now)))
            return
        if self.way.gateway is None:
            raise FinallyRefused("chưa cấu hình WEBHOOK_URL")
        payload = self._written(message, lambda: short(message, self.way.head.base_url, now))
        self.way.gateway.send(payload, now)

    def _post_digest(
        self, line: Line, message: OutgoingMessage, load: Load, now: datetime
    ) -> Summary:
        """Send what is left of a digest; everything it carries shares what becomes of it."""
        if not load.kept:
            empty = Summary(suppressed=1)
            return self._stamp(message, empty, suppress_digest, message, load)

        def hand_over() -> None:
            line.send(
                self._written(message, lambda: enclose_digest(message, load, self.way.head, now))
            )

        return self._send(message, hand_over, load)

    def _send(
        self, message: OutgoingMessage, hand_over: Callable[[], None], load: Load | None = None
    ) -> Summary:
        try:
            hand_over()
        except FinallyRefused as refusal:
            return self._given_up(message, str(refusal), load)
        except TemporarilyRefused as refusal:
            return self._postponed(message, str(refusal), load)
        reach("after_smtp_250_before_mark")
        return self._stamp(message, Summary(sent=1), stamp_sent, message, load, self.clock())

    def _written(self, message: OutgoingMessage, write: Callable[[], T]) -> T:
        """Write the letter; one that cannot be written must not hold up the others."""
        try:
            with speaking(self.tongues.get(message.recipient_id or 0, SOURCE)):
                return write()
        except Exception as error:
            log.exception("letter cannot be written", letter=message.letter, id=message.id)
            raise FinallyRefused(unwritten(error, message.letter)) from error

    def _given_up(self, message: OutgoingMessage, error: str, load: Load | None) -> Summary:
        log.warning("letter given up", letter=message.letter, id=message.id, error=error)
        return self._stamp(message, Summary(failed=1), stamp_given_up, message, load, error)

    def _postponed(self, message: OutgoingMessage, error: str, load: Load | None) -> Summary:
        log.warning("letter postponed", letter=message.letter, id=message.id, error=error)
        later = Summary(postponed=1)
        return self._stamp(message, later, stamp_postponed, message, load, error, self.clock())

    def _stamp(
        self,
        message: OutgoingMessage,
        outcome: Summary,
        stamp: Callable[..., bool],
        *what: object,
    ) -> Summary:
        """Write the outcome down; when the fence has moved on, somebody else answers for it."""
        with self.database.writing() as session:
            stamped = stamp(session, *what)
            reach("after_mark_before_commit")
        reach("after_mark")
        return outcome if stamped else self._lost(message)

    def _lost(self, message: OutgoingMessage) -> Summary:
        log.warning("letter taken over by another", letter=message.letter, id=message.id)
        return Summary(lost=1)

    def _hello(self) -> str:
        return urlsplit(self.way.head.base_url).hostname or "localhost"
