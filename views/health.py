"""Addresses that say whether the service is well, and whether it can serve, for machines."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from config.clock import real_now
from models.job_runs import JobHealth
from models.migrating import current_head
from models.queries_health import Pulse, pulse
from models.room import short_of_room
from models.schedulers import Scheduler
from views import desk, file_desk, metrics
from views.doorman import public

pages = Blueprint("health", __name__)
log = structlog.get_logger()

EVERYBODY = ("status", "database", "time")
"""What anybody may know; names of jobs, hosts and versions help whoever looks for a way in."""
HERE = {"127.0.0.1", "::1"}


@pages.get("/healthz")
@public
def show() -> ResponseReturnValue:
    """Tell whether the database answers (503 when not); more to whoever may know more."""
    try:
        with desk.reading() as db:
            found = pulse(db, desk.settings().checkpoints.places, desk.settings().copies.limit)
    except SQLAlchemyError as error:
        log.warning("database down", error=type(error).__name__)
        return {"status": "down", "database": "down", "time": real_now().isoformat()}, 503
    told = report(found, real_now()) | {"scanner": file_desk.scanner_state()} | _room()
    if told["room"] != "ok":
        told["status"] = "degraded"
    return told if _may_know_more() else {name: told[name] for name in EVERYBODY}


def _room() -> dict[str, object]:
    """Could the last write be written, and is enough free wherever the service writes?"""
    if desk.desk().database.room.is_full:
        return {"room": "full"}
    return {"room": "low" if short_of_room(_folders()) else "ok"}


def _folders() -> list[Path]:
    settings, engine = desk.settings(), desk.desk().database.engine
    found = [settings.storage_dir]
    if engine.dialect.name == "sqlite" and engine.url.database:
        found.append(Path(engine.url.database).parent)
    if settings.copies.folder is not None:
        found.append(settings.copies.folder)
    return found


@pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Tell a proxy or a supervisor whether to send people here: 200 or 503, and the reason.

    Unlike `/healthz`, a schema that is not this code's is a reason; late jobs never are.
    """
    try:
        with desk.reading() as db:
            schema = pulse(db).schema
    except SQLAlchemyError as error:
        log.warning("database down", error=type(error).__name__)
        return {"ready": False, "reason": "database"}, 503
    if schema != _head():
        return {"ready": False, "reason": "schema"}, 503
    return {"ready": True}


_head = cache(current_head)


def _may_know_more() -> bool:
    """Who brings the token of the metrics; without one in the settings, who asks from here."""
    if desk.settings().operation.metrics_token:
        return metrics.has_token()
    return request.remote_addr in HERE and "X-Forwarded-For" not in request.headers


def report(found: Pulse, instant: datetime) -> dict[str, object]:
    """What a service with its database tells; degraded when a job is stale or failing.

    Ages and limits in whole seconds; `scheduler_age_seconds` is the age of the newest end of any
    job, which alone would hide a wedged one. `wedged` names schedulers that stand still while
    others go on. `nobody_could_act` counts dossiers; it is the office's matter, so it degrades
    nothing. `outside` are the places the log's checkpoints go to; one that is late degrades. So do
    copies that are too old or failed, where there is a folder for them, and letters that rest.
    """
    jobs = {one.job: _told(one, instant) for one in found.jobs}
    ends = [one.finished_at for one in found.jobs if one.finished_at]
    stale = any(one.is_stale(instant) for one in found.jobs)
    late = any(one.is_late(instant) for one in found.outside)
    wedged = [one.name for one in found.schedulers if one.is_wedged(instant)]
    copies = _copies(found, instant)
    poor = copies is not None and (copies["old"] or copies["failed"])
    return {
        "status": "degraded" if stale or wedged or late or found.rests or poor else "ok",
        "database": "ok",
        "schema": found.schema,
        "scheduler_age_seconds": _age(max(ends), instant) if ends else None,
        "jobs": jobs,
        "schedulers": {one.name: _marks(one, instant) for one in found.schedulers},
        "wedged": wedged,
        "outside": {
            one.place: {
                "delivered_at": one.delivered_at.isoformat() if one.delivered_at else None,
                "waiting": one.waiting,
                "late": one.is_late(instant),
            }
            for one in found.outside
        },
        "backup": copies,
        "letters_rest": found.rests,
        "nobody_could_act": found.stuck,
        "time": instant.isoformat(),
    }


def _copies(found: Pulse, instant: datetime) -> dict[str, object] | None:
    """The newest good copy; None where no folder for copies is set."""
    if found.copies is None or found.oldest is None:
        return None
    good = found.copies.good
    return {
        "good_at": good.started_at.isoformat() if good else None,
        "age_seconds": _age(good.started_at, instant) if good else None,
        "limit_seconds": round(found.oldest.total_seconds()),
        "old": found.copies.is_old(instant, found.oldest),
        "failed": found.copies.has_failed,
    }


def _told(one: JobHealth, instant: datetime) -> dict[str, object]:
    return {
        "finished_at": one.finished_at.isoformat() if one.finished_at else None,
        "age_seconds": _age(one.finished_at, instant) if one.finished_at else None,
        "limit_seconds": round(one.limit.total_seconds()),
        "stale": one.is_stale(instant),
        "ok": one.outcome == "ok",
    }


def _marks(one: Scheduler, instant: datetime) -> dict[str, object]:
    return {
        beat.job: {
            "began_at": beat.began_at.isoformat(),
            "ended_at": beat.ended_at.isoformat() if beat.ended_at else None,
            "running_seconds": _age(beat.began_at, instant) if beat.runs else None,
            "wedged": beat.is_wedged(instant),
        }
        for beat in one.beats
    }


def _age(then: datetime, instant: datetime) -> int:
    return round((instant - then).total_seconds())
