"""Marks on a state and the dates around it: due, late, asked for more, extended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from models.deadlines import timed
from models.queries_dossiers import Row
from models.queries_history import Line
from models.queries_turns import Situation, situation_of, step_due
from models.tables import Dossier
from views import formats, labels
from views.formats import _, joined
from views.labels import Flag
from workflow.deadlines import Deadline, WholeCycle, deadline_of, deadlines_of, next_state
from workflow.programme import Cycle, Programme, StepTable
from workflow.terms import MilestoneSet, Terms
from workflow.vocabulary import ENDS, PROGRESS, State
from workflow.working_days import office_day

SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a stored dossier stands: the step it waits for and until when."""

    dossier: Dossier
    programme: Programme
    step: StepTable | None
    due: datetime | None
    terms: Terms = field(default_factory=Terms)

    def deadline(self, state: State) -> Deadline | None:
        """The dossier's deadline for a state: the one everybody is shown."""
        return deadline_of(self.programme, timed(self.dossier, self.terms), state)

    @property
    def situation(self) -> Situation:
        """State, supplement and hold."""
        return situation_of(self.dossier)

    def is_late(self, now: datetime) -> bool:
        """Has the instant passed?"""
        return self.due is not None and self.due < now


def standing(programme: Programme, dossier: Dossier, terms: Terms) -> Standing:
    """Read the step due and its deadline from the programme and the office's terms."""
    step = step_due(programme, situation_of(dossier))
    return Standing(dossier, programme, step, due(programme, dossier, terms), terms)


def standing_of(row: Row, known: dict[str, Programme]) -> Standing:
    """Where the dossier of a row of a list stands."""
    return standing(known[row.dossier.programme_hash], row.dossier, row.terms)


def due(programme: Programme, dossier: Dossier, terms: Terms) -> datetime | None:
    """Until when the next thing should be done: the supplement's date, or the milestone's."""
    if dossier.state in ENDS:
        return None
    if dossier.supplement is not None:
        return datetime.fromisoformat(dossier.supplement["due"])
    target = next_state(dossier.state)
    if target is None:
        return None
    deadline = deadline_of(programme, timed(dossier, terms), target)
    return deadline.instant if deadline else None


def flags(where: Standing, now: datetime) -> list[Flag]:
    """Every mark on the state, the most pressing first."""
    dossier = where.dossier
    if dossier.state in ENDS:
        return [labels.STATE_FLAG[dossier.state]]
    found: list[Flag] = []
    if dossier.hold_since is not None:
        found.append(Flag("bad", "alert", _("Đang tạm dừng")))
    if dossier.supplement is not None:
        found.append(Flag("warn", "back", _("Yêu cầu bổ sung")))
    if where.due is not None and where.due < now:
        words = _("Quá hạn nộp") if dossier.state is State.REGISTERED else _("Quá hạn")
        found.append(Flag("bad", "wait", words))
    elif where.due is not None and where.due - now <= SOON:
        found.append(Flag("warn", "wait", _("Sắp đến hạn")))
    if dossier.extended_until is not None and dossier.state is State.REGISTERED:
        until = formats.short_day(dossier.extended_until)
        found.append(Flag("info", "file", _("Đã gia hạn đến {until}", until=until)))
    return found


def due_words(instant: datetime | None, now: datetime) -> dict[str, Any]:
    """The date block of a row."""
    if instant is None:
        return {"due_tone": "none", "due_text": _("Chưa có hạn")}
    day, today = office_day(instant), office_day(now)
    late = instant < now
    words = formats.relative(day, today)
    return {
        "due_day": f"{day.day:02d}",
        "due_month": formats.month(day),
        "due_iso": formats.local(instant).isoformat(timespec="minutes"),
        "due_text": _("quá hạn {words}", words=words) if late and day == today else words,
        "due_tone": "late" if late else "soon" if in_this_week(day, today) else "calm",
    }


def in_this_week(day: date, today: date) -> bool:
    """Up to the Sunday of this week."""
    return day <= today + timedelta(days=6 - today.weekday())


def stepper(
    where: Standing, entered: dict[State, datetime], lines: list[Line]
) -> list[dict[str, Any]]:
    """The five states with their dates; the step at which a dossier stopped is marked."""
    dossier = where.dossier
    last = _last_progress(dossier, lines)
    reached = PROGRESS.index(last)
    steps: list[dict[str, Any]] = []
    for number, state in enumerate(PROGRESS):
        status = "done" if number < reached else "todo"
        if number == reached:
            status = _status_here(dossier.state)
        note = _note(where, entered, state, status)
        steps.append(
            {"number": number + 1, "label": labels.STATE[state], "status": status, "note": note}
        )
    return steps


def _last_progress(dossier: Dossier, lines: list[Line]) -> State:
    if dossier.state in PROGRESS:
        return dossier.state
    if dossier.state is State.REVOKED:
        return State.DECIDED
    ended = next((line for line in lines if line.to_state == dossier.state.value), None)
    left = ended.from_state if ended else None
    return State(left) if left in set(PROGRESS) else State.REGISTERED


def _status_here(state: State) -> str:
    if state is State.DECIDED:
        return "done"
    return "now" if state in PROGRESS else "ended"


def _note(where: Standing, entered: dict[State, datetime], state: State, status: str) -> str:
    dossier = where.dossier
    if status == "todo":
        return "" if dossier.state in ENDS else _due_note(where, state)
    at = entered.get(state)
    words = _("Ngày {at}", at=formats.day(at)) if at else ""
    if status == "ended":
        stopped = entered.get(dossier.state)
        words = labels.STATE[dossier.state]
        return (
            _("{words} ngày {stopped}", words=words, stopped=formats.day(stopped))
            if stopped
            else words
        )
    if status == "now" and dossier.supplement is not None:
        return _("{words}, đang bổ sung", words=words)
    return words


def _due_note(where: Standing, state: State) -> str:
    deadline = where.deadline(state)
    return _("Hạn {instant}", instant=formats.day(deadline.instant)) if deadline else ""


def seasons(
    programme: Programme, set_anew: Mapping[tuple[str, str], tuple[MilestoneSet, ...]], today: date
) -> list[dict[str, Any]]:
    """Ribbons of the cycles under way; cycles with the same dates share one."""
    days = {
        cycle.id: _days(programme, cycle, set_anew.get((programme.id, cycle.id), ()))
        for cycle in programme.cycles
    }
    under_way = [
        cycle
        for cycle in programme.cycles
        if cycle.registration_opens <= today <= days[cycle.id][-1][0]
    ]
    coming = [cycle for cycle in programme.cycles if cycle.registration_opens > today]
    shown = under_way or coming[:1]
    ribbons: dict[tuple[date, ...], list[Cycle]] = {}
    for cycle in shown:
        ribbons.setdefault(tuple(day for day, _ in days[cycle.id]), []).append(cycle)
    return [ribbon(programme, cycles, days[cycles[-1].id], today) for cycles in ribbons.values()]


def ribbon(
    programme: Programme, cycles: list[Cycle], days: list[tuple[date, str]], today: date
) -> dict[str, Any]:
    """One ribbon: five dates, the next one marked."""
    first = cycles[-1]
    marks: list[dict[str, Any]] = []
    next_found = False
    for day, label in days:
        past = day < today
        status = "past" if past else "later" if next_found else "next"
        next_found = next_found or not past
        left = formats.relative(day, today) if status == "next" else ""
        text = formats.short_day(day) if day.year == today.year else formats.day(day)
        marks.append({"date_text": text, "label": label, "status": status, "left_text": left})
    return {
        "label": joined(_labels(cycles), _(" và ")),
        "milestones": marks,
        "clause_ref": labels.clause_text(first.clause),
        "clause_href": labels.clause_url(first.clause, programme),
        "id": f"mua-{first.id}",
    }


def _labels(cycles: list[Cycle]) -> list[str]:
    names = [cycle.label for cycle in reversed(cycles)]
    return [names[0], *(formats.lower_first(name) for name in names[1:])]


def _days(
    programme: Programme, cycle: Cycle, set_anew: tuple[MilestoneSet, ...]
) -> list[tuple[date, str]]:
    here = WholeCycle(cycle.id, terms=Terms(milestones=set_anew))
    return [
        (office_day(one.instant, programme.zone), labels.MILESTONE[one.state])
        for one in deadlines_of(programme, here)
    ]
