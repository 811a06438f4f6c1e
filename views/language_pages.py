"""Changing the language: of a person on the account, of a visitor in a cookie."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from config.languages import LANGUAGES
from models.accounts import choose_language
from views import desk
from views.doorman import local_path, public
from views.languages import COOKIE

pages = Blueprint("languages", __name__)

A_YEAR: Final = 365 * 24 * 3600
"""Seconds a browser remembers the choice."""


@pages.get("/ngon-ngu/<code>")
@public
def visit(code: str) -> ResponseReturnValue:
    """A visitor's choice: kept in a cookie, nothing else is touched."""
    if code not in LANGUAGES:
        abort(404)
    return remembered(code, request.args.get("ve"))


@pages.post("/ngon-ngu")
def choose() -> ResponseReturnValue:
    """A person's choice: kept on the account, so that letters speak the same language."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        abort(404)
    with desk.writing() as db:
        choose_language(db, desk.me().person_id, code, desk.now())
    return remembered(code, request.form.get("ve"))


def remembered(code: str, back: str | None) -> ResponseReturnValue:
    """Go back to the page, with the choice in the cookie for this browser's next visit."""
    answer = redirect(local_path(back) or "/", 303)
    answer.set_cookie(
        COOKIE,
        code,
        max_age=A_YEAR,
        secure=desk.settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer
