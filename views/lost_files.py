"""A file the record names and the store has not: which one it is, and who can bring it back."""

from __future__ import annotations

from typing import Final

import structlog
from flask import g
from flask.typing import ResponseReturnValue
from prometheus_client import Counter

from models.file_places import FileLost, PlaceDown
from models.queries_holders import holders_at_province
from views import desk, errors
from views.formats import joined
from workflow.vocabulary import Post

ASKED: Final = Counter(
    "award_lost_files", "Requests for files the record names and the store has not."
)
SHOWN: Final = 3
"""So many administrators are named."""
MARK: Final = 12
"""Digits of the hash a file is told by, as `flask doctor` tells it."""

log = structlog.get_logger()


def show(error: FileLost) -> ResponseReturnValue:
    """The page about it. The record stands as it is; a copy may have the file."""
    ASKED.inc()
    mark = error.sha256[:MARK]
    log.error("file lost", file=mark)
    return errors.page(410, name=error.name, mark=mark, who_can=_who(), code=g.get("request_id"))


def unanswered(error: PlaceDown) -> ResponseReturnValue:
    """The store of files does not answer: it may do so in a moment."""
    log.error("store of files does not answer", error=str(error))
    return errors.page(503, kept=errors.typed_words(), code=g.get("request_id"))


def _who() -> str:
    if desk.visitor() is None:
        return ""
    with desk.reading() as db:
        found = holders_at_province(db, (Post.ADMINISTRATOR,), desk.today())
    return joined(one.name for one in found[:SHOWN])
