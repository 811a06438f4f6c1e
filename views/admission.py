"""Who is let in when too many come at once: a permit is had at once, or the answer is 503 at once.

Every process serves as many requests at a time as it has permits (`WEB_PERMITS`), with more threads
than permits, so that a thread is always free to refuse. Nobody waits for a permit: a queue would
only make everybody's answer late, and memory grow. Static files and the pages for machines need
none. Pages on which a password is hashed share a smaller part of the permits: a flood of guesses
must not keep those out who are signed in (promise P30, decision 0036).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import Flask
from prometheus_client import Counter
from werkzeug.wsgi import ClosingIterator

from views import doorman
from views.statics import content_version

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FREE: Final = ("/static/", "/healthz", "/readyz", "/metrics")
"""Addresses that need no permit: they must answer when nothing else does."""
HASHING: Final = frozenset({"/dang-nhap", "/mat-khau", "/ma-mot-lan"})
"""Where a posted form costs a password hash, 20 ms of a processor and 19 MiB each."""
COME_AGAIN: Final = 5
"""Seconds after which to ask again: a flood that ends is over much sooner."""
TELL_EVERY: Final = 1.0
"""Seconds between two lines of the log about refusals."""
REFUSED: Final = Counter("award_http_unadmitted", "Requests refused because all permits were out.")

log = structlog.get_logger()


class Permits:
    """So many at once; none is waited for."""

    def __init__(self, many: int) -> None:
        self._left = threading.Semaphore(many)

    def take(self) -> bool:
        """Take one, if one is there."""
        return self._left.acquire(blocking=False)

    def give_back(self) -> None:
        """Give one back."""
        self._left.release()


class Admission:
    """The outermost door of the application: WSGI in, WSGI out."""

    def __init__(
        self, inside: WSGIApplication, permits: int, refusal: Callable[[], Answer]
    ) -> None:
        self.inside, self.refusal = inside, refusal
        self.all = Permits(permits)
        self.hashing = Permits(max(1, permits // 2))
        self._unsaid, self._said_at = 0, 0.0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve, or refuse at once; a permit is out until the answer was fetched to its end."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(FREE):
            return self.inside(environ, start)
        kinds = [self.all]
        if environ.get("REQUEST_METHOD") == "POST" and path in HASHING:
            kinds.insert(0, self.hashing)
        taken: list[Permits] = []
        for kind in kinds:
            if not kind.take():
                _give_back(taken)
                return self._refuse(start)
            taken.append(kind)
        try:
            answer = self.inside(environ, start)
        except BaseException:
            _give_back(taken)
            raise
        return ClosingIterator(answer, lambda: _give_back(taken))

    def _refuse(self, start: StartResponse) -> Iterable[bytes]:
        REFUSED.inc()
        self._unsaid += 1
        now = time.monotonic()
        if now - self._said_at >= TELL_EVERY:
            log.warning("no permit left", refused=self._unsaid)
            self._unsaid, self._said_at = 0, now
        body, headers = self.refusal()
        start("503 Service Unavailable", headers)
        return [body]


Answer = tuple[bytes, list[tuple[str, str]]]


def put_up(app: Flask) -> None:
    """Stand before the application; with 0 permits nobody is counted."""
    permits = app.extensions["desk"].settings.operation.permits
    if permits:
        door: Any = Admission(app.wsgi_app, permits, lambda: _page(app))
        app.wsgi_app = door  # type: ignore[method-assign]


def _give_back(taken: list[Permits]) -> None:
    """Once: an answer may be closed twice."""
    while taken:
        taken.pop().give_back()


@cache
def _page(app: Flask) -> Answer:
    """The page, in both languages, made once: to refuse must cost next to nothing."""
    style = Path(app.static_folder or "") / "app.css"
    template = app.jinja_env.get_template("errors/busy.html")
    body = template.render(style=f"/static/app.css?v={content_version(style)}").encode()
    headers = {
        **doorman.HEADERS,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Retry-After": str(COME_AGAIN),
    }
    settings: Any = app.extensions["desk"].settings
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = doorman.HSTS
    return body, list(headers.items())
