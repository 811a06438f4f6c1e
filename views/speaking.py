"""Which programme a page speaks of, so that every clause leads to that programme's own text.

The clauses of a dossier stand in the version it was born under, which may be another one than the
version new registrations begin under, and another programme than the one loaded last.
"""

from __future__ import annotations

from flask import g, has_request_context
from sqlalchemy.exc import SQLAlchemyError

from models.rulebooks import UnknownProgramme, rulebook_in_force
from views import desk
from workflow.programme import Programme


def speak_of(programme: Programme) -> None:
    """From here on this page is about `programme`."""
    g.speaks_of = programme


def spoken_of() -> Programme | None:
    """What the page is about, else the programme in force."""
    found: Programme | None = g.get("speaks_of")
    return found or in_force()


def in_force() -> Programme | None:
    """The programme new registrations begin under; asked once a request, never in trouble."""
    if g.get("in_trouble"):
        return None
    if "programme_in_force" not in g:
        g.programme_in_force = _in_force()
    found: Programme | None = g.programme_in_force
    return found


def _in_force() -> Programme | None:
    try:
        with desk.reading() as db:
            return rulebook_in_force(db).programme
    except (UnknownProgramme, SQLAlchemyError):  # the door stands without a database too
        return None


def version(programme: Programme | None = None) -> str:
    """What an address of the text adds to lead to this programme's version, or the page's."""
    if not has_request_context():
        return ""
    about = programme or g.get("speaks_of")
    known = in_force() if about else None
    if about is None or known is None or known.content_hash == about.content_hash:
        return ""
    return f"?ban={about.content_hash[:12]}"
