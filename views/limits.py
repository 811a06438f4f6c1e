"""How large a request may be, by the page it is for; a proxy in front keeps to the largest."""

from __future__ import annotations

from typing import Final

from flask import Flask, request

from models.receiving import LARGEST_PART
from views.doorman import is_public

KILOBYTE: Final = 1024
MEGABYTE: Final = 1024 * KILOBYTE
LARGEST: Final = 12 * MEGABYTE
"""A form with one file of the largest kind (`models.file_checks.LARGEST`) and its words."""
WORDS: Final = MEGABYTE
"""A form of words alone: the longest has a few fields of some pages each."""
STRANGERS: Final = 64 * KILOBYTE
"""A form anybody may send: signing in."""
MOST_PARTS: Final = 100
WITH_FILES: Final = {
    "assembly.keep_document": LARGEST,
    "council.record": LARGEST,
    "council_ballot.upload": LARGEST,
    "council_tally.close": LARGEST,
    "importing.bring": LARGEST,
    "paper_templates.bring": LARGEST,
    "reports_due.act": LARGEST,
    "receiving.part": LARGEST_PART,
}
"""Pages that take files. A form with files on any other page is refused whole (413)."""


def put_up(app: Flask) -> None:
    """Set the limit of each request before anybody reads from it."""
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=WORDS, MAX_FORM_PARTS=MOST_PARTS
    )
    app.before_request(limit)


def limit() -> None:
    """Let this request be as large as its page needs."""
    request.max_content_length = largest(request.endpoint)


def largest(endpoint: str | None) -> int:
    """The most bytes a request to a page may bring."""
    if endpoint in WITH_FILES:
        return WITH_FILES[endpoint]
    return STRANGERS if endpoint is None or is_public(endpoint) else WORDS
