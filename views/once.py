"""Carrying a form out once, where it leaves no command in the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from models.sent_forms import claim, settle
from views import desk


@dataclass
class Once:
    """A form that is being carried out; `leads_to` stays empty where it comes to nothing."""

    session: Session
    leads_to: str = ""


@contextmanager
def writing_once() -> Iterator[Once]:
    """One writing transaction that the key of this form opens once (`views.repeating`).

    Who carried it out says where it leads; whoever sends the form again is led there. A form opened
    before the deploy has no key: it is done as it comes.
    """
    key, me = request.form.get("key", ""), desk.me().person_id
    with desk.writing() as db:
        if key:
            claim(db, me, key, desk.session_now())
        once = Once(db)
        yield once
        if key:
            settle(db, me, key, once.leads_to)
