"""What differs between two versions of a programme: tables by name, clauses by their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workflow.clauses import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workflow.programme import Programme

HEAD: Final = "head"
TEXT: Final = "text"
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "cycles": ("id",),
    "awards": ("id",),
    "documents": ("kind",),
    "rules": ("id",),
    "steps": ("action", "source", "target", "when_fell"),
    "reminders": ("id",),
    "registration_reminders": ("id",),
    "reports": ("id",),
    "readings": ("id",),
    "council": ("applies_from", "kind"),
}
"""Lists of a programme, each with the fields that name one of its tables."""
ALONE: Final = ("registration", "ranking", "consolidation", "silent_clauses")
"""Tables of which there is one."""
_LEFT_OUT: Final = frozenset({*LISTS, *ALONE, "content_hash"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same; `was` or `now` is None where the whole table is not there."""

    section: str
    name: str
    title: str
    field: str
    was: Any
    now: Any
    clause: str = ""

    @property
    def whole(self) -> bool:
        """Did the whole table come or go?"""
        return not self.field


def differences(
    old: Programme, new: Programme, old_text: str = "", new_text: str = ""
) -> list[Difference]:
    """Everything that is not the same, in the order of the file."""
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    plain = [name for name in after if name not in _LEFT_OUT]
    found = list(_fields(HEAD, "", "", before, after, plain))
    for section, key in LISTS.items():
        found += _of_list(section, key, before[section], after[section])
    for section in ALONE:
        was, now = before[section], after[section]
        if was is None or now is None:
            if was != now:
                found.append(Difference(section, "", "", "", was, now))
        else:
            found += _fields(section, "", "", was, now, dict.fromkeys((*was, *now)))
    return [*found, *_clauses(old_text, new_text)]


def _of_list(
    section: str, key: tuple[str, ...], old: Sequence[Any], new: Sequence[Any]
) -> Iterator[Difference]:
    before, after = _by_name(old, key), _by_name(new, key)
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        either = now or was or {}
        title, clause = _title(either), str(either.get("clause") or "")
        if was is None or now is None:
            yield Difference(section, name, title, "", was, now, clause)
        else:
            names = [one for one in now if one not in key]
            yield from _fields(section, name, title, was, now, names, clause)


def _by_name(tables: Sequence[Any], key: tuple[str, ...]) -> dict[str, Any]:
    """Tables by what names them; of several with one name each has its number."""
    found: dict[str, Any] = {}
    for table in tables:
        name = " · ".join(str(table[part]) for part in key if table.get(part))
        number = sum(one == name or one.startswith(f"{name} #") for one in found)
        found[f"{name} #{number + 1}" if number else name] = table
    return found


def _title(table: Mapping[str, Any]) -> str:
    for name in ("title", "label", "question"):
        if table.get(name):
            return str(table[name])
    return ""


def _fields(  # noqa: PLR0913, PLR0917 - where a field stands, and both sides of it
    section: str,
    name: str,
    title: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    names: Any,  # noqa: ANN401 - any order of names
    clause: str = "",
) -> Iterator[Difference]:
    for field in names:
        was, now = old.get(field), new.get(field)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            for part in dict.fromkeys((*was, *now)):
                if was.get(part) != now.get(part):
                    place = f"{field}.{part}"
                    yield Difference(
                        section, name, title, place, was.get(part), now.get(part), clause
                    )
        else:
            yield Difference(section, name, title, field, was, now, clause)


def _clauses(old: str, new: str) -> Iterator[Difference]:
    """Clauses whose own words differ: those below a clause are told for themselves."""
    before, after = _own_words(old), _own_words(new)
    for ref in dict.fromkeys((*before, *after)):
        was, now = before.get(ref), after.get(ref)
        if was != now:
            yield Difference(TEXT, ref, "", "", was, now, ref)


def _own_words(source: str) -> dict[str, str]:
    if not source:
        return {}
    clauses = sorted(cut(source).values(), key=lambda one: one.start)
    ends = [one.start for one in clauses[1:]] + [len(source)]
    return {
        one.ref: " ".join(source[one.start : end].split())
        for one, end in zip(clauses, ends, strict=True)
    }
