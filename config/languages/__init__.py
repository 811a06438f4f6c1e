"""The languages of the service: Vietnamese sentences are the source, other ones are catalogues.

A catalogue is a gettext `.po` beside this file. Its compiled form is made when first needed and
whenever the `.po` is newer; it is no part of the repository. See docs/languages.md.
"""

from __future__ import annotations

import contextlib
import gettext
import os
import secrets
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE: Final = "vi"
LANGUAGES: Final = {"vi": "Tiếng Việt", "en": "English"}
"""What each language calls itself; the source comes first."""
FOLDER: Final = Path(__file__).resolve().parent
DOMAIN: Final = "messages"


def po_path(language: str) -> Path:
    """The catalogue people edit."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def make_ready() -> None:
    """Compile every catalogue that is newer than its compiled form; one replaces it whole.

    Where the folder cannot be written, an older compiled form stays as it is.
    """
    for language in LANGUAGES:
        source = po_path(language)
        made = source.with_suffix(".mo")
        if not source.exists() or (made.exists() and made.stat().st_mtime >= _age(source)):
            continue
        fresh = made.with_suffix(f".{secrets.token_hex(4)}.new")
        with contextlib.suppress(OSError):
            fresh.write_bytes(compiled(source))
            os.utime(fresh, (_age(source), _age(source)))
            fresh.replace(made)


def compiled(source: Path) -> bytes:
    """A catalogue in the form gettext reads; entries marked fuzzy are left out."""
    with source.open("rb") as lines:
        catalogue = read_po(lines)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The translations of a language, read once; of the source, and of an unknown one, none."""
    source = po_path(language)
    if not source.exists():
        return gettext.NullTranslations()
    make_ready()
    made = source.with_suffix(".mo")
    content = made.read_bytes() if made.exists() else compiled(source)
    return gettext.GNUTranslations(BytesIO(content))


def _age(path: Path) -> float:
    return path.stat().st_mtime
