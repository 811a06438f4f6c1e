"""One address that says whether the service is well, for machines."""

from __future__ import annotations

from datetime import datetime

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from config.clock import real_now
from models.queries_health import Pulse, pulse
from views import desk
from views.doorman import public

pages = Blueprint("health", __name__)
log = structlog.get_logger()


@pages.get("/healthz")
@public
def show() -> ResponseReturnValue:
    """Tell whether the database answers, at which migration, and how old the last job is."""
    try:
        with desk.reading() as db:
            found = pulse(db)
    except SQLAlchemyError as error:
        log.warning("database down", error=type(error).__name__)
        return {"status": "down", "database": "down", "time": real_now().isoformat()}, 503
    return report(found, real_now())


def report(found: Pulse, instant: datetime) -> dict[str, object]:
    """The answer of a healthy service."""
    age = round((instant - found.beat_at).total_seconds()) if found.beat_at else None
    return {
        "status": "ok",
        "database": "ok",
        "schema": found.schema,
        "scheduler_age_seconds": age,
        "time": instant.isoformat(),
    }
