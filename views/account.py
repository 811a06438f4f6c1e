"""Signing in and out."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from config.settings import ROOT
from models import signing_in
from models.accounts import change_password as change
from models.accounts import near_words
from models.demonstration.loading import demonstration_accounts as accounts
from models.demonstration.season import Season, read_season
from models.passkeys import how_many
from models.password_rules import check_password
from models.sessions import waiting
from models.signing_in import Entered, SignInRefused, begin_password_try
from models.throttling import succeeded
from views import desk, formats
from views.doorman import local_path, public
from views.formats import _
from views.forms import clean
from views.proving import device_cookie, door
from workflow.words import phrase

pages = Blueprint("account", __name__)

LONGEST_LOGIN = 200
LONGEST_CODE = 60
WRONG_CODE = phrase(
    "Mã không đúng, đã hết hạn hoặc đã dùng. Gõ mã đang hiện, hoặc một mã dự phòng khác."
)
WRONG = phrase("Tên đăng nhập hoặc mật khẩu không đúng. Kiểm tra chữ hoa và bộ gõ rồi thử lại.")


@pages.get("/dang-nhap")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page; somebody already inside goes on to work."""
    if desk.visitor() is not None:
        return redirect(way_on(), 303)
    return form([], "")


@pages.post("/dang-nhap")
@public
def enter() -> ResponseReturnValue:
    """Check login and password; on success begin a new session under a new id."""
    login = clean(request.form.get("login", ""))[:LONGEST_LOGIN]
    password = request.form.get("password", "")
    if not login or not password:
        return form(empty_fields(login, password), login), 422
    outcome = signing_in.sign_in(
        desk.desk().database,
        (login, password),
        door(),
        before=session.get("sid", ""),
    )
    if outcome is SignInRefused.TOO_MANY:
        return render_template("errors/429.html", retry_text=_("sau 1 phút")), 429
    if isinstance(outcome, SignInRefused):
        return form([{"field": "login", "message": WRONG}], login), 422
    if outcome.waits:
        session.clear()
        session["waiting"] = outcome.token
        return redirect(url_for("account.second_step", next=request.args.get("next")), 303)
    return inside(outcome)


@pages.get("/dang-nhap/buoc-hai")
@public
def second_step() -> ResponseReturnValue:
    """Ask for the second factor of whoever's password just fitted."""
    with desk.reading() as db:
        policy = desk.sign_in_policy()
        found = waiting(db, session.get("waiting", ""), policy, desk.session_now())
        keys = how_many(db, found.person_id) if found else 0
    if found is None:
        return redirect(url_for("account.sign_in", next=request.args.get("next")), 303)
    return render_template("account/second_step.html", errors=[], keys=keys)


@pages.post("/dang-nhap/buoc-hai")
@public
def prove() -> ResponseReturnValue:
    """Check the code; on success the session opens under a new id."""
    typed = clean(request.form.get("code", ""))[:LONGEST_CODE]
    outcome = signing_in.prove_factor(
        desk.desk().database,
        session.get("waiting", ""),
        typed,
        door(),
    )
    if isinstance(outcome, Entered):
        return inside(outcome)
    if outcome is SignInRefused.TOO_MANY:
        return render_template("errors/429.html", retry_text=_("sau 1 phút")), 429
    if outcome is SignInRefused.GONE:
        session.clear()
        flash(_("Đã quá thời gian chờ bước hai. Đăng nhập lại."), "warn")
        return redirect(url_for("account.sign_in", next=request.args.get("next")), 303)
    errors = [{"field": "code", "message": WRONG_CODE}]
    return render_template("account/second_step.html", errors=errors), 422


def inside(entered: Entered, onward: str = "") -> ResponseReturnValue:
    """Begin under a new id, and know this browser again; go `onward`, or where the address says."""
    onward = local_path(onward) or way_on()
    session.clear()
    session["sid"] = entered.token
    answer = redirect(onward, 303)
    if entered.device:
        answer.set_cookie(
            device_cookie(),
            entered.device,
            max_age=desk.sign_in_policy().device_days * 86400,
            secure=desk.settings().secure_cookies,
            httponly=True,
            samesite="Lax",
        )
    return answer


@pages.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    """End the session for good: the same cookie opens nothing any more."""
    with desk.writing() as db:
        signing_in.leave(db, session.get("sid", ""), desk.when())
    session.clear()
    flash(_("Đã đăng xuất lúc {now}.", now=formats.clock(desk.now())))
    return redirect(url_for("account.sign_in"), 303)


def way_on() -> str:
    """Where to go after signing in: only to a page of ours."""
    return local_path(request.args.get("next")) or url_for("inbox.show")


def empty_fields(login: str, password: str) -> list[dict[str, str]]:
    """Name what was left empty."""
    found = []
    if not login:
        found.append({"field": "login", "message": _("Gõ tên đăng nhập hoặc thư công vụ.")})
    if not password:
        found.append({"field": "password", "message": _("Gõ mật khẩu.")})
    return found


def form(errors: list[dict[str, str]], login: str) -> str:
    """The page with its form and, in a demonstration, the accounts to choose from."""
    return render_template(
        "account/sign_in.html",
        errors=errors,
        login=login,
        demo_accounts=demonstration_accounts(),
        demo_password=demonstration_season().password if desk.settings().demonstration else "",
    )


def demonstration_accounts() -> list[dict[str, Any]]:
    """Who can be visited in a demonstration; nobody otherwise."""
    if not desk.settings().demonstration:
        return []
    with desk.reading() as db:
        found = accounts(db, demonstration_season())
    return [
        {
            "login": line.login,
            "name": line.name,
            "role_line": _(
                "{position}, {employer}", position=line.position, employer=line.employer
            ),
        }
        for line in found
    ]


@cache
def demonstration_season() -> Season:
    """The season a demonstration plays: its accounts and their common password."""
    return read_season((ROOT / "config/demonstration/season.yaml").read_text("utf-8"))


@pages.get("/mat-khau")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return render_template("account/password.html", errors=[])


@pages.post("/mat-khau")
def change_password() -> ResponseReturnValue:
    """Change the password; every session of the person ends, this one too."""
    who, new = desk.standing(), request.form.get("new", "")
    with desk.reading() as db:
        about = near_words(db, who.person_id)
    try:
        check_password(new, desk.sign_in_policy(), about)
    except ValueError as error:
        errors = [{"field": "new", "message": str(error)}]
        return render_template("account/password.html", errors=errors), 422
    with desk.writing() as db:
        guess = begin_password_try(db, who.person_id, who.login, door())
        old = request.form.get("old", "")
        changed = guess is not None and change(db, who.person_id, old, new, desk.session_now())
        if changed and guess is not None:
            succeeded(db, guess)
    if guess is None:
        return render_template("errors/429.html", retry_text=_("sau 1 phút")), 429
    if not changed:
        errors = [{"field": "old", "message": _("Mật khẩu đang dùng không đúng.")}]
        return render_template("account/password.html", errors=errors), 422
    session.clear()
    flash(
        _(
            "Đã đổi mật khẩu lúc {now}. Đăng nhập lại bằng mật khẩu mới.",
            now=formats.clock(desk.now()),
        )
    )
    return redirect(url_for("account.sign_in"), 303)
