"""What every view has at hand: settings, one instant a request, a transaction, the reader."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import current_app, g
from flask_login import current_user
from sqlalchemy.orm import Session

from config.settings import Settings
from models.database import Database
from models.queries_people import Reader
from workflow.working_days import office_day


@dataclass(frozen=True, slots=True)
class Desk:
    """What the composition root hands to the door."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]


def desk() -> Desk:
    """The desk of the running application."""
    return cast("Desk", current_app.extensions["desk"])


def settings() -> Settings:
    """The settings of the running application."""
    return desk().settings


def now() -> datetime:
    """The instant of this request: asked once, the same for everything it does."""
    if "now" not in g:
        g.now = desk().clock()
    return cast("datetime", g.now)


def today() -> date:
    """The office day of this request."""
    return office_day(now())


def reading() -> AbstractContextManager[Session]:
    """One transaction that reads."""
    return desk().database.reading()


def writing() -> AbstractContextManager[Session]:
    """One transaction that may write; committed at the end, rolled back on any exception."""
    return desk().database.writing()


def me() -> Reader:
    """Who is signed in; only for views that are not public."""
    return cast("Reader", current_user.reader)
