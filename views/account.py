"""Signing in and out."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from config.settings import ROOT
from models import sessions
from models.accounts import change_password as change
from models.demonstration.loading import demonstration_accounts as accounts
from models.demonstration.season import Season, read_season
from models.sessions import SignInRefused, Visit
from views import desk, formats
from views.doorman import local_path, public
from views.formats import _
from views.forms import clean
from workflow.words import phrase

pages = Blueprint("account", __name__)

LONGEST_LOGIN = 200
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
    visit = Visit(request.remote_addr or "", request.user_agent.string)
    with desk.writing() as db:
        outcome = sessions.sign_in(db, login, password, visit, desk.session_now())
    if outcome is SignInRefused.TOO_MANY:
        return render_template("errors/429.html", retry_text=_("sau 1 phút")), 429
    if isinstance(outcome, SignInRefused):
        return form([{"field": "login", "message": WRONG}], login), 422
    onward = way_on()
    session.clear()
    session["sid"] = outcome
    return redirect(onward, 303)


@pages.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    """End the session for good: the same cookie opens nothing any more."""
    with desk.writing() as db:
        sessions.sign_out(db, session.get("sid", ""), desk.session_now())
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
        {"login": line.login, "name": line.name, "role_line": f"{line.position}, {line.employer}"}
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
    new = request.form.get("new", "")
    fault = ""
    try:
        with desk.writing() as db:
            old = request.form.get("old", "")
            changed = change(db, desk.me().person_id, old, new, desk.session_now())
    except ValueError as error:
        changed, fault = False, str(error)
    if not changed:
        wrong = {"field": "old", "message": _("Mật khẩu đang dùng không đúng.")}
        errors = [{"field": "new", "message": fault}] if fault else [wrong]
        return render_template("account/password.html", errors=errors), 422
    session.clear()
    flash(
        _(
            "Đã đổi mật khẩu lúc {now}. Đăng nhập lại bằng mật khẩu mới.",
            now=formats.clock(desk.now()),
        )
    )
    return redirect(url_for("account.sign_in"), 303)
