"""What the office decided about time: read as facts, and written as versions, never as edits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from models.office import write_down
from models.rows import AnyRow, rows
from models.tables import CalendarDay, Dossier, HistoryLine, MilestoneVersion, Person, Suspension
from models.words import DayKind
from workflow.deadlines import Timed, WholeCycle, deadline_of
from workflow.programme import Programme
from workflow.terms import Grant, MilestoneSet, Stop, Terms
from workflow.vocabulary import Action, DayRule, State
from workflow.working_days import closing_instant

FIRST_VERSION = 1
"""The programme's own file."""
_NAMED_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """One milestone as the office wants it; an empty `award_form` means every form of award."""

    cycle_id: str
    state: State
    day: date
    award_form: str = ""
    rule: DayRule = DayRule.AS_SET


@dataclass(frozen=True, slots=True)
class Standing:
    """A dossier's own view of time, for asking `deadline_of` without all its other facts."""

    cycle_id: str
    award_form: str
    extended_until: datetime | None
    terms: Terms


def milestones_of(
    session: Session, programme_ids: Collection[str]
) -> dict[tuple[str, str], tuple[MilestoneSet, ...]]:
    """Every milestone set anew, by programme and cycle, oldest version first."""
    found: defaultdict[tuple[str, str], tuple[MilestoneSet, ...]] = defaultdict(tuple)
    for row in rows(session, _MILESTONES, {"programmes": sorted(programme_ids)}):
        found[row.programme_id, row.cycle_id] += (_as_fact(row),)
    return dict(found)


def terms_of(session: Session, dossiers: Iterable[Dossier]) -> dict[int, Terms]:
    """The terms of many dossiers, in a number of statements that does not grow with them."""
    listed = list(dossiers)
    if not listed:
        return {}
    milestones = milestones_of(session, {one.programme_id for one in listed})
    stops = _stops(session, [one.id for one in listed])
    grants = _grants(session, [one.id for one in listed if one.extended_until is not None])
    off, swaps = office_days(session) if stops else (frozenset(), frozenset())
    return {
        one.id: Terms(
            milestones=milestones.get((one.programme_id, one.cycle_id), ()),
            grants=grants.get(one.id, ()),
            stops=stops.get(one.id, ()),
            days_off=tuple(sorted(off)) if one.id in stops else (),
            working_swaps=tuple(sorted(swaps)) if one.id in stops else (),
        )
        for one in listed
    }


def cycle_terms(session: Session, programme_id: str, cycle_id: str) -> Terms:
    """The terms of a cycle as a whole: milestones set anew, nothing of any dossier."""
    return Terms(
        milestones=milestones_of(session, [programme_id]).get((programme_id, cycle_id), ())
    )


def timed(dossier: Dossier, terms: Terms) -> Timed:
    """A stored dossier as `deadline_of` wants it."""
    return Standing(dossier.cycle_id, dossier.award_form, dossier.extended_until, terms)


def office_days(session: Session) -> tuple[frozenset[date], frozenset[date]]:
    """Days off, and days worked in exchange, from the calendar table."""
    days = rows(session, _DAYS).all()
    swaps = frozenset(day for day, kind in days if kind is DayKind.WORKING_SWAP)
    return frozenset(day for day, _ in days) - swaps, swaps


def last_change(session: Session, programme_id: str) -> int:
    """The id of the latest change of a milestone; a form carries it, so that none is overtaken."""
    found = session.scalar(
        select(func.max(MilestoneVersion.id)).where(MilestoneVersion.programme_id == programme_id)
    )
    return found or 0


def changed_by(
    session: Session, programme: Programme, wanted: Iterable[NewMilestone]
) -> list[NewMilestone]:
    """Of the milestones wanted, those that are not already so."""
    known = milestones_of(session, [programme.id])
    return [one for one in wanted if _present(programme, known, one) != _instant(programme, one)]


def with_wanted(
    programme: Programme, cycle_id: str, terms: Terms, wanted: Iterable[NewMilestone]
) -> Terms:
    """The terms as they would stand if `wanted` were saved."""
    milestones = terms.milestones
    for one in wanted:
        if one.cycle_id == cycle_id:
            milestones += (
                MilestoneSet(
                    state=one.state,
                    version=_latest(milestones, one.state) + 1,
                    instant=_instant(programme, one),
                    by="",
                    at=_instant(programme, one),
                    reason="",
                    rule=one.rule,
                    award_form=one.award_form,
                ),
            )
    return replace(terms, milestones=milestones)


def set_milestones(  # noqa: PLR0913 - who, when, why and under which clause belong to the act
    session: Session,
    programme: Programme,
    wanted: Sequence[NewMilestone],
    reason: str,
    by: int,
    now: datetime,
    *,
    clause: str = "",
) -> None:
    """Write a new version of each milestone, and one line of the office's history for each."""
    known = milestones_of(session, [programme.id])
    for one in wanted:
        row = {
            "programme_id": programme.id,
            "cycle_id": one.cycle_id,
            "award_form": one.award_form,
            "state": one.state,
            "version": _latest(known.get((programme.id, one.cycle_id), ()), one.state) + 1,
            "instant": _instant(programme, one),
            "zone": programme.zone,
            "day_rule": one.rule,
            "reason": reason,
            "clause": clause,
        }
        was = _present(programme, known, one)
        session.execute(insert(MilestoneVersion).values(**row, set_by=by, set_at=now))
        told = row | {
            "was": was.isoformat() if was else "",
            "instant": _instant(programme, one).isoformat(),
            "state": one.state.value,
            "day_rule": one.rule.value,
        }
        write_down(session, "set_milestone", told, by, now)
        known = milestones_of(session, [programme.id])


def _instant(programme: Programme, one: NewMilestone) -> datetime:
    return closing_instant(one.day, programme.closing_time, programme.zone)


def _present(
    programme: Programme,
    known: Mapping[tuple[str, str], tuple[MilestoneSet, ...]],
    one: NewMilestone,
) -> datetime | None:
    terms = Terms(milestones=known.get((programme.id, one.cycle_id), ()))
    here = WholeCycle(one.cycle_id, one.award_form, terms=terms)
    found = deadline_of(programme, here, one.state)
    return found.instant if found else None


def _latest(milestones: Iterable[MilestoneSet], state: State) -> int:
    return max((one.version for one in milestones if one.state is state), default=FIRST_VERSION)


def _as_fact(row: AnyRow) -> MilestoneSet:
    return MilestoneSet(
        state=row.state,
        version=row.version,
        instant=row.instant,
        by=row.full_name,
        at=row.set_at,
        reason=row.reason,
        rule=row.day_rule,
        clause=row.clause,
        award_form=row.award_form,
    )


def _stops(session: Session, ids: list[int]) -> dict[int, tuple[Stop, ...]]:
    stops = (
        rows(session, _STOPS_OF, {"dossiers": ids})
        if len(ids) <= _NAMED_AT_MOST
        else rows(session, _STOPS)
    )
    found: defaultdict[int, tuple[Stop, ...]] = defaultdict(tuple)
    for row in stops:
        told = (row.since, row.until, row.reason, row.full_name, row.approved_at, row.clause)
        found[row.dossier_id] += (Stop(*told),)
    return dict(found)


def _grants(session: Session, ids: list[int]) -> dict[int, tuple[Grant, ...]]:
    if not ids:
        return {}
    query = select(HistoryLine.dossier_id, HistoryLine.actor_name, HistoryLine.at).where(
        HistoryLine.action == Action.GRANT_EXTENSION.value, HistoryLine.dossier_id.is_not(None)
    )
    if len(ids) <= _NAMED_AT_MOST:
        query = query.where(HistoryLine.dossier_id.in_(ids))
    found: defaultdict[int, tuple[Grant, ...]] = defaultdict(tuple)
    for dossier_id, by, at in session.execute(query.order_by(HistoryLine.id)):
        if dossier_id is not None:
            found[dossier_id] += (Grant(by, at),)
    return dict(found)


# --- Statements asked for every dossier: built once, which takes longer than the answer ----------

_DAYS = select(CalendarDay.date, CalendarDay.kind)
_MILESTONES = (
    select(MilestoneVersion, Person.full_name)
    .join(Person, Person.id == MilestoneVersion.set_by)
    .where(MilestoneVersion.programme_id.in_(bindparam("programmes", expanding=True)))
    .order_by(MilestoneVersion.id)
)
_STOPS = (
    select(Suspension, Person.full_name)
    .join(Person, Person.id == Suspension.approved_by)
    .order_by(Suspension.id)
)
_STOPS_OF = _STOPS.where(Suspension.dossier_id.in_(bindparam("dossiers", expanding=True)))
