"""Mốc nhật ký: whether the mark on a paper is one of ours, the public keys, the places outside."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from config.clock import real_now
from models.checkpoints import Mark, latest, of_short, places_of, still_holds
from models.tables import LogCheckpoint
from views import audit_commands, checkpoint_words, desk, formats
from views.doorman import public
from workflow.vocabulary import Post

pages = Blueprint("checkpoints", __name__)
LONGEST = 40
SIGNERS: Final = (Post.HEAD, Post.DEPUTY_HEAD, Post.APPRAISER)
"""Whoever decides, and the Board: what they have done is what a checkpoint vouches for."""


@pages.get("/moc-nhat-ky")
@public
def show() -> ResponseReturnValue:
    """Look up the short form printed on a paper; a hash tells nobody what was written."""
    typed = request.args.get("ma", "").strip()[:LONGEST]
    with desk.reading() as db:
        found = of_short(db, typed) if typed else None
        holds = found is not None and still_holds(db, found)
        last = latest(db)
        watching = _is_watching()
        places = places_of(db, desk.settings().checkpoints.places) if watching else []
    return render_template(
        "checkpoints/show.html",
        typed=typed,
        found=_told(found) if found else None,
        holds=holds,
        last=_told(last) if last else None,
        keys=audit_commands.public_keys(),
        places=[checkpoint_words.place(one) for one in places],
        warnings=_warnings(places) if watching else [],
    ), (404 if typed and not found else 200)


@pages.get("/moc-nhat-ky/<int:size>.txt")
@public
def note(size: int) -> ResponseReturnValue:
    """A checkpoint as it was signed, to be kept or compared."""
    with desk.reading() as db:
        found = db.get(LogCheckpoint, size) if size < 10**9 else None
    if found is None:
        abort(404)
    return found.note, 200, {"Content-Type": "text/plain; charset=utf-8"}


@pages.app_template_global("log_warnings")
def signers_warnings() -> list[str]:
    """What whoever decides or appraises should know of the log: nobody outside can vouch for it.

    Too few places are for administrators to know; a late one takes what was just decided.
    """
    someone, settings = desk.visitor(), desk.settings().checkpoints
    if someone is None or not someone.reader.holds(*SIGNERS):
        return []
    if not settings.key:
        return [checkpoint_words.unsigned()]
    if not settings.places:
        return []
    with desk.reading() as db:
        places = places_of(db, settings.places)
    return checkpoint_words.late(places, real_now())


def front_page_warnings() -> list[str]:
    """What administrators are told on their front page."""
    with desk.reading() as db:
        return _warnings(places_of(db, desk.settings().checkpoints.places))


def _warnings(places: list[Any]) -> list[str]:
    return checkpoint_words.warnings(desk.settings().checkpoints, places, real_now())


def _is_watching() -> bool:
    someone = desk.visitor()
    return someone is not None and someone.reader.holds(Post.ADMINISTRATOR, Post.AUDITOR)


def _told(one: LogCheckpoint) -> dict[str, Any]:
    return {
        "short": Mark(one.size, one.head_hash).short,
        "size": one.size,
        "lines": formats.number(one.size),
        "at": formats.stamp(one.made_at),
        "hash": one.head_hash,
    }
