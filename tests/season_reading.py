"""A second, naive reading of the reminder tables: who should have got what, day by day.

It goes forward through what happened (`Season.log`) the way a careful clerk with a calendar would:
each morning at eight it looks at every dossier as it stands, and notes who is told. It knows
nothing of phases, stretches, intents, the book or any other module of the service; it reads the
programme's file with a YAML reader, counts working days by itself, and shares with the service
only the form of a letter's key and the hash that makes a Message-ID of it.

It knows the rules of the season only: it tells nothing of registrations (none are due in these
months), of delegations, or of two stops of one dossier's clock.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.season import Event
from tests.season_reading_news import AT_ONCE, FOLLOWING, REPORTS, Post, Told, step_of

OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")
FILE = Path(__file__).resolve().parent.parent / "config/programmes/ha-giang-2021-2025.yaml"
POSTS = {
    "clerk": ("clerk",),
    "unit_head": ("head", "deputy_head"),
    "council_secretary": ("council_secretary",),
    "appraiser": ("appraiser",),
    "decider": ("head", "deputy_head"),
}
DUE = {"filed": False, "state": "due"}
AT_THE_PROVINCE = {"appraiser", "decider"}
PROVINCE = "UBND-TINH"


def moment(day: date, hour: int) -> datetime:
    """An hour of an office day, in UTC."""
    return datetime.combine(day, time(hour), OFFICE).astimezone(UTC)


def day_of(at: datetime) -> date:
    """The office day of an instant."""
    return at.astimezone(OFFICE).date()


@dataclass(frozen=True)
class Mark:
    """A day on which a rule reminds of a deadline."""

    rule: str
    kind: str
    day: date
    deadline: datetime
    roles: tuple[str, ...]
    legal: bool

    @property
    def overdue(self) -> bool:
        """Is the deadline over by then?"""
        return moment(self.day, 8) > self.deadline


@dataclass
class Matter:
    """Something people are reminded of: how it stands, and whom its newest marks have told."""

    subject: str
    unit: int
    series: datetime
    since: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    stood: object = None
    newest: dict[str, Mark] = field(default_factory=dict)
    told: dict[str, set[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """Something for somebody's next digest."""

    key: str
    person: int
    matter: Matter
    mark: Mark


class Reading:
    """The season as the naive clerk saw it."""

    def __init__(self) -> None:
        """Read the programme."""
        self.programme = yaml.safe_load(FILE.read_text("utf-8"))
        self.cycles = {one["id"]: one for one in self.programme["cycles"]}
        self.units: dict[int, dict[str, Any]] = {}
        self.calendar: dict[date, str] = {}
        self.posts: list[dict[str, Any]] = []
        self.unreachable: dict[int, set[str]] = defaultdict(set)
        self.wishes: dict[int, list[str]] = {}
        self.milestones: list[dict[str, Any]] = []
        self.scores_in = False
        self.dossiers: dict[int, Matter] = {}
        self.reports: dict[tuple[str, int], Matter] = {}
        self.scores: Matter | None = None
        self.waiting: list[Waiting] = []
        self.post = Post()
        self._day: date | None = None
        self._today: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        self.inbox: set[str] = set()
        """Keys of the reminders laid in somebody's inbox."""
        self.mailed: set[str] = set()
        """Keys of the reminders that left by mail."""
        self.mails: set[str] = set()
        """Message-IDs of the letters that left."""

    def through(self, log: Iterable[Event], first: date, last: date) -> Reading:
        """Go through the season: each day first the morning, then what happened that day."""
        events = sorted(log, key=lambda one: one.at)
        at = 0
        day = first
        while day <= last:
            while at < len(events) and events[at].at < moment(day, 8):
                self.note(events[at])
                at += 1
            self._send_at_once()
            self.morning(day)
            day += timedelta(days=1)
        for event in events[at:]:
            self.note(event)
        self._send_at_once()
        return self

    def _send_at_once(self) -> None:
        for one in self.post.leaving():
            if not self.unreachable[one.person]:
                self.mailed.add(one.key)
                self.mails.add(message_id(f"{one.key}:email"))

    # --- What happened ------------------------------------------------------------------------

    def note(self, event: Event) -> None:  # noqa: C901, PLR0912 - a branch for each
        """Keep what happened in the office; what happened to dossiers is noted there."""
        about = event.about
        match event.what:
            case "unit":
                self.units[about["unit"]] = about
            case "calendar":
                self.calendar[about["day"]] = about["kind"]
            case "appoint":
                self.posts.append({**about, "last": None})
            case "relieve":
                for held in self.posts:
                    same = all(held[name] == about[name] for name in ("person", "unit", "post"))
                    if same and held["last"] is None:
                        held["last"] = about["last"]
            case "leave" | "disable":
                self.unreachable[about["person"]].add(event.what)
            case "enable":
                self.unreachable[about["person"]].discard("disable")
            case "wish":
                self.wishes[about["person"]] = about["without_mail"]
            case "milestone":
                self.milestones.append(about)
            case "scores":
                self.scores_in = True
            case "report file" | "report return" | "report accept":
                self._report_moved(event)
            case "register":
                self.dossiers[about["dossier"]] = Matter(
                    about["code"],
                    about["unit"],
                    event.at,
                    event.at,
                    about | {"state": "registered"},
                )
            case _:
                self._step(self.dossiers[about["dossier"]], event)

    def _report_moved(self, event: Event) -> None:
        matter = self.reports[event.about["report"], event.about["unit"]]
        letter, roles, state = REPORTS[event.what]
        matter.facts |= {"state": state, "filed": state != "returned"}
        if not matter.facts["filed"]:
            matter.series = matter.since = event.at
        self._write(matter, event, {"letter": letter, "to": roles}, event.about["code"], None)

    def _step(self, matter: Matter, event: Event) -> None:
        """Something happened to a dossier: what stands afterwards, and who is told of it."""
        facts, about = matter.facts, event.about
        was, to = facts["state"], about.get("to", facts["state"])
        following = FOLLOWING.get(to)
        deadline = self._milestone(matter, following) if following else None
        self._dossier_moved(matter, event)
        if event.what == "publish":
            self.post.at_once += facts.pop("kept", [])
        elif event.what != "notify":
            for notice in step_of(self.programme["steps"], event.what, was, to).get("notify", ()):
                self._write(matter, event, notice, matter.subject, deadline)

    def _write(
        self,
        matter: Matter,
        event: Event,
        notice: dict[str, Any],
        code: str,
        deadline: datetime | None,
    ) -> None:
        """One letter to everybody the notice names, but to whoever did it."""
        letter, roles = notice["letter"], tuple(notice["to"])
        at_end, day = bool(notice.get("at_end")), day_of(event.at)
        morning = self.count(day, 1)
        soon = deadline is not None and deadline <= moment(morning, 8)
        due = event.at
        if at_end:
            due = moment(self.count(event.about["until"], 1), 8)
        for person in self.holders(roles, matter.unit, day):
            if self.unreachable[person] or person == event.about.get("by"):
                continue
            key = f"{letter}:{code}:{event.about['version']}:{person}"
            state = matter.facts["state"]
            one = Told(key, person, letter, roles, matter, due, state, at_end)
            if letter not in AT_ONCE and (at_end or not soon):
                self.post.waiting.append(one)
            elif letter == "decided" and not matter.facts["public"]:
                matter.facts.setdefault("kept", []).append(one)
            else:
                self.post.at_once.append(one)

    def _dossier_moved(self, matter: Matter, event: Event) -> None:  # noqa: C901
        facts, about = matter.facts, event.about
        match event.what:
            case "step" | "supplement sent":
                if about["to"] != facts["state"]:
                    facts |= {"state": about["to"], "entered": event.at}
                facts |= {"supplement": None, "public": about.get("public", True)}
                matter.series, matter.since = facts["entered"], event.at
            case "ask":
                facts["supplement"] = about["due"]
                matter.series = matter.since = event.at
            case "extend":
                facts |= {"extended": about["until"], "extended_at": event.at}
            case "suspend":
                facts["stop"] = {**about, "at": event.at}
            case "hold":
                facts["held"] = True
            case "release":
                facts["held"] = False
                matter.since = event.at
            case "publish":
                facts["public"] = True
                matter.series = matter.since = facts["entered"] = event.at
            case "notify":
                facts["notified"] = True
            case _:
                raise AssertionError(event.what)

    # --- Each morning ---------------------------------------------------------------------------

    def morning(self, day: date) -> None:
        """Eight o'clock: look at everything, then make up the digests."""
        for dossier in self.dossiers.values():
            self._look(dossier, self._marks_of_dossier(dossier), day)
        self._open_reports(day)
        for (report, _), matter in self.reports.items():
            marks = [] if matter.facts["filed"] else self._marks_of_report(report)
            self._look(matter, marks, day)
        self._look_at_scores(day)
        if self.works(day):
            self._send_digests(day)

    def _look(self, matter: Matter, marks: list[Mark], day: date) -> None:
        """Whom does this matter tell this morning? Its newest mark of each rule, once each."""
        here = [one for one in marks if moment(one.day, 8) > matter.since]
        stood = (matter.series, tuple(here))
        if stood != matter.stood:
            matter.stood, matter.newest, matter.told = stood, {}, {}
        for mark in here:
            if mark.day == day:
                matter.newest[mark.rule], matter.told[mark.rule] = mark, set()
        for rule, mark in matter.newest.items():
            for person in self.holders(mark.roles, matter.unit, day):
                if person not in matter.told[rule]:
                    matter.told[rule].add(person)
                    self._tell(person, matter, mark, day)

    def _tell(self, person: int, matter: Matter, mark: Mark, day: date) -> None:
        key = (
            f"{mark.rule}:{matter.subject}:{mark.deadline.isoformat()}:"
            f"{matter.series.isoformat()}:{mark.day.isoformat()}:{person}"
        )
        if self.unreachable[person]:
            return
        self.inbox.add(key)
        if not mark.legal and mark.kind in self.wishes.get(person, ()):
            return
        if mark.overdue:
            self.mailed.add(key)
            self.mails.add(message_id(f"{key}:email"))
        else:
            self.waiting.append(Waiting(key, person, matter, mark))

    def _send_digests(self, day: date) -> None:
        """One letter for everybody with something that still makes sense."""
        for one in self.waiting:
            newest = one.matter.newest.get(one.mark.rule) is one.mark
            theirs = one.person in self.holders(one.mark.roles, one.matter.unit, day)
            if newest and theirs and not self.unreachable[one.person]:
                self.mailed.add(one.key)
                self.mails.add(message_id(f"digest:{one.person}:{day.isoformat()}"))
        self.waiting = []
        for news in self.post.of_morning(moment(day, 8), day):
            theirs = news.person in self.holders(news.roles, news.matter.unit, day)
            if theirs and not self.unreachable[news.person]:
                self.mailed.add(news.key)
                self.mails.add(message_id(f"digest:{news.person}:{day.isoformat()}"))

    def holders(self, roles: Iterable[str], unit: int, day: date) -> list[int]:
        """Who holds one of these roles on a day, at the unit or at the province."""
        if day != self._day:
            self._day, self._today = day, defaultdict(list)
            for held in self.posts:
                if held["since"] <= day and (held["last"] is None or held["last"] >= day):
                    self._today[held["unit"], held["post"]].append(held["person"])
        found: dict[int, None] = {}
        for role in roles:
            place = self.province if role in AT_THE_PROVINCE else unit
            for post in POSTS[role]:
                found |= dict.fromkeys(self._today[place, post])
        return list(found)

    @cached_property
    def province(self) -> int:
        """The unit that decides."""
        (found,) = [one["unit"] for one in self.units.values() if one["code"] == PROVINCE]
        return int(found)

    # --- The rules ------------------------------------------------------------------------------

    def _marks_of_dossier(self, matter: Matter) -> list[Mark]:  # noqa: C901
        facts = matter.facts
        found: list[Mark] = []
        if facts.get("held"):
            return []
        for rule in self.programme["reminders"]:
            about = rule.get("about", "milestone")
            if facts.get("supplement"):
                if about == "supplement":
                    found += self._marks(rule, facts["supplement"], matter)
            elif about == "notice":
                open_ = facts.get("public") and not facts.get("notified")
                if facts["state"] == "decided" and open_:
                    found += self._marks(rule, self._after(matter, rule["working_days"]), matter)
            elif about == "stuck" and rule["state"] == facts["state"]:
                found += self._marks(rule, self._after(matter, rule["working_days"]), matter)
            elif about == "milestone" and rule["state"] == facts["state"]:
                found += self._marks(rule, self._milestone(matter, rule["milestone"]), matter)
        return sorted(found, key=lambda one: (one.day, one.rule))

    def _marks(
        self, rule: dict[str, Any], deadline: datetime, matter: Matter | None, year: int = 2023
    ) -> Iterator[Mark]:
        last, roles = day_of(deadline), tuple(rule["to"])
        days = {last - timedelta(n) for n in rule.get("days_before", ())}
        days |= {self.count(last, -n) for n in rule.get("working_days_before", ())}
        days |= {last + timedelta(n) for n in rule.get("days_after", ())}
        named = {date(year, int(one[:2]), int(one[3:])) for one in rule.get("on", ())}
        days |= {one for one in named if one <= last}
        for percent in rule.get("percents", ()):
            assert matter is not None
            share = -(-rule["working_days"] * percent // 100)
            days.add(self.count(day_of(matter.since), share))
        told = dict.fromkeys(days, roles)
        more = rule.get("escalate")
        if more:
            both = tuple(dict.fromkeys((*roles, *more["to"])))
            told |= {last + timedelta(n): both for n in more["days_after"]}
        kind, legal = rule.get("about", "milestone"), rule.get("legal", True)
        for day, whom in told.items():
            yield Mark(rule["id"], kind, day, deadline, whom, legal)

    def _after(self, matter: Matter, count: int) -> datetime:
        return moment(self.count(day_of(matter.since), count), 17)

    def _milestone(self, matter: Matter, name: str) -> datetime:
        facts = matter.facts
        day = self._milestone_day(facts["cycle"], name, facts["award"])
        day = self._stopped(day, facts.get("stop"))
        if name == "submitted" and facts.get("extended"):
            stop = facts.get("stop")
            late = stop if stop and stop["at"] > facts["extended_at"] else None
            day = max(day, self._stopped(day_of(facts["extended"]), late))
        return moment(day, 17)

    def _milestone_day(self, cycle: str, name: str, award: str) -> date:
        day: date = self.cycles[cycle]["milestones"][name]
        for one in self.milestones:
            if (one["cycle"], one["state"]) == (cycle, name) and one["award"] in {"", award}:
                day = one["day"]
        return day

    def _stopped(self, day: date, stop: dict[str, Any] | None) -> date:
        if stop is None or stop["since"] > day:
            return day
        day += stop["until"] - stop["since"] + timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def _open_reports(self, day: date) -> None:
        for report in self.programme["reports"]:
            if report["year"] == 2023 and report["opens"] <= day:
                for unit in self.units.values():
                    key = (report["id"], unit["unit"])
                    if unit["kind"] in report["owed_by"] and key not in self.reports:
                        began = moment(max(report["opens"], unit["since"]), 0)
                        subject = f"{self.programme['id']}:{report['id']}:{unit['code']}"
                        owed = Matter(
                            subject, unit["unit"], began, began, {"filed": False, "state": "due"}
                        )
                        self.reports[key] = owed

    def _marks_of_report(self, name: str) -> list[Mark]:
        (report,) = [one for one in self.programme["reports"] if one["id"] == name]
        found = [
            mark
            for rule in self.programme["reminders"]
            if rule.get("about") == "report"
            for mark in self._marks(rule, moment(report["due"], 17), None, report["year"])
            if mark.day >= report["opens"]
        ]
        return sorted(found, key=lambda one: (one.day, one.rule))

    def _look_at_scores(self, day: date) -> None:
        if self.scores is None:
            began, subject = moment(self.programme["starts"], 0), "scores:2023"
            subject = f"{self.programme['id']}:{subject}"
            self.scores = Matter(subject, self.province, began, began)
        found = []
        for rule in self.programme["reminders"]:
            if rule.get("about") == "scores" and not self.scores_in:
                last = self._milestone_day("2023-midterm", rule["milestone"], "")
                mark = date(2023, int(rule["on"][0][:2]), int(rule["on"][0][3:]))
                while mark <= last:
                    roles, at = tuple(rule["to"]), moment(last, 17)
                    legal = rule.get("legal", True)
                    found.append(Mark(rule["id"], "scores", mark, at, roles, legal))
                    mark += timedelta(days=rule["every_days"])
        self._look(self.scores, found, day)

    # --- Counting days --------------------------------------------------------------------------

    def works(self, day: date) -> bool:
        """Does the office work on a day?"""
        told = self.calendar.get(day)
        return told == "working_swap" or (told is None and day.isoweekday() <= 5)

    def count(self, day: date, working: int) -> date:
        """So many working days after a day, or before it."""
        step = timedelta(days=1 if working > 0 else -1)
        for _ in range(abs(working)):
            day += step
            while not self.works(day):
                day += step
        return day


def message_id(key: str) -> str:
    """The Message-ID of a letter with this key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@award-dossiers.invalid>"
