"""What an administrator does for somebody's account: invite, reset, end sessions."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models import factors, identities, one_time_codes, own_sessions
from models.accounts import LOCKED, open_locked
from models.form_queries import account_of, login_taken
from models.queries_staff import listed_person
from models.tables import Person
from models.words_sign_in import CodePurpose
from views import desk, formats
from views.formats import _
from views.forms import clean
from views.proving import door, freshly

pages = Blueprint("people_accounts", __name__)

LONGEST_LOGIN: Final = 60
LONGEST_REASON: Final = 200


def card(db: Session, person: Person) -> dict[str, Any]:
    """What the page of a person tells of their account."""
    account, found = account_of(db, person.id), factors.factors_of(db, person.id)
    now, limits = desk.session_now(), desk.sign_in_policy().sessions
    return {
        "there": account is not None,
        "waits": account is not None and account.password_hash == LOCKED,
        "email": person.email,
        "sessions": len(own_sessions.sessions_of(db, person.id, now, limits)),
        "factor": found.any,
        "provider": desk.settings().provider.name if desk.settings().provider.on else "",
        "subject": identities.subject_of(db, person.id, desk.settings().provider.issuer),
        "own": person.id == desk.me().person_id,
    }


@pages.post("/quan-tri/nguoi-dung/<code>/gui-ma")
@freshly
def give_code(code: str) -> ResponseReturnValue:
    """Send an invitation or a reset by letter; opens an account where there is none yet."""
    made, me = one_time_codes.make_code(), desk.me().person_id
    login = clean(request.form.get("login", "")).casefold()[:LONGEST_LOGIN]
    with desk.writing() as db:
        person = _person(db, code)
        account = account_of(db, person.id)
        fault = _fault(db, person, login, there=account is not None)
        if not fault:
            if account is None:
                open_locked(db, person.id, login, me, desk.now())
            invited = account is None or account.password_hash == LOCKED
            purpose = CodePurpose.INVITE if invited else CodePurpose.RESET
            one_time_codes.give(db, person.id, purpose, made, door(), me)
    if fault:
        flash(fault, "warn")
    else:
        flash(
            _(
                "Đã gửi mã tới {email}; mã dùng một lần, trong {count} phút.",
                email=person.email,
                count=desk.sign_in_policy().code_minutes,
            ),
            "ok",
        )
    return _back(code)


@pages.post("/quan-tri/nguoi-dung/<code>/ket-thuc-phien")
def end_sessions(code: str) -> ResponseReturnValue:
    """End all sessions of somebody; their browsers are known no more."""
    with desk.writing() as db:
        person = _person(db, code)
        me = desk.standing()
        own = person.id == me.person_id
        ended = own_sessions.end_all(
            db, person.id, desk.when(), but=me.session_id if own else None, by=me.person_id
        )
    flash(_("Đã kết thúc {count} phiên của {name}.", count=ended, name=person.full_name), "ok")
    return _back(code)


@pages.post("/quan-tri/nguoi-dung/<code>/dat-lai-xac-thuc")
@freshly
def reset_factor(code: str) -> ResponseReturnValue:
    """Take the second factor from somebody who lost it, with a reason its owner reads."""
    reason = clean(request.form.get("reason", ""))[:LONGEST_REASON]
    if not reason:
        flash(_("Ghi lý do đặt lại; chủ tài khoản đọc được lý do này."), "warn")
        return _back(code)
    with desk.writing() as db:
        person = _person(db, code)
        done = factors.reset(db, person.id, reason, desk.me().person_id, desk.when())
    if done:
        flash(
            _(
                "Đã đặt lại xác thực hai bước của {name} lúc {now}; người này được báo bằng thư.",
                name=person.full_name,
                now=formats.clock(desk.now()),
            ),
            "ok",
        )
    else:
        flash(_("Không đặt lại được: chưa bật, hoặc là tài khoản của chính bạn."), "warn")
    return _back(code)


@pages.post("/quan-tri/nguoi-dung/<code>/danh-tinh")
@freshly
def link(code: str) -> ResponseReturnValue:
    """Say who somebody is at the identity provider, or nobody; the owner gets a letter."""
    issuer = desk.settings().provider.issuer
    if not issuer:
        abort(404)
    subject = clean(request.form.get("subject", ""))[: identities.LONGEST]
    me = desk.me().person_id
    with desk.writing() as db:
        person = _person(db, code)
        if account_of(db, person.id) is None:
            abort(404)
        if subject:
            done = identities.link(db, person.id, issuer, subject, desk.when(), me)
        else:
            identities.unlink(db, person.id, issuer, desk.when(), me)
            done = True
    if done:
        flash(_("Đã ghi danh tính của {name}.", name=person.full_name), "ok")
    else:
        flash(_("Danh tính này đã thuộc về tài khoản khác."), "warn")
    return _back(code)


def _fault(db: Session, person: Person, login: str, *, there: bool) -> str:
    if not person.email:
        return _("Người này chưa có thư công vụ. Nạp lại bảng người dùng có cột thư rồi gửi mã.")
    if there:
        return ""
    if not login:
        return _("Gõ tên đăng nhập cho tài khoản mới.")
    if login_taken(db, login, person.id):
        return _("Tên đăng nhập “{login}” đã có người dùng.", login=login)
    return ""


def _person(db: Session, code: str) -> Person:
    found = listed_person(db, code)
    if found is None:
        abort(404)
    return found.person


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for("people.show", code=code), 303)
