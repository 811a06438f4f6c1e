"""`make languages`: bring the catalogues up to date with the source, and name what is missing.

Exit code 1 while a sentence has no translation, or one is marked fuzzy.
"""

from __future__ import annotations

import sys

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from config.languages import LANGUAGES, SOURCE, make_ready, po_path
from config.languages.extracting import template_catalogue


def main() -> int:
    """Renew every catalogue and compile it; 1 when one of them is not complete."""
    wanted, missing = template_catalogue(), 0
    for language in LANGUAGES:
        if language != SOURCE:
            missing += renew(language, wanted)
    make_ready()
    return 1 if missing else 0


def renew(language: str, wanted: Catalog) -> int:
    """Bring one catalogue up to date; how many sentences it still lacks."""
    path = po_path(language)
    known = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as lines:
            known = read_po(lines, locale=language)
    fresh = merged(known, wanted, language)
    with path.open("wb") as out:
        write_po(out, fresh, width=100, sort_output=True, omit_header=False, include_lineno=False)
    open_ones = [one for one in fresh if one.id and (one.fuzzy or not translated(one.string))]
    for one in open_ones:
        where = one.locations[0][0] if one.locations else ""
        print(f"{language}: {where}: {first(one.id)}")
    print(f"{path.name} ({language}): {len(fresh)} sentences, {len(open_ones)} without translation")
    return len(open_ones)


def merged(known: Catalog, wanted: Catalog, language: str) -> Catalog:
    """The wanted sentences with the translations that are known; nothing is guessed."""
    made = Catalog(locale=language, project="award-dossiers", charset="utf-8", fuzzy=False)
    made.revision_date = made.creation_date = known.creation_date
    for one in wanted:
        if not one.id:
            continue
        old = known.get(first(one.id))
        made.add(one.id, fitting(one.id, old.string if old else ""), locations=one.locations)
    return made


def fitting(message: object, string: object) -> str | tuple[str, ...]:
    """A translation in as many forms as the message has."""
    if isinstance(message, tuple):
        given = tuple(map(str, string)) if isinstance(string, tuple | list) else (str(string),) * 2
        return given if len(given) > 1 else given * 2
    return str(string[0]) if isinstance(string, tuple | list) else str(string)


def first(message: object) -> str:
    """The message itself; of one with a plural, the singular."""
    return str(message[0]) if isinstance(message, tuple | list) else str(message)


def translated(string: object) -> bool:
    """Are all forms there?"""
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
