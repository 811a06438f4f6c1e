"""Letters that follow a step: one row per person who stands in the relation the step names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.evaluations import to_json
from models.outbox import Letter, remember
from models.people import Places, people_with
from models.words import Channel
from workflow import effects
from workflow.decisions import Accepted
from workflow.facts import DecisionInput, ExtensionInput, RevocationInput, SupplementInput
from workflow.programme import Programme
from workflow.vocabulary import Action, Outcome
from workflow.working_days import office_day

CUT_OFF = "cut_off"
"""In `Command.extra`: the reason a ranking gives; it may be mailed, unlike what people write."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the letters are about: a dossier at one version, and the units around it."""

    dossier_id: int
    code: str
    version: int
    places: Places
    values: Mapping[str, Any]
    held_for: int | None = None


def queue_letters(
    session: Session, notices: Iterable[effects.Notify], occasion: Occasion, now: datetime
) -> int:
    """Queue every letter of a step in its transaction; returns how many.

    Whoever took the step knows of it and gets no letter; nor does anybody without an address.
    """
    queued = 0
    for notice in notices:
        for person in people_with(session, notice.to, occasion.places, office_day(now)):
            if not person.email or person.id == occasion.values.get("actor_id"):
                continue
            queued += remember(
                session,
                Letter(
                    dedupe_key=letter_key(notice.letter, occasion, person.id, Channel.EMAIL),
                    letter=notice.letter,
                    due_at=now,
                    address=person.email,
                    recipient_id=person.id,
                    dossier_id=occasion.dossier_id,
                    values={**occasion.values, "recipient": person.full_name},
                    held_for=occasion.held_for,
                ),
                now,
            )
    return queued


def letter_key(letter: str, occasion: Occasion, recipient_id: int, channel: Channel) -> str:
    """What makes a letter of a step the same letter."""
    return f"{letter}:{occasion.code}:{occasion.version}:{recipient_id}:{channel.value}"


def letter_values(
    accepted: Accepted, programme: Programme, code: str, now: datetime
) -> dict[str, Any]:
    """What every letter of a step may fill in; figures, days and instants are tagged.

    Read them with `models.evaluations.from_json`.
    """
    facts, actor = accepted.before, accepted.judgement.actor
    award = programme.award_by_id.get(facts.award_form)
    step = accepted.judgement.step
    return {
        "code": code,
        "subject": facts.subject.name,
        "unit": facts.subject.unit.name,
        "cycle": programme.cycle_by_id[facts.cycle_id].label,
        "award": award.title if award else "",
        "step": step.done if step else "",
        "clause": step.clause if step else "",
        "state": accepted.target.value,
        "actor_id": actor.person_id,
        "actor": actor.name,
        "actor_title": actor.title,
        "comment": accepted.comment,
        "grounds": _grounds(accepted),
        "cut_off": accepted.command.extra.get(CUT_OFF, ""),
        "at": to_json(now),
        **_input_values(accepted),
    }


def _grounds(accepted: Accepted) -> list[dict[str, str]]:
    """The rules an award rests on, with their clauses: what was asked of this dossier and met."""
    if accepted.command.action is not Action.DECIDE:
        return []
    return [
        {"title": result.title, "clause": result.clause}
        for result in accepted.judgement.results
        if result.outcome is Outcome.MET
    ]


def _input_values(accepted: Accepted) -> dict[str, Any]:
    match accepted.command.inputs:
        case SupplementInput(items, _, due):
            return {"items": list(items), "due": to_json(due)}
        case ExtensionInput(until):
            return {"until": to_json(until)}
        case DecisionInput(decision) | RevocationInput(_, decision):
            return {"number": decision.number, "dated": to_json(decision.dated)}
        case _:
            return {}
