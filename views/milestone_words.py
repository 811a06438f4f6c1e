"""Milestones as tables: each cycle with its tiers, what changed, and what a change would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for

from models.deadlines import NewMilestone
from models.moving import Touched
from views import formats, labels, labels_time, side_by_side
from views.formats import _
from views.forms import day_text
from workflow.deadlines import Deadline, WholeCycle, deadline_of, deadlines_of
from workflow.programme import AwardForm, Cycle, Programme
from workflow.reminders import Calendar
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import PROGRESS, State
from workflow.words import phrase
from workflow.working_days import office_day

ALL_TIERS = phrase("Mọi hình thức")
EVERY_UNIT = phrase("Các đơn vị")
STATES = PROGRESS
SetAnew = Mapping[tuple[str, str], tuple[MilestoneSet, ...]]


def registration_deadline(
    programme: Programme, cycle_id: str, set_anew: SetAnew
) -> Deadline | None:
    """The closing of registration in force; None for a cycle the programme does not know."""
    if cycle_id not in programme.cycle_by_id:
        return None
    terms = Terms(milestones=set_anew.get((programme.id, cycle_id), ()))
    return deadline_of(programme, WholeCycle(cycle_id, terms=terms), State.REGISTERED)


def cycle_rows(programme: Programme, set_anew: SetAnew, today: date) -> list[dict[str, Any]]:
    """Every cycle with its milestones: the nearest first, those that are over last."""
    shown = [_cycle(programme, cycle, set_anew, today) for cycle in programme.cycles]
    ahead = sorted((one for one in shown if not one["over"]), key=lambda one: one["last"])
    over = sorted((one for one in shown if one["over"]), key=lambda one: one["last"])
    return [*ahead, *reversed(over)]


def address(programme: Programme, cycle: Cycle) -> str:
    """The form that moves the milestones of a cycle."""
    return url_for("milestones.form", cycle_id=cycle.id, **side_by_side.address(programme))


def _cycle(programme: Programme, cycle: Cycle, set_anew: SetAnew, today: date) -> dict[str, Any]:
    terms = Terms(milestones=set_anew.get((programme.id, cycle.id), ()))
    last = deadlines_of(programme, WholeCycle(cycle.id, terms=terms))[-1]
    return {
        "id": cycle.id,
        "label": cycle.label,
        "last": last.instant,
        "over": office_day(last.instant, programme.zone) < today,
        "clause": labels.clause_text(cycle.clause),
        "clause_href": labels.clause_url(cycle.clause),
        "url": address(programme, cycle),
        "tiers": [
            tier_row(programme, cycle, terms, award) for award in _tiers(programme, cycle, terms)
        ],
    }


def _tiers(programme: Programme, cycle: Cycle, terms: Terms) -> list[AwardForm | None]:
    """All forms of award together, then each that differs from them."""
    common = _instants(programme, cycle, terms, "")
    differing = [
        award
        for award in programme.awards
        if cycle.kind in award.cycles and _instants(programme, cycle, terms, award.id) != common
    ]
    return [None, *differing]


def _instants(programme: Programme, cycle: Cycle, terms: Terms, award: str) -> list[object]:
    return [
        one.instant for one in deadlines_of(programme, WholeCycle(cycle.id, award, terms=terms))
    ]


def tier_row(
    programme: Programme, cycle: Cycle, terms: Terms, award: AwardForm | None
) -> dict[str, Any]:
    """One tier: its milestones, each with the day it had before."""
    here = WholeCycle(cycle.id, award.id if award else "", terms=terms)
    row: dict[str, Any] = {"tier": award.short if award else ALL_TIERS}
    for state in STATES:
        deadline = deadline_of(programme, here, state)
        row[state.value] = cell(programme, deadline) if deadline else None
    return row


def cell(programme: Programme, deadline: Deadline) -> dict[str, Any]:
    """One milestone: day, hour, the struck-through day, who changed it and when."""
    last = deadline.moves[-1] if deadline.moves else None
    return {
        "day": formats.day(deadline.instant),
        "clock": formats.clock(deadline.instant),
        "iso": formats.local(deadline.instant).isoformat(timespec="minutes"),
        "was": formats.day(last.was) if last else "",
        "who": labels_time.move_words(last) if last else "",
        "tag": labels_time.source_tag(programme, deadline),
        "version": deadline.version,
    }


def typed_days(programme: Programme, here: WholeCycle) -> dict[str, str]:
    """The days as they stand, for the fields of the form."""
    found = deadlines_of(programme, here)
    return {one.state.value: day_text(office_day(one.instant, programme.zone)) for one in found}


def change_rows(
    programme: Programme, before: WholeCycle, wanted: Sequence[NewMilestone]
) -> list[dict[str, str]]:
    """What is about to change: the milestone, its day now, its day then."""
    rows = []
    for one in wanted:
        deadline = deadline_of(programme, before, one.state)
        rows.append(
            {
                "milestone": labels.MILESTONE[one.state],
                "was": formats.weekday(deadline.instant) if deadline else "",
                "now": formats.weekday(one.day),
                "rule": labels_time.DAY_RULE[one.rule],
            }
        )
    return rows


def touched_rows(found: Iterable[Touched]) -> list[dict[str, str]]:
    """Dossiers and registrations a change passes over, by name."""
    return [
        {
            "code": one.code,
            "url": url_for("dossiers.show", code=one.code)
            if one.state
            else url_for("registrations.show", code=one.code),
            "subject": one.subject,
            "state": labels.STATE[one.state] if one.state else _("Bản đăng ký"),
            "before": formats.stamp(one.before),
            "after": formats.stamp(one.after),
        }
        for one in found
    ]


def warnings(
    wanted: Iterable[NewMilestone], calendar: Calendar, today: date, empty_years: Iterable[int]
) -> list[str]:
    """What is allowed, but should be seen first: days off, days gone by, years without rows."""
    found = []
    for one in wanted:
        name = labels.MILESTONE[one.state]
        if not calendar.is_working_day(one.day):
            found.append(_("{name}: {day} là ngày nghỉ.", name=name, day=formats.weekday(one.day)))
        if one.day < today:
            found.append(_("{name}: {day} đã qua.", name=name, day=formats.weekday(one.day)))
    return [*found, *(labels_time.missing_year(year) for year in empty_years)]


def appraisal_words(award: AwardForm | None) -> str:
    """How many working days the proposal counts with, and where that comes from."""
    if award is None or award.appraisal is None:
        return ""
    table = award.appraisal
    source = labels.clause_text(table.clause) if table.clause else table.note
    return _(
        "{short}: thẩm định trong {count} ngày làm việc. {source}",
        short=award.short,
        count=table.working_days,
        source=source,
    )


def out_of_order(days: Mapping[State, date]) -> State | None:
    """The first milestone that lies before the one it follows."""
    last: date | None = None
    for state in STATES:
        day = days.get(state)
        if day is None:
            continue
        if last is not None and day < last:
            return state
        last = day
    return None
