"""Lists prepared for one decision: who is put on one, who is taken off, and the place that is kept.

Changes are the office's, not the dossier's: its state and version stay, a line of the office says
what was done. Only who decides for the unit may prepare, and each change asks so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from models import quotas
from models.gathering import facts_of, places_of
from models.office import write_down
from models.people import actor_towards, posts_of
from models.quotas import Mover, Pool
from models.rulebooks import rulebook_of
from models.tables import DecisionList, Dossier, ListedDossier
from models.words import ListState
from workflow.decisions import Judgement, judge, quota_of
from workflow.verdicts import Refusal, Result
from workflow.vocabulary import Action, Post, State
from workflow.words import say
from workflow.working_days import office_day

DECIDERS = (Post.HEAD, Post.DEPUTY_HEAD)
_THE_PAPER = "decision_complete"
"""The guard about the paper itself, which is only written once the list stands."""


class NotTheirs(Exception):
    """Somebody who does not decide for the unit, or a list that is no longer open."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A dossier with what the law says about deciding for it now; `why` empty: it may be."""

    dossier: Dossier
    judgement: Judgement
    why: tuple[Result | Refusal, ...]


@dataclass
class NothingToPrepare(Exception):
    """None of the dossiers may be decided for now; `left` says why of each."""

    left: tuple[Considered, ...]


def decides_at(session: Session, person_id: int, unit_id: int, now: datetime) -> bool:
    """Does this person decide for the unit today?"""
    held = posts_of(session, person_id, office_day(now))
    return any(post in DECIDERS and unit == unit_id for post, unit in held)


def open_list(
    session: Session, dossiers: Sequence[Dossier], by: int, now: datetime
) -> tuple[int, list[Considered]]:
    """Begin a list with these dossiers, all of one award form, cycle and deciding unit.

    Who may not be decided for is left out, with every reason; the others each keep a place.
    Raises `NotTheirs`, and `NothingToPrepare` when nobody is left.
    """
    first = dossiers[0]
    of = (first.programme_id, first.cycle_id, first.award_form, first.deciding_unit_id)
    if any(
        (one.programme_id, one.cycle_id, one.award_form, one.deciding_unit_id) != of
        for one in dossiers
    ):
        raise NotTheirs
    if first.deciding_unit_id is None or not decides_at(session, by, first.deciding_unit_id, now):
        raise NotTheirs
    list_id = session.execute(
        insert(DecisionList)
        .values(
            programme_id=first.programme_id,
            cycle_id=first.cycle_id,
            award_form=first.award_form,
            unit_id=first.deciding_unit_id,
            state=ListState.OPEN,
            created_by=by,
            created_at=now,
            command_key="",
        )
        .returning(DecisionList.id)
    ).scalar_one()
    left = put_on(session, list_id, [one.id for one in dossiers], by, now)
    if len(left) == len(dossiers):
        raise NothingToPrepare(tuple(left))
    return list_id, left


def put_on(
    session: Session, list_id: int, ids: Sequence[int], by: int, now: datetime
) -> list[Considered]:
    """Put dossiers on an open list, in this order; returns those left out, with every reason."""
    prepared = held_list(session, list_id, by, now)
    locked = {one.id: one for one in hold_dossiers(session, ids)}
    left, added = [], []
    for key in ids:
        found = consider(session, locked[key], by, now, holding=True)
        if found.why or not _belongs(prepared, found.dossier):
            left.append(found)
            continue
        pool = pool_of(session, found.dossier, found.judgement)
        if pool is not None and not quotas.reserve(session, pool, Mover(key, by, now)):
            left.append(found)
            continue
        session.execute(
            insert(ListedDossier).values(
                list_id=list_id, dossier_id=key, standing=True, added_by=by, added_at=now
            )
        )
        added.append(found.dossier.code)
    if added:
        write_down(session, "put_on_list", {"list": list_id, "codes": added}, by, now)
    return left


def take_off(session: Session, list_id: int, ids: Sequence[int], by: int, now: datetime) -> None:
    """Take dossiers off an open list; their places are free again. Raises `NotTheirs`."""
    held_list(session, list_id, by, now)
    standing = {one.id for one in on_list(session, list_id)}
    codes = []
    for dossier in hold_dossiers(session, [key for key in ids if key in standing]):
        give_back(session, dossier, by, now)
        leave_list(session, dossier.id)
        codes.append(dossier.code)
    if codes:
        write_down(session, "take_off_list", {"list": list_id, "codes": codes}, by, now)


def drop(session: Session, list_id: int, by: int, now: datetime) -> None:
    """Give the list up; every place it kept is free again. Raises `NotTheirs`."""
    take_off(session, list_id, [one.id for one in on_list(session, list_id)], by, now)
    session.execute(
        update(DecisionList)
        .where(DecisionList.id == list_id)
        .values(state=ListState.DROPPED, closed_at=now)
    )
    write_down(session, "drop_list", {"list": list_id}, by, now)


def leave_list(session: Session, dossier_id: int) -> None:
    """A dossier that moves on stands on no list any more."""
    session.execute(
        update(ListedDossier)
        .where(ListedDossier.dossier_id == dossier_id, ListedDossier.standing)
        .values(standing=False)
        .execution_options(synchronize_session=False)
    )


def on_list(session: Session, list_id: int) -> list[Dossier]:
    """The dossiers of a list, in the order they were put on."""
    return list(
        session.scalars(
            select(Dossier)
            .join(ListedDossier, ListedDossier.dossier_id == Dossier.id)
            .where(ListedDossier.list_id == list_id, ListedDossier.standing)
            .order_by(ListedDossier.id)
        )
    )


def held_list(session: Session, list_id: int, by: int, now: datetime) -> DecisionList:
    """The open list, held until the commit, for somebody who decides. Raises `NotTheirs`."""
    found = session.scalar(
        select(DecisionList)
        .where(DecisionList.id == list_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or found.state is not ListState.OPEN:
        raise NotTheirs
    if not decides_at(session, by, found.unit_id, now):
        raise NotTheirs
    return found


def hold_dossiers(session: Session, ids: Sequence[int]) -> list[Dossier]:
    """Lock dossiers in one order for everybody, so that two lists never wait for each other."""
    return list(
        session.scalars(
            select(Dossier)
            .where(Dossier.id.in_(ids))
            .order_by(Dossier.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def consider(
    session: Session, dossier: Dossier, by: int, now: datetime, *, holding: bool = False
) -> Considered:
    """What the law says about deciding for this dossier now, the paper itself aside."""
    rulebook = rulebook_of(session, dossier.programme_hash)
    gathered = facts_of(session, dossier, holding_places=holding)
    actor = actor_towards(session, by, places_of(session, dossier), office_day(now))
    judgement = judge(rulebook, Action.DECIDE, gathered, actor, now)
    rules = rulebook.programme.rule_by_id
    blocking = [result for result in judgement.blocking if rules[result.rule].guard != _THE_PAPER]
    why: list[Result | Refusal] = [*judgement.refusals, *blocking]
    if holding and not why and _listed(session, dossier.id):
        why.append(
            Refusal("ON_ANOTHER_LIST", say("Hồ sơ đã ở một danh sách trình ký khác đang mở."))
        )
    return Considered(dossier, judgement, tuple(why))


def pool_of(session: Session, dossier: Dossier, judgement: Judgement) -> Pool | None:
    """The places this dossier counts against, if any."""
    rulebook = rulebook_of(session, dossier.programme_hash)
    award = rulebook.programme.award_by_id.get(dossier.award_form)
    table = quota_of(award, judgement.facts, rulebook)
    if table is None or dossier.deciding_unit_id is None:
        return None
    return Pool(dossier.programme_id, dossier.cycle_id, table.pool, dossier.deciding_unit_id)


def give_back(session: Session, dossier: Dossier, by: int, now: datetime) -> None:
    """Free the place kept for this dossier, if there is one."""
    rulebook = rulebook_of(session, dossier.programme_hash)
    award = rulebook.programme.award_by_id.get(dossier.award_form)
    if award is None or award.quota is None or dossier.deciding_unit_id is None:
        return
    pool = Pool(dossier.programme_id, dossier.cycle_id, award.quota.pool, dossier.deciding_unit_id)
    quotas.release(session, pool, Mover(dossier.id, by, now))


def waiting(session: Session, unit_ids: Sequence[int], **of: Any) -> list[Dossier]:  # noqa: ANN401
    """Checked dossiers these units decide for, on no list yet, narrowed by columns."""
    listed = select(ListedDossier.dossier_id).where(ListedDossier.standing)
    return list(
        session.scalars(
            select(Dossier)
            .where(
                Dossier.state == State.BOARD_CHECKED,
                Dossier.deciding_unit_id.in_(unit_ids),
                Dossier.id.not_in(listed),
                *(getattr(Dossier, name) == value for name, value in of.items()),
            )
            .order_by(Dossier.cycle_id, Dossier.award_form, Dossier.code)
        )
    )


def _belongs(prepared: DecisionList, dossier: Dossier) -> bool:
    return (
        prepared.programme_id == dossier.programme_id
        and prepared.cycle_id == dossier.cycle_id
        and prepared.award_form == dossier.award_form
        and prepared.unit_id == dossier.deciding_unit_id
    )


def _listed(session: Session, dossier_id: int) -> bool:
    found = session.scalar(
        select(ListedDossier.id).where(
            ListedDossier.dossier_id == dossier_id, ListedDossier.standing
        )
    )
    return found is not None
