"""Somebody was faster: what has changed since, field by field, and a way on for what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request, url_for

from models.conflicts import Conflict
from models.last_looks import Changed, Replaced
from views import check_news, citing, desk, file_desk, formats, labels
from views.check_news import text_of
from views.formats import Words, _
from views.forms import clean, read_day
from workflow.vocabulary import Action, DocumentKind

PARTS: Final = Words(
    {
        "state": "Trạng thái",
        "presented": "Trình ký",
        "council_result": "Kết quả xét của Hội đồng",
        "marks": "Kết quả kiểm từng mục",
        "ranking": "Xếp hạng của Hội đồng TĐKT tỉnh",
        "decision": "Quyết định khen thưởng",
        "supplement": "Yêu cầu bổ sung",
        "extended_until": "Hạn nộp hồ sơ",
        "suspensions": "Tạm dừng tính thời hạn",
        "hold": "Tạm dừng do xem xét vi phạm",
        "revocation": "Quyết định hủy bỏ",
        "initiatives": "Sáng kiến",
        **{kind.value: label for kind, label in labels.DOCUMENT.items()},
        **check_news.VALUES,
    }
)
EDITING: Final = {"assembly.write", "assembly.put_initiative", "assembly.keep_document"}
"""Forms whose words can be written again on the present version, once the reader has seen it."""
CARRIED: Final = {"csrf_token", "version", "key"}
INPUT: Final = {"award_form": "award"}
"""Fields of a form that are not named like the value they change."""
DAYS: Final = {"dated", "recognised_on"}
TICKS: Final = {"confirmed", "applied"}

Value = str | bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what it was, what it is, and what the reader wanted; `input` is its form field."""

    field: str
    what: str
    before: Value
    now: Value
    yours: Value = None
    input: str = ""

    @property
    def mine(self) -> bool:
        """Did the reader change it, too, to something else?"""
        return bool(self.input) and self.yours not in {self.before, self.now}

    @property
    def row(self) -> dict[str, str]:
        """As a row of the page."""
        typed = self._words(self.yours) if self.mine else _("không sửa") if self.input else "–"
        return {
            "what": self.what,
            "old": self._words(self.before),
            "new": self._words(self.now),
            "yours": typed,
        }

    def _words(self, value: Value) -> str:
        if self.field == "award_form" and value:
            return citing.award_title(str(value))
        return text_of(value)

    @property
    def fact(self) -> dict[str, Value]:
        """For a program."""
        told: dict[str, Value] = {
            "field": self.field,
            "label": self.what,
            "before": self.before,
            "now": self.now,
        }
        return told | ({"yours": self.yours} if self.input else {})


def words(found: Conflict) -> dict[str, Any]:
    """What `errors/409.html` reads, but for the reader's role and typed words."""
    rows = differences(found)
    told: dict[str, Any] = {
        "url": url_for("dossiers.show", code=found.code),
        "version": found.version,
        "yours": found.yours,
        "state": labels.STATE[found.state],
        "fields": [PARTS[name] for name in found.fields],
        "rows": [one.row for one in rows],
        "onward": onward(found, rows),
    }
    last = found.last
    if last is None:
        return told
    mine = last.actor_id == desk.me().person_id
    action = Action(last.action) if last.action in set(Action) else None
    what = formats.lower_first(labels.ACTION[action]) if action else _("sửa")
    theirs = _("Hồ sơ vừa được người khác {removesuffix}", removesuffix=what.removesuffix(" hồ sơ"))
    return told | {
        "heading": _("Bạn vừa thay đổi hồ sơ này ở trang khác") if mine else theirs,
        "by": _("{count} thay mặt {on_behalf}", count=last.actor, on_behalf=last.on_behalf)
        if last.on_behalf
        else last.actor,
        "what": what,
        "at_text": formats.moment(last.at),
    }


def facts(found: Conflict) -> dict[str, Any]:
    """The same for a program."""
    last = found.last
    return {
        "code": found.code,
        "current_state": found.state.value,
        "current_version": found.version,
        "your_version": found.yours,
        "changed_at": formats.local(last.at).isoformat(timespec="seconds") if last else None,
        "by": last.actor if last else None,
        "role": last.role if last else None,
        "action": last.action if last else None,
        "changed_fields": list(found.fields),
        "changes": [one.fact for one in differences(found)],
    }


def differences(found: Conflict) -> list[Difference]:
    """Field by field, with what the reader has sent for each."""
    rows = [row for paper in found.papers for row in _paper(paper)]
    return rows + [_value(one) for one in found.values]


def of_texts(names: Mapping[str, str], before: object, now: object) -> list[Difference]:
    """What differs between two versions of something with these fields, named with their labels."""
    values = ((name, getattr(before, name), getattr(now, name)) for name in names)
    return [
        _difference(name, names[name], (_plain(old), _plain(new)), name)
        for name, old, new in values
        if old != new
    ]


def onward(found: Conflict, rows: list[Difference]) -> list[tuple[str, str]]:
    """The reader's form for the present version: own changes kept, everything else as it is now.

    Empty when there is nothing to send again: another step was taken, a file was refused, or the
    initiative is gone. A file that came waits under its id.
    """
    removed = {one.initiative_id for one in found.values if one.name == "whole" and not one.new}
    if (
        request.endpoint not in EDITING
        or "state" in found.fields
        or request.form.get("remove")
        or request.form.get("initiative_id", "") in {str(one) for one in removed}
    ):
        return []
    theirs = {one.input: one.now for one in rows if one.input and not one.mine}
    waiting = file_desk.hold_all()
    if any(one.filename and name not in waiting for name, one in request.files.items()):
        return []
    given = [
        (name, typed)
        for name, typed in request.form.items(multi=True)
        if name not in CARRIED and name not in theirs and not name.endswith("-held")
    ]
    given += [(f"{name}-held", one["id"]) for name, one in waiting.items()]
    return given + [(name, _as_typed(now)) for name, now in theirs.items() if now]


def _paper(paper: Replaced) -> list[Difference]:
    """What of a paper is not what it was; a new file with the same particulars is said, too."""
    kind, old = paper.kind, paper.old or {}
    posted = request.form.get("kind") == kind
    title = labels.DOCUMENT[DocumentKind(kind)]
    return [
        _difference(
            f"{kind}.{name}",
            _("{title}: {label}", title=title, label=formats.lower_first(label)),
            (_plain(old.get(name)), _plain(paper.new[name])),
            f"{kind}-{name}" if posted and name not in {"file_name", "version"} else "",
        )
        for name, label in check_news.PARTICULARS.items()
        if name in paper.new and old.get(name) != paper.new[name]
    ]


def _value(one: Changed) -> Difference:
    if one.initiative_id is None:
        name = INPUT.get(one.name, one.name)
        posted = name if name in request.form else ""
        return _difference(one.name, check_news.VALUES[one.name], (one.old, one.new), posted)
    field = f"initiatives.{one.initiative_id}"
    if one.name == "whole":
        return _difference(field, _("Sáng kiến"), (one.old, one.new), "")
    label = formats.lower_first(check_news.VALUES[one.name])
    posted = one.name if request.form.get("initiative_id") == str(one.initiative_id) else ""
    what = _("Sáng kiến “{title}”: {label}", title=one.title, label=label)
    return _difference(f"{field}.{one.name}", what, (one.old, one.new), posted)


def _difference(field: str, what: str, values: tuple[Value, Value], given: str) -> Difference:
    return Difference(field, what, *values, _typed(given) if given else None, given)


def _typed(name: str) -> Value:
    """What a field was sent with, in the shape in which the history keeps it."""
    typed, last = request.form.get(name, ""), name.rpartition("-")[2]
    if last in TICKS:
        return bool(typed)
    if last in DAYS:
        day = read_day(typed)
        return day.isoformat() if day else typed.strip() or None
    return clean(typed)


def _as_typed(value: Value) -> str:
    """A value of the history as a field of ours is sent."""
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value or "")


def _plain(value: object) -> Value:
    return value if isinstance(value, bool) or value is None else str(value)
