"""The policy table: for every page and method who may, and what everybody else is told.

`config/policy.yaml` names conditions, never how they are judged: each is one function of the
service, which pages, lists and the law ask as well. `docs/authorization.md` explains the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PLACE = Path(__file__).resolve().parent / "policy.yaml"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Principal(StrEnum):
    """Who asks: kinds of people between whom a rule can tell."""

    ANONYMOUS = "anonymous"
    OFFICER_OWN = "officer_own"
    OFFICER_OTHER = "officer_other"
    COUNCIL_OWN = "council_own"
    COUNCIL_OTHER = "council_other"
    BOARD_OFFICER = "board_officer"
    BOARD_HEAD = "board_head"
    DECIDER = "decider"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    DISABLED = "disabled"


class Refusal(StrEnum):
    """What those are told for whom a condition does not hold."""

    NOBODY = "nobody"
    """The condition refuses nobody."""
    SIGN_IN = "sign_in"
    """303 to the sign-in page; 401 when something typed would be lost."""
    FORBIDDEN = "forbidden"
    """403: that the page exists is no secret."""
    HIDDEN = "hidden"
    """404, word for word as if the object did not exist."""


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Checked):
    """One named condition: what it means, which code judges it, and for whom it holds."""

    says: str
    """One Vietnamese sentence, for people."""
    asks: str
    """The code that judges it, as `module:name`."""
    about: Literal["everybody", "person", "object"]
    """A condition about the person is asked at the door, one about an object where it is read."""
    refusal: Refusal
    holds_for: tuple[Principal, ...]
    """Kinds of people for whom it can hold: what the matrix of tests expects."""
    in_states: tuple[str, ...] = ()
    """States of a dossier in which it can hold for those kinds; none named: in all."""
    only_in: Mapping[Principal, tuple[str, ...]] = Field(default_factory=dict)
    """Kinds for whom it holds in these states only."""


def _spelled_out(given: object) -> object:
    """`[a, b]` is short for `{who: [a, b]}`."""
    return {"who": given} if isinstance(given, list) else given


class Row(_Checked):
    """What one method of one page asks, in this order; the first condition that fails refuses."""

    who: tuple[str, ...] = Field(min_length=1)
    then: Literal["", "law"] = ""
    """After all conditions the law itself judges, and refuses with its reasons (422)."""
    states: tuple[str, ...] = ()
    """States of a dossier in which there is something to show; in others it is not found."""
    leaves: tuple[str, ...] = ()
    """Tables in which looking leaves a trace: that somebody looked, and nothing else."""
    fresh: bool = False
    """Asks for the password again when it was typed too long ago."""


Methods = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Policy(_Checked):
    """The whole table."""

    conditions: dict[str, Condition]
    never_sent: frozenset[str] = frozenset()
    """Columns of the record no form has a field for; a form that sends one is refused (422)."""
    routes: dict[str, dict[Methods, Annotated[Row, BeforeValidator(_spelled_out)]]]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        used = {
            name for methods in self.routes.values() for row in methods.values() for name in row.who
        }
        if unknown := sorted(used - self.conditions.keys()):
            raise ValueError(f"routes name conditions that are not described: {unknown}")
        if idle := sorted(self.conditions.keys() - used):
            raise ValueError(f"conditions no route names: {idle}")
        return self

    def row(self, endpoint: str, method: str) -> Row | None:
        """The row of this method of an endpoint; None means: denied.

        HEAD is asked what GET is; OPTIONS, unless it has a row, what the first method is.
        """
        methods: Mapping[Any, Row] = self.routes.get(endpoint, {})
        if method in methods:
            return methods[method]
        if method == "HEAD":
            return methods.get("GET")
        if method == "OPTIONS":
            return next(iter(methods.values()), None)
        return None

    def is_open(self, row: Row) -> bool:
        """May anybody pass, signed in or not?"""
        return self.conditions[row.who[0]].about == "everybody"


@cache
def the_policy() -> Policy:
    """The table of this release. Raises `pydantic.ValidationError` for a faulty one."""
    return read_policy(PLACE.read_text("utf-8"))


def read_policy(text: str) -> Policy:
    """Read a table from YAML. Raises `pydantic.ValidationError` with every fault."""
    return Policy.model_validate(yaml.safe_load(text))
