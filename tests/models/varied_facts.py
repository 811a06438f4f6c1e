"""Facts of every kind and quality by chance, for two judges to be asked about the same case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from tests.workflow import cases
from workflow.actors import Actor, Loan, Principal
from workflow.facts import (
    Act,
    Approval,
    Command,
    CouncilInput,
    CouncilResult,
    Decision,
    DecisionInput,
    Document,
    DossierFacts,
    ExtensionInput,
    Hold,
    HoldInput,
    Initiative,
    Inputs,
    Mark,
    MarkInput,
    Quota,
    RankingInput,
    RevocationInput,
    Succession,
    Supplement,
    SupplementInput,
    SuspensionInput,
    Twin,
    UnitFacts,
)
from workflow.programme import Programme
from workflow.results import RankingResult
from workflow.scores import Score, TypedScore
from workflow.statements import Legibility, Statement, Topic
from workflow.terms import Grant, MilestoneSet, Stop, Terms
from workflow.vocabulary import (
    PROGRESS,
    Action,
    Classification,
    DocumentKind,
    IndexKind,
    Outcome,
    RevocationGround,
    Role,
    ScoreKind,
    State,
)

T = TypeVar("T")
UNITS = (cases.PROVINCE, cases.DEPARTMENT, cases.DISTRICT, cases.COMMUNE, cases.DIVISION)
CODES = ("outstanding", "initiative_quality", "papers_in_order")
PEOPLE = (500, 501, 502, 77)
DOCUMENTS = (11, 12, 13, 14)


class Chance:
    """A case by chance; mostly in order, so that every rule has its turn to say no."""

    def __init__(self, seed: int, programme: Programme) -> None:
        self.rng, self.programme = Random(seed), programme
        self.now = datetime(2023, 12, 5, 1, 10, tzinfo=UTC)

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def one(self, *things: T) -> T:
        return self.rng.choice(things)

    def some(self, things: Any, most: int) -> list[Any]:
        return [self.rng.choice(list(things)) for _ in range(self.rng.randint(0, most))]

    def day(self, around: date | None = None, days: int = 40) -> date:
        return (around or self.now.date()) + timedelta(days=self.rng.randint(-days, days))

    def instant(self, days: int = 40) -> datetime:
        return self.now + timedelta(
            days=self.rng.randint(-days, days), minutes=self.rng.randint(0, 1440)
        )

    def case(self) -> tuple[DossierFacts, Actor, Action, Command, datetime]:
        """Facts, who asks for which step with which inputs, and when."""
        if self.maybe(0.3):
            self.now = datetime(2021, 10, 20, tzinfo=UTC) + timedelta(
                minutes=self.rng.randint(0, 2_400_000)
            )
        else:
            self.now = datetime(2023, 12, 5, 1, 10, tzinfo=UTC)
        facts = self.facts()
        steps = [one for one in self.programme.steps if one.source is facts.state]
        action = self.one(*Action) if self.maybe(0.05) or not steps else self.one(*steps).action
        actor = self.actor(action, facts)
        inputs = self.inputs(action) if self.maybe(0.95) else self.inputs(self.one(*Action))
        extra = {} if self.maybe(0.5) else self.one({"session": "PH-1"}, self.part())
        comment = self.one("", "Lý do rõ ràng.", " ", "x" * 4001 if self.maybe(0.1) else "Có.")
        return facts, actor, action, Command("", 1, action, 0, comment, inputs, "", extra), self.now

    def part(self) -> dict[str, str]:
        return {
            "part": self.one("", "initiatives", "award", *(kind.value for kind in DocumentKind))
        }

    def facts(self) -> DossierFacts:
        made = self.one(cases.collective, cases.individual)
        unit = self.one(cases.DISTRICT, cases.DISTRICT, *UNITS[1:])
        base = made(replace(unit, scored_by_province=self.maybe(0.6)), self.one(*UNITS[:3]))
        awards = [award.id for award in self.programme.awards]
        registered = base.registration
        lineage = base.subject.lineage
        if self.maybe(0.2):
            lineage = (cases.DIVISION, *lineage)
        return replace(
            base,
            state=self.one(None, *PROGRESS, *PROGRESS, *State),
            version=self.rng.randint(0, 9),
            programme_hash=self.programme.content_hash,
            cycle_id=self.one(*self.programme.cycles).id
            if self.maybe(0.25)
            else self.programme.cycles[len(self.programme.cycles) // 2].id,
            award_form=self.one(*awards, *awards[:1] * 5, "", "KHONG_CO"),
            subject=replace(base.subject, lineage=lineage),
            proposing_unit=self.one(base.proposing_unit, base.proposing_unit, *UNITS),
            deciding_unit=self.one(cases.PROVINCE, cases.PROVINCE, None, self.ending(), *UNITS),
            registration=replace(
                registered,
                subject_key=self.one(*[base.subject.key] * 6, "unit:999"),
                year=self.one(2023, 2023, 2023, 2024),
                registered_on=self.day(date(2023, 3, 20), 60),
                acknowledged_on=self.one(None, self.day(days=200), self.day(date(2023, 2, 15))),
                sent_at=self.one(
                    None, datetime(2023, 3, 31, 9, 59, 59, tzinfo=UTC), self.instant()
                ),
            ),
            scores=self.scores(unit.id),
            typed=tuple(self.typed() for _ in range(self.rng.choice((0, 0, 1, 2)))),
            successions=self.successions(),
            initiatives=tuple(self.initiative(n) for n in range(self.rng.randint(0, 2))),
            documents=self.documents(),
            council=self.council(),
            approvals=tuple(self.approval() for _ in range(self.rng.randint(0, 2))),
            marks=tuple(self.mark(code) for code in CODES if self.maybe(0.8)),
            acts=tuple(self.act() for _ in range(self.rng.randint(0, 4))),
            hold=Hold("Thanh tra", "đơn", self.instant()) if self.maybe(0.15) else None,
            supplement=self.supplement(),
            supplement_rounds=self.rng.randint(0, 3),
            extended_until=self.instant(20) if self.maybe(0.3) else None,
            terms=self.terms(),
            decision=self.decision() if self.maybe(0.5) else None,
            quota=self.quota(),
            ranking=self.ranking() if self.maybe(0.7) else None,
            agenda=self.one("", "", "PH-1"),
            twins=(Twin("HS-1", awards[0], State.SUBMITTED),) if self.maybe(0.1) else (),
        )

    def ending(self) -> UnitFacts:
        return replace(self.one(cases.PROVINCE, *UNITS), valid_to=self.day(days=20))

    def scores(self, unit: int) -> tuple[Score, ...]:
        if self.maybe(0.6):
            return tuple(self.score() for _ in range(self.rng.randint(0, 7)))
        often = [Classification.TOT] * 6
        years = [self.score() for _ in range(3)]
        return tuple(
            replace(
                one,
                unit_id=unit,
                index=IndexKind.PAR,
                kind=ScoreKind.PUBLISHED,
                year=2021 + number,
                classification=self.one(None, Classification.KHA, *often[3 * (number == 2) :]),
                published_on=date(2022 + number, 1, 10) if number < 2 else self.day(days=5),
            )
            for number, one in enumerate(years)
        )

    def score(self) -> Score:
        kind = self.one(ScoreKind.PUBLISHED, *ScoreKind)
        published = self.one(date(2023, 12, 1), self.day(), None)
        return Score(
            self.one(*UNITS, cases.DISTRICT, UnitFacts(801, "A", "A", cases.DISTRICT.kind)).id,
            "Đơn vị",
            self.one(*IndexKind),
            self.one(2021, 2022, 2023, 2023, 2023),
            kind,
            self.one(*map(Decimal, ("79.99", "80", "80.00", "89.50", "90", "91.20"))),
            self.one(None, Classification.TOT, *Classification),
            published if kind is ScoreKind.PUBLISHED else None,
        )

    def typed(self) -> TypedScore:
        unit, index = self.one(*UNITS, cases.DISTRICT), self.one(*IndexKind)
        value = Decimal(self.one("79.5", "92"))
        return TypedScore(unit.id, unit.name, index, self.one(2022, 2023), value, 9, "Ai", self.now)

    def successions(self) -> tuple[Succession, ...]:
        link = Succession(801, "Cũ", self.one(*UNITS).id, self.one(date(2022, 7, 1), self.day()))
        more = Succession(802, "Cũ hơn", self.one(801, cases.DISTRICT.id), date(2022, 1, 1))
        return self.one((), (), (link,), (link, more))

    def initiative(self, number: int) -> Initiative:
        return Initiative(
            number,
            "Sáng kiến",
            self.one("UBND tỉnh", "UBND tỉnh", ""),
            self.one("12/QĐ", "12/QĐ", ""),
            self.one(date(2023, 6, 1), date(2023, 6, 1), date(2020, 1, 1), self.day(), None),
            applied=self.maybe(0.6),
        )

    def documents(self) -> tuple[Document, ...]:
        return tuple(
            Document(
                self.one(*DOCUMENTS),
                kind,
                self.rng.randint(1, 3),
                "a" * 64,
                "tệp.pdf",
                self.one("86/TTr", "86/TTr", "86/TTr", ""),
                self.one(date(2023, 11, 20), date(2023, 11, 20), self.day(), None),
                self.one("Phàn A Lình", "Phàn A Lình", "Phàn A Lình", ""),
                confirmed=self.maybe(0.8),
                legibility=self.one(*[Legibility.READ] * 4, *Legibility),
                statements=self.statements(),
            )
            for kind in DocumentKind
            if self.maybe(0.8)
        )

    def statements(self) -> tuple[Statement, ...]:
        said = ((Topic.NUMBER, "99/TTr"), (Topic.SIGNER, "Người Khác"), (Topic.YEAR, "2022"))
        chosen = self.some(said, 2) if self.maybe(0.4) else []
        return tuple(Statement(topic, value, f"ghi {value}", 1) for topic, value in chosen)

    def figures(self) -> dict[str, Any]:
        members = self.one(9, 9, 7, 3, 0)
        present = self.one(members, members, 6, 2, members + 1)
        return {
            "held_on": self.day(days=20),
            "members": members,
            "present": present,
            "votes_for": self.one(present, present, 5, 0, -1),
            "votes_against": self.one(0, 0, 1),
            "votes_blank": self.one(0, 0, 1),
            "recused": self.one(0, 0, 1),
        }

    def council(self) -> CouncilResult | None:
        return CouncilResult(**self.figures()) if self.maybe(0.8) else None

    def ranking(self) -> RankingResult:
        place = self.one(None, 1, 4)
        mean = None if place is None else Decimal("1.25")
        return RankingResult("PH-1", **self.figures(), mean_rank=mean, place=place)

    def approval(self) -> Approval:
        covered = tuple(sorted(set(self.some(DOCUMENTS, 3))))
        return Approval(self.one(*PROGRESS[2:4]), self.instant(10), "Ai", covered)

    def mark(self, code: str) -> Mark:
        outcome = self.one(Outcome.MET, Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE)
        covered = tuple(self.some(DOCUMENTS, 1))
        note = self.one("", "đã xem")
        return Mark(code, outcome, "Ai", self.now, note, covered, self.rng.randint(0, 5))

    def act(self) -> Act:
        action = self.one(Action.EDIT, Action.SUBMIT, *Action)
        part = self.part()["part"] if action is Action.EDIT else ""
        behalf = self.one(None, None, *PEOPLE)
        who = self.one(*PEOPLE, 600, 601)
        at, version = self.instant(10), self.rng.randint(0, 6)
        return Act(action, who, "Ai", at, None, behalf, version, part)

    def supplement(self) -> Supplement | None:
        if self.maybe(0.6):
            return None
        kinds = tuple(self.some(DocumentKind, 2))
        return Supplement(
            ("mục",), kinds, self.instant(), "Ai", self.instant(5), 1, initiatives=self.maybe(0.5)
        )

    def terms(self) -> Terms:
        if self.maybe(0.5):
            return Terms()
        awards = ("", "", *(award.id for award in self.programme.awards))
        anew = tuple(
            MilestoneSet(
                self.one(*PROGRESS),
                number + 2,
                self.instant(),
                "Ai",
                self.now,
                "vì",
                award_form=self.one(*awards),
            )
            for number in range(self.rng.randint(0, 4))
        )
        stops = tuple(self.stop() for _ in range(self.rng.randint(0, 3)))
        off = tuple(self.day() for _ in range(5))
        grants = (Grant("Ai", self.instant()),) if self.maybe(0.5) else ()
        return Terms(anew, grants, stops, off, (self.day(), self.day()))

    def stop(self) -> Stop:
        since = self.day(days=20)
        until = since + timedelta(days=self.rng.randint(0, 9))
        return Stop(since, until, "vì", "Ai", self.instant())

    def decision(self) -> Decision:
        return Decision(
            self.one("2103/QĐ", "2103/QĐ", ""),
            self.day(days=10),
            self.one("Ai", "Ai", ""),
            published=self.maybe(0.5),
        )

    def quota(self) -> Quota | None:
        cap = self.one(None, 6, 6, 2)
        used, reserved = self.rng.randint(0, 6), self.rng.randint(0, 1)
        return self.one(None, Quota("P", 30, cap, used, reserved, held=self.maybe(0.3)))

    def actor(self, action: Action, facts: DossierFacts) -> Actor:
        wanted = [
            role for step in self.programme.steps_from(facts.state, action) for role in step.by
        ]
        roles = frozenset(wanted if self.maybe(0.85) else self.some(Role, 2))
        units = frozenset(self.one(*UNITS).id for _ in range(self.one(0, 0, 1, 2)))
        employer = self.one(None, *(unit.id for unit in UNITS))
        lent = Principal(self.one(*PEOPLE), "Chủ", "", frozenset({self.one(*UNITS).id}), employer)
        loan = Loan(3, roles, principal=self.one(None, lent))
        own = frozenset() if self.maybe(0.25) else roles
        return Actor(self.one(*PEOPLE), "Người", own, units, employer, "", (loan,))

    def inputs(self, action: Action) -> Inputs | None:  # noqa: C901, PLR0911 - one of each kind
        match action:
            case Action.RECORD_COUNCIL_RESULT:
                return CouncilInput(CouncilResult(**self.figures()))
            case Action.RECORD_RANKING:
                return RankingInput(self.ranking())
            case Action.MARK_CHECK:
                return MarkInput(self.one(*CODES), self.one(*Outcome))
            case Action.DECIDE:
                return DecisionInput(self.decision(), self.maybe(0.5))
            case Action.REVOKE:
                return RevocationInput(self.one(*RevocationGround), self.decision())
            case Action.REQUEST_SUPPLEMENT:
                items = self.one((), ("mục",), ("một", "hai"))
                kinds = tuple(self.some(DocumentKind, 2))
                again = self.one("", "vì sao", " ")
                return SupplementInput(items, kinds, self.instant(), self.maybe(0.3), again)
            case Action.GRANT_EXTENSION:
                return ExtensionInput(self.instant(20))
            case Action.SUSPEND:
                since = self.day(days=20)
                return SuspensionInput(since, since + timedelta(days=self.rng.randint(-2, 70)))
            case Action.HOLD:
                return HoldInput(self.one("Thanh tra", "", " "))
            case _:
                return None
