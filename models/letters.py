"""Letters that follow a step: one row per person who stands in the relation the step names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy.orm import Session

from models.deadlines import office_days
from models.evaluations import from_json, to_json
from models.outbox import Letter, remember
from models.people import Places, people_with
from models.telling import News, tell, watching
from models.words import Channel
from workflow import effects
from workflow.deadlines import deadline_of, next_state
from workflow.decisions import Accepted
from workflow.facts import (
    DecisionInput,
    ExtensionInput,
    RevocationInput,
    SupplementInput,
    SuspensionInput,
)
from workflow.forecast import digest_instant
from workflow.news import leaves_alone
from workflow.programme import Programme, StepTable
from workflow.reminders import Calendar, sending_instant
from workflow.vocabulary import Action, Outcome, Role
from workflow.words import phrase
from workflow.working_days import OFFICE_ZONE, next_working_day, office_day

_KEY_PARTS: Final = 5

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
    deadline: datetime | None = None
    """When the step that comes next must be taken."""
    coming: tuple[StepTable, ...] = ()
    """The steps that can come next."""

    def steps_for(self, roles: tuple[Role, ...]) -> frozenset[Action]:
        """What these roles can do next: whoever has none of it lent hears of nothing."""
        return frozenset(one.action for one in self.coming if set(one.by) & set(roles))


def queue_letters(
    session: Session, notices: Iterable[effects.Notify], occasion: Occasion, now: datetime
) -> int:
    """Queue every letter of a step in its transaction; returns how many.

    What can wait is news for the digest of the next working morning.
    Whoever took the step knows of it and gets no letter, unless it comes later; nor does anybody
    without an address.
    """
    queued = 0
    morning = next_digest(session, now)
    for notice in notices:
        alone = not notice.at_end and leaves_alone(notice.letter, (occasion.deadline,), morning)
        due_at = _morning_after(session, occasion.values["until"]) if notice.at_end else now
        values = {**occasion.values, **concerning(notice.to, occasion.places)}
        if notice.at_end:
            values["at_end"] = True
        steps = occasion.steps_for(notice.to)
        for person in people_with(session, notice.to, occasion.places, office_day(now), steps):
            took_it = person.id == occasion.values.get("actor_id") and not notice.at_end
            if not person.email or took_it:
                continue
            queued += remember(
                session,
                Letter(
                    dedupe_key=letter_key(notice.letter, occasion, person.id, Channel.EMAIL),
                    letter=notice.letter,
                    due_at=due_at,
                    address=person.email,
                    recipient_id=person.id,
                    dossier_id=occasion.dossier_id,
                    values={**values, "recipient": person.full_name},
                    alone=alone,
                    held_for=occasion.held_for,
                ),
                now,
            )
    return queued


def next_digest(session: Session, now: datetime) -> datetime:
    """When the first digest after `now` leaves."""
    return digest_instant(now + timedelta(seconds=1), Calendar(*office_days(session)))


def concerning(to: tuple[Role, ...], places: Places) -> dict[str, Any]:
    """Whom a letter is for: whoever stands in these roles when it leaves."""
    return {
        "to": [role.value for role in to],
        "places": [
            places.subject_unit_id,
            places.proposing_unit_id,
            places.deciding_unit_id,
            places.superior_unit_id,
        ],
    }


def deadline_ahead(accepted: Accepted, programme: Programme) -> datetime | None:
    """When the step after this one must be taken, as it stood before this one; None at an end."""
    following = next_state(accepted.target)
    found = deadline_of(programme, accepted.before, following) if following else None
    return found.instant if found else None


def _morning_after(session: Session, until: object) -> datetime:
    """08:00 of the first working day after the last day a clock stood still."""
    last = cast("date", from_json(until))
    day = next_working_day(last + timedelta(days=1), *office_days(session))
    return sending_instant(day, OFFICE_ZONE)


_QUIET: Final = {Action.EDIT, Action.MARK_CHECK}
"""Acts on somebody's behalf that are many and small: the history tells of them, no letter."""


def tell_of_capacity(
    session: Session, accepted: Accepted, occasion: Occasion, now: datetime
) -> None:
    """Tell whoever was acted for of the act, and the auditors of every use of an emergency."""
    actor, values = accepted.judgement.actor, occasion.values
    if actor.acting is None:
        return
    step = str(values["step"] or accepted.command.action.value)
    done = phrase(
        "{upper}{step}: hồ sơ {code}, {subject}.",
        upper=step[:1].upper(),
        step=step[1:],
        code=occasion.code,
        subject=values["subject"],
    )
    key = f"{occasion.code}:{occasion.version}"
    if actor.principal is None:
        headline = phrase("Truy cập khẩn cấp đã dùng: hồ sơ {code}", code=occasion.code)
        lines = [phrase("{name} đã dùng truy cập khẩn cấp.", name=actor.name), done]
        news = News(
            f"emergency-used:{key}", headline, lines, "", occasion.code, occasion.dossier_id
        )
        tell(session, watching(session, office_day(now)), news, now)
    elif accepted.command.action not in _QUIET:
        headline = phrase(
            "{name} đã làm thay Ông/Bà: hồ sơ {code}", name=actor.name, code=occasion.code
        )
        lines = [f"{actor.signature}.", done]
        news = News(f"acted-for:{key}", headline, lines, "", occasion.code, occasion.dossier_id)
        tell(session, (actor.principal.person_id,), news, now)


def letter_key(letter: str, occasion: Occasion, recipient_id: int, channel: Channel) -> str:
    """What makes a letter of a step the same letter."""
    return f"{letter}:{occasion.code}:{occasion.version}:{recipient_id}:{channel.value}"


def version_told(key: str) -> int | None:
    """The version of the dossier a letter of a step tells of; None for any other letter's key."""
    parts = key.split(":")
    return int(parts[2]) if len(parts) == _KEY_PARTS and parts[2].isdigit() else None


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
        "actor": actor.signature,
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
        case SupplementInput(items=items, due=due):
            return {"items": list(items), "due": to_json(due)}
        case ExtensionInput(until):
            return {"until": to_json(until)}
        case DecisionInput(decision) | RevocationInput(_, decision):
            return {"number": decision.number, "dated": to_json(decision.dated)}
        case SuspensionInput(since, until, clause):
            days = {"since": to_json(since), "until": to_json(until)}
            return days | {"stop_clause": clause}
        case _:
            return {}
