"""Keeping what the law said, so that it can be read again years later, types included.

Figures, days and instants are written with a tag (`{"$decimal": "79.50"}`), because a sentence
keeps bare values and a page must still know which of them is a date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter
from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.chain import digest
from models.rows import scalar
from models.tables import Evaluation
from workflow.decisions import Judgement
from workflow.facts import Command, DossierFacts
from workflow.verdicts import Refusal, Result

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

_RESULTS = TypeAdapter(tuple[Result, ...])
_REFUSALS = TypeAdapter(tuple[Refusal, ...])
_FACTS = TypeAdapter(DossierFacts)


FORM: Final = 2
"""Counts up when guards begin to look at something that was not kept before.

From 2 on the record says so itself: `models/evidence/verify.py` then takes a missing fact for a
fault, and not for an older record. Rows without a number are of form 1.
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored evaluation: its row, and the digest a history line holds on to."""

    id: int
    digest: str


@dataclass(frozen=True, slots=True)
class About:
    """What was judged: an existing dossier, or a registration on its way to one."""

    dossier_id: int | None = None
    registration_id: int | None = None


def keep_evaluation(
    session: Session, judgement: Judgement, command: Command, about: About, now: datetime
) -> Kept:
    """Store every finding with the facts and inputs it was made on."""
    content = content_for(judgement, command, now)
    whose = {"dossier_id": about.dossier_id, "registration_id": about.registration_id}
    return Kept(scalar(session, _KEEP, {**content, **whose}), digest(content))


_KEEP = insert(Evaluation).returning(Evaluation.id)


def content_for(judgement: Judgement, command: Command, now: datetime) -> dict[str, Any]:
    """Everything that is kept of a judgement, in the form that is hashed."""
    return {
        "action": command.action.value,
        "at": now,
        "by_id": command.person_id,
        "allowed": judgement.allowed,
        "programme_hash": judgement.facts.programme_hash,
        "facts": {
            "form": FORM,
            "dossier": to_json(judgement.facts),
            "actor": to_json(judgement.actor),
            "inputs": to_json(command.inputs),
            "extra": to_json(command.extra),
        },
        "results": to_json(judgement.results),
        "refusals": to_json(judgement.refusals),
        "comment": command.comment,
    }


def digest_of(evaluation: Evaluation) -> str:
    """Compute the digest of a stored evaluation anew."""
    return digest(content_of(evaluation))


def content_of(evaluation: Evaluation) -> dict[str, Any]:
    """All of a stored evaluation its digest covers; enough to run its guards again."""
    return {name: getattr(evaluation, name) for name in _CONTENT}


_CONTENT = (
    "action",
    "at",
    "by_id",
    "allowed",
    "programme_hash",
    "facts",
    "results",
    "refusals",
    "comment",
)


def results_of(evaluation: Evaluation) -> tuple[Result, ...]:
    """Read the findings of a stored evaluation."""
    return _RESULTS.validate_python(from_json(evaluation.results))


def refusals_of(evaluation: Evaluation) -> tuple[Refusal, ...]:
    """Read the refusals of a stored evaluation."""
    return _REFUSALS.validate_python(from_json(evaluation.refusals))


def facts_in(evaluation: Evaluation) -> DossierFacts:
    """Read the facts a stored evaluation looked at."""
    return _FACTS.validate_python(from_json(evaluation.facts["dossier"]))


def to_json(value: object) -> Json:
    """Turn facts and verdicts into JSON, tagging figures, days and instants.

    Raises `TypeError` for a value of a kind that has no form.
    """
    kind = type(value)
    form = _FORMS.get(kind) or _FORMS.setdefault(kind, _form_for(kind))
    return form(value)


def _form_for(kind: type) -> Callable[[Any], Json]:  # noqa: PLR0911 - one line for each kind.
    """How values of one class are written; found once, for a step writes thousands of them."""
    if issubclass(kind, Enum):
        return lambda value: to_json(value.value)
    if issubclass(kind, bool | int | str | NoneType):
        return lambda value: value
    if issubclass(kind, Decimal | date):
        return _tagged
    if issubclass(kind, Mapping):
        return lambda value: {str(key): to_json(inner) for key, inner in value.items()}
    if is_dataclass(kind):
        names = tuple(part.name for part in fields(kind))
        return lambda value: {name: to_json(getattr(value, name)) for name in names}
    if issubclass(kind, frozenset):
        return lambda value: sorted((to_json(inner) for inner in value), key=str)
    if issubclass(kind, list | tuple):
        return lambda value: [to_json(inner) for inner in value]
    raise TypeError(f"no JSON form for {kind.__name__}")


_FORMS: Final[dict[type, Callable[[Any], Json]]] = {}


def from_json(value: object) -> object:
    """Undo the tags of `to_json`."""
    if isinstance(value, list):
        return tuple(from_json(inner) for inner in value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        tag, written = next(iter(value.items()))
        revive = _REVIVE.get(tag)
        if revive is not None:
            return revive(str(written))
    return {key: from_json(inner) for key, inner in value.items()}


_REVIVE: dict[str, Callable[[str], object]] = {
    "$decimal": Decimal,
    "$date": date.fromisoformat,
    "$instant": datetime.fromisoformat,
}


def _tagged(value: Decimal | date) -> Json:
    if isinstance(value, Decimal):
        return {"$decimal": format(value, "f")}
    if isinstance(value, datetime):
        return {"$instant": value.astimezone(UTC).isoformat()}
    return {"$date": value.isoformat()}
