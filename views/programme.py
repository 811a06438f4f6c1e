"""The programme as it stands: its text, what the system makes of it, where dossiers are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from models.agenda import cycle_lines
from models.form_queries import VersionLine, state_counts, version_by_hash, versions
from models.rulebooks import rulebook_in_force, rulebook_of
from models.tables import ProgrammeVersion
from views import (
    citing,
    desk,
    form_pages,
    formats,
    labels,
    rule_words,
    speaking,
    workflow_map,
)
from views.clause_notes import Note, Passage, passages
from views.formats import _, joined
from workflow.deadlines import next_state
from workflow.ports import NotFound
from workflow.programme import Programme, Reading, StepTable
from workflow.rulebook import Rulebook
from workflow.vocabulary import PROGRESS, Action, State
from workflow.words import phrase

pages = Blueprint("programme", __name__)

TITLE = phrase("Văn bản chương trình")
SHORTEST_HASH = 8
TONES = {
    "Điều kiện": "info",
    "Bước": "council",
    "Thao tác": "",
    "Mốc": "warn",
    "Nhắc việc": "warn",
    "Báo cáo": "info",
    "Hình thức": "ok",
    "Chỉ tiêu": "warn",
    "Tài liệu": "",
}


@pages.get("/van-ban")
def show() -> ResponseReturnValue:
    """The version in force, or with `?ban=` another one that was loaded."""
    me, day = desk.me().person_id, desk.today()
    with desk.reading() as db:
        version = _version(db, request.args.get("ban", ""))
        rulebook = rulebook_of(db, version.content_hash)
        programme = rulebook.programme
        speaking.speak_of(programme)
        dates = cycle_lines(db, programme)
        counts = state_counts(db, programme.id, me, day)
        known = versions(db, programme.id, me, day)
    page = form_pages.FormPage(title=TITLE, sub=programme.title)
    return form_pages.show(
        "programme/show.html",
        page,
        programme=_head(programme, version),
        states=flow(rulebook, counts),
        lying=workflow_map.lying(programme, counts),
        standing=workflow_map.standing(programme, counts),
        passages=[
            _passage(one, touched(programme, one.ref, counts))
            for one in passages(programme, version.source, dates)
        ],
        readings=[_reading(one, programme) for one in programme.readings],
        versions=[_version_row(one) for one in known],
    )


def flow(rulebook: Rulebook, counts: dict[State, int]) -> list[dict[str, Any]]:
    """The five states as the running rules have them, with live counts."""
    programme = rulebook.programme
    return [_state(programme, state, counts.get(state, 0)) for state in PROGRESS]


def _state(programme: Programme, state: State, count: int) -> dict[str, Any]:
    step = _step_onwards(programme, state)
    shown = {
        "number": labels.step_number(state),
        "label": labels.STATE[state],
        "count": count,
        "url": f"{url_for('dossiers.index')}?trang-thai={state.value}",
        "move": step.title if step else "",
        "who": joined(labels.ROLE[role] for role in step.by) if step else "",
        "guards": [_guard(programme, use.rule) for use in step.rules] if step else [],
    }
    ref = step.clause if step else _last_clause(programme)
    return shown | {"clause": labels.clause_text(ref), "clause_href": labels.clause_url(ref)}


def _guard(programme: Programme, name: str) -> str:
    rule = programme.rule_by_id[name]
    return _("{title} ({id}, Mục {clause})", title=rule.title, id=rule.id, clause=rule.clause)


def _step_onwards(programme: Programme, state: State) -> StepTable | None:
    """The step that leads from a state to the next one."""
    target = next_state(state)
    for step in programme.steps:
        if step.source is state and step.target is target and target is not None:
            return step
    return None


def _last_clause(programme: Programme) -> str:
    """What the end rests on: the clause of revoking, the only way on from there."""
    found = programme.steps_from(State.DECIDED, Action.REVOKE)
    return found[0].clause if found else programme.steps[0].clause


def _version(db: Session, wanted: str) -> ProgrammeVersion:
    if not wanted:
        return version_by_hash(db, rulebook_in_force(db).content_hash)
    if len(wanted) < SHORTEST_HASH:
        raise NotFound(wanted)
    return version_by_hash(db, wanted)


def _head(programme: Programme, version: ProgrammeVersion) -> dict[str, Any]:
    force = (
        _("đang áp dụng cho đăng ký mới")
        if version.in_force
        else _("không áp dụng cho đăng ký mới")
    )
    period = citing.period(programme)
    return {
        "title": programme.title,
        "facts": [
            (
                _("Ban hành"),
                _(
                    "{issued_by}, {issued_on}",
                    issued_by=programme.issued_by,
                    issued_on=formats.day(programme.issued_on),
                ),
            ),
            (
                _("Hiệu lực"),
                _(
                    "{starts} – {ends}",
                    starts=formats.day(programme.starts),
                    ends=formats.day(programme.ends),
                ),
                *((period.ref, period.href) if period else ()),
            ),
            (_("Bản quy tắc"), _("{version}, {force}", version=programme.version, force=force)),
            (_("Mã bản"), programme.content_hash[:12]),
            (_("Giờ khóa hạn"), f"{programme.closing_time:%H:%M}"),
        ],
        "hash": programme.content_hash,
        "counts": _(
            "{count} điều kiện, {count2} bước và thao tác, {count3} diễn giải",
            count=len(programme.rules),
            count2=len(programme.steps),
            count3=len(programme.readings),
        ),
        "in_force": version.in_force,
    }


def touched(programme: Programme, ref: str, counts: dict[State, int]) -> list[dict[str, Any]]:
    """Dossiers the clause bears on now: those in states whose steps rest on it or ask its rules."""
    rules = {rule.id for rule in programme.rules if rule.clause == ref}
    states = {
        step.source
        for step in programme.steps
        if not step.stays and (step.clause == ref or any(use.rule in rules for use in step.rules))
    }
    return [
        {
            "count": counts[state],
            "label": labels.STATE[state],
            "url": f"{url_for('dossiers.index')}?trang-thai={state.value}",
        }
        for state in PROGRESS
        if ref and state in states and counts.get(state)
    ]


def _passage(one: Passage, now: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "anchor": one.anchor if one.ref else "",
        "label": labels.clause_text(one.ref) if one.ref else "",
        "level": one.level,
        "lines": one.lines,
        "notes": [_note(note) for note in one.notes if note.kind != "Diễn giải"],
        "readings": [note.ref for note in one.notes if note.kind == "Diễn giải"],
        "silent": one.silent,
        "touched": now,
    }


def _note(note: Note) -> dict[str, Any]:
    text = _("{text} ({ref})", text=note.text, ref=note.ref) if note.ref else note.text
    tone = TONES.get(note.kind, "")
    return {"kind": note.kind, "tone": tone, "text": text, "more": note.more, "was": note.was}


def _reading(one: Reading, programme: Programme) -> dict[str, Any]:
    using = [rule.title for rule in programme.rules if one.id in rule.readings]
    if one.decided_by:
        on = _(", {decided_on}", decided_on=formats.day(one.decided_on)) if one.decided_on else ""
        decided = f"{one.decided_by}{on}"
    else:
        decided = _("Chưa có xác nhận của cơ quan có thẩm quyền; dùng tạm theo lý do trên.")
    return {
        "id": one.id,
        "question": one.question,
        "choice": one.choice,
        "alternative": one.alternative,
        "reason": one.reason,
        "quote": one.quote,
        "decided": decided,
        "using": using,
        "settings": [*_settings(one, programme)],
        "clause_ref": labels.clause_text(one.clause),
        "clause_href": labels.clause_url(one.clause),
    }


def _settings(one: Reading, programme: Programme) -> Iterator[dict[str, str]]:
    """Where the file holds the choice: the tables that name the reading, with their figures."""
    for rule in programme.rules:
        if one.id in rule.readings:
            figures = rule_words.settings(rule)
            yield {"place": f"rules · {rule.id}", "title": rule.title, "figures": figures}
    for award in programme.awards:
        quota = award.quota
        if quota is not None and one.id in quota.readings:
            share = f"percent: {quota.percent}, rounding: {quota.rounding}" if quota.percent else ""
            place = f"awards · {award.id} · quota"
            yield {"place": place, "title": award.short, "figures": share}
    if programme.ranking and one.id in programme.ranking.readings:
        figures = ", ".join(each.criterion for each in programme.ranking.criteria)
        yield {"place": "ranking", "title": _("Xếp hạng"), "figures": figures}


def _version_row(line: VersionLine) -> dict[str, Any]:
    one = line.version
    return {
        "version": one.version,
        "hash": one.content_hash[:12],
        "url": url_for("programme.show", ban=one.content_hash[:12]),
        "compare_url": url_for("programme_versions.show", den=one.content_hash[:12]),
        "loaded": formats.stamp(one.loaded_at),
        "force": _("đang áp dụng") if one.in_force else _("bản trước"),
        "dossiers": formats.number(line.dossiers),
    }
