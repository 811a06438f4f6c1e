"""What processes of the tests are forked from: everything imported, the programme parsed once."""

from __future__ import annotations

from models import rulebooks
from tests.builders import programme_text
from tests.promises import rivals  # noqa: F401 - to be there already
from workflow.parsing import reopen

_book = reopen(*programme_text())
rulebooks._KNOWN[_book.content_hash] = _book
