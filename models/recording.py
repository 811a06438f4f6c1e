"""Carrying out what a decision asks for: every effect becomes rows, or columns of the dossier."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from models import quotas
from models.decisions import Entry, keep_decision
from models.outbox import withdraw_held
from models.quotas import Mover, Pool
from models.tables import (
    Approval,
    ApprovalDocument,
    CheckMark,
    CheckMarkDocument,
    CouncilResult,
    Decision,
    Dossier,
    RankingResult,
    Suspension,
)
from workflow import effects, facts, results
from workflow.ports import NoSeatLeft
from workflow.terms import Stop
from workflow.vocabulary import RevocationGround, State
from workflow.words import phrase


@dataclass
class Recording:
    """One accepted step being written down; `columns` are set on the dossier at the end."""

    session: Session
    dossier: Dossier
    actor: facts.Actor
    now: datetime
    columns: dict[str, Any] = field(default_factory=dict)

    def carry_out(self, effect: effects.Effect) -> None:  # noqa: C901, PLR0912 - one per effect.
        """Do what one effect asks; letters wait until the rest is written."""
        match effect:
            case effects.Notify():
                pass
            case effects.Approve(gave, covered):
                self._approve(gave, covered)
            case effects.DropApprovals(gave=fallen):
                self._drop(fallen)
            case effects.StoreCouncilResult(result):
                self._keep_council_result(result)
            case effects.StoreRanking(ranking):
                self._keep_ranking(ranking)
            case effects.StoreMark(mark):
                self._keep_mark(mark)
            case effects.StoreDecision(decision, publish):
                self.columns["decision_id"] = keep_decision(
                    self.session, self.dossier, decision, self._entry(publish=publish)
                )
            case effects.ClearDecision():
                self._clear_decision()
            case effects.StoreRevocation(ground, decision):
                self.columns["revocation_id"] = keep_decision(
                    self.session, self.dossier, decision, self._entry(ground=ground)
                )
            case effects.OpenSupplement(supplement):
                self._open_supplement(supplement)
            case effects.CloseSupplement():
                self.columns["supplement"] = None
            case effects.Extend(until):
                self.columns["extended_until"] = until
            case effects.StopClock(stop):
                self._stop_clock(stop)
            case effects.PlaceHold(hold):
                self.columns |= _hold_columns(hold)
            case effects.LiftHold():
                self.columns |= {"hold_source": "", "hold_reason": "", "hold_since": None}
            case effects.ConsumeSeat(pool):
                if not quotas.consume(self.session, self._pool(pool), self._mover()):
                    raise NoSeatLeft(self.dossier.code, pool)
            case effects.ReleaseSeat(pool):
                quotas.release(self.session, self._pool(pool), self._mover())
            case _:
                assert_never(effect)

    def _approve(self, gave: State, covered: tuple[int, ...]) -> None:
        self._drop((gave,), council=False)
        approval_id = self.session.execute(
            insert(Approval)
            .values(dossier_id=self.dossier.id, gave=gave, by_id=self.actor.person_id, at=self.now)
            .returning(Approval.id)
        ).scalar_one()
        for document_id in covered:
            self.session.execute(
                insert(ApprovalDocument).values(approval_id=approval_id, document_id=document_id)
            )

    def _drop(self, gave: tuple[State, ...], *, council: bool = True) -> None:
        self.session.execute(
            update(Approval)
            .where(Approval.dossier_id == self.dossier.id, Approval.gave.in_(gave))
            .values(standing=False)
        )
        if council and State.COUNCIL_REVIEWED in gave:
            self._drop_council_result()
        if council and State.BOARD_CHECKED in gave:
            self._drop_ranking()

    def _drop_council_result(self) -> None:
        self.session.execute(
            update(CouncilResult)
            .where(CouncilResult.dossier_id == self.dossier.id)
            .values(standing=False)
        )

    def _keep_council_result(self, result: facts.CouncilResult) -> None:
        self._drop_council_result()
        rounds = select(func.coalesce(func.max(CouncilResult.round), 0)).where(
            CouncilResult.dossier_id == self.dossier.id
        )
        self.session.execute(
            insert(CouncilResult).values(
                dossier_id=self.dossier.id,
                round=self.session.scalars(rounds).one() + 1,
                held_on=result.held_on,
                members=result.members,
                present=result.present,
                votes_for=result.votes_for,
                votes_against=result.votes_against,
                votes_blank=result.votes_blank,
                method=result.method,
                recused=result.recused,
                recorded_by=self.actor.person_id,
                recorded_at=self.now,
            )
        )

    def _drop_ranking(self) -> None:
        self.session.execute(
            update(RankingResult)
            .where(RankingResult.dossier_id == self.dossier.id)
            .values(standing=False)
        )

    def _keep_ranking(self, result: results.RankingResult) -> None:
        self._drop_ranking()
        rounds = select(func.coalesce(func.max(RankingResult.round), 0)).where(
            RankingResult.dossier_id == self.dossier.id
        )
        self.session.execute(
            insert(RankingResult).values(
                dossier_id=self.dossier.id,
                round=self.session.scalars(rounds).one() + 1,
                session_code=result.session,
                held_on=result.held_on,
                members=result.members,
                present=result.present,
                votes_for=result.votes_for,
                votes_against=result.votes_against,
                votes_blank=result.votes_blank,
                recused=result.recused,
                method=result.method,
                mean_rank=result.mean_rank,
                place=result.place,
                tied=result.tied,
                recorded_by=self.actor.person_id,
                recorded_at=self.now,
            )
        )

    def _keep_mark(self, mark: facts.Mark) -> None:
        same = (CheckMark.dossier_id == self.dossier.id, CheckMark.code == mark.code)
        rounds = select(func.coalesce(func.max(CheckMark.round), 0)).where(*same)
        number = self.session.scalars(rounds).one() + 1
        self.session.execute(update(CheckMark).where(*same).values(standing=False))
        mark_id = self.session.execute(
            insert(CheckMark)
            .values(
                dossier_id=self.dossier.id,
                code=mark.code,
                round=number,
                outcome=mark.outcome,
                note=mark.note,
                by_id=self.actor.person_id,
                at=mark.at,
                version=mark.version,
            )
            .returning(CheckMark.id)
        ).scalar_one()
        for document_id in mark.covered:
            self.session.execute(
                insert(CheckMarkDocument).values(mark_id=mark_id, document_id=document_id)
            )

    def _open_supplement(self, supplement: facts.Supplement) -> None:
        self.columns["supplement_rounds"] = supplement.round
        self.columns["supplement"] = {
            "items": list(supplement.items),
            "kinds": [kind.value for kind in supplement.kinds],
            "due": supplement.due.isoformat(),
            "by": supplement.by,
            "at": supplement.at.isoformat(),
            "round": supplement.round,
            "initiatives": supplement.initiatives,
            "again": supplement.again,
        }

    def _stop_clock(self, stop: Stop) -> None:
        self.session.execute(
            insert(Suspension).values(
                dossier_id=self.dossier.id,
                since=stop.since,
                until=stop.until,
                reason=stop.reason,
                clause=stop.clause,
                approved_by=self.actor.person_id,
                approved_at=stop.at,
            )
        )

    def _entry(self, *, publish: bool = True, ground: RevocationGround | None = None) -> Entry:
        return Entry(self.actor, self.now, publish, ground)

    def _clear_decision(self) -> None:
        decision = self.session.get_one(Decision, self.dossier.decision_id)
        self.columns["decision_id"] = None
        told = phrase(
            "Hồ sơ được đưa ra khỏi quyết định số {number} trước khi công bố",
            number=decision.number,
        )
        withdraw_held(self.session, decision.id, self.dossier.id, told)

    def _mover(self) -> Mover:
        decision = self.columns.get("revocation_id") or self.columns.get("decision_id")
        return Mover(self.dossier.id, self.actor.person_id, self.now, decision)

    def _pool(self, pool: str) -> Pool:
        deciding = self.dossier.deciding_unit_id
        if deciding is None:
            raise LookupError(f"{self.dossier.code} has no deciding unit")
        return Pool(self.dossier.programme_id, self.dossier.cycle_id, pool, deciding)


def _hold_columns(hold: facts.Hold) -> dict[str, Any]:
    return {
        "hold_source": hold.source,
        "hold_reason": hold.reason,
        "hold_since": hold.since,
    }
