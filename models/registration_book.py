"""Answering registrations: acknowledge (a dossier is born), decline, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import surroundings
from models.birth import bear_dossier
from models.deadlines import cycle_terms
from models.evaluations import About, keep_evaluation
from models.gathering import places_of
from models.history import Happening, Head, append_line, append_to_stream, registration_stream
from models.ledger import capacity, happening, refuse_repetition
from models.letters import (
    Occasion,
    deadline_ahead,
    letter_values,
    queue_letters,
    tell_of_capacity,
)
from models.people import Places, actor_towards
from models.placing import lineage_of, place
from models.rulebooks import rulebook_of
from models.tables import Dossier, Person, Registration
from models.visibility import registration_visible_to
from workflow.decisions import Accepted, Judgement
from workflow.effects import Notify
from workflow.facts import Actor, Command, DossierFacts
from workflow.ports import NotFound, Opened, Stale
from workflow.verdicts import Refusal
from workflow.vocabulary import Action, RegistrationStatus, Role
from workflow.words import say
from workflow.working_days import office_day

SENDERS: Final = (Role.CLERK, Role.UNIT_HEAD)
"""Who sends a registration may take it back."""


class SqlRegistrationBook:
    """Satisfies `workflow.ports.Ledger` for acknowledging: `command.code` is a registration's.

    The command is `Command(code, person_id, Action.REGISTER, 0, …)`; `record` bears the dossier
    in state `registered`, at version 1.
    """

    def __init__(self, session: Session) -> None:
        """Work in `session`, which must be a writing one."""
        self.session = session
        self.dossier: Dossier | None = None

    def open(self, command: Command, *, now: datetime) -> Opened:
        """Gather the facts under a lock; raise `NotFound`, `Repeated` or `Stale`."""
        registration = held_registration(self.session, command.code, command.person_id, now)
        refuse_repetition(self.session, command)
        if registration.status is not RegistrationStatus.SENT:
            raise self._answered(registration)
        return opened_registration(self.session, registration, command.person_id, now, hold=True)

    def record(self, accepted: Accepted, *, now: datetime) -> None:
        """Bear the dossier, with its first line of history, evaluation and letters.

        Raises `Stale` when the subject got another dossier of this cycle meanwhile.
        """
        registration = self.session.get_one(Registration, accepted.before.registration.id)
        actor = accepted.judgement.actor
        self.session.execute(
            update(Registration)
            .where(Registration.id == registration.id)
            .values(
                status=RegistrationStatus.ACKNOWLEDGED,
                acknowledged_by=actor.person_id,
                acknowledged_at=now,
            )
        )
        dossier_id = bear_dossier(self.session, registration, accepted, now)
        if dossier_id is None:
            raise self._answered(registration)
        about = About(dossier_id=dossier_id, registration_id=registration.id)
        kept = keep_evaluation(self.session, accepted.judgement, accepted.command, about, now)
        told = {"registration": registration.code}
        line = happening(dossier_id, 1, accepted, kept, now, told)
        head = append_line(self.session, line, Head())
        self.session.execute(
            update(Dossier)
            .where(Dossier.id == dossier_id)
            .values(head_hash=head.hash, history_count=head.count)
        )
        self.dossier = self.session.get_one(Dossier, dossier_id, populate_existing=True)
        told = {"dossier": self.dossier.code}
        write_down(self.session, registration.id, actor, "acknowledge", told, now)
        self._tell(self.dossier, accepted, now)

    def record_refusal(self, judgement: Judgement, command: Command, *, now: datetime) -> None:
        """Keep the refused attempt; the registration is untouched."""
        about = About(registration_id=judgement.facts.registration.id)
        keep_evaluation(self.session, judgement, command, about, now)

    def _tell(self, dossier: Dossier, accepted: Accepted, now: datetime) -> None:
        notices = [effect for effect in accepted.effects if isinstance(effect, Notify)]
        programme = rulebook_of(self.session, dossier.programme_hash).programme
        values = letter_values(accepted, programme, dossier.code, now)
        places = places_of(self.session, dossier)
        about = (dossier.id, dossier.code, dossier.version, places, values)
        coming = tuple(one for one in programme.steps if one.source is accepted.target)
        ahead = deadline_ahead(accepted, programme)
        occasion = Occasion(*about, deadline=ahead, coming=coming)
        queue_letters(self.session, notices, occasion, now)
        tell_of_capacity(self.session, accepted, occasion, now)

    def _answered(self, registration: Registration) -> Stale:
        by = self.session.get(Person, registration.acknowledged_by or 0)
        return Stale(
            code=registration.code,
            expected_version=0,
            current_version=1,
            by=by.full_name if by else "",
            role=Role.SUPERIOR.value if by else "",
            action=Action.REGISTER if by else None,
            at=registration.acknowledged_at,
        )


def look_at_registration(session: Session, code: str, person_id: int, now: datetime) -> Opened:
    """Open a registration only to look at it. Raises `NotFound`."""
    registration = session.scalar(
        select(Registration).where(
            Registration.code == code, registration_visible_to(person_id, office_day(now))
        )
    )
    if registration is None:
        raise NotFound(code)
    return opened_registration(session, registration, person_id, now)


def opened_registration(
    session: Session,
    registration: Registration,
    person_id: int,
    now: datetime,
    *,
    hold: bool = False,
) -> Opened:
    """State a registration for the law, with the person's roles towards it."""
    places = places_around(session, registration)
    return Opened(
        facts=registration_facts(session, registration),
        actor=actor_towards(session, person_id, places, office_day(now), hold=hold),
        rulebook=rulebook_of(session, registration.programme_hash),
    )


def decline(
    session: Session, code: str, person_id: int, reason: str, now: datetime
) -> Refusal | None:
    """Send a registration back for a reason, as its superior; None when done.

    Raises `NotFound` when there is none, or none for this person.
    """
    return _close(session, code, person_id, RegistrationStatus.REJECTED, reason, now)


def withdraw_registration(
    session: Session, code: str, person_id: int, reason: str, now: datetime
) -> Refusal | None:
    """Take a registration back before it is acknowledged, as the side that sent it."""
    return _close(session, code, person_id, RegistrationStatus.WITHDRAWN, reason, now)


def places_around(session: Session, registration: Registration) -> Places:
    """The units that matter for who may do what to this registration."""
    placement = place(None, lineage_of(session, registration.unit_id))
    return Places(
        registration.unit_id,
        placement.proposing_unit_id,
        None,
        registration.superior_unit_id,
    )


def held_registration(session: Session, code: str, person_id: int, now: datetime) -> Registration:
    """Load a registration under a lock, or raise `NotFound`."""
    registration = session.scalar(
        select(Registration)
        .where(Registration.code == code, registration_visible_to(person_id, office_day(now)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if registration is None:
        raise NotFound(code)
    return registration


def registration_facts(session: Session, registration: Registration) -> DossierFacts:
    """State a registration as the dossier it would become: no state, version 0."""
    line = lineage_of(session, registration.unit_id)
    placement = place(None, line)
    by_id = {unit.id: unit for unit in line}
    cycle = rulebook_of(session, registration.programme_hash).programme.cycle_by_id[
        registration.cycle_id
    ]
    joined = surroundings.successions(session, line)
    return DossierFacts(
        id=0,
        code=registration.code,
        version=0,
        state=None,
        programme_hash=registration.programme_hash,
        cycle_id=registration.cycle_id,
        award_form="",
        subject=surroundings.subject(
            session,
            registration.subject_kind,
            registration.subject_name,
            line,
            registration.person_id,
        ),
        proposing_unit=surroundings.unit_facts(by_id[placement.proposing_unit_id]),
        deciding_unit=None,
        registration=surroundings.registration(session, registration.id),
        scores=surroundings.scores(session, line, joined, cycle.year),
        successions=joined,
        twins=surroundings.twins(session, registration),
        terms=cycle_terms(session, registration.programme_id, registration.cycle_id),
    )


def _close(
    session: Session,
    code: str,
    person_id: int,
    status: RegistrationStatus,
    reason: str,
    now: datetime,
) -> Refusal | None:
    registration = held_registration(session, code, person_id, now)
    places = places_around(session, registration)
    closing = (Role.SUPERIOR,) if status is RegistrationStatus.REJECTED else SENDERS
    actor = actor_towards(session, person_id, places, office_day(now), hold=True)
    actor = actor.taking(closing, Action.REGISTER)
    refusal = _why_not_close(registration, actor, closing, reason)
    if refusal is not None:
        return refusal
    session.execute(
        update(Registration)
        .where(Registration.id == registration.id)
        .values(status=status, reason=reason.strip())
    )
    write_down(session, registration.id, actor, status.value, {"reason": reason.strip()}, now)
    return None


def _why_not_close(
    registration: Registration, actor: Actor, allowed: tuple[Role, ...], reason: str
) -> Refusal | None:
    if registration.status is not RegistrationStatus.SENT:
        return Refusal(
            "NO_SUCH_STEP",
            say("Bản đăng ký {code} đã được xử lý.", code=registration.code),
            remedy=say("Mở lại trang đăng ký để xem kết quả."),
        )
    if not actor.roles.intersection(allowed):
        return Refusal(
            "WRONG_ROLE",
            say("Bạn xem được nhưng không xử lý được bước này."),
            remedy=say("Chuyển cho người có quyền của bước này."),
            roles=allowed,
        )
    if allowed == (Role.SUPERIOR,) and not reason.strip():
        return Refusal(
            "COMMENT_MISSING",
            say("Chưa ghi lý do."),
            remedy=say("Ghi lý do bằng một câu; đơn vị xem được lý do này."),
        )
    return None


def write_down(
    session: Session,
    registration_id: int,
    actor: Actor,
    action: str,
    told: Mapping[str, object],
    now: datetime,
) -> None:
    """Add a line to the registration's own stream."""
    append_to_stream(
        session,
        Happening(
            stream=registration_stream(registration_id),
            at=now,
            actor_id=actor.person_id,
            actor_name=actor.name,
            on_behalf=actor.principal.name if actor.principal else "",
            action=action,
            payload={**told, **capacity(actor)},
        ),
    )
