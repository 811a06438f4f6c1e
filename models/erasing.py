"""Erasing a person's data by law: one administrator asks, another grants; the chain stays valid.

Values and salts go, in the rows and in the record of changes; the hashes in the record stay and
say nothing any more. Dossiers that were decided, or are still open, are records that must be kept
(Law 01/2011/QH13 on archives): while the person has one, the request is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.change_sets import forget_values_of
from models.folding import person_sort_key, search_key
from models.office import write_down
from models.phrases import keep_person
from models.tables import (
    Account,
    Dossier,
    Erasure,
    KeptValue,
    OutgoingMessage,
    Person,
    Registration,
    UserSession,
)
from models.words import MessageStatus
from workflow.vocabulary import State
from workflow.words import phrase

GONE: Final = (State.REJECTED, State.WITHDRAWN)
"""States of dossiers nothing has come of: they need not be kept by name."""
NAMELESS: Final = phrase("Người đã xóa dữ liệu")
_FINAL: Final = (MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.SUPPRESSED)


class CannotErase(Exception):
    """Why not, as a Vietnamese sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it stands; `name` is empty once the data are gone."""

    row: Erasure
    code: str
    name: str
    asked_by: str
    answered_by: str


def ask(session: Session, code: str, reason: str, legal_basis: str, by: int, now: datetime) -> int:
    """Ask for the erasure of the data of the person with this code; returns the request's number.

    Raises `CannotErase`: nobody of this code, a request that is open, dossiers that must be kept.
    """
    person = session.scalar(select(Person).where(func.lower(Person.code) == code.strip().lower()))
    if person is None:
        raise CannotErase(phrase("Không có người nào mang mã này; tìm mã ở trang Người dùng."))
    _refuse(session, person.id)
    open_one = select(Erasure.id).where(Erasure.person_id == person.id, Erasure.granted.is_(None))
    if session.scalar(open_one) is not None:
        raise CannotErase(phrase("Đã có đề nghị xóa của người này đang chờ người thứ hai trả lời."))
    number = session.execute(
        insert(Erasure)
        .values(
            person_id=person.id,
            reason=reason.strip(),
            legal_basis=legal_basis.strip(),
            asked_by_id=by,
            asked_at=now,
            values_erased=0,
        )
        .returning(Erasure.id)
    ).scalar_one()
    told = {"erasure": number, "person": person.id, "legal_basis": legal_basis.strip()}
    write_down(session, "ask_erasure", told, by, now)
    return number


def answer(session: Session, number: int, by: int, now: datetime, *, granted: bool) -> int:
    """Grant or refuse a request; returns how many kept values were erased.

    Raises `CannotErase` for one that is answered already, and for who asked for it.
    """
    found = session.scalar(select(Erasure).where(Erasure.id == number).with_for_update())
    if found is None or found.granted is not None:
        raise CannotErase(phrase("Đề nghị này đã được trả lời; tải lại trang."))
    if found.asked_by_id == by:
        raise CannotErase(phrase("Cần hai người: người đề nghị không tự đồng ý được."))
    if found.person_id == by:
        raise CannotErase(phrase("Không ai đồng ý xóa dữ liệu của chính mình."))
    erased = 0
    if granted:
        _refuse(session, found.person_id)
        erased = _erase(session, found.person_id, now)
    found.granted, found.answered_by_id, found.answered_at = granted, by, now
    found.values_erased = erased
    session.flush()
    told = {"erasure": number, "granted": granted, "values": erased}
    write_down(session, "answer_erasure", told, by, now)
    return erased


def requests(session: Session) -> list[Asked]:
    """All requests, the newest first."""
    subject, asker, answerer = aliased(Person), aliased(Person), aliased(Person)
    rows = session.execute(
        select(Erasure, subject.code, subject.full_name, asker.full_name, answerer.full_name)
        .join(subject, subject.id == Erasure.person_id)
        .join(asker, asker.id == Erasure.asked_by_id)
        .outerjoin(answerer, answerer.id == Erasure.answered_by_id)
        .order_by(Erasure.id.desc())
    )
    return [Asked(row, code, name, one, other or "") for row, code, name, one, other in rows]


def _refuse(session: Session, person: int) -> None:
    kept = session.scalars(
        select(Dossier.code).where(Dossier.person_id == person, Dossier.state.not_in(GONE))
    ).all()
    if kept:
        raise CannotErase(
            phrase(
                "Hồ sơ {kept} phải lưu theo luật lưu trữ; chỉ xóa được khi người này "
                "không có hồ sơ đang xét hoặc đã quyết định.",
                kept=", ".join(kept),
            )
        )


def _erase(session: Session, person: int, now: datetime) -> int:
    """Take the values out of every row, and out of what the record keeps."""
    dossiers = list(session.scalars(select(Dossier.id).where(Dossier.person_id == person)))
    registrations = list(
        session.scalars(select(Registration.id).where(Registration.person_id == person))
    )
    places = [
        ("person", [person]),
        ("account", [person]),
        ("dossier", dossiers),
        ("registration", registrations),
    ]
    forget_values_of(session, {(table, str(key)) for table, keys in places for key in keys})
    name = f"{NAMELESS} {person}"
    _set(
        session,
        Person,
        Person.id == person,
        full_name=name,
        search_key=search_key(name),
        sort_key=person_sort_key(name),
        position="",
        email="",
        active=False,
    )
    keep_person(session, person, name)
    _set(session, Account, Account.person_id == person, login=f"da-xoa-{person}", disabled_at=now)
    session.execute(
        update(UserSession)
        .where(UserSession.person_id == person, UserSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    if dossiers:
        texts = {"profile_text": "", "achievements_text": ""}
        keys = {"search_key": search_key(name), "sort_key": person_sort_key(name)}
        _set(session, Dossier, Dossier.id.in_(dossiers), subject_name=name, **keys, **texts)
    if registrations:
        named = {"subject_name": name, "search_key": search_key(name)}
        _set(session, Registration, Registration.id.in_(registrations), **named)
    session.execute(
        update(OutgoingMessage)
        .where(OutgoingMessage.recipient_id == person, OutgoingMessage.status.in_(_FINAL))
        .values(address="", values={})
        .execution_options(synchronize_session=False)
    )
    return _forget(session, places)


def _forget(session: Session, places: Iterable[tuple[str, list[int]]]) -> int:
    gone = [
        and_(KeptValue.table_name == table, KeptValue.row_key.in_([str(one) for one in keys]))
        for table, keys in places
        if keys
    ]
    found = session.scalars(delete(KeptValue).where(or_(*gone)).returning(KeptValue.commitment))
    return len(found.all())


def _set(session: Session, table: Any, which: Any, **values: Any) -> None:  # noqa: ANN401
    session.execute(
        update(table).where(which).values(**values).execution_options(synchronize_session=False)
    )
