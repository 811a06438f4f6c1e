"""Rankings of those who compete for the same places: taken, frozen, compared, ties broken.

A snapshot is never changed. Breaking a tie takes a new one that carries the break: by whom, why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models.chain import digest
from models.evaluations import from_json, to_json
from models.gathering import facts_of, places_of
from models.office import write_down
from models.people import actor_towards, posts_of
from models.quotas import Pool, hold, look
from models.rulebooks import programme_with_cycle, rulebook_of
from models.tables import Dossier, Person, RankingSnapshot, Unit
from workflow import facts
from workflow.decisions import Judgement, judge, quota_of
from workflow.programme import AwardForm, Cycle, Programme, RankingTable
from workflow.ranking import Contender, Row, Standing, TieBreak, standing, ties, values_of
from workflow.rulebook import Rulebook
from workflow.verdicts import Refusal, Result
from workflow.vocabulary import Action, Post, State
from workflow.words import say
from workflow.working_days import office_day

COMPETING: Final = (
    State.REGISTERED,
    State.SUBMITTED,
    State.COUNCIL_REVIEWED,
    State.BOARD_CHECKED,
)
RANKERS: Final = (Post.HEAD, Post.DEPUTY_HEAD, Post.COUNCIL_SECRETARY, Post.APPRAISER)
"""Who may take a snapshot, at the deciding unit."""
BREAKERS: Final = (Post.HEAD, Post.DEPUTY_HEAD, Post.COUNCIL_SECRETARY)
"""Who may break a tie: who decides, or the secretary of the deciding unit's council (Q38)."""
_NOT_ABOUT_THE_DOSSIER: Final = {
    "place_left",
    "decision_complete",
    "separate_duties",
    "not_own_award",
    "appraiser_outside",
}
"""Guards that ask about the places, the paper, or who acts: not whether a dossier is eligible."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Who competes: the dossiers of one award form in one cycle, before one deciding unit."""

    programme: Programme
    cycle: Cycle
    award: AwardForm
    unit: Unit

    @property
    def pool(self) -> Pool:
        """The places they compete for. Only award forms with a quota have a contest."""
        assert self.award.quota is not None  # noqa: S101 - `contest_at` makes no other
        return Pool(self.programme.id, self.cycle.id, self.award.quota.pool, self.unit.id)


@dataclass(frozen=True, slots=True)
class Line:
    """One contender as told in a snapshot."""

    row: Row
    name: str
    unit: str
    version: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who is not eligible, and every rule that says so."""

    code: str
    name: str
    state: State
    why: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All that a snapshot says, readable without anything else."""

    programme_hash: str
    table: dict[str, Any]
    quota: facts.Quota
    places: int | None
    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]
    breaks: tuple[TieBreak, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stored snapshot, read back."""

    number: int
    taken_at: datetime
    taken_by: str
    hash: str
    content: Content
    ranking: RankingTable
    standing: Standing


_CONTENT = TypeAdapter(Content)


def contest_at(
    session: Session,
    cycle_id: str,
    award_id: str,
    unit_code: str,
    programme_id: str | None = None,
) -> Contest | None:
    """The contest with these names under a programme in force; None when there is none."""
    programme = programme_with_cycle(session, cycle_id, programme_id)
    if programme is None:
        return None
    cycle, award = programme.cycle_by_id.get(cycle_id), programme.award_by_id.get(award_id)
    unit = session.scalar(select(Unit).where(Unit.code == unit_code))
    if cycle is None or award is None or unit is None or award.quota is None:
        return None
    fits = unit.kind is award.decider_unit and cycle.kind in award.quota.cycles
    return Contest(programme, cycle, award, unit) if fits and programme.ranking else None


def may(
    session: Session, contest: Contest, person_id: int, now: datetime, posts: Sequence[Post]
) -> bool:
    """Does the person hold one of these posts at the deciding unit?"""
    held = posts_of(session, person_id, office_day(now))
    return any(post in posts and unit == contest.unit.id for post, unit in held)


def take(
    session: Session, contest: Contest, by: int, now: datetime, more: Sequence[TieBreak] = ()
) -> Snapshot:
    """Rank everybody as the facts stand now, and freeze it. Ties broken before stay broken.

    Raises `LookupError` for somebody who may not.
    """
    if not may(session, contest, by, now, RANKERS):
        raise LookupError(f"person {by} ranks nothing at {contest.unit.code}")
    _hold(session, contest)
    before = latest(session, contest)
    breaks = (*(before.content.breaks if before else ()), *more)
    content = to_json(_content(session, contest, by, now, breaks))
    number = before.number + 1 if before else 1
    session.execute(
        insert(RankingSnapshot).values(
            **_key(contest),
            number=number,
            content=content,
            hash=digest(content),
            taken_by=by,
            taken_at=now,
        )
    )
    told = {**_key(contest), "number": number, "hash": digest(content)}
    write_down(session, "rank", told, by, now)
    taken = read(session, contest, number)
    if taken is None:
        raise LookupError(f"snapshot {number} was not stored")
    return taken


def break_tie(
    session: Session, contest: Contest, codes: Sequence[str], reason: str, by: int, now: datetime
) -> Snapshot | Refusal:
    """Put contenders of equal figures in order, by name and with a reason; takes a new snapshot."""
    if not may(session, contest, by, now, BREAKERS):
        return Refusal(
            "NOT_YOUR_TIE",
            say("Chỉ người quyết định hoặc thư ký Hội đồng của đơn vị quyết định phân định được."),
        )
    if not reason.strip():
        return Refusal("COMMENT_MISSING", say("Ghi lý do phân định bằng một câu."))
    _hold(session, contest)
    last = latest(session, contest)
    tied = ties(last.standing.rows) if last else []
    group = next((one for one in tied if {row.code for row in one} == set(codes)), None)
    if group is None or len(codes) != len(set(codes)):
        return Refusal(
            "TIE_CHANGED",
            say("Nhóm bằng nhau đã khác; các hồ sơ này không còn bằng nhau."),
            remedy=say("Xem lại bảng xếp hạng mới nhất."),
        )
    name = session.scalars(select(Person.full_name).where(Person.id == by)).one()
    given = TieBreak(tuple(codes), group[0].values, name, reason.strip())
    told = {**_key(contest), "codes": list(codes), "reason": given.reason}
    write_down(session, "break_tie", told, by, now)
    return take(session, contest, by, now, (given,))


def _hold(session: Session, contest: Contest) -> None:
    """One ranking of a contest at a time: whoever comes second sees what the first has taken."""
    assert contest.award.quota is not None  # noqa: S101 - the same
    hold(session, contest.pool, contest.award.quota, contest.cycle)


def latest(session: Session, contest: Contest) -> Snapshot | None:
    """The newest snapshot."""
    newest = select(func.max(RankingSnapshot.number)).where(*_of(contest))
    number = session.scalar(newest)
    return read(session, contest, number) if number else None


def read(session: Session, contest: Contest, number: int) -> Snapshot | None:
    """The snapshot of this number, as it was frozen."""
    found = session.execute(
        select(RankingSnapshot, Person.full_name)
        .join(Person, Person.id == RankingSnapshot.taken_by)
        .where(*_of(contest), RankingSnapshot.number == number)
    ).first()
    if found is None:
        return None
    row, by = found
    content = _CONTENT.validate_python(from_json(row.content))
    ranking = RankingTable.model_validate(content.table)
    rows = tuple(line.row for line in content.lines)
    again = standing(
        [Contender(one.code, one.values) for one in rows], ranking, content.places, content.breaks
    )
    return Snapshot(row.number, row.taken_at, by, row.hash, content, ranking, again)


def moved_since(session: Session, snapshot: Snapshot) -> list[str]:
    """Codes of contenders whose dossier has changed since the snapshot was taken."""
    then = {line.row.code: line.version for line in snapshot.content.lines}
    now = session.execute(select(Dossier.code, Dossier.version).where(Dossier.code.in_(then)))
    return sorted(code for code, version in now if version != then[code])


def differences(old: Snapshot, new: Snapshot) -> list[tuple[str, int | None, int | None]]:
    """Who stands elsewhere in the later snapshot: code, place then, place now."""
    then = {row.code: row.place for row in old.standing.rows}
    now = {row.code: row.place for row in new.standing.rows}
    codes = [*now, *(code for code in then if code not in now)]
    pairs = ((code, then.get(code), now.get(code)) for code in codes)
    return [(code, before, after) for code, before, after in pairs if before != after]


def _content(
    session: Session, contest: Contest, by: int, now: datetime, breaks: Sequence[TieBreak]
) -> Content:
    assert contest.award.quota is not None  # noqa: S101 - the same
    table = contest.programme.ranking
    assert table is not None  # noqa: S101 - the same
    quota = look(session, contest.pool, contest.award.quota, contest.cycle)
    places = None if quota.cap is None else max(quota.cap - quota.used, 0)
    eligible: dict[str, tuple[Dossier, facts.DossierFacts]] = {}
    left_out: list[LeftOut] = []
    for dossier, gathered, why in _judged(session, contest, by, now):
        if dossier.state is State.BOARD_CHECKED and not why:
            eligible[dossier.code] = (dossier, gathered)
        else:
            left_out.append(LeftOut(dossier.code, dossier.subject_name, dossier.state, why))
    found = standing(
        [
            Contender(code, values_of(gathered, table, contest.cycle))
            for code, (_, gathered) in eligible.items()
        ],
        table,
        places,
        breaks,
    )
    return Content(
        programme_hash=contest.programme.content_hash,
        table=table.model_dump(mode="json"),
        quota=quota,
        places=places,
        lines=tuple(_line(row, *eligible[row.code]) for row in found.rows),
        left_out=tuple(left_out),
        breaks=tuple(breaks),
    )


def _judged(
    session: Session, contest: Contest, by: int, now: datetime
) -> list[tuple[Dossier, facts.DossierFacts, tuple[Result, ...]]]:
    """Every dossier of the contest with the rules that keep it from an award now."""
    rows = session.scalars(
        select(Dossier)
        .where(
            Dossier.programme_id == contest.programme.id,
            Dossier.cycle_id == contest.cycle.id,
            Dossier.award_form == contest.award.id,
            Dossier.deciding_unit_id == contest.unit.id,
            Dossier.state.in_(COMPETING),
        )
        .order_by(Dossier.code)
    ).all()
    found = []
    for dossier in rows:
        rulebook = rulebook_of(session, dossier.programme_hash)
        gathered = facts_of(session, dossier)
        if quota_of(rulebook.programme.award_by_id[dossier.award_form], gathered, rulebook) is None:
            continue
        actor = actor_towards(session, by, places_of(session, dossier), office_day(now))
        judgement = _judgement(rulebook, gathered, actor, now)
        why = tuple(
            result
            for result in judgement.blocking
            if rulebook.programme.rule_by_id[result.rule].guard not in _NOT_ABOUT_THE_DOSSIER
        )
        found.append((dossier, gathered, why))
    return found


def _judgement(
    rulebook: Rulebook, gathered: facts.DossierFacts, actor: facts.Actor, now: datetime
) -> Judgement:
    """What keeps it from an award: not checked yet, everything the check will ask."""
    if gathered.state is State.BOARD_CHECKED:
        return judge(rulebook, Action.DECIDE, gathered, actor, now)
    ahead = replace(gathered, state=State.COUNCIL_REVIEWED)
    return judge(rulebook, Action.CONFIRM_CHECK, ahead, actor, now)


def _line(row: Row, dossier: Dossier, gathered: facts.DossierFacts) -> Line:
    return Line(row, dossier.subject_name, gathered.proposing_unit.name, dossier.version)


def _key(contest: Contest) -> Mapping[str, Any]:
    return {
        "programme_id": contest.programme.id,
        "cycle_id": contest.cycle.id,
        "award_form": contest.award.id,
        "deciding_unit_id": contest.unit.id,
    }


def _of(contest: Contest) -> list[Any]:
    return [getattr(RankingSnapshot, name) == value for name, value in _key(contest).items()]
