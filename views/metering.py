"""Every answer is counted, timed and written into the log: what, for whom, how, how long.

Counters live in each process. Where several serve, `PROMETHEUS_MULTIPROC_DIR` names a folder in
which they keep them together (`config.run` and the units of `docs/deployment.md` set it), so that
whichever process is asked tells the sum.
"""

from __future__ import annotations

import os
import time
from typing import Final

import structlog
from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from views import desk

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
QUIET: Final = {"static", "health.show", "health.ready", "metrics.show"}
"""Asked too often to be worth a line each time."""
ANSWERS: Final = Counter(
    "award_http_requests", "Answers, by page, method and status.", ["page", "method", "status"]
)
TIMES: Final = Histogram(
    "award_http_request_seconds", "Seconds until the answer was ready.", ["page"], buckets=SECONDS
)
METHODS: Final = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"}

log = structlog.get_logger()


def put_up(app: Flask) -> None:
    """Begin to count. Called before all others, so that what they add is part of the time."""
    app.before_request(_begin)
    app.after_request(_count)


def registry() -> CollectorRegistry:
    """The counters of all processes when they keep them together, else of this one."""
    if not os.environ.get(FOLDER):
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


def _begin() -> None:
    g.began = time.perf_counter()


def _count(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    page = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    ANSWERS.labels(page, method, str(response.status_code)).inc()
    TIMES.labels(page).observe(seconds)
    if page not in QUIET and not desk.settings().demonstration:
        log.info(
            "answered",
            page=page,
            method=method,
            status=response.status_code,
            milliseconds=round(seconds * 1000),
            person=_person(),
            address=request.remote_addr,
        )
    return response


def _person() -> int | None:
    """Who asked, if the request came so far that somebody looked."""
    someone = getattr(g, "_login_user", None)
    return someone.reader.person_id if isinstance(someone, desk.Visitor) else None
