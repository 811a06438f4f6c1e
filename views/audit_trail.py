"""What every request leaves in the audit log: who asks from where, what was refused, read, taken.

Changes record themselves (`models.change_sets`); this module says on whose behalf they are made.
Refused attempts of signed-in people are written down with their reasons, every page an auditor
reads, and every file anybody takes away. What cannot be written down is not handed out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import structlog
from flask import (
    Flask,
    Response,
    g,
    has_request_context,
    make_response,
    request,
    session,
    template_rendered,
)
from sqlalchemy.exc import SQLAlchemyError

from models.acting import Acting, act_as, acting
from models.office import write_down_of
from views import desk, errors
from workflow.vocabulary import Post

REFUSED: Final = frozenset({400, 403, 404, 409, 413, 415, 422, 429})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES_ITSELF: Final = frozenset({"audit_log.index", "audit_log.show"})
"""Pages whose views write the looking or taking down themselves, with more words."""
MOST_REASONS, LONGEST = 10, 200

log = structlog.get_logger()


def put_up(app: Flask) -> None:
    """Follow every request from its beginning to its answer."""
    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(lambda _error: act_as(None))
    template_rendered.connect(_remember, app)


def begin() -> None:
    """Say for whom this request works; a session is told by the beginning of a hash."""
    if request.endpoint == "static":
        return
    token = str(session.get("sid") or "")
    visitor = desk.visitor() if token else None
    act_as(
        Acting(
            person_id=visitor.reader.person_id if visitor else None,
            session_mark=hashlib.sha256(token.encode()).hexdigest()[:16] if token else "",
            address=request.remote_addr or "",
            request_id=g.get("request_id", ""),
            doing=request.endpoint or "",
            at=desk.now(),
        )
    )


def end(answer: Response) -> Response:
    """Write down what was refused, read by an auditor, or taken away."""
    if request.endpoint == "static" or g.get("in_trouble"):
        return answer
    visitor = desk.visitor() if session.get("sid") else None
    if visitor is None:
        return answer
    if acting().person_id is None:
        begin()  # refused at the door
    action, told = _happened(answer, is_auditor=visitor.reader.holds(Post.AUDITOR))
    if not action:
        return answer
    try:
        with desk.writing() as db:
            write_down_of(db, visitor.reader.person_id, action, told, desk.now())
    except SQLAlchemyError as error:
        log.error("not written down", action=action, error=type(error).__name__)  # noqa: TRY400
        if action == "refuse":
            return answer
        answer.close()
        return make_response(errors.page(503))
    return answer


def _happened(answer: Response, *, is_auditor: bool) -> tuple[str, dict[str, Any]]:
    asked = {**(request.view_args or {}), **request.args.to_dict()}
    told: dict[str, Any] = {
        "page": request.endpoint or request.path[:LONGEST],
        "asked": {name: str(value)[:LONGEST] for name, value in asked.items()},
    }
    if request.method not in SAFE:
        if answer.status_code not in REFUSED:
            return "", {}
        return "refuse", {**told, "status": answer.status_code, "reasons": _reasons()}
    if answer.status_code != 200 or request.endpoint in WRITES_ITSELF:  # noqa: PLR2004
        return "", {}
    if answer.headers.get("Content-Disposition", "").startswith("attachment"):
        return "take_file", {**told, "file": answer.headers["Content-Disposition"][:LONGEST]}
    if is_auditor and answer.mimetype == "text/html":
        return "read_page", told
    return "", {}


def _remember(_app: Flask, template: Any, context: Mapping[str, Any], **_: Any) -> None:  # noqa: ANN401, ARG001
    """Keep what a page of refusal says, for the line about it."""
    if has_request_context() and request.method not in SAFE:
        g.refused_with = context


def _message(fault: object) -> str:
    """What is wrong with a field, and which field."""
    field, said = getattr(fault, "field", ""), getattr(fault, "message", str(fault))
    return f"{field}: {said}" if field else str(said)


def _reasons() -> list[str]:
    """The reasons the reader was told, in the words they were told in."""
    context: Mapping[str, Any] = g.get("refused_with") or {}
    found: list[str] = [str(one) for one in context.get("reasons") or ()]
    page = context.get("page")
    faults = getattr(page, "errors", None) or context.get("errors") or ()
    found += [
        str(one.get("message", "")) if isinstance(one, Mapping) else _message(one) for one in faults
    ]
    return [" ".join(one.split())[:LONGEST] for one in dict.fromkeys(found)][:MOST_REASONS]
