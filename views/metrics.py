"""What a monitoring system reads, in the form of Prometheus, behind a token of its own."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from sqlalchemy.exc import SQLAlchemyError

from config.clock import real_now
from models.job_runs import JobHealth
from models.queries_metrics import Figures, figures
from views import desk, metering
from views.doorman import public

pages = Blueprint("metrics", __name__)

PLAIN: Final = "text/plain; version=0.0.4; charset=utf-8"


@pages.get("/metrics")
@public
def show() -> ResponseReturnValue:
    """Figures of the record and of this service; not there without a token in the settings."""
    if not desk.settings().operation.metrics_token:
        abort(404)
    if not has_token():
        return Response("", 401, {"WWW-Authenticate": "Bearer"}, content_type=PLAIN)
    record = CollectorRegistry()
    record.register(_Record(_found()))
    text = generate_latest(record) + generate_latest(metering.registry())
    return Response(text, content_type=PLAIN)


def has_token() -> bool:
    """Does the request bring the token of the settings? Compared in constant time."""
    token = desk.settings().operation.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return bool(token) and hmac.compare_digest(given.encode("utf-8"), token.encode("utf-8"))


def _found() -> Figures | None:
    try:
        with desk.reading() as db:
            return figures(db, real_now(), desk.now(), desk.sign_in_policy().sessions)
    except SQLAlchemyError:
        return None


class _Record:
    """Hands figures over, once."""

    def __init__(self, found: Figures | None) -> None:
        self.found = found

    def collect(self) -> Iterator[Metric]:
        """What the client library asks for; nothing but `up` while the database is away."""
        yield _gauge("award_database_up", "1 while the database answers.", self.found is not None)
        if self.found is not None and self.found.schema is not None:
            yield from _of_the_record(self.found)
            yield from _of_jobs(self.found.jobs, real_now())


def _of_the_record(found: Figures) -> Iterator[Metric]:
    yield _family("award_messages", "Outgoing messages.", "status", found.messages.items())
    yield _gauge(
        "award_oldest_unsent_seconds",
        "Age of the oldest message that is due and has not left.",
        found.oldest_unsent or 0.0,
    )
    yield _gauge("award_audit_lines", "Lines of the audit log.", found.audit_lines)
    yield _gauge("award_audit_sealed_lines", "Lines in the sealed chain.", found.sealed_lines)
    yield _gauge(
        "award_oldest_unsealed_seconds",
        "Age of the oldest line not in the chain yet.",
        found.oldest_unsealed or 0.0,
    )
    yield _gauge("award_sessions", "Sessions that still open a page.", found.sessions)
    yield _family("award_dossiers", "Dossiers.", "state", found.dossiers.items())
    yield _gauge("award_dossiers_stuck", "Dossiers nobody could act on.", found.stuck or 0)
    yield _gauge("award_schedulers_wedged", "Schedulers standing still.", found.wedged)


def _of_jobs(jobs: Iterable[JobHealth], now: datetime) -> Iterator[Metric]:
    ended = [(one.job, one.finished_at) for one in jobs if one.finished_at is not None]
    ages = [(job, (now - at).total_seconds()) for job, at in ended]
    stale = [(one.job, one.is_stale(now)) for one in jobs]
    yield _family("award_job_age_seconds", "Since the last end of a job.", "job", ages)
    yield _family("award_job_stale", "1 when late or failing.", "job", stale)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _family(name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    made = GaugeMetricFamily(name, words, labels=[label])
    for key, value in sorted(values):
        made.add_metric([key], float(value))
    return made
