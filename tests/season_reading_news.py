"""The second reading of what steps tell: at once, or with the next working morning's letter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

ACTIONS = {
    "submitted": "submit",
    "council_reviewed": "record_council_result",
    "board_checked": "confirm_check",
    "decided": "decide",
    "withdrawn": "withdraw",
    "rejected": "reject",
}
HAPPENED = {
    "supplement sent": "send_supplement",
    "ask": "request_supplement",
    "extend": "grant_extension",
    "suspend": "suspend",
    "hold": "hold",
    "release": "release_hold",
}
FOLLOWING = {
    "registered": "submitted",
    "submitted": "council_reviewed",
    "council_reviewed": "board_checked",
    "board_checked": "decided",
}
ENDED = {"decided", "withdrawn", "rejected"}
AT_ONCE = {"supplement_requested", "report_returned", "decided", "rejected", "revoked"}
REPORTS = {
    "report file": ("report_filed", ("appraiser",), "filed"),
    "report accept": ("report_accepted", ("clerk", "unit_head"), "accepted"),
    "report return": ("report_returned", ("clerk", "unit_head"), "returned"),
}


class About(Protocol):
    """What a letter is about, as the reading keeps it."""

    unit: int
    facts: dict[str, Any]


@dataclass
class Told:
    """A letter to one person about a step."""

    key: str
    person: int
    letter: str
    roles: tuple[str, ...]
    matter: About
    due: datetime
    state: str
    at_end: bool = False


@dataclass
class Post:
    """Letters on their way: those that go at once, and those that wait for a morning."""

    at_once: list[Told] = field(default_factory=list)
    waiting: list[Told] = field(default_factory=list)

    def leaving(self) -> list[Told]:
        """Whatever waits for nothing."""
        gone, self.at_once = self.at_once, []
        return gone

    def of_morning(self, eight: datetime, day: date) -> list[Told]:
        """What this morning's letters may tell: due, still so, and the last about its matter."""
        due = [one for one in self.waiting if one.due <= eight]
        self.waiting = [one for one in self.waiting if one.due > eight]
        last = {(one.person, one.letter, id(one.matter)): one.key for one in due}
        newest = set(last.values())
        return [one for one in due if still_so(one, day) and one.key in newest]


def still_so(one: Told, day: date) -> bool:
    """Does what it tells still stand?"""
    facts = one.matter.facts
    state = facts["state"]
    if one.at_end or one.letter == "suspended":
        stop = facts["stop"]
        runs = stop["since"] <= day <= stop["until"]
        return state not in ENDED and not (one.at_end and runs)
    if state == "decided" and not facts.get("public") and "decider" not in one.roles:
        state = "board_checked"
    if state != one.state:
        return False
    if one.letter in {"held", "released"}:
        return bool(facts.get("held")) is (one.letter == "held")
    return one.letter != "supplement_sent" or not facts.get("supplement")


def step_of(steps: list[dict[str, Any]], what: str, was: str, to: str) -> dict[str, Any]:
    """The programme's own step for what happened; without letters where it has none."""
    action = HAPPENED.get(what) or ACTIONS[to]
    for one in steps:
        if (one["action"], one.get("from"), one["to"]) == (action, was, to):
            return one
    return {}
