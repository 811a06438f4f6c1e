"""What one appraiser saw last of a dossier, and what has changed in it since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models.queries_history import Line
from models.tables import Dossier, LastLook
from workflow.vocabulary import Action


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that is not what it was, as the history wrote it; empty for what came or went.

    `title` names the initiative it belongs to, `initiative_id` is its number.
    """

    part: str
    name: str
    old: str | bool | None
    new: str | bool | None
    title: str = ""
    initiative_id: int | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """A paper that came, or came anew: the particulars of the old and the new version."""

    kind: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    """Everything that happened to a dossier after one version of it, by others than one person."""

    since: datetime
    papers: tuple[Replaced, ...] = ()
    values: tuple[Changed, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass
class _Contents:
    """What a dossier held at one moment, as its history tells."""

    papers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    initiatives: dict[int, dict[str, Any]] = field(default_factory=dict)
    award: str = ""


REPORT_FIELDS = ("profile_text", "achievements_text", "prior_awards_text")
INITIATIVE_FIELDS = (
    "title",
    "recognised_by",
    "recognition_number",
    "recognised_on",
    "applied",
    "used_before_in",
)


def last_look(session: Session, dossier_id: int, person_id: int) -> LastLook | None:
    """The person's last look at the dossier; None when there was none."""
    return session.get(LastLook, (dossier_id, person_id))


def looked(session: Session, dossier_id: int, person_id: int, version: int, now: datetime) -> None:
    """Keep that the person has seen the dossier at `version`; an older one changes nothing."""
    seen = (LastLook.dossier_id == dossier_id, LastLook.person_id == person_id)
    # Two windows of one person may save at once: the dossier's row lets them in one by one.
    session.execute(select(Dossier.id).where(Dossier.id == dossier_id).with_for_update())
    if session.scalar(select(LastLook.version).where(*seen)) is None:
        session.execute(
            insert(LastLook).values(
                dossier_id=dossier_id, person_id=person_id, version=version, at=now
            )
        )
        return
    session.execute(
        update(LastLook).where(*seen, LastLook.version < version).values(version=version, at=now)
    )


def news_since(look: LastLook, lines: Sequence[Line]) -> News | None:
    """What the lines of a dossier (newest first) tell after a look; None when nothing happened.

    What the person did meanwhile they know: it is left out of the list of lines.
    """
    later = [line for line in lines if (line.version or 0) > look.version]
    others = tuple(line for line in later if line.actor_id != look.person_id)
    if not others:
        return None
    papers, values = differences(lines, look.version)
    return News(look.at, papers, values, others)


def differences(
    lines: Sequence[Line], version: int
) -> tuple[tuple[Replaced, ...], tuple[Changed, ...]]:
    """Papers and values that are not what they were at `version`, as all lines of it tell."""
    before = _contents([line for line in lines if 0 < (line.version or 0) <= version])
    after = _contents(lines)
    papers = tuple(
        Replaced(kind, before.papers.get(kind), paper)
        for kind, paper in after.papers.items()
        if before.papers.get(kind) != paper
    )
    return papers, tuple(_values(before, after))


def _contents(lines: Iterable[Line]) -> _Contents:
    found = _Contents()
    for line in sorted(lines, key=lambda one: one.version or 0):
        told = line.told
        if line.action != Action.EDIT.value:
            continue
        if isinstance(paper := told.get("document"), dict):
            found.papers[str(paper.get("kind", ""))] = paper
        if isinstance(report := told.get("report"), dict):
            found.report = report
        if isinstance(written := told.get("initiative"), dict):
            found.initiatives[int(written["id"])] = written
        if isinstance(gone := told.get("initiative_removed"), dict):
            found.initiatives.pop(int(gone["id"]), None)
        if isinstance(award := told.get("award_form"), list):
            found.award = str(award[-1])
    return found


def _values(before: _Contents, after: _Contents) -> Iterable[Changed]:
    for name in REPORT_FIELDS:
        old, new = before.report.get(name, ""), after.report.get(name, "")
        if old != new:
            yield Changed("report", name, old, new)
    for each in sorted({*before.initiatives, *after.initiatives}):
        yield from _initiative(each, before.initiatives.get(each), after.initiatives.get(each))
    if before.award != after.award:
        yield Changed("award", "award_form", before.award, after.award)


def _initiative(
    number: int, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterable[Changed]:
    if before is None or after is None:
        old = before.get("title", "") if before else ""
        new = after.get("title", "") if after else ""
        yield Changed("initiatives", "whole", old, new, initiative_id=number)
        return
    title = str(after.get("title", ""))
    for name in INITIATIVE_FIELDS:
        old, new = before.get(name), after.get(name)
        if old != new:
            yield Changed("initiatives", name, old, new, title, number)
