"""The address letters go to, changed by its owner: the old and the new one both hear of it."""

from __future__ import annotations

from email.headerregistry import Address
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.account_log import When, note
from models.factors import tell_about
from models.tables import Account, Person
from workflow.words import phrase

LONGEST: Final = 200


class AddressRefused(ValueError):
    """The address cannot be taken; the words say why."""


def check_address(typed: str) -> str:
    """The address as it is kept. Raises `AddressRefused` with a Vietnamese sentence."""
    wrong = phrase("Gõ một địa chỉ thư, ví dụ mai.ly@hagiang.example.")
    try:
        found = Address(addr_spec=typed)
    except (ValueError, IndexError) as error:
        raise AddressRefused(wrong) from error
    if found.addr_spec != typed or "." not in found.domain or not typed.isascii():
        raise AddressRefused(wrong)
    if len(typed) > LONGEST:
        raise AddressRefused(phrase("Địa chỉ thư dài tối đa {most} ký tự.", most=LONGEST))
    return typed


def change_address(session: Session, person_id: int, wanted: str, when: When) -> bool:
    """Send letters elsewhere from now on; False when another account has this address.

    Both addresses get a letter: whoever lost theirs to somebody else must hear of it. The record
    tells that it changed, not what it was.
    """
    taken = session.scalar(
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(func.lower(Person.email) == wanted.lower(), Person.id != person_id)
        .limit(1)
    )
    if taken is not None:
        return False
    headline = phrase("Thư công vụ của tài khoản được đổi")
    lines = [
        phrase("Từ nay thư của tài khoản này gửi tới một địa chỉ khác."),
        phrase("Nếu không phải Ông/Bà làm, báo ngay cho quản trị."),
    ]
    tell_about(session, person_id, headline, lines, when)
    session.execute(update(Person).where(Person.id == person_id).values(email=wanted))
    session.expire_all()
    after = phrase("Thư của tài khoản gửi tới địa chỉ này")
    tell_about(session, person_id, after, lines[1:], when)
    note(session, "change_address", person_id, when)
    return True


def address_of(session: Session, person_id: int) -> str:
    """The address letters go to; empty without one."""
    return session.scalars(select(Person.email).where(Person.id == person_id)).one()
