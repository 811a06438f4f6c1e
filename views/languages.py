"""The reader's language: which one it is, and what a sentence is in it.

A signed-in person's choice stands on the account; a visitor's in a cookie. Without a choice
pages are Vietnamese, whatever the browser asks for: the law and the papers are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, get_translations

from config.languages import DOMAIN, FOLDER, LANGUAGES, SOURCE, make_ready
from views import desk

P = ParamSpec("P")
R = TypeVar("R")

COOKIE: Final = "language"


def speak(app: Flask) -> None:
    """Set up the catalogues, and tell every template the language of its reader."""
    make_ready()
    Babel(
        app,
        default_locale=SOURCE,
        default_domain=DOMAIN,
        default_translation_directories=str(FOLDER),
        configure_jinja=False,
        locale_selector=wanted,
    )
    app.context_processor(lambda: {"language": language(), "languages": choices()})


def wanted() -> str:
    """What the account says, else the cookie, else Vietnamese; so too at the terminal."""
    if not has_request_context():
        return SOURCE
    visitor = None if g.get("in_trouble") else desk.visitor()
    chosen = (visitor.language if visitor else None) or request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else SOURCE


def language() -> str:
    """The code of the reader's language; Vietnamese where nobody reads."""
    locale = get_locale()
    return locale.language if locale is not None else SOURCE


def vietnamese(work: Callable[P, R]) -> Callable[P, R]:
    """Speak Vietnamese whoever reads: official papers, and answers that are the same for all."""

    @wraps(work)
    def spoken(*given: P.args, **named: P.kwargs) -> R:
        with force_locale(SOURCE):
            return work(*given, **named)

    return spoken


def lookup(message: str, count: int | None = None) -> str:
    """The sentence in the reader's language, its places still open; itself when unknown."""
    if not message or language() == SOURCE:
        return message
    known = get_translations()
    if count is None:
        return str(known.gettext(message))
    return str(known.ngettext(message, message, count))


def choices() -> list[dict[str, str]]:
    """The other languages, each in its own words."""
    now = language()
    return [{"code": code, "name": name} for code, name in LANGUAGES.items() if code != now]
