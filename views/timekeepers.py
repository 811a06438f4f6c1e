"""Who may change dates and days off: administrators, and the appraisers of the province."""

from __future__ import annotations

from flask import render_template
from sqlalchemy.orm import Session

from models.queries_holders import Holder, holders_at_province
from models.queries_people import Reader
from views import desk
from workflow.vocabulary import Post, UnitKind

SHOWN = 3


def may_set_dates(reader: Reader) -> bool:
    """Does the reader hold a post that may change dates and days off?"""
    return any(
        held.post is Post.ADMINISTRATOR
        or (held.post is Post.APPRAISER and held.unit_kind is UnitKind.PROVINCE)
        for held in reader.posts
    )


def refused() -> tuple[str, int] | None:
    """The page that says who can, for everybody else; None when the reader may."""
    if may_set_dates(desk.me()):
        return None
    with desk.reading() as db:
        who = timekeepers(db)
    return render_template("errors/403.html", who_can=who), 403


def timekeepers(db: Session) -> str:
    """Names of those who may, the first few."""
    people = holders_at_province(db, (Post.APPRAISER, Post.ADMINISTRATOR), desk.today())
    return ", ".join(_named(one) for one in people[:SHOWN])


def _named(one: Holder) -> str:
    return f"{one.name}, {one.position}" if one.position else one.name
