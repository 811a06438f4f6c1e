"""How people sign in: a dated document of the office (`config/accounts.yaml`), read and judged.

It says who needs a second factor, how long a proof of oneself counts, and how often somebody may
guess. Whoever asks names the office day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from workflow.vocabulary import Post, UnitKind

LONGEST_CODE: Final = 60
"""Minutes: ASVS 5.0, 6.4.1 allows a code to reset a password no longer."""


LONGEST_SESSION: Final = 7 * 24
"""Hours: whoever signs in every week at least, is seen to be there still."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Strict):
    """At most `most` within `seconds`."""

    seconds: Annotated[int, Field(gt=0)]
    most: Annotated[int, Field(gt=0)]

    @property
    def span(self) -> timedelta:
        """The time looked back over."""
        return timedelta(seconds=self.seconds)


class Limits(_Strict):
    """Limits of one kind of act: for one account, one known device, one address, everybody."""

    account: tuple[Limit, ...] = ()
    device: tuple[Limit, ...] = ()
    address: tuple[Limit, ...] = ()
    everywhere: tuple[Limit, ...] = ()


class Needs(_Strict):
    """A post whose holders need a second factor, at units of these kinds; of any without kinds."""

    post: Post
    kinds: tuple[UnitKind, ...] = ()


class SessionLimits(_Strict):
    """How long a session lasts; `touch_seconds`: how often its last request is noted."""

    idle_minutes: Annotated[int, Field(gt=0, le=24 * 60)]
    absolute_hours: Annotated[int, Field(gt=0, le=LONGEST_SESSION)]
    touch_seconds: Annotated[int, Field(gt=0)]

    @property
    def idle(self) -> timedelta:
        """The silence that ends it."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """The age that ends it."""
        return timedelta(hours=self.absolute_hours)

    @property
    def touch_every(self) -> timedelta:
        """So old may what is noted of its last request be."""
        return timedelta(seconds=self.touch_seconds)

    @model_validator(mode="after")
    def _is_noted_in_time(self) -> Self:
        """What is noted too seldom would end sessions that are used."""
        if self.touch_every >= self.idle or self.idle > self.absolute:
            raise ValueError("touch_seconds < idle_minutes <= absolute_hours")
        return self


class Keep(_Strict):
    """Days for which what is over is kept, for whoever asks afterwards what happened."""

    sessions_days: Annotated[int, Field(ge=LONGEST_SESSION // 24)]
    codes_days: Annotated[int, Field(gt=0)]
    forms_days: Annotated[int, Field(gt=0)]

    @property
    def sessions(self) -> timedelta:
        """Sessions, since they ended."""
        return timedelta(days=self.sessions_days)

    @property
    def codes(self) -> timedelta:
        """One-time codes, since they were used or expired."""
        return timedelta(days=self.codes_days)

    @property
    def forms(self) -> timedelta:
        """One-time keys of forms: so long a form that comes again is known."""
        return timedelta(days=self.forms_days)


class SignInPolicy(_Strict):
    """What holds from a day on."""

    since: date
    source: Annotated[str, Field(min_length=1)]
    second_factor: tuple[Needs, ...]
    sessions: SessionLimits
    keep: Keep
    fresh_minutes: Annotated[int, Field(gt=0, le=60)]
    between_minutes: Annotated[int, Field(gt=0, le=60)]
    code_minutes: Annotated[int, Field(gt=0, le=LONGEST_CODE)]
    device_days: Annotated[int, Field(gt=0)]
    guesses: Limits
    requests: Limits
    easy_words: tuple[str, ...]
    least_guesses_power: Annotated[float, Field(ge=0)]

    @property
    def fresh(self) -> timedelta:
        """How long a proof of oneself counts for what asks for a new one."""
        return timedelta(minutes=self.fresh_minutes)

    @property
    def between(self) -> timedelta:
        """How long a password counts while the second factor is waited for."""
        return timedelta(minutes=self.between_minutes)

    @property
    def code_life(self) -> timedelta:
        """How long an invitation or a reset may be used."""
        return timedelta(minutes=self.code_minutes)

    @property
    def device_life(self) -> timedelta:
        """How long a browser in which somebody signed in counts as theirs."""
        return timedelta(days=self.device_days)

    def needs_factor(self, posts: Iterable[tuple[Post, UnitKind]]) -> bool:
        """Does somebody with these posts (and the kinds of their units) need a second factor?"""
        return any(
            need.post is post and (not need.kinds or kind in need.kinds)
            for post, kind in posts
            for need in self.second_factor
        )


_POLICIES: Final = TypeAdapter(tuple[SignInPolicy, ...])


@lru_cache(4)
def read_policies(text: str) -> tuple[SignInPolicy, ...]:
    """Read the document, oldest entry first. Raises `ValueError` for one that cannot be used."""
    found = sorted(_POLICIES.validate_python(yaml.safe_load(text)), key=lambda one: one.since)
    if not found or len({one.since for one in found}) != len(found):
        raise ValueError("every entry begins on a day of its own, and there is at least one")
    return tuple(found)


def policy_on(text: str, day: date) -> SignInPolicy:
    """What holds on the office day `day`; before the first entry, the first."""
    policies = read_policies(text)
    return next((one for one in reversed(policies) if one.since <= day), policies[0])
