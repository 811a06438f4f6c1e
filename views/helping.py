"""Help: a short guide a role with pictures of the screens, and a card at the first sign-in."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from PIL import Image

from models.queries_people import Reader
from views import desk, formats
from views.help_guides import GUIDES, Guide, Step, guide, guides_of
from views.navigation import address

pages = Blueprint("help", __name__)

COOKIE: Final = "da-biet"
A_YEAR: Final = 365 * 24 * 3600
"""Seconds a browser remembers that a card was put away."""
MOST: Final = 20
"""People of one browser whose cards it remembers."""
CARD_STEPS: Final = 3


def put_up(app: Flask) -> None:
    """Let the first pages people see show their card."""
    app.jinja_env.globals["first_card"] = card


@pages.get("/tro-giup")
def index() -> ResponseReturnValue:
    """All guides, the reader's own first."""
    own = guides_of(desk.me())
    others = [one for one in GUIDES if one not in own]
    return render_template(
        "help/index.html",
        own=[brief(one) for one in own],
        others=[brief(one) for one in others],
    )


@pages.get("/tro-giup/<name>")
def show(name: str) -> ResponseReturnValue:
    """The guide of one role."""
    found = guide(name)
    if found is None:
        abort(404)
    return render_template(
        "help/show.html",
        guide=brief(found),
        steps=[step(one, linked=found in guides_of(desk.me())) for one in found.steps],
        picture=picture(found),
    )


@pages.post("/tro-giup/da-biet")
def put_away() -> ResponseReturnValue:
    """Put the card of the first sign-in away, in this browser."""
    marks = [mark(desk.me()), *seen()]
    answer = redirect(url_for("inbox.home"), 303)
    answer.set_cookie(
        COOKIE,
        ".".join(dict.fromkeys(marks[:MOST])),
        max_age=A_YEAR,
        secure=desk.settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return answer


def card() -> dict[str, Any] | None:
    """What is the reader's to do, while they have not put it away; None for who has no post.

    A new post brings the card back, with what it adds.
    """
    reader = desk.me()
    own = guides_of(reader)
    if not own or mark(reader) in seen():
        return None
    return {
        "guides": [
            brief(one) | {"steps": [step(each) for each in one.steps[:CARD_STEPS]]} for one in own
        ]
    }


def mark(reader: Reader) -> str:
    """A short sign of this person in these roles; nobody is told apart by it elsewhere."""
    names = ",".join(sorted(one.name for one in guides_of(reader)))
    return hashlib.sha256(f"{reader.person_id}:{names}".encode()).hexdigest()[:10]


def seen() -> list[str]:
    """The signs this browser carries."""
    return request.cookies.get(COOKIE, "").split(".")[:MOST]


def brief(one: Guide) -> dict[str, str]:
    """A guide as a heading and a line."""
    return {
        "title": formats.told(one.title),
        "lead": formats.told(one.lead),
        "url": url_for("help.show", name=one.name),
    }


def step(one: Step, *, linked: bool = True) -> dict[str, str]:
    """One step, with a link for those whose step it is; others might stand before a closed door."""
    return {
        "title": formats.told(one.title),
        "text": formats.told(one.text),
        "link": formats.told(one.link),
        "url": (address(one.endpoint) or "") if linked else "",
    }


def picture(one: Guide) -> dict[str, Any] | None:
    """The picture of a guide with its size, so that nothing jumps; None where it was not made."""
    file = Path(current_app.static_folder or "") / "help" / one.picture
    if not file.is_file():
        return None
    with Image.open(file) as drawn:
        wide, tall = drawn.size
    name = f"help/{one.picture}"
    return {
        "url": url_for("static", filename=name),
        "wide": wide,
        "tall": tall,
        "alt": formats.told(one.alt),
    }
