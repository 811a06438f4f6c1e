"""The demonstration season as frozen tables: what `config/demonstration/season.yaml` says."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import yaml
from pydantic import BaseModel, ConfigDict, Field

from workflow.programme import Exact
from workflow.vocabulary import Classification, VoteMethod


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stop(StrEnum):
    """How far a dossier of the season has come by its last day."""

    PENDING = "pending"
    REGISTERED = "registered"
    SUBMITTED = "submitted"
    SUPPLEMENT = "supplement"
    HELD = "held"
    COUNCIL_REVIEWED = "council_reviewed"
    BOARD_CHECKED = "board_checked"
    DECIDED = "decided"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DemoAccount(_Table):
    """A sign-in name for a person of the season."""

    login: str
    person: str


class DemoPerson(_Table):
    """A person with posts, written `post` or `post@UNIT`."""

    code: str
    name: str
    position: str
    unit: str
    posts: tuple[str, ...] = ()
    leader: bool = False


class Fill(_Table):
    """Units staffed from pools of names, always alike."""

    departments: tuple[str, ...]
    districts: tuple[str, ...]
    communes: tuple[str, ...]
    family: tuple[str, ...]
    middle: tuple[str, ...]
    given: tuple[str, ...]


class UnitScores(_Table):
    """Three years of both indices, the last of them the review year; None is unpublished."""

    par: tuple[Exact | None, ...]
    sipas: tuple[Exact | None, ...]
    own: Exact | None = Field(default=None, alias="self")


class DemoScores(_Table):
    """Scores of the units, with the days of publication and the bands of the classes."""

    published: dict[int, date]
    bands: dict[Classification, Exact]
    source: str
    units: dict[str, UnitScores]

    def rating(self, value: Decimal) -> Classification:
        """The class as the invented publication states it."""
        return next(name for name, least in self.bands.items() if value >= least)


class DemoDossier(_Table):
    """One dossier: whose, for what, how far, and what is unusual about it."""

    day: date
    stop: Stop
    unit: str = ""
    person: str = ""
    award: str = "BANG_KHEN_TINH"
    initiative: str = ""
    recognised: bool = True
    minutes: bool = True
    report: bool = False
    late_letter: bool = False
    letter_cites: date | None = None
    """The day the letter says the council met, where it is not the day it did."""
    extended: date | None = None


class DemoSession(_Table):
    """One council session: its days, its dossiers by nominee, who has voted and who said no.

    `start` is the minute after 08:00 of the day it was convened.
    """

    unit: str
    place: str
    convened: date
    start: int = 60
    held: date
    closes: date
    method: VoteMethod
    dossiers: tuple[str, ...]
    voted: tuple[str, ...] = ()
    against: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    closed: date | None = None


class Season(_Table):
    """The whole season."""

    password: str
    opens: datetime
    accounts: tuple[DemoAccount, ...]
    people: tuple[DemoPerson, ...]
    fill: Fill
    scores: DemoScores
    dossiers: tuple[DemoDossier, ...]
    sessions: tuple[DemoSession, ...] = ()


def read_season(text: str) -> Season:
    """Read the season file. Raises `pydantic.ValidationError` when it does not fit."""
    return Season.model_validate(yaml.safe_load(text))
