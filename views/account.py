"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from models import sessions
from models.queries_people import accounts
from models.sessions import TooManyAttempts
from views import desk, formats
from views.doorman import local_path, public

pages = Blueprint("account", __name__)

DEMONSTRATION_PASSWORD = "Minh-hoa-2023"  # noqa: S105 - of invented people, shown on the page
LONGEST_LOGIN = 200


@pages.get("/dang-nhap")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page; somebody already inside goes on to work."""
    if current_user.is_authenticated:
        return redirect(way_on(), 303)
    return form([], "")


@pages.post("/dang-nhap")
@public
def enter() -> ResponseReturnValue:
    """Check login and password; on success begin a new session under a new id."""
    login = request.form.get("login", "")[:LONGEST_LOGIN].strip()
    password = request.form.get("password", "")
    if not login or not password:
        return form(empty_fields(login, password), login), 422
    try:
        with desk.writing() as db:
            token = sessions.sign_in(
                db,
                login,
                password,
                now=desk.now(),
                address=request.remote_addr or "",
                user_agent=request.user_agent.string[:200],
            )
    except TooManyAttempts as error:
        return too_many(error), 429
    if token is None:
        wrong = "Tên đăng nhập hoặc mật khẩu không đúng. Kiểm tra chữ hoa và bộ gõ rồi thử lại."
        return form([{"field": "login", "message": wrong}], login), 422
    onward = way_on()
    session.clear()
    session["sid"] = token
    return redirect(onward, 303)


@pages.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    """End the session for good: the same cookie opens nothing any more."""
    token = session.get("sid")
    with desk.writing() as db:
        sessions.end(db, token, now=desk.now())
    session.clear()
    flash(f"Đã đăng xuất lúc {formats.clock(desk.now())}.")
    return redirect(url_for("account.sign_in"), 303)


def way_on() -> str:
    """Where to go after signing in: only to a page of ours."""
    return local_path(request.args.get("next")) or url_for("inbox.show")


def empty_fields(login: str, password: str) -> list[dict[str, str]]:
    """Name what was left empty."""
    found = []
    if not login:
        found.append({"field": "login", "message": "Gõ tên đăng nhập hoặc thư công vụ."})
    if not password:
        found.append({"field": "password", "message": "Gõ mật khẩu."})
    return found


def form(errors: list[dict[str, str]], login: str) -> str:
    """The page with its form and, in a demonstration, the accounts to choose from."""
    return render_template(
        "account/sign_in.html",
        errors=errors,
        login=login,
        demo_accounts=demonstration_accounts(),
        demo_password=DEMONSTRATION_PASSWORD,
    )


def demonstration_accounts() -> list[dict[str, Any]]:
    """Who can be visited in a demonstration; nobody otherwise."""
    if not desk.settings().demonstration:
        return []
    with desk.reading() as db:
        found = accounts(db)
    return [
        {
            "login": line.login,
            "name": line.name,
            "role_line": ", ".join(filter(None, (line.position, line.employer))),
        }
        for line in found
    ]


def too_many(error: TooManyAttempts) -> str:
    """Say when to try again; nobody is locked out for good."""
    minutes = max(1, -(-int(error.retry_after.total_seconds()) // 60))
    return render_template("errors/429.html", retry_text=f"sau {minutes} phút")
