"""Who may change dates and days off: administrators, and the appraisers of the province."""

from __future__ import annotations

from flask import render_template
from sqlalchemy.orm import Session

from models.queries_holders import Holder, holders_at_province
from views import desk
from views.formats import _, joined
from workflow.vocabulary import Post

SHOWN = 3


def page() -> tuple[str, int]:
    """The page for everybody else: it says who can."""
    with desk.reading() as db:
        who = timekeepers(db)
    return render_template("errors/403.html", who_can=who), 403


def timekeepers(db: Session) -> str:
    """Names of those who may, the first few."""
    people = holders_at_province(db, (Post.APPRAISER, Post.ADMINISTRATOR), desk.today())
    return joined(_named(one) for one in people[:SHOWN])


def _named(one: Holder) -> str:
    return (
        _("{name}, {position}", name=one.name, position=one.position) if one.position else one.name
    )
