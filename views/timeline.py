"""Diễn biến: history and words of a dossier in one line of time, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.evaluations import from_json
from models.queries_history import Line, Said
from views import formats, labels, labels_time
from views.formats import _
from workflow.programme import Programme
from workflow.vocabulary import Action, DocumentKind, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as `macros/timeline.html` reads it."""

    at: datetime
    actor: str
    text: str
    said: str
    is_key: bool
    informed: str = ""

    @property
    def at_iso(self) -> str:
        """For machines."""
        return formats.local(self.at).isoformat(timespec="minutes")

    @property
    def at_text(self) -> str:
        """For people."""
        return formats.stamp(self.at)


def entries(
    lines: list[Line],
    notes: list[Said],
    programme: Programme,
    informed: Mapping[int, Sequence[str]],
) -> list[Entry]:
    """History and notes together; `informed` names whom the step to a version told by letter."""
    told = [
        replace(
            entry(line, programme),
            informed=labels_time.told_words(informed.get(line.version or 0, ())),
        )
        for line in lines
    ]
    told += [Entry(note.at, note.by, _("viết trao đổi"), note.text, is_key=False) for note in notes]
    return sorted(told, key=lambda one: one.at, reverse=True)


def entry(line: Line, programme: Programme) -> Entry:
    """One line of history in words."""
    role = labels.ROLE[Role(line.role)] if line.role in set(Role) else ""
    words = edited(line) or formats.told(done(line, programme)) + items(line)
    if "emergency" in line.told:
        role = _("{role}, truy cập khẩn cấp", role=role)
    return Entry(
        at=line.at,
        actor=_("{count} thay mặt {on_behalf}", count=line.actor, on_behalf=line.on_behalf)
        if line.on_behalf
        else line.actor,
        text=_("({role}) {words}", role=formats.lower_first(role), words=words) if role else words,
        said=str(line.told.get("comment") or ""),
        is_key=line.moved or line.action in _KEY,
    )


_KEY = {Action.REQUEST_SUPPLEMENT.value, Action.SEND_SUPPLEMENT.value, Action.HOLD.value}


def done(line: Line, programme: Programme) -> str:
    """What was done, in the words of the programme's step."""
    for step in programme.steps:
        source = step.source.value if step.source else None
        if (step.action.value, source, step.target.value) == (
            line.action,
            line.from_state,
            line.to_state,
        ):
            return step.done
    if line.action in set(Action):
        return formats.lower_first(labels.ACTION[Action(line.action)])
    return line.action.replace("_", " ")


def edited(line: Line) -> str:
    """What an edit changed, as far as it says so."""
    told = line.told
    if line.action != Action.EDIT.value:
        return ""
    if isinstance(paper := told.get("document"), dict):
        kind = paper.get("kind", "")
        name = labels.DOCUMENT[DocumentKind(kind)] if kind in set(DocumentKind) else _("tài liệu")
        version = _(" (bản {version})", version=paper["version"]) if "version" in paper else ""
        did = _("tải lên") if "sha256" in paper else _("sửa thông tin")
        return _("{did} {name}{version}", did=did, name=name, version=version)
    if isinstance(initiative := told.get("initiative"), dict):
        return _("ghi sáng kiến “{get}”", get=initiative.get("title", ""))
    if isinstance(gone := told.get("initiative_removed"), dict):
        return _("bỏ sáng kiến “{get}”", get=gone.get("title", ""))
    if "award_form" in told:
        return _("chọn hình thức khen thưởng")
    return _("viết báo cáo thành tích") if "report" in told else ""


def items(line: Line) -> str:
    """How many things a supplement asked for, and until when."""
    inputs = from_json(line.told.get("inputs"))
    if not isinstance(inputs, dict):
        return ""
    asked, due = inputs.get("items"), inputs.get("due")
    if isinstance(asked, tuple) and isinstance(due, datetime):
        return _(" {count} mục, hạn {due}", count=len(asked), due=formats.moment(due))
    until = inputs.get("until")
    return _(" đến {until}", until=formats.moment(until)) if isinstance(until, datetime) else ""
