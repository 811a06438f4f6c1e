"""Invitations and resets: a short code by letter, once, for at most an hour.

A code sets a password and nothing else: whoever has a second factor is still asked for it. Asking
for a code writes one row and is answered by a job, so that neither the answer nor its time tells
whether there is such an account (ASVS 5.0, 6.3.8, 6.4.1, 6.4.3).
"""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from models.account_log import note, note_at_the_door
from models.accounts import near_words, set_own_password
from models.database import Database
from models.factors import tell_about
from models.password_rules import check_password
from models.passwords import hash_password_again, password_fits
from models.signing_in import Door, SignInRefused, folded, known_device
from models.tables import Account, CodeRequest, OneTimeCode, Person
from models.telling import SEALED, News, tell
from models.throttling import Try, begin_try, succeeded
from models.words_people import instant_words
from models.words_sign_in import CodePurpose, GuessKind
from workflow.words import phrase

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH: Final = 10
_HEADLINES: Final = {
    CodePurpose.INVITE: phrase("Mã mời vào hệ thống"),
    CodePurpose.RESET: phrase("Mã đặt lại mật khẩu"),
}


def ask(session: Session, login: str, door: Door) -> bool:
    """Somebody asks for a reset, known or not; False when there were too many requests."""
    wanted = Try(GuessKind.REQUEST, folded(login), door.visit.address)
    if begin_try(session, wanted, door.policy.requests, door.now) is None:
        return False
    session.execute(
        insert(CodeRequest).values(login=folded(login), address=door.visit.address, at=door.now)
    )
    return True


def answer_requests(database: Database, door: Door) -> int:
    """Answer what was asked: a letter where there is an account with an address, else nothing.

    Each request in a transaction of its own; it is forgotten with its answer. Returns how many.
    """
    with database.reading() as session:
        waiting = session.scalars(select(CodeRequest.id).order_by(CodeRequest.id)).all()
    for number in waiting:
        code = make_code()
        with database.writing() as session:
            asked = session.execute(
                delete(CodeRequest)
                .where(CodeRequest.id == number)
                .returning(CodeRequest.login, CodeRequest.address)
            ).first()
            if asked is None:
                continue
            person = _person_behind(session, asked.login)
            if person is not None:
                give(session, person, CodePurpose.RESET, code, door)
            else:
                told = {"address": asked.address}
                note_at_the_door(session, "refuse_code_request", door.when, told)
    return len(waiting)


def make_code() -> tuple[str, str]:
    """A code as people type it, and the hash that is kept (argon2id)."""
    plain = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"{plain[: _LENGTH // 2]}-{plain[_LENGTH // 2 :]}", hash_password_again(plain)


def give(
    session: Session,
    person_id: int,
    purpose: CodePurpose,
    code: tuple[str, str],
    door: Door,
    by: int | None = None,
) -> None:
    """Keep a code for somebody and send it; codes given before are worthless from then on.

    In the record of letters it lies sealed; only the postman reads it.
    """
    keep(session, person_id, purpose, code, door, by)
    login = session.scalars(select(Account.login).where(Account.person_id == person_id)).one()
    headline = _HEADLINES[purpose]
    until = instant_words(door.now + door.policy.code_life)
    lines = [
        phrase("Tên đăng nhập: {login}", login=login),
        phrase("Mã dùng một lần: {sealed}", sealed=SEALED),
        phrase(
            "Mã hết hạn lúc {until}. Mở trang dưới đây, gõ mã rồi đặt mật khẩu mới.", until=until
        ),
        phrase("Nếu Ông/Bà không yêu cầu, bỏ qua thư này; mật khẩu cũ vẫn dùng được."),
    ]
    key = f"code:{person_id}:{door.when.now.isoformat()}"
    news = News(key, headline, lines, "/ma-mot-lan", sealed=door.sealer.seal(code[0]))
    tell(session, {person_id}, news, door.when.told)


def keep(
    session: Session,
    person_id: int,
    purpose: CodePurpose,
    code: tuple[str, str],
    door: Door,
    by: int | None = None,
) -> None:
    """Keep a code whose plain form reaches its owner by another way, and write that down."""
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.person_id == person_id, OneTimeCode.ended_at.is_(None))
        .values(ended_at=door.now)
    )
    session.execute(
        insert(OneTimeCode).values(
            person_id=person_id,
            purpose=purpose,
            code_hash=code[1],
            made_at=door.now,
            expires_at=door.now + door.policy.code_life,
            made_by=by,
        )
    )
    note(session, "give_code", person_id, door.when, {"purpose": purpose.value}, by)


def use(database: Database, given: tuple[str, str], new: str, door: Door) -> SignInRefused | None:
    """Set a password by login and code, `given`. None when it was done.

    Raises `ValueError` (in Vietnamese) for a password that is not taken; the code stays then.
    """
    login = folded(given[0])
    with database.writing() as session:
        found = session.execute(
            select(OneTimeCode.id, OneTimeCode.code_hash, OneTimeCode.person_id)
            .join(Account, Account.person_id == OneTimeCode.person_id)
            .join(Person, Person.id == OneTimeCode.person_id)
            .where(
                Account.login == login,
                Account.disabled_at.is_(None),
                Person.active,
                OneTimeCode.ended_at.is_(None),
                OneTimeCode.expires_at > door.now,
            )
            .order_by(OneTimeCode.id.desc())
        ).first()
        person = found.person_id if found else None
        device = known_device(session, person, door)
        wanted = Try(GuessKind.CODE, login, door.visit.address, device)
        guess = begin_try(session, wanted, door.policy.guesses, door.now)
        about = near_words(session, person) if person is not None else ()
    if guess is None:
        return SignInRefused.TOO_MANY
    plain = "".join(sign for sign in given[1].casefold() if sign.isalnum())
    if not password_fits(found.code_hash if found else None, plain) or found is None:
        with database.writing() as session:
            told = {"person": person, "address": door.visit.address, "by": "code"}
            note_at_the_door(session, "refuse_code", door.when, told)
        return SignInRefused.WRONG
    with database.writing() as session:
        succeeded(session, guess)
    check_password(new, door.policy, about)
    with database.writing() as session:
        spent = session.execute(
            update(OneTimeCode)
            .where(
                OneTimeCode.id == found.id,
                OneTimeCode.ended_at.is_(None),
                OneTimeCode.expires_at > door.now,
            )
            .values(ended_at=door.now)
            .returning(OneTimeCode.id)
            .execution_options(synchronize_session=False)
        )
        if spent.first() is None:
            return SignInRefused.WRONG
        set_own_password(session, found.person_id, new, door.now)
        note(session, "use_code", found.person_id, door.when)
        lines = [
            phrase("Mật khẩu của tài khoản này vừa được đặt bằng mã dùng một lần."),
            phrase("Nếu không phải Ông/Bà làm, báo ngay cho quản trị."),
        ]
        tell_about(session, found.person_id, phrase("Đã đặt mật khẩu mới"), lines, door.when)
    return None


def _person_behind(session: Session, typed: str) -> int | None:
    """Whose account this login, or this address of mail, is; None when nobody's or not one's."""
    found = session.scalars(
        select(Account.person_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            or_(Account.login == typed, func.lower(Person.email) == typed),
            Account.disabled_at.is_(None),
            Person.active,
            Person.email != "",
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None
