"""What happens to dossiers in a season: by chance, and once each for certain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.office import write_down
from models.outbox import let_go
from models.reminder_book import note_notice
from models.tables import Decision, Dossier, Suspension
from tests.builders import person_id
from tests.season import Season, instant
from workflow.vocabulary import PROGRESS, Action, State

FORWARD = {
    State.SUBMITTED: Action.SUBMIT,
    State.COUNCIL_REVIEWED: Action.RECORD_COUNCIL_RESULT,
    State.BOARD_CHECKED: Action.CONFIRM_CHECK,
    State.DECIDED: Action.DECIDE,
}
LIKELY = {
    "supplement sent": 0.08,
    "dossier returned": 0.05,
    "release": 0.2,
    "publish": 0.3,
    "notify": 0.08,
    "withdraw": 0.0015,
    "reject": 0.003,
    "extend": 0.0015,
    "ask": 0.002,
    "hold": 0.001,
    "suspend": 0.001,
}
"""What may happen to a dossier on a day, and how likely that is where it can."""

WANTED = {
    "extend": date(2023, 11, 10),
    "ask": date(2023, 11, 27),
    "hold": date(2023, 11, 21),
    "suspend": date(2023, 11, 22),
    "dossier returned": date(2023, 12, 4),
    "supplement sent": date(2023, 11, 28),
    "release": date(2023, 11, 29),
    "reject": date(2023, 12, 8),
    "withdraw": date(2023, 12, 11),
    "publish": date(2023, 12, 11),
    "notify": date(2023, 12, 12),
}
"""What has to happen in every season, however small, and from which day on it is seen to."""


class SeasonOfDossiers(Season):
    """A season in which dossiers move, stop, fall back and end."""

    def __post_init__(self) -> None:
        """Seed the chance."""
        super().__post_init__()
        self.missing = sorted(WANTED, key=WANTED.__getitem__)
        self.touched: set[int] = set()
        self.suspended: set[int] = set()
        self.notified: set[int] = set()

    def day(self, day: date, *, office: bool) -> None:
        """Everything that happens to dossiers on one day, at ten; little where no office works."""
        now = instant(day, 10)
        self.touched.clear()
        if not office and self.chance.random() > 0.4:
            return
        with self.database.writing() as session:
            dossiers = session.scalars(select(Dossier).order_by(Dossier.id)).all()
            for dossier in dossiers:
                if office or self.chance.random() < 0.2:
                    self._perhaps(session, dossier, day, now)
            for what in [one for one in self.missing if WANTED[one] <= day and office]:
                self._see_to(session, what, dossiers, day, now)

    def _see_to(
        self, session: Session, what: str, dossiers: Sequence[Dossier], day: date, now: datetime
    ) -> None:
        """Let something happen that has not by chance, to the first dossier it can happen to.

        Where no dossier waits for a supplement, one is asked for first; where none has come far
        enough to be rejected, published or notified, the furthest takes a step.
        """
        if what in self.told:
            self.missing.remove(what)
            return
        later = [one for one in dossiers if one.state is not State.SUBMITTED]
        for wish, among in ((what, dossiers), ("ask", later)):
            able = [one for one in among if one.id not in self.touched and self._may(wish, one)]
            if able:
                self._do(wish, session, able[0], day, now)
            if able or what not in {"dossier returned", "supplement sent"}:
                break
        going = [
            one
            for one in dossiers
            if one.id not in self.touched and one.state in PROGRESS[:-1] and not self._waits(one)
        ]
        if not able and what in {"reject", "publish", "notify"} and going:
            furthest = max(going, key=lambda one: PROGRESS.index(one.state))
            self._do("step", session, furthest, day, now)

    def _perhaps(self, session: Session, dossier: Dossier, day: date, now: datetime) -> None:
        roll = self.chance.random()
        if dossier.state in PROGRESS[:-1] and not self._waits(dossier):
            if roll < self._pace(dossier, day):
                self._do("step", session, dossier, day, now)
                return
            roll = 1 - roll
        sum_ = 0.0
        for what, likely in LIKELY.items():
            if self._may(what, dossier):
                sum_ += likely
                if roll < sum_:
                    self._do(what, session, dossier, day, now)
                    return

    def _waits(self, dossier: Dossier) -> bool:
        return dossier.supplement is not None or dossier.hold_since is not None

    def _may(self, what: str, dossier: Dossier) -> bool:  # noqa: C901, PLR0911 - one line for each
        """Can this happen to the dossier as it stands?"""
        live = dossier.state in PROGRESS[:-1]
        match what:
            case "supplement sent" | "dossier returned":
                behind = what == "supplement sent" or dossier.state is not State.SUBMITTED
                return live and behind and dossier.supplement is not None
            case "release":
                return live and dossier.hold_since is not None
            case "notify" | "publish":
                waiting = dossier.decision_id in self.unpublished
                open_ = dossier.id not in self.notified
                return dossier.state is State.DECIDED and open_ and waiting is (what == "publish")
            case _ if not live or self._waits(dossier):
                return False
            case "extend":
                return dossier.state is State.REGISTERED
            case "ask" | "hold":
                return dossier.state is not State.REGISTERED
            case "suspend":
                return dossier.id not in self.suspended
            case "reject":
                return dossier.state is State.BOARD_CHECKED
            case _:
                return True

    def _do(  # noqa: C901 - one branch for each thing that happens
        self, what: str, session: Session, dossier: Dossier, day: date, now: datetime
    ) -> None:
        self.touched.add(dossier.id)
        match what:
            case "step":
                self._forward(session, dossier, now)
            case "supplement sent":
                self._supplement_sent(session, dossier, now, falls=False)
            case "dossier returned":
                self._supplement_sent(session, dossier, now, falls=True)
            case "release":
                free: dict[str, Any] = {"hold_since": None, "hold_source": "", "hold_reason": ""}
                self._act(session, dossier, Action.RELEASE_HOLD, now, **free)
                self.say_of(now, "release", dossier)
            case "hold":
                held: dict[str, Any] = {
                    "hold_since": now,
                    "hold_source": "Thanh tra",
                    "hold_reason": "Xem xét",
                }
                self._act(session, dossier, Action.HOLD, now, **held)
                self.say_of(now, "hold", dossier)
            case "withdraw":
                self._act(session, dossier, Action.WITHDRAW, now, State.WITHDRAWN)
                self.say_of(now, "step", dossier, to="withdrawn")
            case "reject":
                self._act(session, dossier, Action.REJECT, now, State.REJECTED)
                self.say_of(now, "step", dossier, to="rejected")
            case "extend":
                self._extend(session, dossier, day, now)
            case "ask":
                self._ask_for_more(session, dossier, day, now)
            case "suspend":
                self._suspend(session, dossier, day, now)
            case "notify":
                by = person_id(session, "head@UBND-TINH")
                note_notice(session, dossier, by, now)
                self.notified.add(dossier.id)
                self.say_of(now, "notify", dossier)
            case "publish":
                self._publish(session, dossier, now)
        self._note(what)

    def _pace(self, dossier: Dossier, day: date) -> float:
        """How likely a step is: little before its month, then more and more."""
        begins = {
            State.REGISTERED: date(2023, 11, 6),
            State.SUBMITTED: date(2023, 11, 20),
            State.COUNCIL_REVIEWED: date(2023, 12, 1),
            State.BOARD_CHECKED: date(2023, 12, 11),
        }[dossier.state]
        late = (day - begins).days
        return 0.0005 if late < 0 else min(0.02 + 0.004 * late, 0.25)

    def _forward(self, session: Session, dossier: Dossier, now: datetime) -> None:
        target = PROGRESS[PROGRESS.index(dossier.state) + 1]
        more: dict[str, Any] = {}
        public = True
        if target is State.DECIDED:
            public = self.chance.random() < 0.6 and "publish" not in self.missing
            more["decision_id"] = self._decision(session, now, public=public)
        self._act(session, dossier, FORWARD[target], now, target, **more)
        self.say_of(now, "step", dossier, to=target.value, public=public)

    def _publish(self, session: Session, dossier: Dossier, now: datetime) -> None:
        decision = dossier.decision_id or 0
        session.execute(update(Decision).where(Decision.id == decision).values(published_at=now))
        write_down(session, "publish_decision", {"codes": [dossier.code]}, None, now)
        self.unpublished.discard(decision)
        let_go(session, decision, now)
        self.say_of(now, "publish", dossier)

    def _supplement_sent(
        self, session: Session, dossier: Dossier, now: datetime, *, falls: bool
    ) -> None:
        """Back to the step before, now and then: a new series begins."""
        target = PROGRESS[PROGRESS.index(dossier.state) - 1] if falls else dossier.state
        self._act(session, dossier, Action.SEND_SUPPLEMENT, now, target, supplement=None)
        self.say_of(now, "supplement sent", dossier, to=target.value)

    def _ask_for_more(self, session: Session, dossier: Dossier, day: date, now: datetime) -> None:
        due = instant(day + timedelta(days=self.chance.randint(3, 9)), 17)
        number = dossier.supplement_rounds + 1
        request = {
            "items": ["Ký"],
            "kinds": [],
            "due": due.isoformat(),
            "by": "x",
            "at": now.isoformat(),
            "round": number,
        }
        self._act(
            session,
            dossier,
            Action.REQUEST_SUPPLEMENT,
            now,
            inputs={"due": to_json(due)},
            told={"items": ["Ký"], "due": to_json(due)},
            supplement=request,
            supplement_rounds=number,
        )
        self.say_of(now, "ask", dossier, due=due)

    def _extend(self, session: Session, dossier: Dossier, day: date, now: datetime) -> None:
        until = instant(max(day, date(2023, 11, 30)) + timedelta(days=7), 17)
        self._act(
            session,
            dossier,
            Action.GRANT_EXTENSION,
            now,
            inputs={"until": to_json(until)},
            told={"until": to_json(until)},
            extended_until=until,
        )
        self.say_of(now, "extend", dossier, until=until)

    def _suspend(self, session: Session, dossier: Dossier, day: date, now: datetime) -> None:
        since = day + timedelta(days=1)
        until = since + timedelta(days=self.chance.randint(1, 8))
        days = {"since": to_json(since), "until": to_json(until)}
        self._act(session, dossier, Action.SUSPEND, now, told=days)
        session.execute(
            insert(Suspension).values(
                dossier_id=dossier.id,
                since=since,
                until=until,
                reason="Lũ quét",
                approved_by=person_id(session, "head@UBND-TINH"),
                approved_at=now,
            )
        )
        self.suspended.add(dossier.id)
        self.say_of(now, "suspend", dossier, since=since, until=until)
