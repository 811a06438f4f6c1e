"""Changing the language: of a person on the account, of a visitor in a cookie."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

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
    return remembered(code)


@pages.post("/ngon-ngu")
def choose() -> ResponseReturnValue:
    """A person's choice: kept on the account, so that letters speak the same language."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        abort(404)
    with desk.writing() as db:
        choose_language(db, desk.me().person_id, code, desk.now())
    return remembered(code)


def remembered(code: str) -> ResponseReturnValue:
    """Go back to the page that was read, with the choice in the cookie for the next visit.

    The page is the one the browser says it comes from: an address written into the switch would
    make the page about a hidden dossier differ from the one about a missing dossier.
    """
    came_from = urlsplit(request.referrer or "")
    here = came_from._replace(scheme="", netloc="", fragment="").geturl()
    own = came_from.netloc == request.host
    answer = redirect((local_path(here) if own else None) or "/", 303)
    answer.set_cookie(
        COOKIE,
        code,
        max_age=A_YEAR,
        secure=desk.settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer
