"""Registering with the direct superior (IV.1.a); an acknowledged registration bears a dossier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import surroundings
from models.codes import next_code
from models.deadlines import cycle_terms
from models.evaluations import About, keep_evaluation
from models.folding import search_key
from models.people import Places, actor_towards
from models.placing import lineage_of, place, superior_of
from models.registration_book import write_down
from models.rulebooks import rulebook_in_force
from models.tables import Dossier, Person, Registration
from workflow.decisions import Judgement, judge
from workflow.facts import Actor, Command, DossierFacts, RegistrationFacts
from workflow.programme import StepTable
from workflow.rulebook import Rulebook
from workflow.verdicts import Refusal
from workflow.vocabulary import Action, RegistrationStatus, State, SubjectKind
from workflow.words import phrase, say
from workflow.working_days import office_day

PREFIX = "DK"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to register: a unit, or a person with the unit employing them."""

    cycle_id: str
    unit_id: int
    person_id: int | None = None
    registered_on: date | None = None
    number: str = ""
    programme_id: str | None = None


def send_registration(
    session: Session, wish: Wish, person_id: int, now: datetime
) -> str | Judgement:
    """Send a registration to the direct superior; its code, or the reasons why not.

    Both are kept. Raises `LookupError` for an unknown unit, person or cycle.
    """
    rulebook = rulebook_in_force(session, wish.programme_id)
    facts, places = _wished(session, wish, rulebook, now)
    actor = actor_towards(session, person_id, places, office_day(now))
    judgement = _judge_sending(session, rulebook, facts, actor, now)
    command = Command("", person_id, Action.REGISTER, 0)
    if not judgement.allowed:
        keep_evaluation(session, judgement, command, About(), now)
        return judgement
    registration = _insert(session, rulebook, facts, places, actor, now)
    about = About(registration_id=registration.id)
    kept = keep_evaluation(session, judgement, command, about, now)
    told = {"code": registration.code, "subject": facts.subject.name, "evaluation": kept.digest}
    write_down(session, registration.id, judgement.actor, "send_registration", told, now)
    return registration.code


def look_at_sending(session: Session, wish: Wish, person_id: int, now: datetime) -> Judgement:
    """What the law would say to this registration now; nothing is written.

    Raises `LookupError` for an unknown unit, person or cycle.
    """
    rulebook = rulebook_in_force(session, wish.programme_id)
    facts, places = _wished(session, wish, rulebook, now)
    actor = actor_towards(session, person_id, places, office_day(now))
    return _judge_sending(session, rulebook, facts, actor, now)


def _wished(
    session: Session, wish: Wish, rulebook: Rulebook, now: datetime
) -> tuple[DossierFacts, Places]:
    today = office_day(now)
    person = session.get_one(Person, wish.person_id) if wish.person_id else None
    line = lineage_of(session, person.employer_id if person else wish.unit_id)
    placement = place(None, line)
    superior_id = superior_of(session, line, wish.person_id, today)
    by_id = {unit.id: unit for unit in line}
    kind = SubjectKind.INDIVIDUAL if person else SubjectKind.COLLECTIVE
    name = person.full_name if person else line[0].name
    subject = surroundings.subject(session, kind, name, line, wish.person_id)
    cycle = rulebook.programme.cycle_by_id[wish.cycle_id]
    facts = DossierFacts(
        id=0,
        code="",
        version=0,
        state=None,
        programme_hash=rulebook.content_hash,
        cycle_id=wish.cycle_id,
        award_form="",
        subject=subject,
        proposing_unit=surroundings.unit_facts(by_id[placement.proposing_unit_id]),
        deciding_unit=None,
        registration=RegistrationFacts(
            id=0,
            subject_key=subject.key,
            year=cycle.year,
            superior=by_id[superior_id].name,
            registered_on=wish.registered_on or today,
            acknowledged_on=None,
            number=wish.number,
            sent_at=now,
        ),
        terms=cycle_terms(session, rulebook.programme.id, wish.cycle_id),
    )
    return facts, Places(line[0].id, placement.proposing_unit_id, None, superior_id)


def _judge_sending(
    session: Session, rulebook: Rulebook, facts: DossierFacts, actor: Actor, now: datetime
) -> Judgement:
    table = rulebook.programme.registration
    sending = StepTable(
        action=Action.REGISTER,
        title=phrase("Gửi đăng ký"),
        done=phrase("gửi đăng ký thi đua"),
        target=State.REGISTERED,
        by=table.by,
        clause=table.clause,
        rules=table.rules,
    )
    only = rulebook.programme.model_copy(update={"steps": (sending,)})
    judgement = judge(
        Rulebook(only, rulebook.rules, rulebook.machine), Action.REGISTER, facts, actor, now
    )
    open_code = _open_code(session, rulebook, facts)
    if open_code is None:
        return judgement
    refusal = Refusal(
        "REGISTERED_ALREADY",
        say("Đối tượng này đã có bản đăng ký {code} trong đợt.", code=open_code),
        remedy=say("Mở bản đăng ký {code}, hoặc rút bản đó trước khi gửi lại.", code=open_code),
    )
    return replace(judgement, refusals=(*judgement.refusals, refusal))


def _open_code(session: Session, rulebook: Rulebook, facts: DossierFacts) -> str | None:
    sent = session.scalar(
        select(Registration.code)
        .where(
            Registration.programme_id == rulebook.programme.id,
            Registration.cycle_id == facts.cycle_id,
            Registration.subject_key == facts.subject.key,
            Registration.status == RegistrationStatus.SENT,
        )
        .limit(1)
    )
    if sent is not None:
        return sent
    return next((twin.code for twin in _live(session, rulebook, facts)), None)


def _live(session: Session, rulebook: Rulebook, facts: DossierFacts) -> tuple[Dossier, ...]:
    rows = session.scalars(
        select(Dossier).where(
            Dossier.programme_id == rulebook.programme.id,
            Dossier.cycle_id == facts.cycle_id,
            Dossier.subject_key == facts.subject.key,
            Dossier.state.not_in((State.REJECTED, State.WITHDRAWN, State.REVOKED)),
        )
    )
    return tuple(rows)


def _insert(
    session: Session,
    rulebook: Rulebook,
    facts: DossierFacts,
    places: Places,
    actor: Actor,
    now: datetime,
) -> Registration:
    subject, registered = facts.subject, facts.registration
    code = next_code(session, PREFIX, registered.year)
    row_id = session.execute(
        insert(Registration)
        .values(
            code=code,
            programme_id=rulebook.programme.id,
            programme_hash=rulebook.content_hash,
            cycle_id=facts.cycle_id,
            year=registered.year,
            subject_kind=subject.kind,
            subject_key=subject.key,
            subject_name=subject.name,
            unit_id=subject.unit.id,
            person_id=subject.person_id,
            superior_unit_id=places.superior_unit_id,
            number=registered.number,
            registered_on=registered.registered_on,
            sent_by=actor.person_id,
            sent_at=now,
            search_key=search_key(f"{code} {subject.name} {subject.unit.name}"),
        )
        .returning(Registration.id)
    ).scalar_one()
    return session.get_one(Registration, row_id)
