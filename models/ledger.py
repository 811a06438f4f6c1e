"""The SQL side of `workflow.ports.Ledger`: opens one dossier, writes down what was decided.

Two people cannot take a step from the same version: the version is compared and set in one
statement. All rows of a step, letters included, belong to the caller's one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, or_, select, update
from sqlalchemy.orm import Session

from models.concealing import conceal, facts_before, is_hidden_from, knows
from models.decision_lists import leave_list
from models.evaluations import About, Kept, keep_evaluation, to_json
from models.failpoints import reach
from models.gathering import facts_of, places_of
from models.history import Happening, Head, append_line, dossier_stream
from models.lending import with_emergencies
from models.letters import (
    Occasion,
    deadline_ahead,
    letter_values,
    queue_letters,
    tell_of_capacity,
)
from models.people import actor_towards
from models.recording import Recording
from models.rows import rows, scalar
from models.rulebooks import rulebook_of
from models.tables import Dossier, HistoryLine, ListedDossier
from models.visibility import visible_to
from workflow.decisions import Accepted, Judgement
from workflow.effects import Notify
from workflow.facts import Actor, Command, DecisionInput
from workflow.ports import NotFound, Opened, Repeated, Stale
from workflow.vocabulary import Action, State
from workflow.working_days import office_day

_TOUCHES_PLACES = {Action.DECIDE, Action.REVOKE}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a step changes besides its effects: columns of the dossier, and what to tell of it."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


class SqlLedger:
    """Satisfies `workflow.ports.Ledger` over one session; the caller commits."""

    def __init__(self, session: Session) -> None:
        """Work in `session`, which must be a writing one."""
        self.session = session

    def open(self, command: Command, *, now: datetime) -> Opened:
        """Gather the facts under a lock; raise `NotFound`, `Repeated` or `Stale`."""
        dossier = self.session.scalar(
            select(Dossier)
            .where(Dossier.code == command.code, visible_to(command.person_id, office_day(now)))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if dossier is None:
            raise NotFound(command.code)
        refuse_repetition(self.session, command)
        if dossier.version != command.expected_version:
            raise _overtaken(self.session, dossier, command, now)
        holding = command.action in _TOUCHES_PLACES
        opened = _opened(
            self.session, dossier, command.person_id, now, holding_places=holding, hold=True
        )
        day = office_day(now)
        if command.action is Action.WITHDRAW and is_hidden_from(
            self.session, dossier, command.person_id, day
        ):
            # Refused in the same words as from a list: the answer must not tell of a decision.
            return replace(opened, facts=facts_before(opened.facts))
        return opened

    def record(self, accepted: Accepted, *, now: datetime) -> None:
        """Write state, version, history, evaluation and letters with compare-and-set.

        Raises `Stale` when another writer came first; `NoSeatLeft` or `NumberTaken` when a rule
        of the database was broken meanwhile: the transaction must then be rolled back.
        """
        before = accepted.before
        dossier = self.session.get_one(Dossier, before.id)
        head = self._next_version(dossier, before.version, now)
        reach("after_version_taken")
        recording = Recording(self.session, dossier, accepted.judgement.actor, now)
        for effect in accepted.effects:
            recording.carry_out(effect)
        contents = self.contents(dossier, accepted, now)
        about = About(dossier_id=dossier.id)
        kept = keep_evaluation(self.session, accepted.judgement, accepted.command, about, now)
        line = happening(dossier.id, before.version + 1, accepted, kept, now, contents.told)
        head = append_line(self.session, line, head)
        columns = {**recording.columns, **contents.columns, **_own_columns(accepted, now)}
        self._set(dossier, head, columns)
        reach("after_state_update")
        if accepted.source is State.BOARD_CHECKED and accepted.target is not accepted.source:
            leave_list(self.session, dossier.id)
        self._tell(dossier, accepted, now)
        reach("after_letters_queued")

    def contents(self, dossier: Dossier, accepted: Accepted, now: datetime) -> Contents:  # noqa: ARG002
        """What else to write: nothing for a plain step, see `models.editing`."""
        return Contents()

    def record_refusal(self, judgement: Judgement, command: Command, *, now: datetime) -> None:
        """Keep the refused attempt with its inputs and reasons; the dossier is untouched."""
        about = About(dossier_id=judgement.facts.id)
        keep_evaluation(self.session, judgement, command, about, now)

    def _next_version(self, dossier: Dossier, version: int, now: datetime) -> Head:
        wanted = {"of": dossier.id, "was": version, "becomes": version + 1, "now": now}
        won = rows(self.session, _NEXT_VERSION, wanted).first()
        if won is None:
            self.session.refresh(dossier)
            raise stale(self.session, dossier, version)
        return Head(won.history_count, won.head_hash)

    def _set(self, dossier: Dossier, head: Head, columns: Mapping[str, Any]) -> None:
        written = {"head_hash": head.hash, "history_count": head.count, **columns}
        rows(self.session, _setting(tuple(sorted(written))), {"of": dossier.id, **written})
        self.session.refresh(dossier)

    def _tell(self, dossier: Dossier, accepted: Accepted, now: datetime) -> None:
        notices = [effect for effect in accepted.effects if isinstance(effect, Notify)]
        if not notices and accepted.judgement.actor.acting is None:
            return
        programme = rulebook_of(self.session, dossier.programme_hash).programme
        values = letter_values(accepted, programme, dossier.code, now)
        places = places_of(self.session, dossier)
        inputs = accepted.command.inputs
        later = isinstance(inputs, DecisionInput) and not inputs.publish
        held_for = dossier.decision_id if later else None
        ahead = deadline_ahead(accepted, programme)
        about = (dossier.id, dossier.code, dossier.version, places, values)
        coming = tuple(one for one in programme.steps if one.source is accepted.target)
        occasion = Occasion(*about, held_for, ahead, coming)
        queue_letters(self.session, notices, occasion, now)
        tell_of_capacity(self.session, accepted, occasion, now)


def look(session: Session, code: str, person_id: int, now: datetime) -> Opened:
    """Open a dossier only to look at it: `choices()` over this gives the buttons.

    Raises `NotFound` when there is none, or none for this person. Locks and writes nothing.
    """
    dossier = session.scalar(
        select(Dossier).where(Dossier.code == code, visible_to(person_id, office_day(now)))
    )
    if dossier is None:
        raise NotFound(code)
    opened = _opened(session, dossier, person_id, now)
    if dossier.id in conceal(session, [dossier], person_id, office_day(now)):
        return replace(opened, facts=facts_before(opened.facts))
    return opened


def look_to_write(session: Session, command: Command, now: datetime) -> Opened:
    """Look at a dossier for somebody about to write, before anything of a form is judged.

    Raises `NotFound` as `look` does; `Repeated` or `Stale` when the version has moved on since the
    form was shown, by parts of this very form (their keys begin with its own) or by another.
    """
    opened = look(session, command.code, command.person_id, now)
    if opened.facts.version == command.expected_version:
        return opened
    key = HistoryLine.command_key
    done = session.scalar(
        select(HistoryLine.id).where(
            HistoryLine.actor_id == command.person_id,
            or_(key == command.key, key.startswith(f"{command.key}:", autoescape=True)),
        )
    )
    if done is not None:
        raise Repeated(command.code)
    raise _overtaken(session, session.get_one(Dossier, opened.facts.id), command, now)


def refuse_repetition(session: Session, command: Command) -> None:
    """Raise `Repeated` when this person's command with this key was carried out before."""
    if not command.key:
        return
    done = rows(session, _DONE, {"by": command.person_id, "key": command.key}).first()
    if done is None:
        return
    code = session.scalar(select(Dossier.code).where(Dossier.id == done.dossier_id))
    raise Repeated(code or command.code)


def _overtaken(session: Session, dossier: Dossier, command: Command, now: datetime) -> Stale:
    """Who was faster; of a decision that is not published, only the deciding side hears."""
    told = stale(session, dossier, command.expected_version)
    if told.action not in {Action.DECIDE, Action.RETRACT}:
        return told
    if knows(session, dossier, command.person_id, office_day(now)):
        return told
    return replace(told, by="", role="", action=None)


def stale(session: Session, dossier: Dossier, expected: int) -> Stale:
    """Say who was faster: the last line of the dossier's history."""
    last = session.scalar(
        select(HistoryLine)
        .where(HistoryLine.stream == dossier_stream(dossier.id))
        .order_by(HistoryLine.seq.desc())
        .limit(1)
    )
    return Stale(
        code=dossier.code,
        expected_version=expected,
        current_version=dossier.version,
        by=last.actor_name if last else "",
        role=last.role if last else "",
        action=Action(last.action) if last and last.action in set(Action) else None,
        at=last.at if last else None,
    )


def happening(
    dossier_id: int,
    version: int,
    accepted: Accepted,
    kept: Kept,
    now: datetime,
    told: Mapping[str, Any],
) -> Happening:
    """Word an accepted step as a history line."""
    command, actor = accepted.command, accepted.judgement.actor
    payload = {
        "comment": accepted.comment,
        "inputs": to_json(command.inputs),
        "effects": [type(effect).__name__ for effect in accepted.effects],
        "evaluation": kept.digest,
        **capacity(actor),
        **told,
    }
    return Happening(
        stream=dossier_stream(dossier_id),
        at=now,
        actor_id=actor.person_id,
        actor_name=actor.name,
        role=role_taken(accepted),
        on_behalf=actor.principal.name if actor.principal else "",
        action=command.action.value,
        from_state=accepted.source.value if accepted.source else None,
        to_state=accepted.target.value,
        dossier_id=dossier_id,
        dossier_version=version,
        payload=payload,
        evaluation_id=kept.id,
        command_key=command.key or None,
    )


def capacity(actor: Actor) -> dict[str, dict[str, int]]:
    """What a history line keeps of the capacity: for whom under which delegation, or emergency."""
    loan = actor.acting
    if loan is None:
        return {}
    if loan.principal is None:
        return {"emergency": {"access": loan.id}}
    return {"on_behalf": {"person": loan.principal.person_id, "delegation": loan.id}}


def role_taken(accepted: Accepted) -> str:
    """In which role the step was taken: the first that the step names and the actor has."""
    step, roles = accepted.judgement.step, accepted.judgement.actor.roles
    return next((role.value for role in (step.by if step else ()) if role in roles), "")


def _opened(
    session: Session,
    dossier: Dossier,
    person_id: int,
    now: datetime,
    *,
    holding_places: bool = False,
    hold: bool = False,
) -> Opened:
    places = places_of(session, dossier)
    actor = actor_towards(session, person_id, places, office_day(now), hold=hold)
    facts = facts_of(session, dossier, holding_places=holding_places)
    return Opened(
        facts=replace(facts, signing=_being_signed(session, dossier)),
        actor=with_emergencies(session, actor, dossier.id, now, hold=hold),
        rulebook=rulebook_of(session, dossier.programme_hash),
    )


def _being_signed(session: Session, dossier: Dossier) -> bool:
    """Does it stand on a list that is prepared for signature?"""
    if dossier.state is not State.BOARD_CHECKED:
        return False
    return scalar(session, _LISTED, {"dossier": dossier.id}) is not None


def _own_columns(accepted: Accepted, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {"state": accepted.target}
    if accepted.target is not accepted.source:
        columns["entered_state_at"] = now
    if accepted.command.action is Action.PRESENT:
        columns["presented_at"] = now
    return columns


# --- Statements ---------------------------------------------------------------------------------
# Built once: building one anew takes longer than the database does to answer it.

_NEXT_VERSION = (
    update(Dossier)
    .where(Dossier.id == bindparam("of"), Dossier.version == bindparam("was"))
    .values(version=bindparam("becomes"), updated_at=bindparam("now"))
    .returning(Dossier.history_count, Dossier.head_hash)
)
_DONE = select(HistoryLine.stream, HistoryLine.dossier_id).where(
    HistoryLine.actor_id == bindparam("by"), HistoryLine.command_key == bindparam("key")
)
_LISTED = select(ListedDossier.id).where(
    ListedDossier.dossier_id == bindparam("dossier"), ListedDossier.standing
)


@lru_cache
def _setting(columns: tuple[str, ...]) -> Update:
    """Set these columns of one dossier; there are as many such statements as kinds of step."""
    return (
        update(Dossier)
        .where(Dossier.id == bindparam("of"))
        .values({name: bindparam(name) for name in columns})
    )
